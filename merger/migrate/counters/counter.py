"""The counter of a dataset of the target, whatever keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.counters.mariadb import AutoIncrement, MariaSequence, gives_out
from merger.migrate.counters.place import Note, Place, Reserved
from merger.migrate.counters.postgresql import Sequence, sequence_of
from merger.migrate.counters.tables import CounterTable, SqliteSequence, counts_itself
from merger.systems.stores.sqlite import TARGET

if TYPE_CHECKING:
    from merger.systems.profile import Dataset


@dataclass(frozen=True)
class Counter:
    """The counter of a dataset's keys. `schema`: that of the target's tables, as of a store."""

    connection: sa.Connection
    dataset: Dataset
    schema: str | None = TARGET

    def require(self) -> None:
        """Raises Refused where nothing counts the keys that the platform gives out. Reads the catalogue
        alone."""
        _ = self._place

    def kept(self) -> int:
        """What the counter itself says. Raises Refused where there is none."""
        found = self._place.kept()
        if found is None:
            raise Refused("migrate.no-counter", table=self.dataset.table)
        return found

    @property
    def lasting(self) -> bool:
        """Whether what is reserved stays so, also when the transaction is taken back."""
        return self._place.lasting

    def reserve(self, count: int, note: Note = lambda _: None) -> Reserved:
        """Reserves `count` keys, also while the platform gives out keys at the same moment. `note` is told
        before where reserving is `lasting`.

        To be called in a transaction of its own, which should end at once, since the platform waits for it.
        What MariaDB's sequences and `AUTO_INCREMENT` gave out stays given out, also when the transaction is
        taken back, unless it is `put_back`; nothing is doubled. They do their part on another connection, so
        the transaction must not have touched the dataset's table before.

        Raises Refused where there is no counter, or where it does not stand still and may not be held.
        """
        with self._place.alone() as place:
            if place.kept() is None:
                raise Refused("migrate.no-counter", table=self.dataset.table)
            return place.take(count, note)

    def put_back(self, before: int, after: int) -> bool:
        """Sets the counter back to `before`, if it still says `after`: nobody has used it since. Answers
        whether it did. As of `reserve`, in a transaction of its own."""
        with self._place.alone() as place:
            if not place.can_go_back or place.kept() != after:
                return False
            place.advance(before)
            return True

    @cached_property
    def _place(self) -> Place:
        connection, dataset, schema = self.connection, self.dataset, self.schema
        if dataset.keys.counter_table:
            return CounterTable(connection, dataset, schema)
        match connection.dialect.name:
            case "sqlite":
                if not counts_itself(connection, dataset, schema):
                    raise Refused("migrate.no-autoincrement", table=dataset.table)
                return SqliteSequence(connection, dataset, schema)
            case "postgresql" if name := sequence_of(connection, dataset, schema):
                return Sequence(connection, dataset, schema, name)
            case "mariadb" | "mysql":
                way, sequence = gives_out(connection, dataset)
                if way == "sequence":
                    return MariaSequence(connection, dataset, schema, sequence)
                if way == "column":
                    return AutoIncrement(connection, dataset, schema)
        raise Refused("migrate.no-counter", table=dataset.table)
