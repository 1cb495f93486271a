"""SQLite's stores: one connection to which source and target are attached.

The connection's own database is in memory and stays empty; what is scratch lives in `temp` (on disk). A
source is attached as `src`, read-only (`mode=ro`; never `immutable=1`, which loses rows that are still in the
write-ahead log); a target as `tgt`, read-only unless it is to be written. A source and a target may share one
connection (`open_pair`): only the target's file is ever changed, so a transaction is atomic.
"""

from __future__ import annotations

import pickle
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from merger.errors import Refused
from merger.systems.column_kinds import kind_of
from merger.systems.functions import exact
from merger.systems.kinds import Kind
from merger.systems.sqlite_functions import register
from merger.systems.sqlite_literals import kept, take
from merger.systems.stores.apart import asked_apart
from merger.systems.stores.base import (
    WAIT_S,
    Column,
    Landing,
    Plain,
    Select,
    SourceStore,
    Store,
    TargetStore,
    kind_in,
)
from merger.systems.stores.failures import DatabaseFailed, tell_failures, told
from merger.systems.stores.joined import joined_lines, joined_select
from merger.systems.stores.lines import COLUMN, NOTHING, bytes_of, rows_of
from merger.systems.stores.rendered import let_render, rendered
from merger.systems.stores.urls import file_of
from merger.systems.widths import width_of

SOURCE = "src"
TARGET = "tgt"
TEMP = "temp"
WAIT_MS = WAIT_S * 1000
PAGES_KB = 48 * 1024
"""Kilobytes of a written target's pages that are kept until a batch ends, so that none is written twice."""
SCRATCH_KB = 16 * 1024
"""Kilobytes of scratch tables that are kept in memory."""
WORTH_HALVES = 200_000
"""From so many rows on, half of them are better counted by another process."""
_TYPES: dict[Plain, str] = {"text": "TEXT", "integer": "INTEGER", "bytes": "BLOB"}
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*(\( *[+-]?[0-9]+ *(, *[+-]?[0-9]+ *)?\))?")


