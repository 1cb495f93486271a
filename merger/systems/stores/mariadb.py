"""MariaDB's stores. Rows leave over an unbuffered cursor, joined by the database to one value each, and enter
by LOAD DATA LOCAL INFILE where the server allows it, else by INSERT with many rows.

LOCAL makes warnings of what would be errors, so a load that warns is refused as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing as ended
from typing import Any, Literal

import sqlalchemy as sa
from pymysql.connections import Connection as Raw
from pymysql.constants import ER
from pymysql.cursors import SSCursor
from pymysql.err import MySQLError
from sqlalchemy.dialects import mysql as dialect_types

from merger.systems.functions import encoded, session
from merger.systems.stores import following, mariadb_columns, packets
from merger.systems.stores.base import Select, SourceStore, Store, TargetStore
from merger.systems.stores.columns import Column, Landing, Plain
from merger.systems.stores.failures import UNFIT, DatabaseFailed, told
from merger.systems.stores.joined import ROWS, joined_select
from merger.systems.stores.lines import COLUMN, NOTHING, all_from_joined
from merger.systems.stores.mariadb_loading import Into, insert, load_data
from merger.systems.stores.reaching import closing
from merger.systems.stores.rendered import rendered
from merger.systems.stores.session_limits import LIFTED, WAIT_S, watch_over

EXACT = "utf8mb4_nopad_bin"
"""The collation that compares text byte by byte."""
SHORT = 250
"""Characters that a literal text has at most to be kept in the server's memory; bytes, ten times as many."""
KEY = "merger_key"
"""The column of literals that they are joined by: the texts of their key as one value of bytes, since a table
of the server's memory is slow to find one text, and slower several (measured in processor seconds for a
million rows and 500 literals of five texts: 3.6 before, 1.5 so). The first text stands last: the server's
hash of bytes knows little but how they end, and codes of places differ more than what follows them (500
literals stood in 7 buckets, half a second a million rows more)."""
TEXTS = (sa.String, sa.types.NullType)
"""The types of what is grouped byte by byte: as bytes, which takes half of what texts of `EXACT` do."""
SESSION = (
    *session("mariadb"),
    *LIFTED["mariadb"],
    "SET SESSION sql_auto_is_null = 0, sql_quote_show_create = 1, system_versioning_asof = DEFAULT",
    "SET SESSION foreign_key_checks = 1, unique_checks = 1, check_constraint_checks = 1",
    "SET SESSION default_storage_engine = InnoDB",
    f"SET SESSION innodb_lock_wait_timeout = {WAIT_S}",
    f"SET SESSION lock_wait_timeout = {WAIT_S}",
    "SET SESSION net_read_timeout = 3600",
    "SET SESSION net_write_timeout = 3600",
    "SET SESSION group_concat_max_len = 1073741824",
    "SET SESSION tmp_memory_table_size = 67108864",
    "SET SESSION max_heap_table_size = 67108864",
    "SET SESSION join_cache_level = 6",
    "SET SESSION join_buffer_size = 8388608",
    "SET SESSION optimizer_switch = 'optimize_join_buffer_size=off'",
)
_TEXT = dialect_types.LONGTEXT(charset="utf8mb4", collation=EXACT)
_TYPES: dict[Plain, str] = {"text": f"LONGTEXT COLLATE {EXACT}", "integer": "BIGINT", "bytes": "LONGBLOB"}


