"""Tables of SQLite databases, read and written whole."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from merger.errors import Refused
from merger.systems.stores.failures import NOT_UTF_8, failure_of
from merger.systems.stores.sqlite_files import WAIT_MS, has_journal
from merger.systems.tables import Batches, Cell, Field

BATCH = 20_000
AT_ONCE = 100
"""Rows read at a time; columns looked at in one statement."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*(\( *[+-]?[0-9]+ *(, *[+-]?[0-9]+ *)?\))?")


class SQLiteStore:
    """A SQLite database file. Reading opens it with `mode=ro`."""

    def __init__(self, path: Path) -> None:
        self.place = path.resolve()

    def has(self, table: str) -> bool:
        """Whether there is a table (or a view) of this name."""
        with self._opened("ro") as connection:
            return _has(connection, table)

    def declared(self, table: str) -> dict[str, str]:
        """The columns of a table and their declared types; empty where there is no table."""
        with self._opened("ro") as connection:
            return dict(_declared(connection, table))

    def distinct(self, table: str, column: str) -> list[Cell]:
        """The different values of a column."""
        with self._opened("ro") as connection:
            asked = f"SELECT DISTINCT {quoted(column)} FROM {quoted(table)}"
            return [value for (value,) in connection.execute(asked)]

    @contextmanager
    def read(self, table: str) -> Iterator[tuple[list[Field], Batches]]:
        """Columns and rows, `BATCH` at a time, of one moment: what others write meanwhile is not seen."""
        with self._opened("ro") as connection:
            connection.execute("BEGIN")
            if not _has(connection, table):
                raise Refused("systems.no-table", table=table, path=self.place)
            fields = _fields(connection, table)
            cursor = connection.execute(f"SELECT {_names(fields)} FROM {quoted(table)}")
            yield fields, _batches(cursor)

    @contextmanager
    def writing(self) -> Iterator[SQLiteWriter]:
        """One transaction; an error takes back all of it."""
        with self._opened("rw") as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield SQLiteWriter(connection, self.place)
            connection.execute("COMMIT")

    @contextmanager
    def _opened(self, mode: str) -> Iterator[sqlite3.Connection]:
        if not self.place.is_file():
            raise Refused("systems.no-database", path=self.place)
        uri = f"file:{quote(str(self.place))}?mode={mode}"
        try:
            with closing(
                sqlite3.connect(uri, uri=True, timeout=WAIT_MS / 1000, isolation_level=None)
            ) as connection:
                yield connection
        except sqlite3.Error as error:
            self._tell(error, mode)

    def _tell(self, error: sqlite3.Error, mode: str) -> None:
        """Raises what an error of the driver means; its own text may quote values."""
        failed = failure_of(error)
        half_written = mode == "ro" and has_journal(self.place)
        if half_written and (failed is None or failed.key != NOT_UTF_8):
            raise Refused("systems.half-written", path=self.place) from None
        if failed is not None:
            raise failed from None
        raise Refused("systems.table-fails", path=self.place, why=type(error).__name__) from None


class SQLiteWriter:
    """Makes tables within the transaction of a connection."""

    def __init__(self, connection: sqlite3.Connection, place: Path) -> None:
        self._connection = connection
        self._place = place

    def create(
        self, table: str, fields: Sequence[Field], rows: Iterable[Sequence[Sequence[Cell]]], *, replace: bool
    ) -> None:
        """Makes a table with these columns, without keys, and fills it."""
        if _has(self._connection, table):
            if not (replace and _is_table(self._connection, table)):
                raise Refused("systems.table-there", table=table, path=self._place)
            self._connection.execute(f"DROP TABLE {quoted(table)}")
        columns = ", ".join(f"{quoted(one.name)} {_type(one)}".rstrip() for one in fields)
        self._connection.execute(f"CREATE TABLE {quoted(table)} ({columns})")
        places = ", ".join("?" * len(fields))
        statement = f"INSERT INTO {quoted(table)} VALUES ({places})"
        for some in rows:
            self._connection.executemany(statement, some)


def _has(connection: sqlite3.Connection, table: str) -> bool:
    asked = "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE"
    return connection.execute(asked, (table,)).fetchone() is not None


def _is_table(connection: sqlite3.Connection, table: str) -> bool:
    asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE"
    return connection.execute(asked, (table,)).fetchone() is not None


def _fields(connection: sqlite3.Connection, table: str) -> list[Field]:
    """The columns of a table, computed ones too; hidden ones of virtual tables are none."""
    fields = [Field(name, declared) for name, declared in _declared(connection, table)]
    return [
        one
        for at in range(0, len(fields), AT_ONCE)
        for one in _seen(connection, table, fields[at : at + AT_ONCE])
    ]


def _declared(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    info = connection.execute("SELECT name, type, hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
    return [(name, declared) for name, declared, hidden in info if hidden != 1]


def _seen(connection: sqlite3.Connection, table: str, fields: Sequence[Field]) -> list[Field]:
    """The columns with the kinds of values that are in them, of several the first and last by name."""
    kinds = [f"nullif(typeof({quoted(one.name)}), 'null')" for one in fields]
    asked = ", ".join(f"min({kind}), max({kind})" for kind in kinds)
    seen = iter(connection.execute(f"SELECT {asked} FROM {quoted(table)}").fetchone())
    pairs = ((next(seen), next(seen)) for _ in fields)
    return [
        Field(one.name, one.declared, frozenset(kind for kind in pair if kind is not None))
        for one, pair in zip(fields, pairs, strict=True)
    ]


def _type(field: Field) -> str:
    """The declared type, where it is no more than a name with sizes."""
    return field.declared if _PLAIN.fullmatch(field.declared) else ""


def _batches(cursor: sqlite3.Cursor) -> Batches:
    while rows := cursor.fetchmany(BATCH):
        yield rows


def _names(fields: Sequence[Field]) -> str:
    return ", ".join(quoted(one.name) for one in fields)


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
