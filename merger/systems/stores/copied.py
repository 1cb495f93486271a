"""Sources of every other kind that SQLAlchemy speaks: read once into a private SQLite database, then closed.

The copy is a temporary database of SQLite's: a file of mode 0600 that has no name from its beginning on, so
that nothing is left behind when the store is closed or the process ends, however it does. Everything that is
asked of the source is asked of the copy. MySQL is one of these too: its words, its collations and its way of
writing documents are not MariaDB's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.column_kinds import kind_of
from merger.systems.kinds import Kind
from merger.systems.stores.carried import TYPES, WHOLE, Stored, asked, carried, declared, stored
from merger.systems.stores.columns import Column
from merger.systems.stores.failures import NOT_UTF_8, DatabaseFailed, failure_of, told
from merger.systems.stores.once import once
from merger.systems.stores.sqlite import SOURCE, SQLiteSource
from merger.systems.stores.sqlite_files import connected, raw_of
from merger.systems.stores.urls import place_of
from merger.systems.widths import width_of

Tables = Mapping[str, Collection[str]]
"""The tables that are read, each with the columns that rows are looked up by."""
ROWS = 200
"""Rows that are in memory at a time."""
LARGE_ROWS = 2
"""The same of a table with a column of bytes, which may hold files."""
PAGES_KB = 16 * 1024
_LEVELS = {"mysql": ("REPEATABLE READ",)}
_STRICTEST = ("SNAPSHOT", "SERIALIZABLE", "REPEATABLE READ")
"""Isolation levels, the best first: SQL Server's SERIALIZABLE lets nobody write meanwhile, its SNAPSHOT does.
MySQL's SERIALIZABLE locks the rows that it reads, and REPEATABLE READ is one view already."""
_IN_UTC = {"mysql": "SET time_zone = '+00:00'", "oracle": ""}
"""The dialects whose drivers give moments in UTC without saying so, and what makes them."""


class CopiedSource(SQLiteSource):
    """A private copy of a source. `place` and `url` are the source's own."""

    def __init__(
        self,
        url: sa.URL,
        connection: sa.Connection,
        read: Mapping[str, _Table],
        isolation: str,
        close: Callable[[], None],
    ) -> None:
        super().__init__(url, connection, "sqlite", SOURCE, close)
        self._read = read
        self.isolation = isolation
        self.held = False
        """Whether it outlives `close`, until whoever holds it lets go."""

    def close(self) -> None:
        if not self.held:
            super().close()

    def primary_key(self, table: str) -> tuple[str, ...]:
        return self._read[table].key

    def uncarried(self, table: str) -> Mapping[str, str]:
        return self._read[table].uncarried if table in self._read else {}

    def apart(self) -> None:
        """No other process can open the copy."""
        return

    def _reflected(self, table: str) -> list[Column]:
        return self._read[table].columns if table in self._read else []


@dataclass(frozen=True)
class _Table:
    """A table of the source: its columns as the copy has them, their kinds in the source, what is selected of
    them, their types in the copy, the primary key, the references (columns, other table, its columns), and
    the types of the columns that are left out, whose values cannot be carried."""

    columns: list[Column]
    kinds: list[Kind]
    selected: list[sa.ColumnElement[Any]]
    types: list[str]
    key: tuple[str, ...]
    foreign: Sequence[tuple[Sequence[str], str, Sequence[str]]]
    uncarried: dict[str, str]


def source_of(engine: sa.Engine, url: sa.URL, tables: Tables | None, rows: int | None) -> CopiedSource:
    """A copy of a source's tables: of those that are there, and of all where `tables` is None; `rows`: how
    many of each are enough, None for all. Only a whole one is kept by `read_once`: what is asked for a few
    rows, or none, is how the source is now. The engine is disposed of.

    Raises Refused where the database does not let itself be read, or holds what cannot be carried.
    """
    try:
        if rows is not None:
            return _copied(engine, url, tables, rows)
        wanted = None if tables is None else tuple(sorted((one, *sorted(by)) for one, by in tables.items()))
        return once((url, wanted), lambda: _copied(engine, url, tables, None))
    finally:
        engine.dispose()


