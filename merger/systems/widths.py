"""How many characters a column takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merger.systems.profile import Dataset

_SIZED = re.compile(r"([^()]*)\( *\+?0*([1-9][0-9]*) *\).*", re.DOTALL)
_TEXTS = ("CHAR", "TEXT", "CLOB", "STRING")


def width_of(declared: str) -> int | None:
    """The characters that a declared type takes (`VARCHAR(13)`, `CHAR(35)`); None for one without a width
    and for what is no text."""
    found = _SIZED.fullmatch(declared.strip())
    if found is None or not any(one in found[1].upper() for one in _TEXTS):
        return None
    return int(found[2])


def width(dataset: Dataset, column: str, declared: str) -> int | None:
    """The characters that a column of a dataset takes: as its profile says, else as it is declared."""
    return dataset.widths.get(column) or width_of(declared)
