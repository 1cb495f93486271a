"""SQLite's stores: one connection to which source and target are attached.

The connection's own database is in memory and stays empty; what is scratch lives in `temp` (on disk). A
source is attached as `src`, read-only (`mode=ro`; never `immutable=1`, which loses rows that are still in the
write-ahead log); a target as `tgt`, read-only unless it is to be written. A source and a target may share one
connection (`open_pair`): only the target's file is ever changed, so a transaction is atomic.
"""

from __future__ import annotations

import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from merger.systems.column_kinds import kind_of
from merger.systems.functions import exact
from merger.systems.functions.files import files_in, is_file
from merger.systems.kinds import Kind
from merger.systems.sqlite_literals import kept, take
from merger.systems.stores.apart import asked_apart
from merger.systems.stores.base import Select, SourceStore, Store, TargetStore
from merger.systems.stores.columns import Column, Landing, Plain, kind_in
from merger.systems.stores.failures import DAMAGED, DatabaseFailed, told
from merger.systems.stores.joined import joined_lines, joined_select
from merger.systems.stores.lines import COLUMN, NOTHING
from merger.systems.stores.read_lines import rows_of
from merger.systems.stores.rendered import rendered
from merger.systems.stores.sqlite_files import (
    attach,
    closing_on_error,
    connected,
    finish_crash,
    path_of,
    raw_of,
    uri_of,
)
from merger.systems.widths import width_of

SOURCE = "src"
TARGET = "tgt"
TEMP = "temp"
PAGES_KB = 48 * 1024
"""Kilobytes of a written target's pages that are kept until a batch ends, so that none is written twice."""
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
        files = [sa.case((is_file(one), one)) for one in files_in(select).values()]
        joined = joined_select(select, _joined).add_columns(*files)
        statement, values = rendered(self.connection, joined, params)
        with told(), closing(raw_of(self.connection).cursor()) as cursor:
            cursor.execute(statement, values)
            yield from joined_lines(cursor, len(select.selected_columns), files=bool(files))

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
        uri = uri_of(path_of(self.url), "ro")
        return lambda select: asked_apart(
            self.connection, select, uri, str(self.schema), self.kept_literals()
        )

    def look_through(self) -> None:
        with told():
            found = self.connection.exec_driver_sql(f"PRAGMA {self.schema}.quick_check(1)").scalar()
        if found != "ok":
            raise DatabaseFailed(DAMAGED)

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
                default, hidden > 1,
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

    def look_up_landed(self, name: str, column: str) -> None:
        index = self.quoted(f"{name}_by_{column}")
        self.run(f"CREATE INDEX {TEMP}.{index} ON {self.quoted(name)} ({self.quoted(column)})")

    def _load(self, place: str, columns: Landing, lines: Iterable[bytes]) -> int:
        names = ", ".join(self.quoted(one) for one in columns)
        statement = f"INSERT INTO {place} ({names}) VALUES ({', '.join('?' * len(columns))})"
        blobs = [at for at, one in enumerate(columns.values()) if kind_in(one) is Kind.BYTES]
        raw = raw_of(self.connection)
        count = 0
        for rows in rows_of(lines, blobs):
            raw.executemany(statement, rows)
            count += len(rows)
        return count


def source_of(url: sa.URL) -> SQLiteSource:
    """A SQLite file over a connection of its own, read-only."""
    connection, close = connected()
    with closing_on_error(close):
        attach(connection, path_of(url), SOURCE, "ro")
    return SQLiteSource(url, connection, "sqlite", SOURCE, close)


def target_of(url: sa.URL, *, write: bool) -> SQLiteTarget:
    """A SQLite file that rows are moved into; read-only unless asked otherwise."""
    connection, close = connected()
    with closing_on_error(close):
        finish_crash(path_of(url))
        attach(connection, path_of(url), TARGET, "rw" if write else "ro")
    store = SQLiteTarget(url, connection, "sqlite", TARGET, close)
    if write:
        store.run(f"PRAGMA {TARGET}.cache_size = {-PAGES_KB}")
    return store


def beside(url: sa.URL, target: SQLiteTarget) -> SQLiteSource:
    """A source over the target's own connection."""
    attach(target.connection, path_of(url), SOURCE, "ro")

    def detach() -> None:
        target.run(f"DETACH DATABASE {SOURCE}")

    return SQLiteSource(url, target.connection, "sqlite", SOURCE, detach)


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


def _all_declared(store: Store, columns: Landing) -> str:
    return ", ".join(f"{store.quoted(name)} {_declared(kind)}".rstrip() for name, kind in columns.items())


def _declared(column: Column | Plain) -> str:
    """The declared type, where it is no more than a name with sizes."""
    if not isinstance(column, Column):
        return _TYPES[column]
    return column.declared if _PLAIN.fullmatch(column.declared) else ""
