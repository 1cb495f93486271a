"""Counters that are rows of tables: the platform's own, and SQLite's sequences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.counters.place import Note, Place, Reserved
from merger.systems.expressions import Column

if TYPE_CHECKING:
    from merger.systems.profile import Dataset

_AUTOINCREMENT = re.compile(r"\bAUTOINCREMENT\b", re.IGNORECASE)


def counts_itself(connection: sa.Connection, dataset: Dataset, schema: str | None) -> bool:
    """Whether SQLite keeps a sequence of a table. Of another it gives out the key after the highest, and so
    would give out reserved ones until their rows are there."""
    master = sa.table("sqlite_master", sa.column("type"), sa.column("name"), sa.column("sql"), schema=schema)
    named = sa.func.lower(master.c.name) == sa.func.lower(dataset.table)
    made = connection.execute(sa.select(master.c.sql).where(master.c.type == "table", named)).scalar()
    return bool(made and _AUTOINCREMENT.search(made))


class CounterTable(Place):
    """A row of the platform's own table, as the profile names it. Held by locking that row."""

    def kept(self) -> int | None:
        return self._kept(self._asked())

    def advance(self, value: int) -> None:
        if not self._updated(value):
            raise Refused("migrate.no-counter", table=self.dataset.table)

    @contextmanager
    def alone(self) -> Iterator[Self]:
        self._kept(self._asked().with_for_update())
        yield self

    def take(self, count: int, note: Note) -> Reserved:
        before = (
            self._kept(self._asked().with_for_update()) or 0
        )  # the row as it is, not as a snapshot saw it
        first = max(before, self.highest()) + 1
        return self._taken(Reserved(first, count, before, first + count - 1), note)

    def _where(self) -> tuple[sa.TableClause, str, dict[str, str]]:
        keys = self.dataset.keys
        names: list[Any] = [sa.column(keys.counter_column), *map(sa.column, keys.counter_where)]
        return (
            sa.table(keys.counter_table, *names, schema=self.schema),
            keys.counter_column,
            keys.counter_where,
        )

    def _asked(self) -> sa.Select[tuple[Any]]:
        table, column, where = self._where()
        kept: Column = table.c[column]
        return sa.select(kept).where(*[table.c[name] == value for name, value in where.items()])

    def _kept(self, asked: sa.Select[tuple[Any]]) -> int | None:
        return self.number(self.connection.execute(asked).scalar())

    def _updated(self, value: int) -> bool:
        table, column, where = self._where()
        conditions = [table.c[name] == given for name, given in where.items()]
        return (
            self.connection.execute(sa.update(table).values({column: value}).where(*conditions)).rowcount == 1
        )


class SqliteSequence(CounterTable):
    """The sequence that SQLite keeps of a table. A transaction that writes is alone by itself."""

    def kept(self) -> int | None:
        return super().kept() or 0  # a table that never had a row has no sequence yet

    def advance(self, value: int) -> None:
        table, column, where = self._where()
        if not self._updated(value):
            self.connection.execute(sa.insert(table).values({**where, column: value}))

    def _where(self) -> tuple[sa.TableClause, str, dict[str, str]]:
        table = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"), schema=self.schema)
        return table, "seq", {"name": self.dataset.table}
