"""Spoils cells of a platform behind the toolkit's back, and puts them back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from merger.testing.pairs.made import MOVE
from merger.testing.pairs.tables import PLATFORM, dialect_of, read, read_natively
from merger.testing.pairs.world import GOES_TO, KNOWN_BY, World, made

REFERENCES = ("applicantId", "dossierId")
NOT_MOVED = ("id", "remark")
"""The platform's columns that a run does not fill, or that say which row it is."""


@dataclass(frozen=True)
class Cell:
    """One cell of the platform that a run filled. `system`, `dataset`, `key`: its row in the source; `id`:
    its row in the platform's table; `value`: what it holds; `native`: the same as the driver tells it."""

    system: str
    dataset: str
    key: str
    table: str
    id: Any
    column: str
    value: Any
    native: Any


def cells(world: World) -> Iterator[Cell]:
    """Every cell that the first run filled, after it."""
    engine = world.engine("platform")
    with engine.connect() as connection:
        there = {
            name: {
                row[KNOWN_BY[name]]: (row, native)
                for row, native in zip(read(connection, table), read_natively(connection, table), strict=True)
            }
            for name, table in PLATFORM.items()
        }
    engine.dispose()
    for (system, dataset), rows in made().items():
        name = GOES_TO[dataset]
        for one in rows:
            if one.fate == MOVE:
                row, native = there[name][one.becomes[KNOWN_BY[name]]]
                for column, value in row.items():
                    if column not in NOT_MOVED:
                        yield Cell(
                            system, dataset, one.key, name, native["id"], column, value, native[column]
                        )


def of_every_column(every: Iterable[Cell]) -> list[Cell]:
    """One cell of every column, each in a row of its own, with a value if any row has one."""
    out: dict[tuple[str, str], Cell] = {}
    rows: set[tuple[str, Any]] = set()
    for cell in every:
        where = (cell.table, cell.column)
        if cell.value is not None and where not in out and (cell.table, cell.id) not in rows:
            out[where] = cell
            rows.add((cell.table, cell.id))
    return list(out.values())


def spoil(world: World, wanted: Iterable[Cell]) -> None:
    """Writes another value into cells of the platform."""
    write(world, ((cell, other(cell), True) for cell in wanted))


def put_back(world: World, spoilt: Iterable[Cell]) -> None:
    """Writes into cells of the platform what they held."""
    write(world, ((cell, cell.native, False) for cell in spoilt))


def write(world: World, written: Iterable[tuple[Cell, Any, bool]]) -> None:
    """Writes values into cells of the platform: as programs have them (`True`) or as the driver tells."""
    engine = world.engine("platform")
    dialect = dialect_of(engine)
    with engine.begin() as connection:
        for cell, value, new in written:
            table = PLATFORM[cell.table]
            clause = table.clause()
            taken = table.taken({cell.column: value}, dialect) if new else {cell.column: value}
            done = connection.execute(sa.update(clause).values(taken).where(clause.c.id == cell.id))
            if done.rowcount != 1:
                raise ValueError(f"{cell.table}: {done.rowcount} rows have the key {cell.id}")
    engine.dispose()


def other(cell: Cell) -> Any:
    """A value that the cell's column takes and that is not what it holds, often only a little."""
    if cell.column in REFERENCES:
        return 1 if cell.column == "applicantId" else 7
    match value := cell.value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1 if value < 2**62 else value - 1
        case float():
            return value * 2 or 1.0
        case datetime():
            return value + timedelta(microseconds=1)
        case date():
            return value + timedelta(days=1)
        case bytes():
            return value + b"\0"
        case UUID():
            return UUID(int=value.int ^ 1)
        case str():
            return f"{value} "
        case _:
            return {"other": value}
