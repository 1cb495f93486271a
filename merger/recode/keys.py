"""What of a row decides its answer: code, span of days, and evidence, as Polars expressions."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from merger.errors import InputError
from merger.recode.knowledge import DAY_MISSING, DAY_UNREADABLE
from merger.recode.model import HIDDEN, Days, problem
from merger.recode.tables import Table

CODE = f"{HIDDEN}code"
SPAN = f"{HIDDEN}span"
LOCALITY = f"{HIDDEN}locality"
SERVICE = f"{HIDDEN}service"
POINT = f"{HIDDEN}point"

_DAY = r"^\s*(\d{4}-\d{2}-\d{2})(?:[T ].*)?$"


def text_key(table: Table, name: str, key: str) -> pl.Expr:
    """A column as text; null is empty. Raises InputError for a column that cannot hold codes."""
    kind = table.schema[name]
    if not (kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum, pl.Null)):
        raise InputError([problem("no-codes", str(table.path), name=name, type=kind)])
    column = pl.col(name) if kind == pl.String else pl.col(name).cast(pl.String)
    return column.fill_null("").alias(key)


def point_key(table: Table, names: tuple[str, str]) -> pl.Expr:
    """Latitude and longitude as one text, `LAT;LON`; empty where one is missing.

    Raises InputError for columns that hold neither numbers nor text.
    """
    for name in names:
        kind = table.schema[name]
        if not (kind.is_numeric() or kind in (pl.String, pl.Null)):
            raise InputError([problem("no-degrees", str(table.path), name=name, type=kind)])
    cells = [pl.col(name).cast(pl.String) for name in names]
    return pl.concat_str(cells, separator=";").fill_null("").alias(POINT)


def span_key(table: Table, days: Days, changes: Sequence[date]) -> pl.Expr:
    """The number of the span between changes in which the row's day lies, or why there is none.

    A day is a date, a time (its day, in its own zone), or text that begins with `YYYY-MM-DD`.
    """
    if days.at_column is None:
        assert days.at is not None
        return pl.lit(sum(change <= days.at for change in changes), pl.Int32).alias(SPAN)
    kind = table.schema[days.at_column]
    column = pl.col(days.at_column)
    if kind in (pl.Categorical, pl.Enum):
        kind, column = pl.String(), column.cast(pl.String)
    if kind == pl.String:
        day = column.str.extract(_DAY, 1).str.to_date("%Y-%m-%d", strict=False)
        missing = column.is_null() | (column.str.strip_chars() == "")
    elif kind in (pl.Date, pl.Datetime, pl.Null):
        day, missing = column.cast(pl.Date), column.is_null()
    else:
        raise InputError([problem("no-days", str(table.path), name=days.at_column, type=kind)])
    begins = pl.Series(list(changes), dtype=pl.Date)

    def number(found: pl.Series) -> pl.Series:
        return begins.search_sorted(found, side="right").cast(pl.Int32)

    span = day.map_batches(number, return_dtype=pl.Int32, is_elementwise=True)
    return (
        pl.when(missing)
        .then(pl.lit(DAY_MISSING, pl.Int32))
        .when(day.is_null())
        .then(pl.lit(DAY_UNREADABLE, pl.Int32))
        .otherwise(span)
        .alias(SPAN)
    )
