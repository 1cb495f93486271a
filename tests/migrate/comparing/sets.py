"""Sets of rows for these tests: a table `rows(key, name, place)` in a database of its own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from merger.migrate.comparing import RowSet
from merger.systems import functions
from merger.systems.kinds import Kind
from merger.systems.stores.sqlite_files import connected

Row = tuple[str | None, str | None, str | None]


def table(name: str, schema: str | None = None) -> sa.Table:
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("key", sa.String(40)),
        sa.Column("name", sa.Text),
        sa.Column("place", sa.String(200)),
        schema=schema,
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
    )


def rowset(
    connection: sa.Connection, name: str = "rows", buckets: int = 3, schema: str | None = None
) -> RowSet:
    rows = table(name, schema).c
    return RowSet(
        connection,
        sa.select(
            rows.key,
            functions.bucket(rows.key, Kind.TEXT, buckets).label("bucket"),
            functions.row_hash([rows.key, rows.name, rows.place]).label("hash"),
            rows.name,
            rows.place,
        ),
    )


def fill(connection: sa.Connection, rows: Iterable[Row], name: str = "rows") -> None:
    table(name).create(connection)
    given = [dict(zip(("key", "name", "place"), row, strict=True)) for row in rows]
    if given:
        connection.execute(sa.insert(table(name)), given)


@contextmanager
def database(rows: Iterable[Row] = ()) -> Iterator[sa.Connection]:
    """A SQLite database in memory with the rows."""
    connection, close = connected()
    try:
        fill(connection, rows)
        yield connection
    finally:
        close()
