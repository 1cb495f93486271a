"""Tables of databases as Parquet and back: every value with its kind, NULL apart from the empty text.

A column whose values are of one kind is staged as that type. A column with several kinds is staged as text,
beside it in a hidden column the kind of each value, so that a database gets back exactly what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from merger.errors import InputError
from merger.recode.model import HIDDEN, problem
from merger.recode.tables import staged
from merger.systems.tables import Cell, Field, Table

TYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "real": pl.Float64(),
    "text": pl.String(),
    "blob": pl.Binary(),
}
BACK: dict[str, Callable[[str], Cell]] = {
    "integer": int,
    "real": float,
    "text": str,
    "blob": bytes.fromhex,
}


def kinds_column(name: str) -> str:
    """The hidden column with the kinds of the values of a column of several kinds."""
    return f"{HIDDEN}kind {name}"


def stage(table: Table, folder: Path) -> tuple[pl.Schema, dict[str, str]]:
    """Writes the rows of a table to `folder` as Parquet; gives its columns and their declared types.

    Raises InputError for a table with more than one column of a name (as SQLite reads names).
    """
    with table.store.read(table.name) as (fields, batches):
        schema = _schema(fields)
        number = 0
        for rows in batches:
            _frame(fields, rows).write_parquet(staged(folder, number), compression="lz4")
            number += 1
        if not number:
            _frame(fields, []).write_parquet(staged(folder, number))
    return schema, {one.name: one.declared for one in fields}


def fields_of(schema: pl.Schema, declared: Mapping[str, str], place: str) -> list[Field]:
    """The columns of a new table. Raises InputError for types that no database takes unchanged, and for
    names that a database takes for one."""
    findings = [
        problem("no-database-type", place, name=name, type=kind)
        for name, kind in schema.items()
        if name not in declared and _declared(kind) is None
    ]
    lower = [name.lower() for name in schema]
    findings += [
        problem("column-taken", place, name=name)
        for number, name in enumerate(schema)
        if name.lower() in lower[:number]
    ]
    if findings:
        raise InputError(findings)
    return [
        Field(name, declared[name] if name in declared else _declared(kind) or "")
        for name, kind in schema.items()
    ]


def cells(rows: pl.DataFrame, names: Sequence[str], place: str) -> list[tuple[Cell, ...]]:
    """The rows of a batch as a database takes them. Raises InputError for a value that it would change."""
    columns = [_column(rows, name, place) for name in names]
    return list(zip(*columns, strict=True)) if columns else []


def _schema(fields: Sequence[Field]) -> pl.Schema:
    return pl.Schema({one.name: _type(one) for one in fields})


def _type(field: Field) -> pl.DataType:
    if len(field.kinds) > 1:
        return pl.String()
    return TYPES[next(iter(field.kinds), "text")]


def _frame(fields: Sequence[Field], rows: Sequence[Sequence[Cell]]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    found: list[pl.Series] = []
    for field, values in zip(fields, columns, strict=True):
        if len(field.kinds) > 1:
            found.append(pl.Series(field.name, list(map(_written, values)), pl.String))
            found.append(pl.Series(kinds_column(field.name), list(map(_kind, values)), pl.String))
        else:
            found.append(pl.Series(field.name, values, _type(field)))
    return pl.DataFrame(found)


def _written(value: Cell) -> str | None:
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes) else str(value)


def _kind(value: Cell) -> str | None:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bytes):
        return "blob"
    return "real" if isinstance(value, float) else None if value is None else "integer"


def _declared(kind: pl.DataType) -> str | None:
    """What a column of a Polars type is declared as; None for types whose values a database would change."""
    if kind.is_integer():
        return "INTEGER"
    if kind.is_float():
        return "REAL"
    if kind == pl.Boolean:
        return "BOOLEAN"
    if kind == pl.Binary:
        return "BLOB"
    if kind in (pl.String, pl.Categorical, pl.Enum, pl.Null, pl.Date, pl.Time) or kind.is_decimal():
        return "TEXT"
    return "TEXT" if kind == pl.Datetime else None


def _column(rows: pl.DataFrame, name: str, place: str) -> Iterator[Cell]:
    values = rows[name]
    kinds = kinds_column(name)
    if kinds in rows.columns:
        pairs = zip(values.to_list(), rows[kinds].to_list(), strict=True)
        return iter([None if value is None else BACK[kind](value) for value, kind in pairs])
    if values.dtype.is_integer():
        try:
            values = values.cast(pl.Int64)
        except pl.exceptions.InvalidOperationError:
            raise InputError([problem("no-database-value", place, name=name)]) from None
    elif values.dtype.is_float():
        if values.is_nan().any():
            raise InputError([problem("no-database-value", place, name=name)])
    elif values.dtype == pl.Boolean:
        values = values.cast(pl.Int8)
    elif values.dtype not in (pl.String, pl.Binary):
        values = values.cast(pl.String)
    return iter(values.to_list())
