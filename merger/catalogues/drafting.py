"""The `merger/services/1` file that comes of merging lists."""

from collections.abc import Iterable
from datetime import date

from merger.catalogues.answers import Decided
from merger.catalogues.model import Entry, ordered
from merger.codes.names import fold
from merger.lineage import Outcome
from merger.mapping.imported import Draft
from merger.mapping.models import (
    Level,
    Ref,
    Service,
    ServiceBefore,
    ServiceField,
    ServicesFile,
)


def drafted(done: Decided, id_: str, effective: date, after: bool = False) -> Draft:
    """The list that goes on, in force from `effective`, with the old codes and the decisions.

    `after`: the list names the levels of government of afterwards; those of before are what the old lists
    name. What the list's own file says of other provinces for the same day stays.
    """
    given = done.merged.survivor.given
    now = {catalogue.province for catalogue in done.merged.catalogues}
    earlier = given if given is not None and given.effective == effective else None
    decisions = {one.decision: one for one in (*(earlier.decisions if earlier else ()), *done.decisions)}
    before = [
        *(one for one in (earlier.before if earlier else ()) if one.province not in now),
        *_before(done),
    ]
    file = ServicesFile(
        schema_="merger/services/1",
        id=id_,
        title=given.title if given else None,
        note=given.note if given else "",
        effective=effective,
        legal_basis=given.legal_basis if given else (),
        fields=_fields(done.services, given),
        services=tuple(_service(one, _levels_before(done) if after else None) for one in done.services),
        before=tuple(sorted(before, key=lambda one: (one.province, one.service.code))),
        decisions=tuple(decisions[name] for name in sorted(decisions)),
    )
    return Draft(file)


def _service(entry: Entry, before: dict[str, set[Level]] | None) -> Service:
    levels, after = entry.levels, entry.levels_after
    if before is not None:
        levels, after = ordered(before.get(entry.code, set())), after or levels
    return Service(
        service=Ref(code=entry.code, name=entry.name),
        field=entry.field,
        levels=levels,
        levels_after=after,
        follows=entry.follows,
        source=entry.source,
    )


def _levels_before(done: Decided) -> dict[str, set[Level]]:
    """The levels that the old lists name, by the code of the service that theirs is now."""
    found: dict[str, set[Level]] = {}
    for fate in done.fates:
        if len(fate.into) == 1:
            found.setdefault(fate.into[0], set()).update(fate.entry.levels)
    return found


def _fields(services: Iterable[Entry], given: ServicesFile | None) -> tuple[ServiceField, ...]:
    """The fields that the list's file defines, then those that its services name besides."""
    found = {fold(one.field): one for one in (given.fields if given else ())}
    for name in sorted({entry.field for entry in services if entry.field}):
        found.setdefault(fold(name), ServiceField(field=name))
    return tuple(found.values())


def _before(done: Decided) -> Iterable[ServiceBefore]:
    for fate in done.fates:
        yield ServiceBefore(
            service=Ref(code=fate.entry.code, name=fate.entry.name),
            province=fate.province,
            into=fate.into,
            ended=fate.outcome is Outcome.ENDED,
            decided=fate.decided,
        )
