"""Somebody's own mapping, and how to tell of what is in it."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

from merger.errors import Place
from merger.lineage import Agencies, Lineage, UnitVersion
from merger.mapping import LoadedMapping, load
from merger.mapping.models import AgenciesFile, Agency, Mapping, UnitKind, UnitsFile
from merger.messages import text
from merger.quality.subject import Named, Subject
from merger.testing.laws.mappings import days_of


class Own:
    """A mapping that is on trial. Raises InputError where its files cannot be read."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._take(load(paths))

    @classmethod
    def of(cls, loaded: LoadedMapping) -> "Own":
        """A mapping that was read before."""
        own = cls.__new__(cls)
        own._take(loaded)
        return own

    def _take(self, loaded: LoadedMapping) -> None:
        self.loaded = loaded
        self._subject = Subject(loaded)

    @property
    def mapping(self) -> Mapping:
        return self.loaded.mapping

    @property
    def lineage(self) -> Lineage:
        return self._subject.lineage

    @cached_property
    def agencies(self) -> Agencies:
        return Agencies(self.mapping, self.lineage)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days on which something changes, and the days before them."""
        return tuple(days_of(self.lineage))

    @cached_property
    def versions(self) -> tuple[UnitVersion, ...]:
        """All unit versions in force on any of these days: by kind, code and first day."""
        found = {
            version.id: version
            for kind in reversed(UnitKind)
            for day in self.days
            for version in self.lineage.roster(kind, day)
        }
        return tuple(sorted(found.values(), key=lambda one: (one.kind.value, one.code, one.begins)))

    @cached_property
    def stated_shares(self) -> dict[tuple[date, UnitKind, str], float]:
        """What the shares that entries and changes state of a unit add up to, by day, kind and code."""
        parts = {
            (one.named.effective, one.named.kind, one.named.ref.code, one.into.code, 0): one.share
            for one in self._subject.taken
        }
        parts |= {
            (one.date, one.kind, one.from_.code, one.to.code, one.seq or 0): one.share
            for file in self.mapping.units
            for one in file.changes
            if one.from_ and one.to
        }
        found: dict[tuple[date, UnitKind, str], dict[int, float]] = {}
        for (day, kind, code, _, step), share in parts.items():
            steps = found.setdefault((day, kind, code), {})
            steps[step] = steps.get(step, 0.0) + (share or 0.0)
        return {key: max(steps.values()) for key, steps in found.items()}

    def unit(self, version: UnitVersion) -> str:
        """A unit in the words of the mapping: code, name, and where the mapping says what became of it."""
        named = self._named(version)
        words = f"{version.code} {version.name}".strip()
        if named is None:
            listed = self._subject.homes.get((version.valid_to, version.code))
            return words if listed is None else f"{words} ({self._subject.place(listed.hit())})"
        place, clause = self._subject.place_of(named), _clause(named)
        return text(f"testing.unit.{'clause' if clause else 'place'}", unit=words, clause=clause, place=place)

    def agency(self, file: AgenciesFile, side: str, number: int) -> str:
        """An agency as its file names it, and the place."""
        one: Agency = getattr(file, side)[number]
        return text("testing.unit.place", unit=one.agency, clause="", place=self.place(file, side, number))

    def place(self, file: AgenciesFile, side: str, number: int) -> Place:
        """Where an agency stands in its file."""
        return self.loaded.place(file, (side, number))

    def _named(self, version: UnitVersion) -> Named | None:
        found = self._subject.by_code.get((version.kind, version.code), [])
        for one in found:
            if not one.after and one.effective == version.valid_to:
                return one
        for one in found:
            if one.after and one.effective == version.valid_from:
                return one
        return found[0] if found else None


def _clause(named: Named) -> str:
    """The clause of the entry that names a unit; empty elsewhere."""
    file, loc = named.file, named.loc
    if not isinstance(file, UnitsFile) or loc[0] != "communes" or not isinstance(loc[1], int):
        return ""
    return file.communes[loc[1]].clause