def _copied(engine: sa.Engine, url: sa.URL, tables: Tables | None, rows: int | None) -> CopiedSource:
    place = place_of(url)
    isolation = ""
    with ExitStack() as failing:
        connection, close = connected()
        failing.callback(close)
        connection.exec_driver_sql(f"ATTACH DATABASE '' AS {SOURCE}")
        connection.exec_driver_sql(f"PRAGMA {SOURCE}.cache_size = {-PAGES_KB}")
        connection.exec_driver_sql(f"PRAGMA {SOURCE}.journal_mode = OFF")
        with reading(place, ""), engine.connect() as looking:
            inspector = sa.inspect(looking)
            names = list(tables) if tables is not None else inspector.get_table_names()
            seen = {
                name: _table(inspector, engine.dialect, name, references=tables is None) for name in names
            }
        found = {name: one for name, one in seen.items() if one is not None}
        _require_apart(place, found)
        if found:
            with reading(place, ""):
                reader, isolation = _reader(engine, next(iter(found)))
                failing.enter_context(reader)
            for name, table in found.items():
                _copy(raw_of(connection), reader, place, name, table, rows)
                _index(raw_of(connection), name, table, (tables or {}).get(name, table.key))
            reader.close()
        failing.pop_all()
    return CopiedSource(url, connection, found, isolation, close)


def _table(inspector: sa.Inspector, dialect: sa.Dialect, name: str, *, references: bool) -> _Table | None:
    """A table of the source; None where there is none of this name."""
    schema, table = split(name)
    try:
        known = inspector.get_columns(table, schema=schema)
    except sa.exc.NoSuchTableError:
        return None
    columns, kinds, selected, types, uncarried = [], [], [], [], {}
    for one in known:
        type_ = one["type"]
        said = _said(type_, dialect)
        kind = carried(type_, dialect.name)
        if kind is None:
            uncarried[one["name"]] = said
            continue
        into = declared(type_, kind, dialect.name)
        kinds.append(kind)
        selected.append(asked(_exactly(one["name"], dialect), kind, dialect.name))
        types.append(into)
        columns.append(
            Column(
                one["name"], TYPES[into], said,
                kind if kind is Kind.BYTES else kind_of(TYPES[into], "sqlite"),
                width_of(said), one["nullable"], one.get("default"),
            )
        )  # fmt: skip
    key = tuple(inspector.get_pk_constraint(table, schema=schema)["constrained_columns"])
    foreign = [
        (one["constrained_columns"], one["referred_table"], one["referred_columns"])
        for one in (inspector.get_foreign_keys(table, schema=schema) if references else ())
    ]
    return _Table(columns, kinds, selected, types, key, foreign, uncarried)


def split(name: str) -> tuple[str | None, str]:
    """Schema and table of a name as a profile writes it."""
    schema, _, table = name.rpartition(".")
    return schema or None, table


def there(name: str, dialect: sa.Dialect) -> sa.TableClause:
    """A table of the source, for statements, by its name as a profile writes it."""
    schema, table = split(name)
    return sa.table(_exactly(table, dialect), schema=_exactly(schema, dialect) if schema else None)


def _exactly(name: str, dialect: sa.Dialect) -> str:
    """A name to be quoted, so that none is taken for a word of SQL. Where SQLAlchemy writes in small letters
    what the database has in capitals, as of Oracle, it knows best itself."""
    return name if dialect.requires_name_normalize else sa.quoted_name(name, True)