class _MariaDB(Store):
    """What sources and targets have in common."""

    def literals(
        self,
        name: str,
        columns: Mapping[str, Plain],
        rows: Iterable[Sequence[object]],
        key: Sequence[str] = (),
    ) -> sa.FromClause:
        columns = dict(columns)
        keys = [list(columns).index(one) for one in key]
        if key:
            columns[KEY] = "bytes"
            rows = [(*row, _joined_key([row[at] for at in keys])) for row in rows]
        given = [[value.hex() if isinstance(value, bytes) else value for value in row] for row in rows]
        widths = [
            max((len(str(row[at])) for row in given if row[at] is not None), default=1)
            for at in range(len(columns))
        ]
        parts: list[sa.ColumnElement[Any]] = [
            sa.column(f"c{at}", _TEXT if kind == "text" else None) for at, kind in enumerate(columns.values())
        ]
        declared = ", ".join(
            f"c{at} {_in_json(kind, width)} PATH '$[{at}]'"
            for at, (kind, width) in enumerate(zip(columns.values(), widths, strict=True))
        )
        table = sa.text(f"JSON_TABLE(:rows, '$[*]' COLUMNS ({declared})) AS given").bindparams(
            sa.bindparam("rows", json.dumps(given, ensure_ascii=False), unique=True)
        )
        named = [
            _from_json(part, kind).label(one)
            for part, (one, kind) in zip(parts, columns.items(), strict=True)
        ]
        whole = sa.select(*named).select_from(table).limit(sa.literal_column("18446744073709551615"))
        return whole.subquery(name)

    def matching(
        self, literals: sa.FromClause, texts: Mapping[str, sa.ColumnElement[str]], nothing: str = ""
    ) -> sa.ColumnElement[bool]:
        there = [sa.func.ifnull(encoded(one), nothing) if nothing else encoded(one) for one in texts.values()]
        parts = [part for one in reversed(there) for part in (_bytes(COLUMN), one)][1:]
        whole = sa.func.concat(*parts) if len(parts) > 1 else sa.cast(parts[0], dialect_types.BINARY)
        return literals.c[KEY] == whole

    def collations(self, table: str, columns: Sequence[str]) -> dict[str, str]:
        """A `_bin` collation that is none of `_nopad_` takes no notice of blanks at the end."""
        asked = sa.text(
            "SELECT COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table AND COLLATION_NAME IS NOT NULL"
        )
        found = self.connection.execute(asked, {"table": table}).all()
        return {name: by for name, by in found if name in columns and not by.endswith("_nopad_bin")}

    def tally(
        self,
        select: sa.Select[*tuple[Any, ...]],
        half: sa.ColumnElement[bool] | None = None,  # noqa: ARG002
    ) -> list[tuple[Any, ...]]:
        columns = [
            sa.cast(encoded(one), dialect_types.BINARY) if isinstance(one.type, TEXTS) else one
            for one in select.subquery("rows").c
        ]
        asked = sa.select(*columns, sa.func.count()).group_by(*columns)
        with told():
            return [
                tuple(value.decode() if isinstance(value, bytes) else value for value in row)
                for row in self.connection.execute(asked)
            ]

    def lines(self, select: Select, params: Mapping[str, object] | None = None) -> Iterator[bytes]:
        statement, values = rendered(self.connection, joined_select(select, _joined), params)
        with told(), raw_of(self.connection).cursor(SSCursor) as cursor:
            cursor.execute(statement, values)
            with ended(packets.values(cursor, ROWS)) as found:
                yield from all_from_joined(found, len(select.selected_columns))

    def primary_key(self, table: str) -> tuple[str, ...]:
        return mariadb_columns.keys_in(self.connection, table).get(mariadb_columns.PRIMARY, ())

    def uniques(self, table: str) -> list[tuple[str, ...]]:
        found = mariadb_columns.keys_in(self.connection, table)
        found.pop(mariadb_columns.PRIMARY, None)
        return list(dict.fromkeys(found.values()))

    def referring(self, table: str, column: str) -> set[tuple[str, str]]:
        return mariadb_columns.referring_in(self.connection, table, column)

    def _reflected(self, table: str) -> list[Column]:
        return mariadb_columns.columns_in(self.connection, table)

    def without_transactions(self, tables: Iterable[str]) -> Mapping[str, str]:
        asked = sa.text(
            "SELECT t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t"
            " JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE AND e.TRANSACTIONS <> 'YES'"
            " WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME IN :tables"
        ).bindparams(sa.bindparam("tables", expanding=True))
        found = self.connection.execute(asked, {"tables": sorted(set(tables))})
        return {str(one.TABLE_NAME): str(one.ENGINE) for one in found}

    def _begin_snapshot(self) -> None:
        self.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


class MariaDBSource(_MariaDB, SourceStore):
    """A MariaDB database that is read."""

    def following(self) -> following.Following | None:
        return following.of_mariadb(self.connection)


