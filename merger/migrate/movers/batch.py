"""A batch: some rows of one dataset that are moved in one transaction of the target."""

import json
from dataclasses import dataclass
from typing import Any

from merger.errors import MergerError


class BatchError(MergerError):
    """A batch that did not move what it should, or that the target did not take. It was rolled back."""


@dataclass(frozen=True)
class Batch:
    """Rows of one dataset, as the ledger knows them.

    `first` and `last`: the keys between which the rows lie, in the source's order; or `keys`: the keys of the rows,
    as text. `first_target`: the target's key of the first row, where keys are given out. `expected`: rows to
    settle. `merged`: the rows are merged into others, and get no row of their own.
    """

    id: int
    number: int
    first: Any
    last: Any
    keys: tuple[str, ...] | None
    first_target: int | None
    expected: int
    merged: bool = False


def written(key: object) -> str:
    """A key of a range as the ledger keeps it: an integer is told from a text."""
    return json.dumps(key if isinstance(key, int | str) else str(key), ensure_ascii=False)


def read(text: str) -> Any:
    """What `written` wrote."""
    return json.loads(text)
