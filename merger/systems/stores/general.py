"""Stores of the other databases that SQLAlchemy speaks: rows are fetched and inserted plainly. Untested.

Nothing here keeps the database from being written but that nothing is: give a source an account with SELECT
alone. Where the driver cannot begin transactions by itself, `snapshot` is what the database's default gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from merger.systems.kinds import Kind, kind_of
from merger.systems.stores.base import (
    Column,
    Landing,
    Plain,
    Select,
    SourceStore,
    Store,
    TargetStore,
    connected,
    kind_in,
)
from merger.systems.stores.failures import told
from merger.systems.stores.lines import bytes_of, in_chunks, rows_of, written
from merger.systems.widths import width_of

ROWS = 1000
_TYPES: dict[Plain, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(), "integer": sa.BigInteger(), "bytes": sa.LargeBinary(),
}  # fmt: skip


class _General(Store):
    """What sources and targets have in common."""

    def literals(
        self,
        name: str,
        columns: Mapping[str, Plain],
        rows: Iterable[Sequence[object]],
        key: Sequence[str] = (),  # noqa: ARG002 literals of a statement have none
    ) -> sa.FromClause:
        selects = [
            sa.select(
                *[
                    sa.cast(sa.literal(value, _TYPES[kind]), _TYPES[kind]).label(one)
                    for value, (one, kind) in zip(row, columns.items(), strict=True)
                ]
            )
            for row in rows
        ]
        if selects:
            return sa.union_all(*selects).subquery(name)
        nothing = [sa.cast(sa.null(), _TYPES[kind]).label(one) for one, kind in columns.items()]
        return sa.select(*nothing).where(sa.false()).subquery(name)

    def lines(self, select: Select, params: Mapping[str, object] | None = None) -> Iterator[bytes]:
        return in_chunks(self._fetched(select, params))

    def _fetched(self, select: Select, params: Mapping[str, object] | None) -> Iterator[bytes]:
        streamed = select.execution_options(stream_results=True, max_row_buffer=ROWS)
        with told(), self.connection.execute(streamed, params) as result:
            for rows in result.partitions(ROWS):
                yield written([[None if one is None else str(one) for one in row] for row in rows])

    def _reflected(self, table: str) -> list[Column]:
        inspector = sa.inspect(self.connection)
        if not inspector.has_table(table):
            return []
        return [
            Column(
                one["name"], one["type"], declared, kind_of(one["type"], self.dialect), width_of(declared),
                one["nullable"], one.get("default"),
            )
            for one in inspector.get_columns(table)
            for declared in (one["type"].compile(self.connection.dialect),)
        ]  # fmt: skip

    def _begin_snapshot(self) -> None:
        self.connection.begin()

    def _end(self, word: str) -> None:  # noqa: ARG002 drivers have their own words
        begun = self.connection.get_transaction()
        if begun is not None:
            begun.rollback()


class GeneralSource(_General, SourceStore):
    """A database that is read."""


class GeneralTarget(_General, TargetStore):
    """A database that rows are moved into."""

    def _begin(self) -> None:
        self.connection.begin()

    def _commit(self) -> None:
        begun = self.connection.get_transaction()
        if begun is not None:
            begun.commit()

    def _landing_schema(self) -> str | None:
        return None

    def _land(self, name: str, columns: Landing, lines: Iterable[bytes]) -> int:
        types = {
            one: kind.type if isinstance(kind, Column) else _TYPES[kind] for one, kind in columns.items()
        }
        table = sa.Table(
            name,
            sa.MetaData(),
            *[sa.Column(one, type) for one, type in types.items()],
            prefixes=["TEMPORARY"],
        )
        table.drop(self.connection, checkfirst=True)
        table.create(self.connection)
        return self._load(self.quoted(name), columns, lines)

    def _load(self, place: str, columns: Landing, lines: Iterable[bytes]) -> int:
        names = list(columns)
        blobs = {at for at, one in enumerate(columns.values()) if kind_in(one) is Kind.BYTES}
        values = ", ".join(f":p{at}" for at in range(len(names)))
        quoted = ", ".join(self.quoted(one) for one in names)
        statement = sa.text(f"INSERT INTO {place} ({quoted}) VALUES ({values})".replace("::", "\\:\\:"))
        count = 0
        for rows in rows_of(lines):
            given = [
                {f"p{at}": bytes_of(value) if at in blobs else value for at, value in enumerate(row)}
                for row in rows
            ]
            if given:
                self.connection.execute(statement, given)
            count += len(given)
        return count


def source_of(engine: sa.Engine, url: sa.URL) -> GeneralSource:
    """A source over an engine."""
    connection, close = connected(engine)
    return GeneralSource(url, connection, engine.dialect.name, closing=close)


def target_of(engine: sa.Engine, url: sa.URL) -> GeneralTarget:
    """A target over an engine."""
    connection, close = connected(engine)
    return GeneralTarget(url, connection, engine.dialect.name, closing=close)
