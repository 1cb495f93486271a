"""`merger recode`, `vintage`, `aggregate`: tables with codes of whatever time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from merger.cli.base import command
from merger.cli.options import Day, follow_option, json_option, mappings_option, replace_option
from merger.cli.out import note, number, show_json, show_table
from merger.cli.run import NEEDS_A_PERSON
from merger.cli.wording import reason_in_words
from merger.messages import text
from merger.recode import Column, Days, Task

if TYPE_CHECKING:
    from fractions import Fraction

    from merger.recode.aggregating import Restated
    from merger.recode.dating import Group, Span, Time, Vintage

SHOWN = 10
"""So many codes of a group are printed; JSON has all."""


def _source() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))


class PointColumns(click.ParamType[tuple[str, str]]):
    """The names of two columns, `LAT,LON`."""

    name = "lat,lon"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        latitude, _, longitude = value.partition(",")
        if not (latitude and longitude) or "," in longitude:
            self.fail(text("recode.no-point-columns", value=value), param, ctx)
        return latitude, longitude


@command("recode")
@_source()
@click.option("--column", "columns", multiple=True, required=True)
@click.option("--at", type=Day())
@click.option("--at-column")
@click.option("--to", type=Day(), required=True)
@follow_option()
@click.option("--locality-column")
@click.option("--service-column")
@click.option("--point-columns", type=PointColumns())
@mappings_option()
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--unresolved", type=click.Path(path_type=Path))
@replace_option()
def recode(
    source: Path,
    columns: tuple[str, ...],
    at: date | None,
    at_column: str | None,
    to: date,
    follow: str | None,
    locality_column: str | None,
    service_column: str | None,
    point_columns: tuple[str, str] | None,
    mappings: tuple[Path, ...],
    out: Path,
    unresolved: Path | None,
    replace: bool,
) -> int | None:
    from merger.recode import recode
    from merger.recode.knowledge import Knowledge

    chosen = tuple(Column.of(one) for one in columns)
    task = Task(chosen, _days(at, at_column, to), follow, locality_column, service_column, point_columns)
    knowledge = Knowledge(mappings, [one.kind for one in chosen])
    found = recode(source, task, knowledge, out, unresolved, replace=replace)
    show_table(
        _heads("column", "outcome", "reason", "rows"),
        [
            (
                one.column,
                text(f"cli.outcome.{one.outcome}"),
                reason_in_words(one.reason, "recode"),
                one.rows,
            )
            for one in found.counts
        ],
    )
    print(text("recode.done", rows=number(found.rows), unresolved=number(found.unresolved)))
    for file in (out, unresolved):
        if file is not None:
            note("written", file=file)
    return NEEDS_A_PERSON if found.unresolved else None


@command("vintage")
@_source()
@click.option("--column", "columns", multiple=True, required=True)
@mappings_option()
@json_option()
def vintage(source: Path, columns: tuple[str, ...], mappings: tuple[Path, ...], as_json: bool) -> int | None:
    from merger.recode import vintage
    from merger.recode.knowledge import Knowledge

    chosen = tuple(Column.of(one) for one in columns)
    if any(one.kind == "service" for one in chosen):
        raise click.UsageError(text("recode.service-timeless"))
    found = vintage(source, chosen, Knowledge(mappings, [one.kind for one in chosen]))
    if as_json:
        show_json({"columns": [_vintage_json(one) for one in found]})
    else:
        for one in found:
            _show_vintage(one)
    return None if all(one.together or not one.codes for one in found) else NEEDS_A_PERSON


@command("aggregate")
@_source()
@click.option("--unit", required=True)
@click.option("--sum", "sums", multiple=True)
@click.option("--rate", "rates", multiple=True)
@click.option("--weight", "weights", multiple=True)
@click.option("--by", multiple=True)
@click.option("--at", type=Day())
@click.option("--at-column")
@click.option("--to", type=Day(), required=True)
@click.option("--decimal", type=click.Choice(["point", "comma"]))
@follow_option()
@mappings_option()
@click.option("--out", required=True, type=click.Path(path_type=Path))
@replace_option()
def aggregate(
    source: Path,
    unit: str,
    sums: tuple[str, ...],
    rates: tuple[str, ...],
    weights: tuple[str, ...],
    by: tuple[str, ...],
    at: date | None,
    at_column: str | None,
    to: date,
    decimal: str | None,
    follow: str | None,
    mappings: tuple[Path, ...],
    out: Path,
    replace: bool,
) -> int | None:
    if len(rates) != len(weights):
        raise click.UsageError(text("recode.rate-needs-weight"))
    if not sums and not rates:
        raise click.UsageError(text("cli.usage.missing", name="--sum"))
    days = _days(at, at_column, to)
    from merger.recode import aggregate
    from merger.recode.aggregating import Rate, Statistics
    from merger.recode.knowledge import Knowledge

    column = Column.of(unit)
    averaged = tuple(Rate(*pair) for pair in zip(rates, weights, strict=True))
    asked = Statistics(column, sums, averaged, days, by, follow, decimal)
    found = aggregate(source, asked, Knowledge(mappings, [column.kind]), out, replace=replace)
    _show_totals(found)
    note("written", file=out)
    return NEEDS_A_PERSON if found.undivided else None


def _days(at: date | None, at_column: str | None, to: date) -> Days:
    if (at is None) == (at_column is None):
        raise click.UsageError(text("recode.one-day"))
    return Days(to, at, at_column)


def _heads(*names: str) -> list[str]:
    return [text(f"recode.head.{name}") for name in names]


def _show_totals(found: Restated) -> None:
    if found.totals:
        show_table(
            _heads("figure", "total", "estimated", "undivided"),
            [(one.name, *map(_figure, (one.total, one.estimated, one.undivided))) for one in found.totals],
        )
    fields = {"rows": found.rows, "units": found.units, "undivided": found.undivided}
    print(text("recode.restated", **{name: number(value) for name, value in fields.items()}))
    if found.repeated:
        print(text("recode.repeated", count=number(found.repeated)), file=sys.stderr)


def _figure(value: Fraction) -> int | str:
    """A total as it is: all of them are finite decimals."""
    if value.denominator == 1:
        return int(value)
    scale = next(scale for scale in range(1, 100) if (value * 10**scale).denominator == 1)
    whole = str(abs(int(value * 10**scale))).rjust(scale + 1, "0")
    return ("-" if value < 0 else "") + whole[:-scale] + "." + whole[-scale:]


def _show_vintage(found: Vintage) -> None:
    kind = text(f"recode.kind.{found.column.kind}")
    fields = {"rows": found.rows, "empty": found.empty, "codes": found.codes}
    shown = {name: number(value) for name, value in fields.items()}
    print(text("recode.column", column=found.column.name, kind=kind, **shown))
    if found.together:
        print("    " + text("recode.together", spans="; ".join(map(_span, found.together))))
    elif found.codes:
        print("    " + text("recode.never-together"))
        if found.most is not None:
            _show_most(found.most)
        for group in found.groups:
            _show_group("group", group)
    for key, group in (("unknown", found.unknown), ("never-valid", found.never)):
        if group.codes:
            _show_group(key, group)
    if found.unlisted:
        print("    " + text("recode.unlisted", rows=number(found.unlisted)))


def _show_most(most: Time) -> None:
    fields = {"codes": number(most.codes), "rows": number(most.rows)}
    print("    " + text("recode.most", spans=_span(most.span), **fields))


def _show_group(key: str, group: Group) -> None:
    codes = ", ".join(group.codes[:SHOWN]) + (", …" if len(group.codes) > SHOWN else "")
    spans = "; ".join(map(_span, group.spans))
    fields = {"count": number(len(group.codes)), "rows": number(group.rows), "codes": codes}
    print("    " + text(f"recode.{key}", spans=spans, **fields))


def _span(span: Span) -> str:
    if span.first and span.last:
        return text("recode.span.between", first=span.first, last=span.last)
    if span.first:
        return text("recode.span.since", first=span.first)
    return text("recode.span.until", last=span.last) if span.last else text("recode.span.always")


def _vintage_json(found: Vintage) -> dict[str, Any]:
    return {
        "column": found.column.name,
        "kind": found.column.kind,
        "rows": found.rows,
        "empty": found.empty,
        "codes": found.codes,
        "together": [_span_json(span) for span in found.together],
        "times": [{**_span_json(one.span), "codes": one.codes, "rows": one.rows} for one in found.times],
        "groups": [
            {**asdict(one), "spans": [_span_json(span) for span in one.spans]} for one in found.groups
        ],
        "unknown": {"codes": found.unknown.codes, "rows": found.unknown.rows},
        "unlisted": found.unlisted,
        "never": {"codes": found.never.codes, "rows": found.never.rows},
    }


def _span_json(span: Span) -> dict[str, str | None]:
    first, last = (day.isoformat() if day else None for day in (span.first, span.last))
    return {"first": first, "last": last}
