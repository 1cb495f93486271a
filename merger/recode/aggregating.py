"""Figures restated by new unit: sums by share, rates by weight, estimates marked, nothing lost.

A figure goes whole to its unit's one successor. Where the unit was divided and the shares of all successors
are known and make up the whole, it is divided by them: an estimate. Everything else (divided without shares,
ended, unknown, no day) stays one figure in a line of its own, with the candidates; it is never guessed.
All sums are exact, so that the output's are the input's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import polars as pl

from merger.errors import InputError
from merger.lineage import Resolution, Successor
from merger.recode.keys import CODE, SPAN, span_key, text_key
from merger.recode.knowledge import Knowledge
from merger.recode.model import HIDDEN, UNIT_KINDS, Column, Days, need_columns, need_free
from merger.recode.numbers import DIGITS, Figures, figures, fits, long_number
from merger.recode.tables import Table, collected, opened, written

ROWS = f"{HIDDEN}rows"
"""The hidden column that says how many rows a group is of."""

EXACT = Fraction(1, 10**9)
"""Shares that miss the whole by no more than this make it up."""

FINER = 6
"""So many decimals more than the input have the parts of a divided figure; the last is what is left."""

OWN = ("name", "outcome", "reason", "candidates", "from", "missing", "rows", "estimate")
"""What follows the unit in the output, before the figures: `<unit>_name` and so on."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A column of rates and the column of weights by which they are averaged."""

    name: str
    weight: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """The unit's column, figures to add up, rates to average, and columns that stay apart (`by`).

    `decimal` says which sign stands before decimals in text: `point`, `comma`, or None if nobody said.
    """

    unit: Column
    sums: tuple[str, ...]
    rates: tuple[Rate, ...]
    days: Days
    by: tuple[str, ...] = ()
    follow: str | None = None
    decimal: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A figure's total in the input, and how much of it is estimated and how much undivided in the output."""

    name: str
    total: Fraction
    estimated: Fraction
    undivided: Fraction


@dataclass(frozen=True, slots=True)
class Restated:
    """Rows read, lines written for new units and for figures left undivided, units (with what stays apart)
    that stood in several rows, and the totals."""

    rows: int
    units: int
    undivided: int
    repeated: int
    totals: tuple[Total, ...]


@dataclass(slots=True)
class _Line:
    """One line of the output in the making. Rates are kept as weighted sums and weights."""

    name: str
    outcome: str
    reason: str
    candidates: str
    estimate: bool = False
    rows: int = 0
    origins: set[str] = field(default_factory=set)
    spans: set[int] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    figures: dict[str, Fraction] = field(default_factory=dict)

    def add(self, figures: dict[str, Fraction], origin: str, span: int, rows: int) -> None:
        self.origins.add(origin)
        self.spans.add(span)
        self.rows += rows
        for name, figure in figures.items():
            self.figures[name] = self.figures.get(name, Fraction(0)) + figure


_Key = tuple[tuple[Any, ...], str, str, str, str]


def aggregate(
    source: Path, asked: Statistics, knowledge: Knowledge, out: Path, *, replace: bool = False
) -> Restated:
    """Writes one line for each new unit (and each value of `by`), then one for each undivided figure.

    Columns: those of `by`, the unit, `<unit>_name`, `_outcome`, `_reason`, `_candidates`, `_from` (old
    codes), `_missing` (codes of old units that became a part of it and stand in no row), `_rows`, `_estimate`
    (yes or no), then sums, weights and rates. Raises InputError for a table that cannot be used, also for a
    figure that is no number.
    """
    with opened(source, [out], replace=replace) as table:
        _check(table, asked)
        measured = figures(table, _figures_of(asked), asked.decimal, [one.weight for one in asked.rates])
        grouped = _grouped(table, asked, knowledge, measured)
        lines: dict[_Key, _Line] = {}
        totals = {name: [Fraction(0)] * 3 for name in asked.sums}
        for row, found in _resolved(grouped, asked, knowledge):
            _restate(row, found, asked, knowledge, measured, lines, totals)
        _find_missing(lines, asked, knowledge)
        result = _frame(table, lines, asked, grouped.schema)
        written(_as_output(table, result), [(out, result.lazy(), [])], replace=replace)
    undivided = sum(not key[1] for key in lines)
    return Restated(
        rows=int(grouped[ROWS].sum()),
        units=len(lines) - undivided,
        undivided=undivided,
        repeated=int((grouped[ROWS] > 1).sum()),
        totals=tuple(Total(name, *parts) for name, parts in totals.items()),
    )


