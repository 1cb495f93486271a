"""Batches as the ledger keeps them: recorded when a run starts, settled with their rows."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlannedBatch:
    """A batch that is still to be moved: the keys from `first_key` to `last_key` in the source's own order,
    or exactly those of `keys`. `first_target`: the target's key of its first row, where keys are given out in
    blocks; `expected`: how many rows it settles; `kind`: rows that move, or that are merged into others."""

    first_key: str
    last_key: str
    expected: int
    first_target: int | None = None
    keys: tuple[str, ...] | None = None
    kind: str = "rows"


@dataclass(frozen=True)
class Batch(PlannedBatch):
    """A batch of the ledger. `number` counts from 1 within run and dataset; `state`: planned or done; `rows`
    were put into the target in `seconds` by `worker`."""

    id: int = 0
    number: int = 0
    state: str = "planned"
    rows: int = 0
    seconds: float | None = None
    worker: str | None = None


def values_of(batch: PlannedBatch, number: int) -> dict[str, object]:
    """The columns of a batch that is planned."""
    return {
        "number": number, "kind": batch.kind, "state": "planned", "first_key": batch.first_key,
        "last_key": batch.last_key,
        "key_list": None if batch.keys is None else json.dumps(batch.keys, ensure_ascii=False),
        "first_target": batch.first_target, "expected": batch.expected, "rows": 0,
    }  # fmt: skip


def batch_of(row: Any) -> Batch:
    """A batch from its table row. Batches that version 0001 made expect what they moved."""
    return Batch(
        first_key=row.first_key, last_key=row.last_key,
        expected=row.rows if row.expected is None else row.expected, first_target=row.first_target,
        keys=None if row.key_list is None else tuple(json.loads(row.key_list)), id=row.id,
        number=row.number or 0, kind=row.kind, state=row.state, rows=row.rows, seconds=row.seconds,
        worker=row.worker,
    )  # fmt: skip
