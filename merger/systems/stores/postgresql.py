"""PostgreSQL's stores. Rows leave and enter by COPY; an account with SELECT alone and a hot standby serve as
source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast
from warnings import catch_warnings, simplefilter

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as dialect_types
from sqlalchemy.ext.compiler import compiles

from merger.errors import MergerError
from merger.systems.column_kinds import kind_of
from merger.systems.functions import SERVER_UTF8, session
from merger.systems.kinds import WRITTEN, Kind
from merger.systems.letters import lacking_in
from merger.systems.limits import limits_of
from merger.systems.stores import following
from merger.systems.stores.base import Select, SourceStore, Store, TargetStore
from merger.systems.stores.columns import Column, Landing, Plain, described
from merger.systems.stores.failures import refusal_of, told
from merger.systems.stores.postgresql_copy import copied
from merger.systems.stores.postgresql_files import files_apart, put_together
from merger.systems.stores.reaching import closing
from merger.systems.stores.rendered import rendered
from merger.systems.stores.session_limits import LIFTED, WAIT_S

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

WORK_MB = 64
"""Groups and joins of a million rows stay in memory; sorted on disk, which 4 MB made the server do, counting
them took twice the time."""
SESSION = (
    *session("postgresql"),
    *LIFTED["postgresql"], "SET standard_conforming_strings = on", f"SET lock_timeout = '{WAIT_S}s'",
    f"SET work_mem = '{WORK_MB}MB'", "SET row_security = off", "SET xmloption = content",
)  # fmt: skip
"""Rows that a policy hides from the account are an error and not passed over."""
_TYPES: dict[Plain, str] = {"text": "text", "integer": "bigint", "bytes": "bytea"}
_ARRAYS: dict[Plain, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(), "integer": sa.BigInteger(), "bytes": dialect_types.BYTEA(),
}  # fmt: skip

_PLAIN_TEXT = (sa.VARCHAR, sa.TEXT, sa.CHAR)

_COLUMNS = sa.text("""
    WITH RECURSIVE domain (type, base, required, given) AS (
        SELECT oid, typbasetype, typnotnull, typdefault FROM pg_type WHERE typtype = 'd'
        UNION ALL
        SELECT d.type, t.typbasetype, d.required OR t.typnotnull, coalesce(d.given, t.typdefault)
        FROM domain d JOIN pg_type t ON t.oid = d.base AND t.typtype = 'd')
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS declared,
        a.attidentity <> '' AS counted,
        bool_or(coalesce(d.required, false)) AS required, min(d.given) AS given,
        (SELECT array_agg(CAST(e.enumlabel AS text)) FROM pg_enum e
            WHERE e.enumtypid IN (SELECT a.atttypid UNION SELECT base FROM domain WHERE type = a.atttypid))
            AS members, current_setting('server_encoding') AS encoding
    FROM pg_attribute a LEFT JOIN domain d ON d.type = a.atttypid
    WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attnum, a.attname, a.atttypid, a.atttypmod, a.attidentity
    ORDER BY a.attnum""")
_ALTERING = sa.text("""
    WITH placed AS (SELECT relid FROM pg_partition_tree(to_regclass(:table)) UNION SELECT to_regclass(:table))
    SELECT EXISTS (SELECT FROM placed JOIN pg_trigger t ON t.tgrelid = relid
            WHERE NOT t.tgisinternal AND t.tgenabled <> 'D')
        OR EXISTS (SELECT FROM placed JOIN pg_rewrite r ON r.ev_class = relid AND r.ev_type <> '1')""")
_HEIRS = sa.text(
    "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_inherits i ON i.inhparent = c.oid"
    " WHERE c.oid = to_regclass(:table) AND c.relkind <> 'p')"
)


class Declared(sa.types.UserDefinedType[Any]):
    """A type that stands for itself, by its name in the database: its values come and go as they are
    written, and are never taken for text."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, words: str) -> None:
        self.words = words

    def get_col_spec(self, **_: object) -> str:
        return self.words


class _Overriding(sa.Insert):
    """Puts values into columns that are GENERATED ALWAYS AS IDENTITY too, as COPY does."""

    inherit_cache = True


@compiles(_Overriding, "postgresql")
def _(insert: _Overriding, compiler: SQLCompiler, **options: Any) -> str:
    names = f"({', '.join(compiler.preparer.quote(one.name) for one in insert.table.c)}) "
    into, columns, select = compiler.visit_insert(insert, **options).partition(names)  # type: ignore[no-untyped-call]
    assert columns
    return f"{into}{columns}OVERRIDING SYSTEM VALUE {select}"


