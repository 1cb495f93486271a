"""Recodes the columns of a table: each distinct combination is resolved once, the rest is a join."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import polars as pl

from merger.mapping.growing import growing
from merger.recode.keys import CODE, LOCALITY, SERVICE, SPAN, span_key, text_key
from merger.recode.knowledge import DAY_UNREADABLE, Knowledge
from merger.recode.model import DECIDED, HIDDEN, Column, Count, Recoded, Task, need_columns, need_free
from merger.recode.tables import Table, collected, opened, written

ROWS = f"{HIDDEN}rows"


_SPANS = 1 << 20
"""More than there are spans: the factor by which a code's number and a span are told apart."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What a row is joined by, and the codes that its numbers mean, None where it is the code itself."""

    expression: pl.Expr
    codes: pl.Series | None = None


def recode(source: Path, task: Task, knowledge: Knowledge, out: Path, unresolved: Path | None) -> Recoded:
    """Writes `source` to `out` with `<column>_new` and `<column>_outcome` for every column of the task.

    Every other cell stays as it was, and so does the order of rows. Rows without a unique successor in
    some column also go to `unresolved`, with `<column>_reason`. Files are there whole or not at all.
    Raises InputError for a table that cannot be used, Refused for an output that is the input.
    """
    with opened(source, [out, unresolved]) as table:
        _check(table, task, with_reason=unresolved is not None)
        frame = table.frame.with_columns(_keys(table, task, knowledge))
        keys = [_key(table, column, task) for column in task.columns]
        answers = [
            _answers(frame, table, column, key, task, knowledge)
            for column, key in zip(task.columns, keys, strict=True)
        ]
        counts = [_counts(column, found) for column, found in zip(task.columns, answers, strict=True)]
        for key, found in zip(keys, answers, strict=True):
            frame = _join(frame, key, found.drop(ROWS), task)
        undecided = pl.any_horizontal(~pl.col(column.outcome).is_in(DECIDED) for column in task.columns)
        reasons = [column.reason for column in task.columns]
        added = [name for column in task.columns for name in (column.new, column.outcome)]
        rows = sum(count.rows for count in counts[0])
        open_rows = _open_rows(frame, undecided, counts, rows)
        outputs = [(out, frame.drop(reasons), added)]
        if unresolved is not None:
            outputs.append((unresolved, frame.filter(undecided), [*added, *reasons]))
        written(table, outputs)
    return Recoded(rows, open_rows, tuple(count for found in counts for count in found))


def _check(table: Table, task: Task, *, with_reason: bool) -> None:
    file = str(table.path)
    names = [column.name for column in task.columns]
    need_columns(file, [*names, task.days.at_column, task.locality, task.service], table.columns)
    added = [name for column in task.columns for name in (column.new, column.outcome)]
    if with_reason:
        added += [column.reason for column in task.columns]
    need_free(file, added, table.columns)


def _keys(table: Table, task: Task, knowledge: Knowledge) -> list[pl.Expr]:
    """What the rows of all columns are asked by besides their codes."""
    keys = [] if task.days.at_column is None else [span_key(table, task.days, knowledge.changes)]
    for name, key in ((task.locality, LOCALITY), (task.service, SERVICE)):
        if name is not None:
            keys.append(text_key(table, name, key))
    return keys


def _asked(task: Task) -> list[str]:
    pairs = ((task.locality, LOCALITY), (task.service, SERVICE))
    return [CODE, *(key for name, key in pairs if name is not None)]


def _key(table: Table, column: Column, task: Task) -> _Key:
    """Each row's code; with a day for each row, code and span as one number, on which a join is cheap."""
    text = text_key(table, column.name, CODE)
    if task.days.at_column is None:
        return _Key(text)
    codes = collected(table.frame.select(text).unique(), table.path)[CODE].sort()
    number = text.cast(pl.Enum(codes)).to_physical().cast(pl.Int64)
    return _Key((number * _SPANS + pl.col(SPAN) - DAY_UNREADABLE).alias(CODE), codes)


@growing()
def _answers(
    frame: pl.LazyFrame, table: Table, column: Column, key: _Key, task: Task, knowledge: Knowledge
) -> pl.DataFrame:
    """One row for each distinct combination: its keys, the answer, and how many rows have it."""
    grouped = frame.with_columns(key.expression).group_by(_asked(task)).agg(pl.len().alias(ROWS))
    distinct = collected(grouped, table.path)
    at = sum(change <= task.days.at for change in knowledge.changes) if task.days.at else 0
    alike = knowledge.first_alike
    answers: dict[tuple[str, int, str, str], tuple[str | None, str, str]] = {}
    found: list[tuple[str | None, str, str]] = []
    for code, span, locality, service in _combinations(distinct, key.codes, at):
        one = (code, alike(column.kind, code, span), locality, service)
        answer = answers.get(one)
        if answer is None:
            answer = answers[one] = _answer(column, one, task, knowledge)
        found.append(answer)
    added = (column.new, column.outcome, column.reason)
    return distinct.with_columns(
        pl.Series(name, [answer[number] for answer in found], pl.String) for number, name in enumerate(added)
    )


def _combinations(
    distinct: pl.DataFrame, codes: pl.Series | None, at: int
) -> Iterator[tuple[str, int, str, str]]:
    """Code, span, locality and service of each row; what the table does not say is the same for all."""
    found = distinct
    if codes is not None:
        span = (pl.col(CODE) % _SPANS + DAY_UNREADABLE).alias(SPAN)
        found = distinct.with_columns(span).with_columns(codes.gather(distinct[CODE] // _SPANS).alias(CODE))
    unsaid: dict[str, int | str] = {SPAN: at, LOCALITY: "", SERVICE: ""}
    said = (
        found[name].to_list() if name in found.columns else repeat(value, found.height)
        for name, value in unsaid.items()
    )
    return zip(found[CODE].to_list(), *said, strict=True)


def _answer(
    column: Column, key: tuple[str, int, str, str], task: Task, knowledge: Knowledge
) -> tuple[str | None, str, str]:
    """New code (None where there is not exactly one), outcome and reason."""
    code, span, locality, service = key
    found = knowledge.resolve(column.kind, code, span, task.days.to, task.follow, locality, service)
    new = found.successor.code if found.outcome.decided else None
    return new, found.outcome.value, found.reason


def _join(frame: pl.LazyFrame, key: _Key, answers: pl.DataFrame, task: Task) -> pl.LazyFrame:
    return (
        frame.with_columns(key.expression)
        .join(answers.lazy(), on=_asked(task), how="left", maintain_order="left")
        .drop(CODE)
    )


def _counts(column: Column, answers: pl.DataFrame) -> list[Count]:
    rows: Counter[tuple[str, str]] = Counter()
    for outcome, reason, number in answers.select(column.outcome, column.reason, ROWS).iter_rows():
        rows[outcome, reason] += number
    return [Count(column.name, *key, number) for key, number in sorted(rows.items())]


def _open_rows(frame: pl.LazyFrame, undecided: pl.Expr, counts: list[list[Count]], rows: int) -> int:
    """Rows undecided in any column. With one column, or none undecided, the counts tell."""
    per_column = [sum(one.rows for one in found if one.outcome not in DECIDED) for found in counts]
    if len(per_column) == 1 or not any(per_column):
        return per_column[0]
    if rows in per_column:
        return rows
    return int(frame.select(undecided.sum()).collect(engine="streaming").item())
