"""What becomes of a row, as expressions and as words."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from merger.migrate.model import Fate, Outcome, RowException
from merger.systems.expressions import Column, Row

HELD, EXCLUDED = "h:", "e:"
"""How the state of a row that does not move begins; its reason or rule follows. A row that moves has none."""
COLUMN = "\x03"
"""Stands between a reason and the target's column whose value brings it about."""
ELSEWHERE = "\x02"
"""How the word for a survivor begins that is not of the same dataset."""


def state_of(outcome: Outcome) -> str | None:
    """An outcome as the state of rows."""
    return (
        None if outcome.fate is Fate.MOVE else (HELD if outcome.fate is Fate.HOLD else EXCLUDED) + outcome.why
    )


def held_for(reason: str, column: str = "") -> str:
    """The state of rows that are held for a reason, brought about by a column's value."""
    return f"{HELD}{reason}{COLUMN}{column}" if column else HELD + reason


def fate_of(state: str | None) -> tuple[Fate, str]:
    """The fate that a state says, and why."""
    if state is None:
        return Fate.MOVE, ""
    return (Fate.HOLD if state.startswith(HELD) else Fate.EXCLUDE), state[len(HELD) :].partition(COLUMN)[0]


def column_of(state: str | None) -> str:
    """The target's column whose value brings a state about; empty where none does."""
    return (state or "").partition(COLUMN)[2]


@dataclass(frozen=True)
class Staged:
    """A dataset's row with what becomes of it.

    `state`: NULL where it moves. `decision`: the number of the decision on it, or on the row it belongs to;
    `gives`: the joined table of what decisions give. `into`: for a row that is merged, the word for the row
    that survives (`survivor`), None where no row is merged. `referred`: the rows that it refers to, by
    reference.
    """

    row: Row
    state: Column
    decision: Column
    gives: sa.FromClause | None
    into: Column | None
    referred: Mapping[str, "Staged"]

    @property
    def moves(self) -> Column:
        """Whether the row gets a row of its own in the target."""
        return (
            self.state.is_(None) if self.into is None else sa.and_(self.state.is_(None), self.into.is_(None))
        )

    @property
    def survivor(self) -> Column:
        """The word for this row, or the one it is merged into: what references to it mean."""
        own = self.row.key_text
        return own if self.into is None else sa.func.coalesce(self.into, own)


def survivor_word(system: str, dataset: str, merged: RowException) -> str:
    """The word for the row that a merged one of a dataset survives in: its key, as text, where that is of the
    same dataset."""
    if (merged.into_system, merged.into_dataset) == (system, dataset):
        return merged.into_key
    where = f"{merged.into_system}/{merged.into_dataset}" if merged.into_system else ""
    return f"{ELSEWHERE}{where}:{merged.into_key}"