class MariaDBTarget(_MariaDB, TargetStore):
    """A MariaDB database that rows are moved into."""

    def takes_no_rows(self) -> Literal["standby", "read-only"] | None:
        """Asked of the server, which knows whether `read_only` and `innodb_read_only` bind this account."""
        with told(), raw_of(self.connection).cursor() as cursor:
            cursor.execute("SELECT @@GLOBAL.innodb_read_only")
            if cursor.fetchone() == (1,):
                return "read-only"
            try:
                cursor.execute("START TRANSACTION READ WRITE")
            except MySQLError as error:
                if error.args[0] != ER.OPTION_PREVENTS_STATEMENT:
                    raise
                return "read-only"
            cursor.execute("ROLLBACK")
        return None

    def _begin(self) -> None:
        self.run("START TRANSACTION")

    def _landing_schema(self) -> str | None:
        return None

    def _land(self, name: str, columns: Landing, lines: Iterable[bytes]) -> int:
        place = self.quoted(name)
        declared = ", ".join(f"{self.quoted(one)} {_declared(kind)}" for one, kind in columns.items())
        made = f"ENGINE=Aria TRANSACTIONAL=0 DEFAULT CHARACTER SET utf8mb4 COLLATE {EXACT}"
        for statement in (
            f"DROP TEMPORARY TABLE IF EXISTS {place}",
            f"CREATE TEMPORARY TABLE {place} ({declared}) {made}",
        ):
            self.run(statement)
        return self._load(place, columns, lines)

    def _load(self, place: str, columns: Landing, lines: Iterable[bytes]) -> int:
        into = Into(place, {self.quoted(name): column for name, column in columns.items()})
        if not self.connection.exec_driver_sql("SELECT @@local_infile").scalar():
            return insert(raw_of(self.connection), into, lines)
        before = self.connection.exec_driver_sql("SELECT @@warning_count").scalar()
        assert before == 0
        sent = load_data(raw_of(self.connection), into, lines)
        loaded, warned = self.connection.exec_driver_sql("SELECT ROW_COUNT(), @@warning_count").one()
        if warned or loaded not in (sent, -1):
            raise DatabaseFailed(UNFIT)
        return sent


def prepare(engine: sa.Engine, *, write: bool) -> None:
    """Lets the connections of an engine be as sources and targets need them."""
    level, access = ("READ COMMITTED", "WRITE") if write else ("REPEATABLE READ", "ONLY")

    @sa.event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy asks how names are quoted
    def _(raw: Raw[Any], _: object) -> None:
        watch_over(raw)
        with raw.cursor() as cursor:
            for one in SESSION:
                cursor.execute(one)
            cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}, READ {access}")


def source_of(connection: sa.Connection, url: sa.URL) -> MariaDBSource:
    """A source over a connection of a prepared engine."""
    return MariaDBSource(url, connection, "mariadb", closing=closing(connection))


def target_of(connection: sa.Connection, url: sa.URL) -> MariaDBTarget:
    """A target over a connection of a prepared engine."""
    return MariaDBTarget(url, connection, "mariadb", closing=closing(connection))


def raw_of(connection: sa.Connection) -> Raw[Any]:
    """The driver's connection."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, Raw)
    return raw


def _joined(columns: Sequence[sa.ColumnElement[str]]) -> sa.ColumnElement[bytes]:
    texts = [sa.func.ifnull(encoded(column), _bytes(NOTHING)) for column in columns]
    return sa.func.concat_ws(_bytes(COLUMN), *texts)


def _bytes(value: bytes) -> sa.ColumnElement[bytes]:
    """Bytes that no text beside them is converted for, as it is for a literal."""
    return sa.literal_column(f"CAST(x'{value.hex()}' AS BINARY)", sa.LargeBinary)


def _in_json(kind: Plain, width: int) -> str:
    if kind == "integer":
        return "BIGINT"
    if kind == "bytes":
        return f"VARCHAR({max(width, 1)}) COLLATE latin1_bin" if width <= 10 * SHORT else "LONGTEXT"
    return f"VARCHAR({max(width, 1)}) COLLATE {EXACT}" if width <= SHORT else f"LONGTEXT COLLATE {EXACT}"


def _from_json(part: sa.ColumnElement[Any], kind: Plain) -> sa.ColumnElement[Any]:
    return sa.func.unhex(part, type_=sa.LargeBinary) if kind == "bytes" else part


def _joined_key(texts: Sequence[object]) -> bytes | None:
    parts = [str(one).encode() for one in reversed(texts) if one is not None]
    return COLUMN.join(parts) if len(parts) == len(texts) else None


def _declared(column: Column | Plain) -> str:
    return column.declared if isinstance(column, Column) else _TYPES[column]
