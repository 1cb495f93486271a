"""A store: one database, opened to be read or to be written, whatever kind it is.

Statements are SQLAlchemy's; a store adds what databases do in ways of their own: a consistent view, small
tables that travel within a statement, rows as lines of bytes (`merger.systems.stores.lines`), and loading
lines in bulk. A connection works outside of transactions but for `snapshot` and `transaction`. One thread at
a time may use it.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Literal, Self

import sqlalchemy as sa

from merger.errors import MergerError
from merger.systems.functions.texts import exact
from merger.systems.stores.columns import Column, Landing, Plain
from merger.systems.stores.failures import told
from merger.systems.stores.following import Following
from merger.systems.stores.grouping import few_groups
from merger.systems.stores.lines import each
from merger.systems.stores.urls import place_of

Select = sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[*tuple[Any, ...]]


class Store(ABC):
    """An open database.

    `connection` speaks SQLAlchemy; `dialect` is `sqlite`, `postgresql`, `mariadb`, or another name of
    SQLAlchemy's; `schema` is what tables are qualified with, if they are; `place` names the database in
    messages, without a password. Errors that lie outside of the toolkit are raised as DatabaseFailed; a store
    whose connection was lost is of no more use, open it anew.
    """

    def __init__(
        self,
        url: sa.URL,
        connection: sa.Connection,
        dialect: str,
        schema: str | None = None,
        closing: Callable[[], None] | None = None,
    ) -> None:
        self.url = url
        self.connection = connection
        self.dialect = dialect
        self.schema = schema
        self.place = place_of(url)
        self._columns: dict[str, dict[str, Column]] = {}
        self._closing = closing
        self._in_snapshot = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what is open and lets go of the database. A connection that is lost already is no error."""
        if self._closing is not None:
            closing, self._closing = self._closing, None
            with suppress(MergerError, sa.exc.SQLAlchemyError):
                closing()

    def table(self, name: str) -> sa.TableClause:
        """A table or view by name, with its columns, for statements over `connection`."""
        columns = [sa.column(one.name, one.type) for one in self.columns(name).values()]
        return sa.table(name, *columns, schema=self.schema)

    def has_table(self, table: str) -> bool:
        """Whether there is a table or a view of this name."""
        return bool(self.columns(table))

    def columns(self, table: str) -> dict[str, Column]:
        """The columns of a table or view in their order; empty where there is none. Read once, see
        `forget`."""
        if table not in self._columns:
            with told():
                self._columns[table] = {one.name: one for one in self._reflected(table)}
        return self._columns[table]

    def forget(self) -> None:
        """Lets tables be looked at anew."""
        self._columns.clear()

    def uncarried(self, table: str) -> Mapping[str, str]:  # noqa: ARG002 most databases have none
        """The columns that `columns` leaves out, whose values nothing here can carry, with their declared
        types."""
        return {}

    def without_transactions(self, tables: Iterable[str]) -> Mapping[str, str]:  # noqa: ARG002
        """Those of the tables whose rows are not taken back with their transaction, with what keeps them."""
        return {}

    def hides_rows(self, table: str) -> bool:  # noqa: ARG002
        """Whether the database may hide rows of a table from this account."""
        return False

    def primary_key(self, table: str) -> tuple[str, ...]:
        """The columns of a table's primary key; empty where it has none."""
        found = sa.inspect(self.connection).get_pk_constraint(table, schema=self.schema)
        return tuple(found["constrained_columns"])

    def keeps_key(self, table: str, key: tuple[str, ...]) -> bool:
        """Whether the database itself sees to it that every row has a key of its own in these columns."""
        return key == self.primary_key(table)

    def uniques(self, table: str) -> list[tuple[str, ...]]:
        """The sets of columns that may not repeat, by a constraint or an index, the primary key left out.
        Those over expressions, and those that count some rows only, are none."""
        inspector = sa.inspect(self.connection)
        with warnings.catch_warnings():  # of those over expressions SQLite's dialect warns
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            constraints = inspector.get_unique_constraints(table, schema=self.schema)
            indexes = inspector.get_indexes(table, schema=self.schema)
        found: dict[tuple[str, ...], None] = {tuple(one["column_names"]): None for one in constraints}
        for index in indexes:
            names = index["column_names"]
            partial = any(name.endswith("_where") for name in index.get("dialect_options", {}))
            if index["unique"] and not partial and None not in names and not index.get("expressions"):
                found[tuple(name for name in names if name is not None)] = None
        return list(found)

    def referring(self, table: str, column: str) -> set[tuple[str, str]]:
        """The tables and their columns that refer to a column of a table by a foreign key."""
        inspector = sa.inspect(self.connection)
        found = set()
        for other in inspector.get_table_names(schema=self.schema):
            for key in inspector.get_foreign_keys(other, schema=self.schema):
                if key["referred_table"] == table:
                    named = key["referred_columns"] or (column,)
                    own = zip(key["constrained_columns"], named, strict=False)
                    found |= {(other, one) for one, there in own if there == column}
        return found

    def look_through(self) -> None:  # noqa: B027 servers look after their files themselves
        """Reads a database's file from end to end. Raises DatabaseFailed where it is damaged."""

    def collations(self, table: str, columns: Sequence[str]) -> dict[str, str]:  # noqa: ARG002
        """By what the unique index over these columns compares texts (see `functions.alike`), by column; none
        of those whose texts it compares byte by byte."""
        return {}

    def tally(
        self,
        select: sa.Select[*tuple[Any, ...]],
        half: sa.ColumnElement[bool] | None = None,  # noqa: ARG002 most databases count by themselves
    ) -> list[tuple[Any, ...]]:
        """The distinct rows of a select, texts byte by byte, each with how often it comes as its last value.
        To be few: they are all answered at once. `half`: which rows another process may count."""
        rows = select.subquery("rows")
        columns = [exact(one) for one in rows.c]
        asked = sa.select(*columns, sa.func.count()).group_by(*columns)
        with told(), few_groups(self.connection):
            return [tuple(one) for one in self.connection.execute(asked)]

    def half(
        self,
        table: str,  # noqa: ARG002
        names: tuple[str, ...],  # noqa: ARG002
        key: sa.ColumnElement[Any],  # noqa: ARG002
    ) -> sa.ColumnElement[bool] | None:
        """Which rows of a table are one half of many, for `tally`, by the key that `names` makes up; None
        where they are not worth two processes."""
        return None

    def distinct(self, select: sa.Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The distinct rows of a select, texts byte by byte. To be few."""
        return [one[:-1] for one in self.tally(select)]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One consistent view for all that is read within the block. Within another it is that one."""
        if self._in_snapshot:
            yield
            return
        self._begin_snapshot()
        self._in_snapshot = True
        try:
            yield
        finally:
            self._in_snapshot = False
            self._end("ROLLBACK")

    def exported(self) -> str | None:
        """The name of the view of the open `snapshot`, under which `open_source(url, snapshot=…)` sees the
        same over another connection; None where the database does not share it."""
        return None

    def apart(self) -> Callable[[sa.Select[Any]], Callable[[], list[tuple[Any, ...]] | None]] | None:
        """What prepares a question for a process of its own, which sees what the open `snapshot` sees: only
        where the database's work is Python's. None elsewhere."""
        return None

    @abstractmethod
    def literals(
        self,
        name: str,
        columns: Mapping[str, Plain],
        rows: Iterable[Sequence[object]],
        key: Sequence[str] = (),
    ) -> sa.FromClause:
        """A small table that stands in no database, to be joined; NULLs stay and text is exact.

        `key`: the columns of text that it is joined by, see `matching`. What is answered may be used in any
        number of statements until literals of the same name are made.
        """

    def matching(
        self, literals: sa.FromClause, texts: Mapping[str, sa.ColumnElement[str]], nothing: str = ""
    ) -> sa.ColumnElement[bool]:
        """Whether a row of literals (or an alias of them) is meant by the exact texts of all columns of its
        key, by their names and in their order. `nothing`: what stands there for NULL, if anything does."""
        return sa.and_(
            *(
                literals.c[name] == (sa.func.coalesce(text, nothing) if nothing else text)
                for name, text in texts.items()
            )
        )

    def kept_literals(self) -> bytes | None:
        """What `literals` has made over this connection, for `take_literals` of another; None where it
        travels within statements, or is too much."""
        return None

    def take_literals(self, kept: bytes) -> None:
        """Makes what `kept_literals` of another store over the same database answered."""
        raise NotImplementedError(self.dialect)

    @abstractmethod
    def lines(self, select: Select, params: Mapping[str, object] | None = None) -> Iterator[bytes]:
        """The rows of a select as lines, in chunks of whole rows, as the database yields them.

        Every column of the select is text (bytes as `\\x` and hexadecimal digits). Nothing else can be asked
        over the connection until the lines are read or the iterator is closed.
        """

    def rows(self, select: Select, params: Mapping[str, object] | None = None) -> Iterator[list[bytes]]:
        """What `lines` yields, each chunk as a list of its lines."""
        return each(self.lines(select, params))

    @abstractmethod
    def _reflected(self, table: str) -> list[Column]:
        """The columns of a table; none where there is no such table."""

    @abstractmethod
    def _begin_snapshot(self) -> None:
        """Begins a transaction that reads one consistent view."""

    def _end(self, word: str) -> None:
        """Ends a transaction. Where the database does not take the word, the connection is ended and with it
        the transaction, so that nothing can be committed any more."""
        try:
            self.run(word)
        except (MergerError, sa.exc.SQLAlchemyError):
            with suppress(MergerError, sa.exc.SQLAlchemyError):
                self.connection.invalidate()

    def quoted(self, name: str) -> str:
        """A name as the database's SQL writes it."""
        preparer = self.connection.dialect.identifier_preparer
        end = preparer.final_quote
        return f"{preparer.initial_quote}{name.replace(end, end * 2)}{end}"

    def run(self, sql: str) -> None:
        """Runs a statement of the database's own, as it is written."""
        self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


class SourceStore(Store):
    """A database that is read. Nothing is ever written to it, nor can it be over its connection.

    `isolation`: in which the rows of one that had to be copied were read; empty where the database does not
    say. None of those that are read where they are.
    """

    isolation: str | None = None

    def following(self) -> Following | None:
        """How the server follows another of which it is a replica; None where it is none, or does not tell
        that it is. Asked anew at every call, whatever the open `snapshot` shows."""
        return None


class TargetStore(Store):
    """A database into which rows are moved."""

    in_step: bool = False
    """Whether lines are better read and loaded by turns: where loading is Python's own work, a thread that
    reads would wait for it at every row."""

    def takes_no_rows(self) -> Literal["standby", "read-only"] | None:
        """Why the server lets nothing be written, whatever the account may do; None where it does."""
        return None

    def transaction(self) -> AbstractContextManager[None]:
        """One transaction. An error takes it back and is raised."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._begin()
        try:
            yield
            self._commit()
        except BaseException:
            self._end("ROLLBACK")
            raise

    def landing(self, name: str, columns: Iterable[str]) -> sa.TableClause:
        """The table that `land` makes, for statements."""
        return sa.table(name, *[sa.column(one) for one in columns], schema=self._landing_schema())

    def land(self, name: str, columns: Landing, lines: Iterable[bytes]) -> int:
        """Makes a temporary table of this session anew and fills it with lines; answers how many rows.

        To be called within `transaction`; the table serves until its end. A value that its column would not
        hold as it is, is refused by DatabaseFailed.
        """
        with told():
            return self._land(name, columns, lines)

    def land_select(self, name: str, columns: Landing, select: Select) -> int:
        """What `land` does, with the rows of a select over this store's own connection; values stay as they
        are. Only where a source shares it (`open_pair`)."""
        raise NotImplementedError(self.dialect)

    def look_up_landed(self, name: str, column: str) -> None:  # noqa: ARG002
        """Lets the rows that `land` put into a table be looked up by a column, where the database does not
        see to that by itself."""
        return

    def alters(self, table: str) -> bool:  # noqa: ARG002
        """Whether something of the database's own (a trigger, a rule) may change rows on their way in."""
        return False

    def insertion(self, table: sa.TableClause, names: Sequence[str], select: sa.Select[Any]) -> sa.Insert:
        """A statement that puts the rows of a select into columns of a table, keys too."""
        return sa.insert(table).from_select(list(names), select)

    def copy_into(self, table: str, columns: Sequence[str], lines: Iterable[bytes]) -> int:
        """Adds lines to columns of a table that is there; answers how many rows."""
        known = self.columns(table)
        place = ".".join(self.quoted(one) for one in (self.schema, table) if one is not None)
        with told():
            return self._load(place, {name: known[name] for name in columns}, lines)

    @abstractmethod
    def _begin(self) -> None:
        """Begins a transaction that writes."""

    def _commit(self) -> None:
        """Ends the transaction and keeps what was written."""
        self.run("COMMIT")

    @abstractmethod
    def _landing_schema(self) -> str | None:
        """What temporary tables are qualified with."""

    @abstractmethod
    def _land(self, name: str, columns: Landing, lines: Iterable[bytes]) -> int:
        """Makes the temporary table and loads it."""

    @abstractmethod
    def _load(self, place: str, columns: Landing, lines: Iterable[bytes]) -> int:
        """Loads lines into columns of the table `place`, a quoted name."""
