"""Recodes the columns of a table in two passes: one asks, one writes; both are streamed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from merger.mapping.growing import growing
from merger.recode.answering import Answers
from merger.recode.keys import CODE, LOCALITY, POINT, SERVICE, point_key, span_key, text_key
from merger.recode.knowledge import Knowledge
from merger.recode.model import HIDDEN, Column, Count, Recoded, Task, need_columns, need_free
from merger.recode.tables import AT_ONCE, Beside, Table, opened, read_batches, written


@dataclass(slots=True)
class _Asked:
    """What the first pass found: the answers of each column and how many rows have each, all rows, those
    undecided in any column, and the table with the numbers of its answers beside each row."""

    answers: list[Answers]
    counts: list[Counter[int]]
    frame: pl.LazyFrame
    rows: int = 0
    unresolved: int = 0


def recode(
    source: Path,
    task: Task,
    knowledge: Knowledge,
    out: Path,
    unresolved: Path | None = None,
    *,
    replace: bool = False,
) -> Recoded:
    """Writes `source` to `out` with `<column>_new` and `<column>_outcome` for every column of the task.

    Every other cell stays as it was, and so does the order of rows. Rows without a unique successor in
    some column also go to `unresolved`, with `<column>_reason`. Files are there whole or not at all.
    Raises InputError for a table that cannot be used, Refused for an output that is the input, or is there
    and not to be replaced.
    """
    with opened(source, [out, unresolved], replace=replace) as table:
        _check(table, task, with_reason=unresolved is not None)
        asked = _ask(table, task, knowledge)
        looked_up = [
            one
            for number, column in enumerate(task.columns)
            for one in _looked_up(column, _key(number), asked.answers[number])
        ]
        added = [name for column in task.columns for name in (column.new, column.outcome)]
        outputs = [(out, asked.frame.with_columns(looked_up), added)]
        if unresolved is not None:
            reasons = [column.reason for column in task.columns]
            rest = asked.frame.filter(_undecided(asked.answers)).with_columns(looked_up)
            outputs.append((unresolved, rest, [*added, *reasons]))
        written(table, outputs, replace=replace)
    counts = [
        _counts(column, answers, found)
        for column, answers, found in zip(task.columns, asked.answers, asked.counts, strict=True)
    ]
    return Recoded(asked.rows, asked.unresolved, tuple(count for found in counts for count in found))


def _check(table: Table, task: Task, *, with_reason: bool) -> None:
    file = str(table.path)
    names = [column.name for column in task.columns]
    evidence = [task.locality, task.service, *(task.point or ())]
    need_columns(file, [*names, task.days.at_column, *evidence], table.columns, coded=names)
    added = [name for column in task.columns for name in (column.new, column.outcome)]
    if with_reason:
        added += [column.reason for column in task.columns]
    need_free(file, added, table.columns)


def _key(number: int) -> str:
    """The hidden column with the codes, then with the answers, of a column of the task."""
    return f"{HIDDEN}{number}"


@growing()
def _ask(table: Table, task: Task, knowledge: Knowledge) -> _Asked:
    """Reads what decides, and writes the numbers of the answers to the table's folder."""
    evidence = {LOCALITY: task.locality, SERVICE: task.service}
    said = {key: name for key, name in evidence.items() if name is not None}
    keys = [span_key(table, task.days, knowledge.changes)]
    keys += [text_key(table, name, key) for key, name in said.items()]
    if task.point is not None:
        keys.append(point_key(table, task.point))
    keys += [text_key(table, column.name, _key(number)) for number, column in enumerate(task.columns)]
    days = task.days
    named = [*said, *([POINT] if task.point else [])]
    answers = [Answers(one.kind, knowledge, days.to, task.follow, named) for one in task.columns]
    asked = _Asked(answers, [Counter() for _ in answers], pl.LazyFrame())
    beside = Beside(table)
    for rows in read_batches(table.frame.select(keys), table.path, AT_ONCE):
        numbers = pl.DataFrame(
            [
                one.of(rows.with_columns(pl.col(_key(number)).alias(CODE))).alias(_key(number))
                for number, one in enumerate(answers)
            ]
        )
        for key, count in zip(numbers.columns, asked.counts, strict=True):
            for number, times in numbers[key].value_counts().iter_rows():
                count[number] += times
        asked.rows += numbers.height
        asked.unresolved += numbers.select(_undecided(answers).sum()).item()
        beside.add(numbers)
    asked.frame = beside.frame()
    return asked


def _undecided(answers: list[Answers]) -> pl.Expr:
    """Whether a row has no unique successor in some column."""
    return pl.any_horizontal(
        pl.col(_key(number)).is_in([at for at, answer in enumerate(one.all) if not answer.decided])
        for number, one in enumerate(answers)
    )


def _looked_up(column: Column, key: str, answers: Answers) -> list[pl.Expr]:
    """New code, outcome and reason by the number of the answer."""
    texts: dict[str, list[str | None]] = {
        column.new: [answer.new for answer in answers.all],
        column.outcome: [answer.outcome for answer in answers.all],
        column.reason: [answer.reason for answer in answers.all],
    }
    return [_gathered(key, pl.Series(name, cells, pl.String)) for name, cells in texts.items()]


def _gathered(key: str, cells: pl.Series) -> pl.Expr:
    def look_up(numbers: pl.Series) -> pl.Series:
        return cells.gather(numbers)

    return pl.col(key).map_batches(look_up, return_dtype=pl.String, is_elementwise=True).alias(cells.name)


def _counts(column: Column, answers: Answers, found: Counter[int]) -> list[Count]:
    rows: Counter[tuple[str, str]] = Counter()
    for number, times in found.items():
        rows[answers.all[number].outcome, answers.all[number].reason] += times
    return [Count(column.name, *key, times) for key, times in sorted(rows.items())]