def _check(table: Table, asked: Statistics) -> None:
    file = str(table.path)
    wanted = _figures_of(asked)
    names = [asked.unit.name, asked.days.at_column, *wanted, *asked.by]
    need_columns(file, names, table.columns, coded=[asked.unit.name])
    own = [f"{asked.unit.name}_{name}" for name in OWN]
    need_free(file, [*asked.by, asked.unit.name, *own, *wanted], ())


def _added(asked: Statistics) -> list[str]:
    """The columns that are added up: figures, then weights that are none of them, each once."""
    weights = dict.fromkeys(rate.weight for rate in asked.rates)
    return [*asked.sums, *(name for name in weights if name not in asked.sums)]


def _figures_of(asked: Statistics) -> list[str]:
    """All columns of numbers, in the order in which they are written."""
    return [*_added(asked), *(rate.name for rate in asked.rates)]


def _grouped(
    table: Table, asked: Statistics, knowledge: Knowledge, measured: dict[str, Figures]
) -> pl.DataFrame:
    """Figures added up by old unit, span and `by`, in an order that does not depend on that of the rows."""
    keys = [
        text_key(table, asked.unit.name, CODE),
        span_key(table, asked.days, knowledge.changes),
        *(pl.col(name) for name in asked.by),
    ]
    sums = [_sum(pl.col(_whole(name))).alias(name) for name in _added(asked)]
    for rate in asked.rates:
        value, weight = pl.col(_whole(rate.name)), pl.col(_whole(rate.weight))
        known = value.is_not_null() & weight.is_not_null()
        sums.append(_sum(value * weight).alias(_times(rate)))
        sums.append(_sum(weight.filter(known)).alias(_of(rate)))
    whole = [one.numbers.alias(_whole(name)) for name, one in measured.items()]
    frame = table.frame.select(*keys, *whole).group_by(CODE, SPAN, *asked.by)
    grouped = collected(frame.agg(pl.len().alias(ROWS), *sums), table.path)
    rows = int(grouped[ROWS].sum())
    pairs = [(measured[rate.name], measured[rate.weight]) for rate in asked.rates]
    long = [one.name for one in measured.values() if not fits(rows, one)]
    long += [value.name for value, weight in pairs if not fits(rows, value, weight)]
    if long:
        raise InputError(long_number(table, name) for name in dict.fromkeys(long))
    return grouped.sort(CODE, SPAN, *asked.by)


def _sum(values: pl.Expr) -> pl.Expr:
    """Their sum; null, not nought, where there is no value."""
    return pl.when(values.count() > 0).then(values.sum())


def _whole(name: str) -> str:
    return f"{HIDDEN}whole {name}"


def _times(rate: Rate) -> str:
    return f"{HIDDEN}times {rate.name}"


def _of(rate: Rate) -> str:
    return f"{HIDDEN}of {rate.name}"


def _resolved(
    grouped: pl.DataFrame, asked: Statistics, knowledge: Knowledge
) -> Iterator[tuple[dict[str, Any], Resolution]]:
    """The groups of each unit, and what became of it; each of its versions is followed once."""
    kind = asked.unit.kind
    for code, groups in groupby(grouped.iter_rows(named=True), key=itemgetter(CODE)):
        alike = knowledge.alike(kind, code) if kind in UNIT_KINDS else range(len(knowledge.changes) + 1)
        kept: dict[int, Resolution] = {}
        for row in groups:
            span = row[SPAN] if row[SPAN] < 0 else alike[row[SPAN]]
            if span not in kept:
                kept[span] = knowledge.resolve(kind, code, span, asked.days.to, asked.follow)
            yield row, kept[span]


def _restate(
    row: dict[str, Any],
    found: Resolution,
    asked: Statistics,
    knowledge: Knowledge,
    measured: dict[str, Figures],
    lines: dict[_Key, _Line],
    totals: dict[str, list[Fraction]],
) -> None:
    code = row[CODE]
    by = tuple(row[name] for name in asked.by)
    values = {name: measured[name].value(row[name]) for name in _added(asked) if row[name] is not None}
    for rate in asked.rates:
        value, weight = measured[rate.name], measured[rate.weight]
        if row[_times(rate)] is not None:
            values[_times(rate)] = value.value(row[_times(rate)]) / 10**weight.scale
            values[_of(rate)] = weight.value(row[_of(rate)])
    backward = row[SPAN] > knowledge.span_of(asked.days.to)
    shares = _shares(found, backward)
    for name, parts in totals.items():
        figure = values.get(name, Fraction(0))
        parts[0] += figure
        parts[1] += figure if len(shares) > 1 else 0
        parts[2] += figure if not shares else 0
    if not shares:
        listed = "; ".join(f"{one.code} {one.name}".rstrip() for one in found.successors)
        key = (by, "", found.outcome.value, found.reason, listed or code)
        line = lines.setdefault(key, _Line("", found.outcome.value, found.reason, listed))
        line.add(values, code, row[SPAN], row[ROWS])
        return
    left = dict(values)
    for number, (unit, share) in enumerate(shares, 1):
        last = number == len(shares)
        part = left if last else {name: _part(name, one * share, measured) for name, one in values.items()}
        left = {name: figure - part[name] for name, figure in left.items()}
        line = lines.setdefault((by, unit.code, "", "", ""), _Line(unit.name, "", "", ""))
        line.estimate = line.estimate or len(shares) > 1
        line.add(part, code, row[SPAN], row[ROWS])


