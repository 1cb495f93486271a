"""What people decided for divided units."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from merger.lineage.clues import Division, Said
from merger.lineage.model import By, Evidence
from merger.mapping.models import Mapping, UnitKind

Unit = tuple[UnitKind, str, date]
"""Kind and code of a divided unit, and the day of its division."""


@dataclass(slots=True)
class Manual:
    """The decisions of a mapping on divided units: for each the units decided on, and who said so and why."""

    into: dict[Unit, dict[str, set[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: Mapping) -> Manual:
        """All decisions on units of a mapping."""
        manual = cls()
        for file in mapping.decisions:
            for one in file.units:
                source = f"{file.id}: {one.decision} ({one.author}, {one.date}): {one.reason}"
                unit = (one.kind, one.unit.code, one.on)
                manual.into.setdefault(unit, {}).setdefault(one.into.code, set()).add(source)
        return manual


@dataclass(frozen=True, slots=True)
class DecisionClue:
    """What was decided for all the records of a unit."""

    manual: Manual
    name: str = By.DECISION

    def says(self, division: Division) -> Said | None:
        """The candidate decided on. Where two decisions differ, nothing weaker may decide either.

        A decision on a unit that is no candidate for the question (nobody went there, and people count) is
        none for it.
        """
        into = self.manual.into.get(_unit(division))
        if into is None:
            return None
        if len(into) > 1:
            return Said(why_not="decisions-differ", ends=True)
        code = next(iter(into))
        return Said(code) if code in division.candidates else None

    def evidence(self, division: Division, into: str) -> tuple[Evidence, ...]:
        """Who decided, when and why, in which file."""
        unit = _unit(division)
        change = f"{unit[1]} -> {into} [decision]"
        return tuple(Evidence(unit[2], change, source) for source in sorted(self.manual.into[unit][into]))


def _unit(division: Division) -> Unit:
    return division.version.kind, division.version.code, division.version.valid_to
