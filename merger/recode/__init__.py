"""Tables recoded, dated and restated, column-wise and streamed: `recode`, `vintage`, `aggregate`.

What is asked is in `merger.recode.model`, what the definitions know in `merger.recode.knowledge`. Polars is
imported only by the functions themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from merger.recode.model import KINDS, UNIT_KINDS, Column, Count, Days, Recoded, Task

if TYPE_CHECKING:
    from merger.recode.aggregating import Restated, Statistics
    from merger.recode.dating import Vintage
    from merger.recode.knowledge import Knowledge

__all__ = [
    "KINDS",
    "UNIT_KINDS",
    "Column",
    "Count",
    "Days",
    "Recoded",
    "Task",
    "aggregate",
    "recode",
    "vintage",
]


def recode(
    source: Path,
    task: Task,
    knowledge: Knowledge,
    out: Path,
    unresolved: Path | None = None,
    *,
    replace: bool = False,
) -> Recoded:
    """Writes a table with the new codes beside the old ones; see `merger.recode.recoding`."""
    from merger.recode import recoding

    return recoding.recode(source, task, knowledge, out, unresolved, replace=replace)


def vintage(source: Path, columns: tuple[Column, ...], knowledge: Knowledge) -> list[Vintage]:
    """From which time the codes of columns are; see `merger.recode.dating`."""
    from merger.recode import dating

    return dating.vintage(source, columns, knowledge)


def aggregate(
    source: Path, asked: Statistics, knowledge: Knowledge, out: Path, *, replace: bool = False
) -> Restated:
    """Writes figures restated by new unit; see `merger.recode.aggregating`."""
    from merger.recode import aggregating

    return aggregating.aggregate(source, asked, knowledge, out, replace=replace)
