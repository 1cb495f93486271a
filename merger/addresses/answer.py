"""What is answered about an address."""

from __future__ import annotations

from dataclasses import dataclass, field

from merger.addresses.readings import EXACT, MISSPELT, OTHER, PLAIN, SHORT, Span
from merger.addresses.words import TOKEN
from merger.lineage import Evidence, Outcome, Successor, UnitVersion
from merger.mapping.models import UnitKind

HOW = {EXACT: "exact", PLAIN: "unmarked", OTHER: "other-marks", MISSPELT: "misspelt", SHORT: "initials"}
"""How the name of a unit is written: as it is; without (some) marks; with other marks; one letter wrong;
by its initials."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an address that names a unit: from `start` up to, not including, `end`, in characters.

    `level` is the kind of the unit, `code` and `name` its own, `how` one of the words in `HOW`.
    """

    start: int
    end: int
    text: str = field(repr=False)
    level: UnitKind
    code: str
    name: str
    how: str


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    """Which unit of the day asked for an address lies in, how that was read, and how sure it is.

    `successors`: the one unit where `outcome.decided`, else all that it may be. `confidence`: how many of a
    hundred such answers are right, as a share: that the unit is the right one, or, where it is not decided,
    that the right one is among `successors`; 0 where there are none. `reason` is a stable word of
    `addresses.reason` or `lineage.reason`. `unit_old` is the unit that the address names, if it is one.
    """

    outcome: Outcome
    reason: str
    successors: tuple[Successor, ...] = ()
    unit_old: UnitVersion | None = None
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    decided_by: str = ""
    _text: str = field(default="", repr=False)
    _spans: tuple[Span, ...] = field(default=(), repr=False)
    _tokens: tuple[int, ...] = field(default=(), repr=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The stretches of the address that name the unit and those above it, in the order of the text."""
        if not self._spans:
            return ()
        places = [match.span() for match in TOKEN.finditer(self._text)]
        found = []
        for first, end, entry, how in self._spans:
            start, stop = places[self._tokens[first]][0], places[self._tokens[end - 1]][1]
            found.append(
                Part(start, stop, self._text[start:stop], entry.kind, entry.code, entry.name, HOW[how])
            )
        return tuple(sorted(found, key=lambda part: part.start))