class _PostgreSQL(Store):
    """What sources and targets have in common."""

    shared: str | None = None
    """The exported view that this connection is to see."""
    _exported: str | None = None

    def literals(
        self,
        name: str,
        columns: Mapping[str, Plain],
        rows: Iterable[Sequence[object]],
        key: Sequence[str] = (),
    ) -> sa.FromClause:
        listed = [tuple(row) for row in rows]
        given = list(zip(*listed, strict=True)) or [()] * len(columns)
        arrays = [
            sa.literal(list(values), dialect_types.ARRAY(_ARRAYS[kind]))
            for values, kind in zip(given, columns.values(), strict=True)
        ]
        named = [sa.column(one, _ARRAYS[kind]) for one, kind in columns.items()]
        whole = sa.func.unnest(*arrays).table_valued(*named).render_derived(name=name)
        if not key or not _is_key([list(columns).index(one) for one in key], listed):
            return whole
        first = [
            sa.func.array_agg(one, type_=dialect_types.ARRAY(one.type))[1].label(one.name)
            for one in whole.c
            if one.name not in key
        ]
        by = [whole.c[one] for one in key]
        return sa.select(*by, *first).group_by(*by).subquery(name)

    def collations(self, table: str, columns: Sequence[str]) -> dict[str, str]:
        """Those of the type `citext`. Collations that are not deterministic are none of these."""
        known = self.columns(table)
        return {one: "citext" for one in columns if known[one].declared.lower() == "citext"}

    def lines(self, select: Select, params: Mapping[str, object] | None = None) -> Iterator[bytes]:
        return (b"".join(rows) for rows in self.rows(select, params))

    def rows(self, select: Select, params: Mapping[str, object] | None = None) -> Iterator[list[bytes]]:
        apart = files_apart(select)
        if apart is None:
            yield from self._sent(select, params)
            return
        self.run("SET max_parallel_workers_per_gather = 0")  # their rows would stand between one's pieces
        try:
            yield from put_together(self._sent(apart.select, params), apart.files)
        finally:
            with suppress(MergerError, sa.exc.SQLAlchemyError):  # the connection may be lost
                self.run("RESET max_parallel_workers_per_gather")

    def _sent(self, select: Select, params: Mapping[str, object] | None) -> Iterator[list[bytes]]:
        statement, values = rendered(self.connection, select, params)
        raw = raw_of(self.connection)
        asked = cast("Any", f"COPY ({statement}) TO STDOUT")
        with told(), raw.cursor() as cursor, cursor.copy(asked, values):
            yield from copied(raw)

    def exported(self) -> str | None:
        return self._exported

    def keeps_key(self, table: str, key: tuple[str, ...]) -> bool:
        """Tables that inherit from it have keys of their own, which may be the same."""
        heirs = self.connection.execute(_HEIRS, {"table": self.quoted(table)}).scalar()
        return not heirs and super().keeps_key(table, key)

    def hides_rows(self, table: str) -> bool:
        asked = sa.select(sa.func.row_security_active(sa.func.to_regclass(self.quoted(table))))
        return bool(self.connection.execute(asked).scalar())

    def _reflected(self, table: str) -> list[Column]:
        found = {one.name: one for one in self.connection.execute(_COLUMNS, {"table": self.quoted(table)})}
        with catch_warnings():
            simplefilter("ignore", sa.exc.SAWarning)  # types that SQLAlchemy does not know
            columns = described(self.connection, table, {name: one.declared for name, one in found.items()})
        return [_as_it_is(one, found[one.name]) for one in columns]

    def _begin_snapshot(self) -> None:
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        self.run(begin)
        if self.shared is not None:
            quoted = self.shared.replace("'", "''")
            self.run(f"SET TRANSACTION SNAPSHOT '{quoted}'")
            self._exported = self.shared
            return
        try:
            self._exported = self.connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar()
        except sa.exc.DBAPIError:
            self._exported = None
            self.run("ROLLBACK")
            self.run(begin)

    def _end(self, word: str) -> None:
        self._exported = None
        super()._end(word)


class PostgreSQLSource(_PostgreSQL, SourceStore):
    """A PostgreSQL database that is read."""

    def following(self) -> following.Following | None:
        return following.of_postgresql(self.connection)