def _part(name: str, part: Fraction, measured: dict[str, Figures]) -> Fraction:
    """A part of a figure, with as many decimals as are written; of what makes up a rate, the part itself."""
    return round(part, measured[name].scale + FINER) if name in measured else part


def _find_missing(lines: dict[_Key, _Line], asked: Statistics, knowledge: Knowledge) -> None:
    """Notes on the lines of new units which old units they were made of that stand in no row with the same
    values of `by`: without these a sum is not that of the whole unit."""
    kind, now = asked.unit.kind, knowledge.span_of(asked.days.to)
    if kind not in UNIT_KINDS:
        return
    there: dict[tuple[Any, ...], set[str]] = {}
    for (by, *_), line in lines.items():
        there.setdefault(by, set()).update(line.origins)
    for (by, unit, *_), line in lines.items():
        for span in line.spans if unit else ():
            if 0 <= span <= now:
                before = knowledge.resolve(kind, unit, now, knowledge.day_in(span))
                line.missing |= {one.code for one in before.successors} - there[by]


def _shares(found: Resolution, backward: bool) -> list[tuple[Successor, Fraction]]:
    """Each successor and its share of the figure; empty where that is not known. Backward a share says how
    much of the older unit came, nothing of how much of the newer one it is."""
    if found.outcome.decided:
        return [(found.successor, Fraction(1))]
    if backward:
        return []
    known = [(one, Fraction(str(one.share))) for one in found.successors if one.share is not None]
    whole = sum((share for _, share in known), Fraction(0))
    if len(known) != len(found.successors) or abs(whole - 1) > EXACT:
        return []
    return [(one, share) for one, share in known if share > 0]


def _frame(table: Table, lines: dict[_Key, _Line], asked: Statistics, schema: pl.Schema) -> pl.DataFrame:
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
        "reason": [line.reason or None for line in found],
        "candidates": [line.candidates or None for line in found],
        "from": ["; ".join(sorted(line.origins)) for line in found],
        "missing": ["; ".join(sorted(line.missing)) or None for line in found],
    }
    columns += [pl.Series(f"{unit}_{name}", cells, pl.String) for name, cells in texts.items()]
    columns.append(pl.Series(f"{unit}_rows", [line.rows for line in found], pl.Int64))
    marks = ["yes" if line.estimate else "no" for line in found]
    columns.append(pl.Series(f"{unit}_estimate", marks, pl.String))
    for name in _added(asked):
        columns.append(_figures(table, name, [line.figures.get(name) for line in found]))
    for rate in asked.rates:
        columns.append(pl.Series(rate.name, [_rate(line.figures, rate) for line in found], pl.Float64))
    return pl.DataFrame(columns)


def _sortable(value: object) -> tuple[bool, str]:
    return value is None, str(value)


def _figures(table: Table, name: str, values: Sequence[Fraction | None]) -> pl.Series:
    """Whole numbers where all are whole and have at most 64 bits, else decimals, exact; null where there is
    no figure. Raises InputError where they are too long for that."""
    there = [value for value in values if value is not None]
    if all(value.denominator == 1 and abs(value) < 2**63 for value in there):
        return pl.Series(name, [None if value is None else int(value) for value in values], pl.Int64)
    scale = next(
        scale
        for scale in range(DIGITS + FINER)
        if all((value * 10**scale).denominator == 1 for value in there)
    )
    if scale > DIGITS or any(abs(value) * 10**scale >= 10**DIGITS for value in there):
        raise InputError([long_number(table, name)])
    return pl.Series(
        name,
        [None if value is None else _decimal(value, scale) for value in values],
        pl.Decimal(DIGITS, scale),
    )


def _decimal(value: Fraction, scale: int) -> Decimal:
    whole = int(value * 10**scale)
    return Decimal((whole < 0, tuple(map(int, str(abs(whole)))), -scale))


def _rate(figures: dict[str, Fraction], rate: Rate) -> float | None:
    weight = figures.get(_of(rate))
    return float(figures[_times(rate)] / weight) if weight else None


def _as_output(table: Table, result: pl.DataFrame) -> Table:
    return Table(
        table.path, table.suffix, result.lazy(), result.schema, table.folder, table.form, table.sheet
    )
