"""Which localities of divided units went where."""

from dataclasses import dataclass, field
from datetime import date

from merger.codes.names import localities_in
from merger.lineage.model import Evidence
from merger.mapping.models import Mapping


@dataclass(slots=True)
class Places:
    """The lists of localities of a mapping, by divided unit and the day of its division."""

    into: dict[tuple[str, date], dict[str, set[str]]] = field(default_factory=dict)
    sources: dict[tuple[str, date], set[str]] = field(default_factory=dict)

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

    def known(self, unit: str, day: date) -> bool:
        """Whether there is any list for a unit divided on that day."""
        return (unit, day) in self.into

    def successor(self, unit: str, day: date, text: str) -> str | None:
        """The one unit into which every listed locality in an address went; None if none or several."""
        names = self.into.get((unit, day), {})
        codes = {code for name in localities_in(text, names) for code in names[name]}
        return codes.pop() if len(codes) == 1 else None

    def evidence(self, unit: str, day: date, into: str) -> Evidence:
        """The list that decided. It names the units, not the locality: that is part of an address."""
        return Evidence(day, f"{unit} -> {into} [locality]", "; ".join(sorted(self.sources[unit, day])))
