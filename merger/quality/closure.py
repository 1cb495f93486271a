"""Whether the roster of units before, rolled forward, is exactly the roster after.

The roster of the eve is what earlier changes and the lists of districts leave in force; rolled forward
through the lineage it must be what the entries make: nothing missing, nothing extra.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from merger.mapping.models import UnitKind
from merger.mapping.tree import Loc
from merger.quality.subject import Hit, Named, Subject

MAPPED = {
    "day-outside-calendar": "MAP510",
    "land-told-differently": "MAP511",
    "people-told-differently": "MAP512",
    "land-given-twice": "MAP513",
    "people-given-twice": "MAP514",
    "ended-and-succeeded": "MAP515",
    "shares-above-one": "MAP516",
    "not-in-force": "MAP517",
    "goes-on-unsaid": "MAP518",
    "names-differ": "MAP519",
}
"""The lineage's findings and the rules under which they come out here."""

TOLD_BY_RULES = {
    "moves-nothing": "MAP113",
    "left-out": "MAP104",
    "field-twice": "MAP312",
    "service-twice": "MAP313",
    "agency-twice": "MAP301",
    "former-twice": "MAP301",
    "agency-target-unknown": "MAP302",
    "agency-code-again": "MAP323",
}
"""The lineage's other findings, and the rules that look for the same themselves."""


def units_of_the_eve_go_somewhere(subject: Subject) -> Iterator[Hit]:
    """A unit in force on the eve by earlier changes is taken by no entry: rolled forward, it is left over."""
    entries = {(one.named.effective, one.named.kind, one.named.ref.code) for one in subject.taken}
    known = entries | {(one.effective, one.kind, one.ref.code) for one in subject.made}
    for file in subject.mapping.units:
        last = {
            (change.kind, change.to.code): Named(
                file, ("changes", index, "to"), change.date, change.kind, change.to, True
            )
            for index, change in enumerate(file.changes)
            if change.to and change.date < file.effective
        }
        day = file.effective
        if not any((day, *key) in entries for key in last):
            continue
        for (kind, code), named in last.items():
            key = (day, kind, code)
            if key not in known and (day, code) not in subject.homes and _goes_on(subject, *key):
                yield named.hit(unit=named.ref, day=day)


def units_made_are_on_the_roster(subject: Subject) -> Iterator[Hit]:
    """Rolled forward, the roster lacks a unit that an entry makes."""
    rolled: dict[tuple[UnitKind, date], set[str]] = {}
    for one in subject.made:
        key = (one.kind, one.effective)
        if key not in rolled:
            rolled[key] = {version.code for version in subject.lineage.roster(*key)}
        if one.ref.code not in rolled[key]:
            yield one.hit(unit=one.ref, day=one.effective)


def said_by_lineage(subject: Subject, word: str) -> Iterator[Hit]:
    """The lineage's findings of one kind, each where the mapping names the unit on that day."""
    for finding in subject.lineage.findings:
        if finding.code != word:
            continue
        fields = dict(finding.fields)
        if "file" in fields:
            file = next(one for one in subject.mapping.units if one.id == fields["file"])
            on_day = (index for index, one in enumerate(file.changes) if str(one.date) == fields["day"])
            changed = next(on_day, None)
            at: Loc = ("effective",) if changed is None else ("changes", changed, "date")
            yield Hit((file, at), file.id, fields)
            continue
        named = subject.by_code[UnitKind(str(fields["kind"])), str(fields["unit"])]
        last = next((one for one in named if fields["day"] in _days(one)), named[-1])
        yield Hit((last.file, last.loc), last.ref, {**fields, "unit": last.ref})


def _days(named: Named) -> tuple[str, ...]:
    """The days under which the lineage speaks of a unit named: that of the change, and its eve."""
    day = named.effective
    if named.after or day == date.min:
        return (str(day),)
    return (str(day), str(day - timedelta(days=1)))


def _goes_on(subject: Subject, day: date, kind: UnitKind, code: str) -> bool:
    """Whether a unit is in force before and after a day as if nothing had happened to it."""
    version = subject.lineage.version_at(kind, code, day)
    return version is not None and version.valid_from < day
