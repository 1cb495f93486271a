"""What an edit changes further on: the lineage of both sides asked where every old unit is at the end."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from merger.errors import Place
from merger.lineage import Lineage, Outcome, Request, Resolution, Successor, build
from merger.mapping import LoadedMapping
from merger.mapping.models import Ref, UnitKind, UnitsFile
from merger.quality.diff.model import Difference, Group
from merger.quality.diff.successors import moved
from merger.quality.diff.view import Side, UnitKey, View, edges


@dataclass(frozen=True, slots=True)
class _Link:
    kind: UnitKind
    old: str
    new: str
    day: date
    rest: tuple[object, ...]
    leads: bool = True


_NOT_THERE = (Outcome.UNKNOWN, Outcome.NOT_VALID)


def effects(
    old: LoadedMapping,
    view: View,
    new: LoadedMapping,
    reported: Collection[UnitKey],
) -> Iterator[Difference]:
    """Units that end up elsewhere though no entry of theirs was edited (`reported` are the others).

    Each version of a unit that ended, and from which a chain leads to something edited, is followed to the
    last day of both sides.
    """
    concerned = _upstream(list(_links(old, view)), list(_links(new, View())))
    if not concerned:
        return
    then, now = build(old.mapping), build(new.mapping)
    last = max((*then.change_dates(), *now.change_dates()), default=date.min)
    shifted = _shifted(old, view)
    asked = {
        (one.kind, one.valid_to, one.code): (one.valid_to, one.code) for one in now.abolished_versions(last)
    }
    for one in then.abolished_versions(last):
        day = shifted.get((one.kind, one.valid_to, one.code), one.valid_to)
        asked[one.kind, day, view.code(one.kind, day, False, one.code)] = (one.valid_to, one.code)
    places = _places(new)
    for key, (old_day, old_code) in sorted(asked.items()):
        kind, day, code = key
        if key in reported or (kind, code) not in concerned:
            continue
        until = _end(then, kind, old_code, old_day, last)
        since = _end(now, kind, code, day, last)
        if {until.outcome, since.outcome} & set(_NOT_THERE):
            continue
        last_day = day - timedelta(days=1)
        unit = Ref(code=code, name=now.name_of(kind, code, last_day))
        place = places.get(key, Place())
        yield from _differences(unit, kind, last_day, view.codes, until, since, place)


def _links(loaded: LoadedMapping, view: View) -> Iterator[_Link]:
    """Everything in the files that the lineage of units is made of, but for names and sources."""
    for one in edges(loaded, view):
        extent = (one.land, one.people, one.share)
        yield _Link(one.kind, one.old_key, one.new_key, one.day, extent)
    for file in loaded.mapping.units:
        for change in file.changes:
            codes = [ref.code if ref else "" for ref in (change.from_, change.to)]
            rest = (change.what, change.land, change.people, change.share, change.seq)
            yield _Link(change.kind, codes[0], codes[1], change.date, rest)
        day = view.day(file)
        for district in file.districts:
            for code in district.communes:
                own = view.code(UnitKind.COMMUNE, day, False, code)
                yield _Link(UnitKind.COMMUNE, own, own, day, (), leads=False)


def _upstream(old: list[_Link], new: list[_Link]) -> set[tuple[UnitKind, str]]:
    """The units at either end of what was edited, and those from which a chain leads there."""
    edited = (Counter(old) - Counter(new)) + (Counter(new) - Counter(old))
    before: dict[tuple[UnitKind, str], set[tuple[UnitKind, str]]] = defaultdict(set)
    for one in (*old, *new):
        if one.leads:
            before[one.kind, one.new].add((one.kind, one.old))
    found: set[tuple[UnitKind, str]] = set()
    ahead = {(one.kind, code) for one in edited for code in (one.old, one.new)}
    while ahead:
        found |= ahead
        ahead = {other for unit in ahead for other in before[unit] if other[1]} - found
    return found


def _differences(
    unit: Ref,
    kind: UnitKind,
    last: date,
    codes: Mapping[Side, Mapping[str, str]],
    until: Resolution,
    now: Resolution,
    place: Place,
) -> Iterator[Difference]:
    renewed = {old: new for (of, _, _), own in codes.items() if of is kind for old, new in own.items()}
    then = {renewed.get(one.code, one.code): one for one in until.successors}
    since = {one.code: one for one in now.successors}
    found = list(moved(unit, kind, _sorted(then), _sorted(since), place, group=Group.CHAINS, last=last))
    yield from found
    undecided = not (until.outcome.decided and now.outcome.decided)
    if not found and undecided and until.reason != now.reason:
        said = (until.reason, now.reason)
        yield Difference(
            Group.CHAINS, "changed", f"{unit} ({last})", "outcome", *said, place, code=unit.code, kind=kind
        )


def _sorted(successors: Mapping[str, Successor]) -> dict[str, Successor]:
    return dict(sorted(successors.items()))


def _end(lineage: Lineage, kind: UnitKind, code: str, day: date, last: date) -> Resolution:
    return lineage.resolve(Request(code, kind, day - timedelta(days=1), last))


def _shifted(old: LoadedMapping, view: View) -> dict[UnitKey, date]:
    """The day under which the end of a unit is compared, where the day of its file was corrected."""
    return {
        (one.kind, file.effective, one.old.code): one.day
        for one in edges(old, view)
        if isinstance(file := one.where[0].value, UnitsFile) and file.effective != one.day
    }


def _places(new: LoadedMapping) -> dict[UnitKey, Place]:
    found: dict[UnitKey, Place] = {}
    for one in edges(new, View()):
        document, loc = one.where
        found.setdefault((one.kind, one.day, one.old.code), document.place(loc))
    for document in new.documents:
        file = document.value
        if isinstance(file, UnitsFile):
            for index, change in enumerate(file.changes):
                if change.from_:
                    key = (change.kind, change.date, change.from_.code)
                    found.setdefault(key, document.place(("changes", index)))
    return found
