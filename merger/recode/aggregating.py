"""Figures restated by new unit: sums by share, rates by weight, estimates marked, nothing lost.

A figure goes whole to its unit's one successor. Where the unit was divided and the shares of all successors
are known and make up the whole, it is divided by them: an estimate. Everything else (divided without shares,
ended, unknown, no day) stays one figure in a line of its own, with the candidates; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from merger.errors import InputError
from merger.lineage import Resolution, Successor
from merger.recode.keys import CODE, SPAN, span_key, text_key
from merger.recode.knowledge import Knowledge
from merger.recode.model import HIDDEN, Column, Days, need_columns, need_free, problem
from merger.recode.tables import LINE, Table, collected, opened, written

ROWS = f"{HIDDEN}rows"
EXACT = Fraction(1, 10**9)
"""Shares that miss the whole by no more than this make it up."""

OWN = ("name", "outcome", "candidates", "from", "rows", "estimate")
"""What follows the unit in the output, before the figures: `<unit>_name` and so on."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A column of rates and the column of weights by which they are averaged."""

    name: str
    weight: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """The unit's column, figures to add up, rates to average, and columns that stay apart (`by`)."""

    unit: Column
    sums: tuple[str, ...]
    rates: tuple[Rate, ...]
    days: Days
    by: tuple[str, ...] = ()
    follow: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A figure's total in the input, and how much of it is estimated and how much undivided in the output."""

    name: str
    total: float
    estimated: float
    undivided: float


@dataclass(frozen=True, slots=True)
class Restated:
    """Rows read, lines written for new units and for figures left undivided, and the totals."""

    rows: int
    units: int
    undivided: int
    totals: tuple[Total, ...]


@dataclass(slots=True)
class _Line:
    """One line of the output in the making. Rates are kept as weighted sums and weights."""

    name: str
    outcome: str
    candidates: str
    estimate: bool = False
    rows: int = 0
    origins: set[str] = field(default_factory=set)
    figures: dict[str, Fraction] = field(default_factory=dict)

    def add(self, figures: dict[str, Fraction], origin: str, rows: int) -> None:
        self.origins.add(origin)
        self.rows += rows
        for name, figure in figures.items():
            self.figures[name] = self.figures.get(name, Fraction(0)) + figure


_Key = tuple[tuple[Any, ...], str, str, str]


def aggregate(
    source: Path, asked: Statistics, knowledge: Knowledge, out: Path, *, replace: bool = False
) -> Restated:
    """Writes one line for each new unit (and each value of `by`), then one for each undivided figure.

    Columns: those of `by`, the unit, `<unit>_name`, `_outcome`, `_candidates`, `_from` (old codes), `_rows`,
    `_estimate` (yes or no), then sums, weights and rates. Raises InputError for a table that cannot be used,
    also for a figure that is no number.
    """
    with opened(source, [out], replace=replace) as table:
        _check(table, asked)
        grouped = _grouped(table, asked, knowledge)
        lines: dict[_Key, _Line] = {}
        totals = {name: [Fraction(0)] * 3 for name in asked.sums}
        for row in grouped.iter_rows(named=True):
            _restate(row, asked, knowledge, lines, totals)
        result = _frame(lines, asked, grouped.schema)
        written(_as_output(table, result), [(out, result.lazy(), [])], replace=replace)
    undivided = sum(not key[1] for key in lines)
    return Restated(
        rows=int(grouped[ROWS].sum()),
        units=len(lines) - undivided,
        undivided=undivided,
        totals=tuple(Total(name, *map(float, parts)) for name, parts in totals.items()),
    )


def _check(table: Table, asked: Statistics) -> None:
    file = str(table.path)
    figures = [*asked.sums, *_weights(asked), *(rate.name for rate in asked.rates)]
    need_columns(file, [asked.unit.name, asked.days.at_column, *figures, *asked.by], table.columns)
    own = [f"{asked.unit.name}_{name}" for name in OWN]
    need_free(file, [*asked.by, asked.unit.name, *own, *figures], ())


def _weights(asked: Statistics) -> list[str]:
    """Columns of weights that are not added up anyway, each once."""
    return [name for name in dict.fromkeys(rate.weight for rate in asked.rates) if name not in asked.sums]


def _number(table: Table, name: str) -> pl.Expr:
    kind = table.schema[name]
    if kind == pl.String:
        text = pl.col(name).str.strip_chars()
        return pl.when(text != "").then(text).cast(pl.Float64, strict=False)
    if not (kind.is_numeric() or kind == pl.Null):
        raise InputError([problem("no-numbers", str(table.path), name=name, type=kind)])
    return pl.col(name)


def _grouped(table: Table, asked: Statistics, knowledge: Knowledge) -> pl.DataFrame:
    """Figures added up by old unit, span and `by`, in an order that does not depend on that of the rows."""
    figures = list(dict.fromkeys([*asked.sums, *_weights(asked), *(rate.name for rate in asked.rates)]))
    for name in figures:
        _only_numbers(table, name)
    keys = [
        text_key(table, asked.unit.name, CODE),
        span_key(table, asked.days, knowledge.changes),
        *(pl.col(name) for name in asked.by),
    ]
    sums = [_sum(_number(table, name)).alias(name) for name in [*asked.sums, *_weights(asked)]]
    for rate in asked.rates:
        value, weight = _number(table, rate.name), _number(table, rate.weight)
        known = value.is_not_null() & weight.is_not_null()
        sums.append(_sum(value * weight).alias(_times(rate)))
        sums.append(_sum(weight.filter(known)).alias(_of(rate)))
    frame = table.frame.with_columns(keys).group_by(CODE, SPAN, *asked.by)
    grouped = collected(frame.agg(pl.len().alias(ROWS), *sums), table.path)
    return grouped.sort(CODE, SPAN, *asked.by)


