"""The units that an address may name: each code under each of its names, with what lies above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from merger.addresses.words import Word, words_of
from merger.codes.names import split_type
from merger.lineage import Lineage, UnitVersion
from merger.lineage.model import Id
from merger.mapping.models import UnitKind

RELATED = 1.0
"""What it costs to name a unit together with what it lay in before, or lies in after."""

DAY = timedelta(days=1)


@dataclass(slots=True, eq=False)
class Entry:
    """A unit under one of its names, in one district. `versions`: those that bore it, oldest first.

    `above`: the districts and provinces with which it may be named, and what that costs: 0 for those that it
    lay in, `RELATED` for those of its predecessors and of its successors. `below`: how many units lay in it.
    """

    kind: UnitKind
    code: str
    name: str
    type: str
    words: tuple[Word, ...]
    in_district: bool
    versions: list[UnitVersion] = field(default_factory=list)
    above: dict[Entry, float] = field(default_factory=dict)
    below: int = 0


class Entries:
    """All units of a lineage that have a name, read once."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._days = lineage.change_dates()
        self._found: dict[tuple[UnitKind, str, str, tuple[Word, ...], str], Entry] = {}
        self._of: dict[Id, list[Entry]] = {}
        every = _all_versions(lineage)
        for kind in (UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.COMMUNE):
            for version in (one for one in every if one.kind is kind):
                for named in self._named(version):
                    self._enter(named)
        for version in every:
            self._relate(version)
        for entries in self._of.values():
            self._relate_names(entries)
        self._relate_provinces()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._found.values())

    def _named(self, version: UnitVersion) -> Iterator[UnitVersion]:
        """A version as it was named at its beginning and at its end, and in between if these differ."""
        last = version.valid_to - DAY if version.valid_to > date.min else date.min
        if last < version.valid_from:
            return
        ends = [self._on(version, version.valid_from), self._on(version, last)]
        if ends[0] != ends[1]:
            between = [day for day in self._days if version.valid_from < day < last]
            ends[1:1] = [self._on(version, day) for day in between]
        seen: set[tuple[str, str]] = set()
        for named in ends:
            if named is not None and named.name and (named.name, named.parent) not in seen:
                seen.add((named.name, named.parent))
                yield named

    def _on(self, version: UnitVersion, day: date) -> UnitVersion | None:
        return self._lineage.version_at(version.kind, version.code, day)

    def _enter(self, version: UnitVersion) -> None:
        above = self._above(version)
        district = next((one.code for one in above if one.kind is UnitKind.DISTRICT), "")
        type_, rest = split_type(version.name)
        words = tuple(words_of(rest))
        if not words:
            return
        key = (version.kind, version.code, type_, words, district)
        entry = self._found.get(key)
        if entry is None:
            kind, code = version.kind, version.code
            entry = self._found[key] = Entry(kind, code, version.name, type_, words, bool(district))
        entry.versions.append(version)
        self._of.setdefault(version.id, []).append(entry)
        for one in above:
            one.below += one not in entry.above
            entry.above[one] = 0.0

    def _above(self, version: UnitVersion, steps: int = 3) -> list[Entry]:
        """The district and province of a version; where none is entered, those of what the code became."""
        if version.kind is UnitKind.PROVINCE:
            return []
        if not version.parent:
            return self._above_later(version, steps)
        for kind in (UnitKind.DISTRICT, UnitKind.PROVINCE):
            found = self._entries(kind, version.parent, version) if kind is not version.kind else []
            if found:
                over = (one for entry in found for one, cost in entry.above.items() if cost == 0)
                return list(dict.fromkeys([*found, *over]))
        return []

    def _above_later(self, version: UnitVersion, steps: int) -> list[Entry]:
        """Nobody entered the district of a unit that ended long ago: where its successors lie, if in one."""
        passage = self._lineage.passage(version, forward=True)
        found: list[list[Entry]] = []
        for edge in passage.edges if steps else ():
            later = self._lineage.neighbour(version, edge, forward=True)
            above = self._above(later, steps - 1)
            if above not in found:
                found.append(above)
        return found[0] if len(found) == 1 else []

    def _entries(self, kind: UnitKind, code: str, child: UnitVersion) -> list[Entry]:
        """The units of a code while a child of theirs was in force, under all their names."""
        return [
            entry
            for version in reversed(self._lineage.versions(kind, code))
            if version.begins < child.ends and child.begins < version.ends
            for entry in self._of.get(version.id, ())
        ]

    def _relate(self, version: UnitVersion) -> None:
        """What a unit's predecessors and successors lie in may be named with it."""
        for edge in self._lineage.passage(version, forward=True).edges:
            later = self._lineage.neighbour(version, edge, forward=True)
            for old in self._of.get(version.id, ()):
                for new in self._of.get(later.id, ()):
                    if version.kind is UnitKind.COMMUNE:
                        _may_be_named_with(old, new)
                        _may_be_named_with(new, old)

    def _relate_names(self, entries: list[Entry]) -> None:
        """One version under several names or in several districts."""
        for one in entries:
            for other in entries:
                if one is not other:
                    _may_be_named_with(one, other)

    def _relate_provinces(self) -> None:
        """A unit without predecessors may be named with the provinces that went into its own."""
        into: dict[Entry, set[Entry]] = {}
        for version in (one for entry in self if entry.kind is UnitKind.PROVINCE for one in entry.versions):
            for edge in self._lineage.passage(version, forward=True).edges:
                later = self._lineage.neighbour(version, edge, forward=True)
                for new in self._of.get(later.id, ()):
                    into.setdefault(new, set()).update(self._of[version.id])
        for entry in self:
            if entry.kind is UnitKind.COMMUNE and len(entry.above) == 1:
                for above in list(entry.above):
                    for old in into.get(above, ()):
                        entry.above.setdefault(old, RELATED)


def _may_be_named_with(one: Entry, other: Entry) -> None:
    for above, cost in list(other.above.items()):
        if cost == 0:
            one.above.setdefault(above, RELATED)


def _all_versions(lineage: Lineage) -> list[UnitVersion]:
    end = date.max - DAY
    going = [version for kind in UnitKind for version in lineage.roster(kind, end)]
    return sorted([*lineage.abolished_versions(end), *going], key=lambda one: (one.id, one.valid_to))
