"""Which localities of divided units went where."""

from dataclasses import dataclass, field
from datetime import date

from merger.codes.names import LocalityNames
from merger.lineage.clues import Division, Said
from merger.lineage.model import By, Evidence
from merger.mapping.models import Mapping, UnitKind


@dataclass(slots=True)
class Places:
    """The lists of localities of a mapping, by divided unit and the day of its division."""

    into: dict[tuple[str, date], dict[str, set[str]]] = field(default_factory=dict)
    sources: dict[tuple[str, date], set[str]] = field(default_factory=dict)
    _names: dict[tuple[str, date], LocalityNames] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, mapping: Mapping) -> "Places":
        """All lists of a mapping."""
        places = cls()
        for file in mapping.localities:
            source = "; ".join(act.number for act in file.legal_basis) or file.id
            for entry in file.localities:
                key = (entry.unit.code, file.effective)
                places.sources.setdefault(key, set()).add(source)
                for name in entry.names:
                    places.into.setdefault(key, {}).setdefault(name, set()).add(entry.into.code)
        return places

    def went_into(self, unit: tuple[str, date], text: str) -> set[str] | None:
        """The units into which the listed localities in an address went; None if there is no list."""
        into = self.into.get(unit)
        if into is None:
            return None
        names = self._names.get(unit)
        if names is None:
            names = self._names[unit] = LocalityNames(into)
        return {code for name in names.found_in(text) for code in into[name]}


_UNKNOWN = Said(why_not="locality-unknown")


@dataclass(frozen=True, slots=True)
class LocalityClue:
    """An address, looked at for the localities that the lists name."""

    places: Places
    text: str
    name: str = By.LOCALITY

    def says(self, division: Division) -> Said | None:
        """The one candidate into which every listed locality in the address went."""
        if division.version.kind is not UnitKind.COMMUNE:
            return None
        codes = self.places.went_into(_key(division), self.text)
        if codes is None:
            return None
        into = codes.pop() if len(codes) == 1 else ""
        return Said(into) if into in division.candidates else _UNKNOWN

    def evidence(self, division: Division, into: str) -> tuple[Evidence, ...]:
        """The list that decided. It names the units, not the locality: that is part of an address."""
        key = _key(division)
        change = f"{key[0]} -> {into} [locality]"
        return (Evidence(key[1], change, "; ".join(sorted(self.places.sources[key]))),)


def _key(division: Division) -> tuple[str, date]:
    return division.version.code, division.version.valid_to
