"""How much room copies of sources take on the local disk (`merger.systems.stores.copied`)."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import sqlalchemy as sa

from merger.systems.stores.copied import Tables, reading, source_of, split, there
from merger.systems.stores.urls import place_of

SAMPLE = 200
"""Rows of each table that are copied to see how wide its rows are."""
_TOLD = {
    "mysql": "SELECT data_length FROM information_schema.tables WHERE table_name = :name"
    " AND table_schema = coalesce(:schema, database()) AND row_format <> 'Compressed'"
}
"""How a dialect tells the bytes of a table's rows, without an index beside them; NULL of a view."""


@dataclass(frozen=True)
class Room:
    """Bytes that the copy of a source takes. `estimated`: of some tables more rows are there than were looked
    at, and the database does not tell their size."""

    size: int
    estimated: bool


def room_of(engine: sa.Engine, url: sa.URL, tables: Tables) -> Room:
    """The room for a copy of those tables that are there. The engine is disposed of.

    Raises as `copied.source_of` does.
    """
    size, estimated = 0, False
    for name, by in tables.items():
        told = _told(engine, url, name)
        if told is None:
            wide = _sampled(engine, url, name, by)
            rows = _rows(engine, url, name) if wide else 0
            size += ceil(wide * max(rows / SAMPLE, 1))
            estimated |= rows > SAMPLE
        else:
            size += told
    engine.dispose()
    return Room(size, estimated)


def temporary_folder() -> Path:
    """Where SQLite puts its temporary files: sqlite.org/tempfiles.html, section 5."""
    named = (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp")
    usable = (one for one in named if one and Path(one).is_dir() and os.access(one, os.W_OK | os.X_OK))
    return Path(next(usable, "."))


def _told(engine: sa.Engine, url: sa.URL, name: str) -> int | None:
    """The bytes of a table as the database tells them; None where it does not."""
    asked = _TOLD.get(engine.dialect.name)
    if asked is None:
        return None
    schema, table = split(name)
    with reading(place_of(url), name), engine.connect() as connection:
        found = connection.scalar(sa.text(asked), {"schema": schema, "name": table})
    return None if found is None else int(found)


def _sampled(engine: sa.Engine, url: sa.URL, name: str, by: Collection[str]) -> int:
    """The bytes that the first rows of a table take in a copy; 0 where there is no such table."""
    with source_of(engine, url, {name: by}, SAMPLE) as copy:
        if not copy.has_table(name):
            return 0
        pages, size = (
            int(copy.connection.exec_driver_sql(f"PRAGMA {copy.schema}.{word}").scalar_one())
            for word in ("page_count", "page_size")
        )
    return pages * size


def _rows(engine: sa.Engine, url: sa.URL, name: str) -> int:
    with reading(place_of(url), name), engine.connect() as connection:
        asked = sa.select(sa.func.count()).select_from(there(name, engine.dialect))
        return int(connection.execute(asked).scalar_one())
