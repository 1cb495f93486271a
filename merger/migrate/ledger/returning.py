"""Rows that are in their source again after they were withdrawn: the ledger enters them anew."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from merger.migrate.ledger.store import WITHDRAWN, Ledger

AT_ONCE = 1000
"""Keys that one statement asks for."""
MOVED = "moved"


class Returning:
    """The withdrawn rows among those that a batch is about to enter, whose old entries make room."""

    def __init__(self, ledger: Ledger, dataset_id: int, keys: Sequence[str]) -> None:
        """Takes the old entries out. To be called in the transaction of the batch."""
        self._ledger, self._dataset_id = ledger, dataset_id
        self._old: list[Any] = []
        row = ledger.row.c
        for start in range(0, len(keys), AT_ONCE):
            mine = (
                row.dataset_id == dataset_id,
                row.source_key.in_(keys[start : start + AT_ONCE]),
                row.state == WITHDRAWN,
            )
            asked = sa.select(row.source_key, row.row_hash, row.changed_by).where(*mine)
            found = ledger.connection.execute(asked).all()
            if found:
                ledger.connection.execute(sa.delete(ledger.row).where(*mine))
            self._old += found

    def note(self, run: str, batch: int) -> None:
        """Notes in `merger_change` that a run moved them again, with what they were and are."""
        change, row = self._ledger.change, self._ledger.row.c
        for old in self._old:
            mine = (row.dataset_id == self._dataset_id, row.source_key == old.source_key)
            now = self._ledger.connection.execute(sa.select(row.row_hash).where(*mine)).scalar_one()
            self._ledger.connection.execute(
                sa.insert(change).values(
                    run=run, dataset_id=self._dataset_id, source_key=old.source_key, batch=batch,
                    state_before=WITHDRAWN, state_after=MOVED, hash_before=old.row_hash, hash_after=now,
                    changed_before=old.changed_by,
                )
            )  # fmt: skip
