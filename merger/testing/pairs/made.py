"""One row of a made-up source, and what must become of it."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
MOVE, MERGE, HOLD, EXCLUDE = "move", "merge", "hold", "exclude"


@dataclass(frozen=True)
class Made:
    """`row`: as the source holds it. `fate` and `why`: what becomes of it. `becomes`: the row in the target
    where it is moved, with a reference as the number under which people know what it refers to."""

    row: Row
    fate: str = MOVE
    why: str = ""
    becomes: Row = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its key, as plans and the ledger write it."""
        return str(self.row["id"])


def held(row: Row, why: str) -> Made:
    """A row that waits for a person."""
    return Made(row, HOLD, why)


def excluded(row: Row, why: str) -> Made:
    """A row that a rule leaves in the source."""
    return Made(row, EXCLUDE, why)