class _SQLite(Store):
    """What sources and targets have in common."""

    def literals(
        self,
        name: str,
        columns: Mapping[str, Plain],
        rows: Iterable[Sequence[object]],
        key: Sequence[str] = (),
    ) -> sa.FromClause:
        declared = ", ".join(f"{self.quoted(one)} {_TYPES[kind]}" for one, kind in columns.items())
        self._make(name, declared)
        places = ", ".join("?" * len(columns))
        table = f"{TEMP}.{self.quoted(name)}"
        with told():
            raw_of(self.connection).executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        if key:
            names = ", ".join(self.quoted(one) for one in key)
            index = f"{TEMP}.{self.quoted(name + '_key')}"
            self.run(f"CREATE INDEX {index} ON {self.quoted(name)} ({names})")
        types: dict[Plain, type[sa.types.TypeEngine[Any]]] = {
            "text": sa.Text, "integer": sa.BigInteger, "bytes": sa.LargeBinary,
        }  # fmt: skip
        return sa.table(name, *[sa.column(one, types[kind]()) for one, kind in columns.items()], schema=TEMP)

    def kept_literals(self) -> bytes | None:
        with told():
            return kept(raw_of(self.connection))

    def take_literals(self, kept: bytes) -> None:
        with told():
            take(raw_of(self.connection), kept)

    def lines(self, select: Select, params: Mapping[str, object] | None = None) -> Iterator[bytes]:
        statement, values = rendered(self.connection, joined_select(select, _joined), params)
        with told(), closing(raw_of(self.connection).cursor()) as cursor:
            cursor.execute(statement, values)
            yield from joined_lines(cursor, len(select.selected_columns))

    def keeps_key(self, table: str, key: tuple[str, ...]) -> bool:
        """Only of a key that is the row's number: others may be NULL, or `1` beside `'1'`."""
        asked = sa.text(
            "SELECT name, upper(type) = 'INTEGER' AND NOT EXISTS"
            " (SELECT 1 FROM pragma_index_list(:table, :schema) WHERE origin = 'pk')"
            " FROM pragma_table_xinfo(:table, :schema) WHERE pk > 0"
        )
        found = self.connection.execute(asked, {"table": table, "schema": self.schema}).all()
        return len(found) == 1 and (found[0][0],) == key and bool(found[0][1])

    def collations(self, table: str, columns: Sequence[str]) -> dict[str, str]:
        asked = sa.text(
            "SELECT each.name, info.name, upper(info.coll) FROM pragma_index_list(:table, :schema) each"
            " JOIN pragma_index_xinfo(each.name, :schema) info ON info.key"
            ' WHERE each."unique" AND NOT each.partial'
        )
        indexes: dict[str, dict[str, str]] = {}
        for index, name, by in self.connection.execute(asked, {"table": table, "schema": self.schema}):
            indexes.setdefault(index, {})[name] = by
        return {
            name: by
            for index in indexes.values()
            if set(index) == set(columns)
            for name, by in index.items()
            if by in ("NOCASE", "RTRIM")
        }

    def tally(
        self, select: sa.Select[*tuple[Any, ...]], half: sa.ColumnElement[bool] | None = None
    ) -> list[tuple[Any, ...]]:
        """Counted by a function: SQLite would sort all rows to group them, and fetching them takes half as
        long again."""
        apart = None if half is None else self.apart()
        if half is None or apart is None:
            return _counted(self._rows(_tallied(select)))
        others = _tallied(select.where(sa.not_(half)))
        with ThreadPoolExecutor(1, "tally") as pool:
            coming = pool.submit(apart(others))
            here = self._rows(_tallied(select.where(half)))
            there = coming.result()
        return _counted(here, self._rows(others) if there is None else there)

    def distinct(self, select: sa.Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """In two thirds of the time of `tally`."""
        asked = sa.select(*[exact(one) for one in select.subquery("rows").c]).distinct()
        with told():
            return [tuple(one) for one in self.connection.execute(asked)]

    def half(
        self, table: str, names: tuple[str, ...], key: sa.ColumnElement[Any]
    ) -> sa.ColumnElement[bool] | None:
        """By the middle of the numbers that rows have."""
        if not isinstance(key.type, sa.Integer) or not self.keeps_key(table, names):
            return None
        own = self.table(table).c[names[0]]
        ends = [sa.select(end(own)).scalar_subquery() for end in (sa.func.min, sa.func.max)]
        first, last = self.connection.execute(sa.select(*ends)).one()
        return None if first is None or last - first < WORTH_HALVES else key <= (first + last) // 2

    def _rows(self, select: sa.Select[tuple[bytes | None]]) -> list[tuple[Any, ...]]:
        with told():
            return [tuple(one) for one in self.connection.execute(select)]

    def apart(self) -> Callable[[sa.Select[Any]], Callable[[], list[tuple[Any, ...]] | None]] | None:
        """Not of a file with a write-ahead log, whose readers may see different states."""
        asked = f"PRAGMA {self.schema}.journal_mode"
        if (
            self.connection.exec_driver_sql(asked).scalar() == "wal"
            or not raw_of(self.connection).in_transaction
        ):
            return None
        uri = _uri(_file(self.url), "ro")
        return lambda select: asked_apart(
            self.connection, select, uri, str(self.schema), self.kept_literals()
        )

    def _make(self, name: str, columns: str) -> None:
        """Makes a scratch table anew."""
        self.run(f"DROP TABLE IF EXISTS {TEMP}.{self.quoted(name)}")
        self.run(f"CREATE TEMP TABLE {self.quoted(name)} ({columns})")

    def _reflected(self, table: str) -> list[Column]:
        asked = sa.text(
            'SELECT name, type, "notnull", dflt_value, hidden FROM pragma_table_xinfo(:table, :schema)'
        )
        found = self.connection.execute(asked, {"table": table, "schema": self.schema}).all()
        types = {}
        if found:
            reflected = sa.inspect(self.connection).get_columns(table, schema=self.schema)
            types = {one["name"]: one["type"] for one in reflected}
        return [
            Column(
                name, types.get(name, sa.types.NULLTYPE), declared,
                kind_of(types.get(name, sa.types.NULLTYPE), "sqlite"), width_of(declared), not needed,
                default,
            )
            for name, declared, needed, default, hidden in found
            if hidden != 1
        ]  # fmt: skip

    def _begin_snapshot(self) -> None:
        self.run("BEGIN")
        self.run(f"SELECT count(*) FROM {self.schema}.sqlite_master")

    def _end(self, word: str) -> None:
        if raw_of(self.connection).in_transaction:  # SQLite itself takes back what a full disk stopped
            super()._end(word)


class SQLiteSource(_SQLite, SourceStore):
    """A SQLite file that is read."""


class SQLiteTarget(_SQLite, TargetStore):
    """A SQLite file that rows are moved into."""

    in_step = True

    def _begin(self) -> None:
        self.run("BEGIN IMMEDIATE")

    def _landing_schema(self) -> str | None:
        return TEMP

    def _land(self, name: str, columns: Landing, lines: Iterable[bytes]) -> int:
        self._make(name, _all_declared(self, columns))
        return self._load(f"{TEMP}.{self.quoted(name)}", columns, lines)

    def land_select(self, name: str, columns: Landing, select: Select) -> int:
        self._make(name, _all_declared(self, columns))
        filled = sa.insert(self.landing(name, columns)).from_select(list(columns), select)
        return self.connection.execute(filled).rowcount

    def _load(self, place: str, columns: Landing, lines: Iterable[bytes]) -> int:
        names = ", ".join(self.quoted(one) for one in columns)
        statement = f"INSERT INTO {place} ({names}) VALUES ({', '.join('?' * len(columns))})"
        blobs = [at for at, one in enumerate(columns.values()) if kind_in(one) is Kind.BYTES]
        raw = raw_of(self.connection)
        count = 0
        for rows in rows_of(lines):
            raw.executemany(statement, _with_bytes(rows, blobs) if blobs else rows)
            count += len(rows)
        return count


def source_of(url: sa.URL) -> SQLiteSource:
    """A SQLite file over a connection of its own, read-only."""
    connection, close = connected()
    with _closing_on_error(close):
        attach(connection, _file(url), SOURCE, "ro")
    return SQLiteSource(url, connection, "sqlite", SOURCE, close)


def target_of(url: sa.URL, *, write: bool) -> SQLiteTarget:
    """A SQLite file that rows are moved into; read-only unless asked otherwise."""
    connection, close = connected()
    with _closing_on_error(close):
        finish_crash(_file(url))
        attach(connection, _file(url), TARGET, "rw" if write else "ro")
    store = SQLiteTarget(url, connection, "sqlite", TARGET, close)
    if write:
        store.run(f"PRAGMA {TARGET}.cache_size = {-PAGES_KB}")
    return store


def beside(url: sa.URL, target: SQLiteTarget) -> SQLiteSource:
    """A source over the target's own connection."""
    attach(target.connection, _file(url), SOURCE, "ro")

    def detach() -> None:
        target.run(f"DETACH DATABASE {SOURCE}")

    return SQLiteSource(url, target.connection, "sqlite", SOURCE, detach)


def connected() -> tuple[sa.Connection, Callable[[], None]]:
    """A connection with nothing attached, and what closes it."""
    engine = sa.create_engine(
        "sqlite://", creator=_connect, poolclass=StaticPool, hide_parameters=True, enable_from_linting=False
    )
    tell_failures(engine)
    let_render(engine)
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def close() -> None:
        connection.close()
        engine.dispose()

    return connection, close


def attach(connection: sa.Connection, path: Path, schema: str, mode: str) -> None:
    """Attaches a file. Raises Refused where there is none, or it cannot be read, or a program that was killed
    left it half-written."""
    if not path.is_file():
        raise Refused("systems.no-database", path=path)
    try:
        connection.exec_driver_sql("ATTACH DATABASE ? AS " + schema, (_uri(path, mode),))
        connection.exec_driver_sql(f"SELECT count(*) FROM {schema}.sqlite_master")
    except (DatabaseFailed, sa.exc.DBAPIError) as error:
        with suppress(DatabaseFailed, sa.exc.DBAPIError):
            connection.exec_driver_sql(f"DETACH DATABASE {schema}")
        if has_journal(path):
            raise Refused("systems.half-written", path=path) from error
        why = error.__cause__ if isinstance(error, DatabaseFailed) else error.orig
        raise Refused("systems.not-readable", path=path, why=str(why)) from error


def has_journal(path: Path) -> bool:
    """Whether a program that was killed left a database half-written."""
    return path.with_name(f"{path.name}-journal").exists()


def finish_crash(target: Path) -> None:
    """Lets SQLite take back what a killed writer left half-written in the target.

    A connection that only reads may not, and so could not open the database at all. A source is never
    touched like this.
    """
    if target.is_file() and has_journal(target):
        uri = _uri(target, "rw")
        with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True, timeout=WAIT_S)) as own:
            own.execute("SELECT count(*) FROM sqlite_master")