class PostgreSQLTarget(_PostgreSQL, TargetStore):
    """A PostgreSQL database that rows are moved into."""

    def takes_no_rows(self) -> Literal["standby", "read-only"] | None:
        return "standby" if self.connection.scalar(sa.select(sa.func.pg_is_in_recovery())) else None

    def alters(self, table: str) -> bool:
        return bool(self.connection.execute(_ALTERING, {"table": self.quoted(table)}).scalar())

    def insertion(self, table: sa.TableClause, names: Sequence[str], select: sa.Select[Any]) -> sa.Insert:
        return _Overriding(table).from_select(list(names), select)

    def _begin(self) -> None:
        self.run("BEGIN ISOLATION LEVEL READ COMMITTED")

    def _landing_schema(self) -> str | None:
        return "pg_temp"

    def _land(self, name: str, columns: Landing, lines: Iterable[bytes]) -> int:
        place = f"pg_temp.{self.quoted(name)}"
        declared = ", ".join(f"{self.quoted(one)} {_declared(kind)}" for one, kind in columns.items())
        self.run(f"DROP TABLE IF EXISTS {place}")
        self.run(f"CREATE TEMP TABLE {self.quoted(name)} ({declared}) ON COMMIT DROP")
        return self._load(place, columns, lines)

    def _load(self, place: str, columns: Landing, lines: Iterable[bytes]) -> int:
        names = ", ".join(self.quoted(one) for one in columns)
        statement = f"COPY {place} ({names}) FROM STDIN"
        with raw_of(self.connection).cursor() as cursor:
            try:
                with cursor.copy(cast("Any", statement)) as copy:
                    for chunk in lines:
                        copy.write(chunk)
            except psycopg.Error as error:
                if refusal_of(error) is None:
                    raise
                raise sa.exc.IntegrityError(statement, None, error) from None
            return cursor.rowcount


def source_of(connection: sa.Connection, url: sa.URL, snapshot: str | None = None) -> PostgreSQLSource:
    """A source over a connection of a prepared engine."""
    store = PostgreSQLSource(url, connection, "postgresql", closing=closing(connection))
    store.shared = snapshot
    return store


def target_of(connection: sa.Connection, url: sa.URL) -> PostgreSQLTarget:
    """A target over a connection of a prepared engine."""
    return PostgreSQLTarget(url, connection, "postgresql", closing=closing(connection))


def prepare(engine: sa.Engine, *, write: bool) -> None:
    """Lets the connections of an engine be as sources and targets need them."""

    @sa.event.listens_for(engine, "connect")
    def _(raw: psycopg.Connection[Any], _: object) -> None:
        raw.autocommit = True
        raw.prepare_threshold = None
        setattr(engine.dialect, SERVER_UTF8, raw.info.parameter_status("server_encoding") == "UTF8")
        read_only = f"SET default_transaction_read_only = {'off' if write else 'on'}"
        raw.execute(cast("Any", "; ".join((*SESSION, read_only))))


def raw_of(connection: sa.Connection) -> psycopg.Connection[Any]:
    """The driver's connection."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def _is_key(places: Sequence[int], rows: Sequence[Sequence[object]]) -> bool:
    """Whether no two rows have the same values at these places. Where the planner knows it (by GROUP BY), it
    puts the literals into a hash table, else it may put the rows of the database there."""
    return len({tuple(row[at] for at in places) for row in rows}) == len(rows)


def _as_it_is(column: Column, found: Any) -> Column:
    """A column with what SQLAlchemy does not tell. A domain is what it is made of; texts have no collation,
    which would meet that of others; what is none of the usual types stands for itself."""
    type_: Any = column.type
    words = column.declared
    while isinstance(type_, dialect_types.DOMAIN):
        type_ = type_.data_type
        words = str(type_.compile(dialect_types.dialect()))  # type: ignore[no-untyped-call]
    kind = kind_of(type_, "postgresql")
    if kind is Kind.TEXT:
        plain = type(type_) in _PLAIN_TEXT
        type_ = type(type_)(type_.length) if plain else Declared(column.declared)
    default = column.default or found.given or ("identity" if found.counted else None)
    limits = replace(
        limits_of(words, kind, "postgresql"), members=tuple(found.members or ()),
        lacking=lacking_in(found.encoding) if kind in WRITTEN else "",
    )  # fmt: skip
    return replace(
        column, type=type_, kind=kind, default=default,
        nullable=column.nullable and not found.required,
        limits=limits,
    )  # fmt: skip


def _declared(column: Column | Plain) -> str:
    return column.declared if isinstance(column, Column) else _TYPES[column]
