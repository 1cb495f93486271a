"""Batches: some rows of one dataset that are moved in one transaction of the target."""

import json
from typing import Any

from merger.errors import MergerError


class BatchError(MergerError):
    """A batch that did not move what it should, or that the target did not take. It was rolled back."""


def written(key: object) -> str:
    """A key of a range as the ledger keeps it: an integer is told from a text."""
    return json.dumps(key if isinstance(key, int | str) else str(key), ensure_ascii=False)


def read(text: str) -> Any:
    """What `written` wrote."""
    return json.loads(text)