def raw_of(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's connection."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _tallied(select: sa.Select[*tuple[Any, ...]]) -> sa.Select[tuple[bytes | None]]:
    return sa.select(sa.func.merger_tally(*select.subquery("rows").c, type_=sa.LargeBinary))


def _counted(*answers: Sequence[tuple[bytes | None]]) -> list[tuple[Any, ...]]:
    """The rows that tallies have counted, those of several together."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for ((pickled,),) in answers:
        for *values, rows in [] if pickled is None else pickle.loads(pickled):
            counts[tuple(values)] += rows
    return [(*values, rows) for values, rows in counts.items()]


def _joined(columns: Sequence[sa.ColumnElement[str]]) -> sa.ColumnElement[bytes]:
    between, nothing = (
        sa.literal_column(f"CAST(x'{one.hex()}' AS TEXT)", sa.Text) for one in (COLUMN, NOTHING)
    )
    whole: sa.ColumnElement[str] = sa.func.coalesce(columns[0], nothing)
    for column in columns[1:]:
        whole = whole.concat(between).concat(sa.func.coalesce(column, nothing))
    return sa.cast(whole, sa.LargeBinary)


def _with_bytes(rows: list[tuple[str | None, ...]], blobs: list[int]) -> Iterator[list[object]]:
    for row in rows:
        found: list[object] = list(row)
        for at in blobs:
            found[at] = bytes_of(row[at])
        yield found


def _all_declared(store: Store, columns: Landing) -> str:
    return ", ".join(f"{store.quoted(name)} {_declared(kind)}".rstrip() for name, kind in columns.items())


def _declared(column: Column | Plain) -> str:
    """The declared type, where it is no more than a name with sizes."""
    if not isinstance(column, Column):
        return _TYPES[column]
    return column.declared if _PLAIN.fullmatch(column.declared) else ""


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.resolve()))}?mode={mode}"


def _file(url: sa.URL) -> Path:
    file = file_of(url)
    assert file is not None
    return file


@contextmanager
def _closing_on_error(close: Callable[[], None]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        close()
        raise


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute(f"PRAGMA temp.cache_size = {-SCRATCH_KB}")
    connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    connection.execute("PRAGMA foreign_keys = OFF")
    register(connection)
    return connection
