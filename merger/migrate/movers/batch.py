"""Batches: some rows of one dataset that are moved in one transaction of the target."""

import json
import re
from typing import Any

import sqlalchemy as sa

from merger.errors import MergerError


class BatchError(MergerError):
    """A batch that did not move what it should, or that the target did not take. It was rolled back."""


_NAMED = (
    re.compile(r".* for key '([^']+)'$", re.DOTALL),
    re.compile(r"Column '([^']+)' cannot be null$"),
    re.compile(r"Field '([^']+)' doesn't have a default value$"),
    re.compile(r"CONSTRAINT `([^`]+)` failed for "),
    re.compile(r".*, CONSTRAINT `([^`]+)` FOREIGN KEY", re.DOTALL),
    re.compile(r"(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.+))?$"),
)


def broken_rule(error: sa.exc.DBAPIError) -> str:
    """The name of the target's rule or column that refused a row, as the database says it, never a value;
    empty where it says none."""
    told = getattr(error.orig, "diag", None)
    if told is not None:
        return told.constraint_name or told.column_name or ""
    said = str(error.orig.args[-1]) if error.orig is not None and error.orig.args else ""
    found = next((match[1] for one in _NAMED if (match := one.match(said))), None)
    return found or ""


def written(key: object) -> str:
    """A key of a range as the ledger keeps it: an integer is told from a text."""
    return json.dumps(key if isinstance(key, int | str) else str(key), ensure_ascii=False)


def read(text: str) -> Any:
    """What `written` wrote."""
    return json.loads(text)
