"""What is answered about an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from merger.addresses.costs import EXACT, MISSPELT, OTHER, PLAIN, SHORT
from merger.addresses.readings import DistrictReading, Reading
from merger.addresses.stretches import LAST, STRIDE
from merger.addresses.words import STRETCHES
from merger.lineage import Evidence, Outcome, Successor, UnitVersion
from merger.mapping.models import UnitKind

HOW = {EXACT: "exact", PLAIN: "unmarked", OTHER: "other-marks", MISSPELT: "misspelt", SHORT: "initials"}
"""How the name of a unit is written: as it is; without (some) marks; with other marks; one letter wrong;
by its initials."""


Places = Callable[[str], list[tuple[int, int]]]
"""Where in a stretch its words are, in characters: found again when parts are asked for, not kept."""


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
    _reading: Reading | DistrictReading | None = field(default=None, repr=False, compare=False)
    _places: Places | None = field(default=None, repr=False, compare=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The stretches of the address that name the unit and those above it, in the order of the text."""
        if self._reading is None or self._places is None:
            return ()
        stretches = _stretches(self._text)
        found = []
        for first, end, entry, how in self._reading.spans:
            number = first // STRIDE
            start, stretch = stretches[number - LAST - 1]
            places = self._places(stretch)
            begin = start + places[first % STRIDE][0]
            stop = start + places[(end - 1) % STRIDE][1]
            found.append(
                Part(begin, stop, self._text[begin:stop], entry.kind, entry.code, entry.name, HOW[how])
            )
        return tuple(sorted(found, key=lambda part: part.start))


def _stretches(text: str) -> list[tuple[int, str]]:
    """Where each stretch that says anything begins, and what it is."""
    found = []
    start = 0
    for part in STRETCHES.split(text):
        if part and not part.isspace():
            found.append((start, part))
        start += len(part) + 1
    return found
