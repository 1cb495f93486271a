"""Batches: some rows of one dataset that are moved in one transaction of the target."""

import json
from typing import Any

from merger.errors import MergerError

BYTES = "bytes"


class BatchError(MergerError):
    """A batch that did not move what it should, or that the target did not take. It was rolled back."""


def written(key: object) -> str:
    """A key of a range as the ledger keeps it: numbers, texts and bytes are told from one another."""
    if isinstance(key, bytes):
        return json.dumps({BYTES: key.hex()})
    return json.dumps(key if isinstance(key, int | float | str) else str(key), ensure_ascii=False)


def read(text: str) -> Any:
    """What `written` wrote."""
    found = json.loads(text)
    return bytes.fromhex(found[BYTES]) if isinstance(found, dict) else found