def _sum(values: pl.Expr) -> pl.Expr:
    """Their sum; null, not nought, where there is no value."""
    return pl.when(values.count() > 0).then(values.sum())


def _only_numbers(table: Table, name: str) -> None:
    """Raises InputError with the first 20 lines that hold no number, or no finite one."""
    kind = table.schema[name]
    if kind == pl.String:
        text = pl.col(name).str.strip_chars()
        number = text.cast(pl.Float64, strict=False)
        wrong = (text != "") & (number.is_null() | ~number.is_finite())
    elif kind.is_float():
        wrong = ~pl.col(name).is_finite()
    else:
        return
    bad = table.frame.filter(wrong)
    line = pl.col(LINE) if LINE in table.frame.collect_schema() else pl.lit(0).alias(LINE)
    found = collected(bad.select(line).head(20), table.path)
    if found.height:
        lines = sorted(found[LINE].to_list())
        raise InputError(problem("no-number", str(table.path), one, 1, name=name) for one in lines)


def _times(rate: Rate) -> str:
    return f"{HIDDEN}times {rate.name}"


def _of(rate: Rate) -> str:
    return f"{HIDDEN}of {rate.name}"


def _restate(
    row: dict[str, Any],
    asked: Statistics,
    knowledge: Knowledge,
    lines: dict[_Key, _Line],
    totals: dict[str, list[Fraction]],
) -> None:
    code = row[CODE]
    found = knowledge.resolve(asked.unit.kind, code, row[SPAN], asked.days.to, asked.follow)
    by = tuple(row[name] for name in asked.by)
    averaged = (key for rate in asked.rates for key in (_times(rate), _of(rate)))
    names = [*asked.sums, *_weights(asked), *averaged]
    figures = {name: Fraction(row[name]) for name in names if row[name] is not None}
    shares = _shares(found)
    for name, parts in totals.items():
        figure = figures.get(name, Fraction(0))
        parts[0] += figure
        parts[1] += figure if len(shares) > 1 else 0
        parts[2] += figure if not shares else 0
    if not shares:
        listed = "; ".join(f"{one.code} {one.name}".rstrip() for one in found.successors)
        key = (by, "", found.outcome.value, listed or code)
        line = lines.setdefault(key, _Line("", found.outcome.value, listed))
        line.add(figures, code, row[ROWS])
        return
    left = dict(figures)
    for number, (unit, share) in enumerate(shares, 1):
        last = number == len(shares)
        part = left if last else {name: figure * share for name, figure in figures.items()}
        left = {name: figure - part[name] for name, figure in left.items()}
        line = lines.setdefault((by, unit.code, "", ""), _Line(unit.name, "", ""))
        line.estimate = line.estimate or len(shares) > 1
        line.add(part, code, row[ROWS])


def _shares(found: Resolution) -> list[tuple[Successor, Fraction]]:
    """Each successor and its share of the figure; empty where that is not known."""
    if found.outcome.decided:
        return [(found.successor, Fraction(1))]
    known = [(one, Fraction(str(one.share))) for one in found.successors if one.share is not None]
    whole = sum((share for _, share in known), Fraction(0))
    if len(known) != len(found.successors) or abs(whole - 1) > EXACT:
        return []
    return [(one, share) for one, share in known if share > 0]


def _frame(lines: dict[_Key, _Line], asked: Statistics, schema: pl.Schema) -> pl.DataFrame:
    """The lines as a table: new units by code, then what could not be divided."""
    order = sorted(lines, key=lambda key: (not key[1], key[1:], tuple(map(_sortable, key[0]))))
    unit = asked.unit.name
    columns: list[pl.Series] = [
        pl.Series(name, [key[0][number] for key in order], schema[name])
        for number, name in enumerate(asked.by)
    ]
    found = [lines[key] for key in order]
    columns.append(pl.Series(unit, [key[1] or None for key in order], pl.String))
    texts: dict[str, list[str | None]] = {
        "name": [line.name or None for line in found],
        "outcome": [line.outcome or ("estimated" if line.estimate else "decided") for line in found],
        "candidates": [line.candidates or None for line in found],
        "from": ["; ".join(sorted(line.origins)) for line in found],
    }
    columns += [pl.Series(f"{unit}_{name}", cells, pl.String) for name, cells in texts.items()]
    columns.append(pl.Series(f"{unit}_rows", [line.rows for line in found], pl.Int64))
    marks = ["yes" if line.estimate else "no" for line in found]
    columns.append(pl.Series(f"{unit}_estimate", marks, pl.String))
    for name in [*asked.sums, *_weights(asked)]:
        columns.append(_figures(name, [line.figures.get(name) for line in found]))
    for rate in asked.rates:
        columns.append(pl.Series(rate.name, [_rate(line.figures, rate) for line in found], pl.Float64))
    return pl.DataFrame(columns)


def _sortable(value: object) -> tuple[bool, str]:
    return value is None, str(value)


def _figures(name: str, values: Sequence[Fraction | None]) -> pl.Series:
    """Whole numbers where all are whole, else decimal ones; null where there is no figure."""
    if all(value is None or (value.denominator == 1 and abs(value) < 2**63) for value in values):
        return pl.Series(name, [None if value is None else int(value) for value in values], pl.Int64)
    return pl.Series(name, [None if value is None else float(value) for value in values], pl.Float64)


def _rate(figures: dict[str, Fraction], rate: Rate) -> float | None:
    weight = figures.get(_of(rate))
    return float(figures[_times(rate)] / weight) if weight else None


def _as_output(table: Table, result: pl.DataFrame) -> Table:
    return Table(
        table.path, table.suffix, result.lazy(), result.schema, table.folder, table.form, table.sheet
    )
