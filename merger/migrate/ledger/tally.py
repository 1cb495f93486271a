"""Whether the ledger's rows of a dataset are those that its batches and changes tell of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from merger.migrate.ledger.store import WITHDRAWN, Ledger

ROWS, MERGED = "rows", "merged"
STATES = ("moved", "updated", WITHDRAWN)
TAKEN_OUT = ("rolling-back", "rolled-back")
"""The states of runs whose rows are not all there any more."""


@dataclass(frozen=True)
class Tally:
    """The ledger's rows of a dataset. `rows`: by run, `ROWS` or `MERGED`, and state; `settled`: by run and
    kind, what its done batches put in; `withdrawn`, `returned`: how often rows were withdrawn, and moved
    again after that; `runs`: every run by its state; `hashed_before`: runs of version 0001, whose
    batches do not tell of merged rows."""

    rows: Counter[tuple[str, str, str]]
    settled: Counter[tuple[str, str]]
    withdrawn: int
    returned: int
    runs: dict[str, str]
    hashed_before: tuple[str, ...]

    def of(self, run: str) -> int:
        """How many rows a run moved or merged."""
        return sum(rows for (one, _, _), rows in self.rows.items() if one == run)

    @property
    def standing(self) -> int:
        """How many rows were moved and not withdrawn."""
        return sum(rows for (_, _, state), rows in self.rows.items() if state != WITHDRAWN)

    @property
    def wrong(self) -> int:
        """How many rows are too many, too few, or in a state that nothing tells of. A row that came back
        belongs to the run that moved it again; of merged rows a batch may settle fewer than it planned."""
        rows: Counter[tuple[str, str]] = Counter()
        for (run, kind, _), number in self.rows.items():
            rows[run, kind] += number
        over = sum(
            max(0, number - (self.settled[run, kind] if run in self.runs else 0))
            for (run, kind), number in rows.items()
            if kind == ROWS or run not in self.hashed_before
        )
        stand = [one for one, state in self.runs.items() if state not in TAKEN_OUT]
        lost, parted = (
            sum(max(0, self.settled[run, kind] - rows[run, kind]) for run in stand) for kind in (ROWS, MERGED)
        )
        unlike = lost - self.returned
        if unlike < 0:  # a row that came back may have been merged before, or be of a run that was taken out
            unlike = 0 if len(stand) < len(self.runs) else max(0, -unlike - parted)
        gone = sum(number for (_, _, state), number in self.rows.items() if state == WITHDRAWN)
        odd = sum(number for (_, _, state), number in self.rows.items() if state not in STATES)
        return over + unlike + abs(gone - self.withdrawn + self.returned) + odd


def tally(ledger: Ledger, system: str, dataset: str) -> Tally:
    """Counts the ledger's rows of a dataset, in one pass over them. Of a ledger of version 0001 that was not
    upgraded yet only `rows` is known."""
    number = ledger.dataset_id(system, dataset)
    row = ledger.rows.c
    rows: Counter[tuple[str, str, str]] = Counter()
    settled: Counter[tuple[str, str]] = Counter()
    changes: Counter[tuple[str, str]] = Counter()
    if ledger.there:
        asked = sa.select(row.run, row.merged, row.state, sa.func.count()).where(row.dataset_id == number)
        for one in _of(ledger, asked.group_by(row.run, row.merged, row.state)):
            rows[one[0], MERGED if one[1] else ROWS, one[2]] += one[3]
    if ledger.there and not ledger.first_version:
        batch, change = ledger.batch.c, ledger.change.c
        put = sa.func.sum(sa.case((batch.kind == MERGED, batch.expected), else_=batch.rows))
        done = sa.select(batch.run, batch.kind, put).where(batch.dataset_id == number, batch.state == "done")
        settled.update(
            {(one[0], one[1]): int(one[2]) for one in _of(ledger, done.group_by(batch.run, batch.kind))}
        )
        states = change.state_before, change.state_after
        noted = sa.select(*states, sa.func.count()).where(change.dataset_id == number).group_by(*states)
        changes.update({(one[0], one[1]): one[2] for one in _of(ledger, noted)})
    return Tally(
        rows, settled,
        withdrawn=sum(found for (_, after), found in changes.items() if after == WITHDRAWN),
        returned=sum(found for (before, _), found in changes.items() if before == WITHDRAWN),
        runs={one.id: one.state for one in ledger.runs()}, hashed_before=tuple(ledger.old_runs),
    )  # fmt: skip


def _of(ledger: Ledger, asked: sa.Select[Any]) -> Sequence[Sequence[Any]]:
    return ledger.connection.execute(asked).all()
