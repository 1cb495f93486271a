"""What decides where the definitions alone leave a choice, the strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from merger.lineage.model import Evidence, UnitVersion


@dataclass(frozen=True, slots=True)
class Division:
    """A unit that ends on a day and may go on in any of `candidates` (codes of the units that begin then).

    `kept` is for clues: what they looked up about it, by their names.
    """

    version: UnitVersion
    candidates: frozenset[str]
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


class Said(NamedTuple):
    """What a clue says of a division: the one candidate, else why it names none.

    `ends`: nothing weaker may decide instead.
    """

    into: str = ""
    why_not: str = ""
    ends: bool = False


class Clue(Protocol):
    """One kind of evidence. `evidence` must not depend on anything of a citizen's, such as an address."""

    @property
    def name(self) -> str: ...

    def says(self, division: Division) -> Said | None:
        """What it says of a division; None if it knows nothing of the unit divided."""

    def evidence(self, division: Division, into: str) -> tuple[Evidence, ...]:
        """Why the unit goes into that candidate."""


class Choice(NamedTuple):
    """What was chosen at a division, by which clue, and which weaker ones name another candidate.

    Without `into` nothing was; `why_not` is the reason of the last clue that had something to say.
    """

    into: str = ""
    by: str = ""
    why_not: str = ""
    against: tuple[tuple[str, str], ...] = ()


def choose(clues: Sequence[Clue], division: Division) -> Choice:
    """Asks the clues in their order: the first that names a candidate decides."""
    by, into, why_not = "", "", ""
    against: list[tuple[str, str]] = []
    for clue in clues:
        said = clue.says(division)
        if said is None:
            continue
        if into:
            if said.into and said.into != into:
                against.append((clue.name, said.into))
        elif said.into:
            by, into = clue.name, said.into
        else:
            why_not = said.why_not
            if said.ends:
                break
    return Choice(into, by, "" if into else why_not, tuple(against))