def _said(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """A type in the database's words, as far as SQLAlchemy knows them."""
    try:
        return str(type_.compile(dialect))
    except sa.exc.SQLAlchemyError:
        return type(type_).__name__


def _require_apart(place: str, found: Mapping[str, _Table]) -> None:
    """Raises Refused where names differ in capitals only, which SQLite takes for one."""
    for names in (list(found), *([one.name for one in table.columns] for table in found.values())):
        if len({one.lower() for one in names}) < len(names):
            twice = sorted(one for one in names if [other.lower() for other in names].count(one.lower()) > 1)
            raise Refused("systems.not-copied-names", database=place, names=", ".join(twice))


def _reader(engine: sa.Engine, table: str) -> tuple[sa.Connection, str]:
    """A connection in one transaction of the strictest isolation that the database lets this account have:
    a database may refuse a level only when a table is read. And that level; empty where nothing tells it."""
    look = sa.select(sa.literal(1)).select_from(there(table, engine.dialect)).limit(1)
    # levels are set over the driver, whose errors then come as they are
    refused = (sa.exc.DBAPIError, engine.dialect.loaded_dbapi.Error)
    for level in (*levels_of(engine), None):
        connection = engine.connect()
        try:
            if level is not None:
                connection = connection.execution_options(isolation_level=level)
            if setting := _IN_UTC.get(engine.dialect.name):
                connection.exec_driver_sql(setting)
            connection.execute(look).all()
        except refused as error:
            with suppress(*refused):
                connection.close()
            if level is None or getattr(error, "connection_invalidated", False):
                raise
        else:
            break
    return connection, level or engine.dialect.default_isolation_level or ""


def levels_of(engine: sa.Engine) -> list[str]:
    """The levels that are tried, the best first."""
    with engine.connect() as connection, suppress(NotImplementedError):
        driver = connection.connection.dbapi_connection
        assert driver is not None
        known = engine.dialect.get_isolation_level_values(driver)
        return [one for one in _LEVELS.get(engine.dialect.name, _STRICTEST) if one in known]
    return []


def _copy(
    into: sqlite3.Connection, reader: sa.Connection, place: str, name: str, table: _Table, rows: int | None
) -> None:
    into.execute(_made(name, table))
    if not table.columns:
        return
    select = sa.select(*table.selected).select_from(there(name, reader.dialect)).limit(rows)
    places = ", ".join("?" * len(table.columns))
    statement = f"INSERT INTO {SOURCE}.{_quoted(name)} VALUES ({places})"
    zone = UTC if reader.dialect.name in _IN_UTC else None
    taken = [
        partial(_stored, place, name, column, kind, zone)
        for column, kind in zip(table.columns, table.kinds, strict=True)
    ]
    into.execute("BEGIN")
    at_once = LARGE_ROWS if Kind.BYTES in table.kinds else ROWS
    streamed = select.execution_options(stream_results=True, max_row_buffer=at_once)
    with reading(place, name), reader.execute(streamed) as result:
        for part in result.partitions(at_once):
            lines = [[take(value) for take, value in zip(taken, row, strict=True)] for row in part]
            try:
                with told():
                    into.executemany(statement, lines)
            except UnicodeEncodeError:
                raise DatabaseFailed(NOT_UTF_8) from None
    with told():
        into.execute("COMMIT")


def _stored(place: str, table: str, column: Column, kind: Kind, zone: Any, value: object) -> Stored:
    try:
        return stored(value, kind, zone)
    except TypeError as error:
        raise Refused(
            "systems.not-carried", database=place, table=table, column=column.name,
            type=f"{column.declared}: {error}",
        ) from None  # fmt: skip


def _made(name: str, table: _Table) -> str:
    """The statement that makes the copy of a table."""
    parts = [
        f"{_quoted(one.name)} {type_}{' PRIMARY KEY' if _is_rowid(table, one.name) else ''}"
        for one, type_ in zip(table.columns, table.types, strict=True)
    ] or ["nothing"]
    names = {one.name for one in table.columns}
    for columns, other, others in table.foreign:
        if names.issuperset(columns):
            parts.append(f"FOREIGN KEY ({_list(columns)}) REFERENCES {_quoted(other)} ({_list(others)})")
    return f"CREATE TABLE {SOURCE}.{_quoted(name)} ({', '.join(parts)})"


def _index(into: sqlite3.Connection, name: str, table: _Table, by: Collection[str]) -> None:
    """Lets rows be looked up by columns."""
    for column in {one.name for one in table.columns}.intersection(by):
        if not _is_rowid(table, column):
            index = _quoted(f"{name} by {column}")
            with told():
                into.execute(f"CREATE INDEX {SOURCE}.{index} ON {_quoted(name)} ({_quoted(column)})")


def _is_rowid(table: _Table, column: str) -> bool:
    types = {one.name: type_ for one, type_ in zip(table.columns, table.types, strict=True)}
    return table.key == (column,) and types[column] == WHOLE


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def reading(place: str, table: str) -> Iterator[None]:
    """Raises DatabaseFailed or Refused for what a driver says within the block, without its words, which may
    hold values."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        failed = failure_of(error)
        if failed is not None:
            raise failed from None
        why = _why(getattr(error, "orig", None) or error)
        raise Refused("systems.not-copied", database=place, table=table or "–", why=why) from None


def _why(error: BaseException) -> str:
    """The class of a driver's error, with its code where it has one."""
    first = error.args[0] if error.args else ""
    code = getattr(first, "full_code", first if isinstance(first, int) else "")
    if isinstance(first, str) and len(first) == 5 and first.isalnum():  # SQLSTATE, as ODBC gives it
        code = first
    return f"{type(error).__name__} {code}".strip()
