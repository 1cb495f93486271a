"""Keys of moved rows in the target: reserved in blocks that the platform's own work never touches."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.ledger import Ledger
from merger.systems.expressions import Column
from merger.systems.functions import text_of_key
from merger.systems.kinds import Kind
from merger.systems.profile import Dataset
from merger.systems.stores import Column as Reflected
from merger.systems.stores import Store


@dataclass(frozen=True)
class Counter:
    """Where the target keeps the last key that it gave out: its own counter, or the table's sequence."""

    store: Store
    dataset: Dataset

    def value(self) -> int:
        """The last key given out, or the highest in use where that is more."""
        table = sa.table(self.dataset.table, schema=self.store.schema)
        key: Column = sa.column(self.dataset.key[0])
        highest = self.store.connection.execute(sa.select(sa.func.max(key)).select_from(table)).scalar() or 0
        return max(int(highest), int(self._kept() or 0))

    def kept(self) -> int:
        """What the counter itself says."""
        found = self._kept()
        if found is None and self._by_sequence:
            return 0  # a table that never had a row has no sequence yet
        if found is None:
            raise Refused("migrate.no-counter", table=self.dataset.table)
        return int(found)

    def advance(self, value: int) -> None:
        """Lets the platform's next key be after `value`."""
        table, column, where = self._place()
        done = self.store.connection.execute(
            sa.update(table).values({column: value}).where(*[sa.column(k) == v for k, v in where.items()])
        )
        if done.rowcount == 0 and self._by_sequence:
            self.store.connection.execute(sa.insert(table).values({**where, column: value}))
        elif done.rowcount != 1:
            raise Refused("migrate.no-counter", table=self.dataset.table)

    @property
    def _by_sequence(self) -> bool:
        return not self.dataset.keys.counter_table

    def _kept(self) -> int | None:
        table, column, where = self._place()
        kept: Column = sa.column(column)
        asked = sa.select(kept).select_from(table)
        conditions = [sa.column(name) == value for name, value in where.items()]
        found: int | None = self.store.connection.execute(asked.where(*conditions)).scalar()
        return found

    def _place(self) -> tuple[sa.TableClause, str, dict[str, str]]:
        keys = self.dataset.keys
        if keys.counter_table:
            table, column, where = keys.counter_table, keys.counter_column, keys.counter_where
        else:
            table, column, where = "sqlite_sequence", "seq", {"name": self.dataset.table}
        names: list[Any] = [sa.column(column), *[sa.column(name) for name in where]]
        return sa.table(table, *names, schema=self.store.schema), column, where


def reserve(store: Store, target: Dataset, ledger: Ledger, run: str, dataset_id: int, count: int) -> int:
    """Reserves keys for the rows of a dataset; answers the first. To be called in a transaction of the target."""
    counter = Counter(store, target)
    before = counter.kept()
    first = counter.value() + 1
    counter.advance(first + count - 1)
    ledger.connection.execute(
        sa.insert(ledger.block).values(
            run=run, dataset_id=dataset_id, first=first, size=count,
            counter_before=before, counter_after=first + count - 1,
        )
    )  # fmt: skip
    return first


def as_entered(key: Column, kind: Kind, store: Store) -> Column:
    """A key of the target as the ledger keeps it: as text, in SQLite as it is."""
    return key if store.dialect == "sqlite" else text_of_key(key, kind)


def as_target(entered: Column, column: Reflected, store: Store) -> Column:
    """A key of the ledger as the target's column holds it."""
    if store.dialect == "sqlite" or column.kind is Kind.TEXT:
        return entered
    if column.kind is Kind.NUMBER:
        return sa.cast(entered, sa.BigInteger)
    return sa.cast(entered, column.type)


def as_value(entered: Any, column: Reflected) -> Any:
    """A key that was read from the ledger, as a parameter that is compared with the target's column."""
    return int(entered) if column.kind is Kind.NUMBER else entered
