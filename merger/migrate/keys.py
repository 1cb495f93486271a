"""Keys of moved rows in the target: reserved in blocks that the platform's own work never touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from merger.migrate.counters import Counter, Reserved
from merger.migrate.ledger import Ledger
from merger.systems.canonical import BLOB
from merger.systems.expressions import Column
from merger.systems.functions import exact, text_of_key
from merger.systems.kinds import Kind
from merger.systems.stores import Column as Reflected
from merger.systems.stores import Store, TargetStore

if TYPE_CHECKING:
    from merger.systems.profile import Dataset, Profile


def reserve(store: Store, target: Dataset, ledger: Ledger, run: str, dataset_id: int, count: int) -> int:
    """Reserves keys for the rows of a dataset; answers the first. To be called in a transaction of the
    target.

    Where what is reserved stays so though the transaction is taken back, it is noted before, for
    `give_back`.
    """
    counter = Counter(store.connection, target, store.schema)

    def note(reserved: Reserved) -> None:
        entered = sa.insert(ledger.block).values(
            run=run, dataset_id=dataset_id, first=reserved.first, size=count,
            counter_before=reserved.before, counter_after=reserved.after,
        )  # fmt: skip
        if counter.lasting:
            with ledger.connection.engine.begin() as own:
                own.execute(entered)
        else:
            ledger.connection.execute(entered)

    return counter.reserve(count, note).first


def give_back(
    store: TargetStore, profile: Profile, ledger: Ledger, run: str, datasets: Sequence[int]
) -> None:
    """Gives back what a run that was stopped had reserved and did not come to use, last first, as long as
    nobody has used the counter since."""
    block, dataset = ledger.block, ledger.dataset
    mine = (block.c.run == run, block.c.dataset_id.in_(datasets))
    asked = sa.select(block, dataset.c.target).join(dataset, dataset.c.id == block.c.dataset_id).where(*mine)
    for one in ledger.connection.execute(asked.order_by(block.c.counter_after.desc())).all():
        with store.transaction():
            counter = Counter(store.connection, profile.datasets[one.target], store.schema)
            counter.put_back(one.counter_before, one.counter_after)
            ledger.connection.execute(sa.delete(block).where(*mine, block.c.first == one.first))


def as_entered(key: Column, kind: Kind, store: Store) -> Column:
    """A key of the target as the ledger keeps it: as text, in SQLite as it is."""
    return key if store.dialect == "sqlite" else text_of_key(key, kind)


def as_target(entered: Column, column: Reflected, store: Store) -> Column:
    """A key of the ledger as the target's column holds it."""
    if store.dialect == "sqlite" or column.kind is Kind.TEXT:
        return entered
    if column.kind is Kind.NUMBER and not getattr(column.type, "unsigned", False):
        return sa.cast(entered, sa.BigInteger)
    if column.kind is Kind.BYTES and store.dialect == "mariadb":
        return sa.func.unhex(sa.func.substr(entered, 1 + len(BLOB)))
    return sa.cast(entered, column.type)


def in_bulk(entered: Column, here: Column, column: Reflected, store: Store) -> sa.ColumnElement[bool]:
    """That a key of the ledger is the target's (`here`), for joining all rows at once.

    PostgreSQL knows how often texts repeat, not what they are cast into: it took the target's rows into
    memory, and on to its disk, instead of the ledger's keys (0.4 s a million rows).
    """
    if store.dialect == "postgresql" and column.kind is not Kind.TEXT:
        return entered == exact(text_of_key(here, column.kind))
    return as_target(entered, column, store) == here


def as_value(entered: Any, column: Reflected) -> Any:
    """A key that was read from the ledger, as a parameter that is compared with the target's column."""
    if column.kind is Kind.UUID:
        return UUID(entered)
    if column.kind is Kind.BYTES:
        return bytes.fromhex(entered.removeprefix(BLOB)) if isinstance(entered, str) else entered
    return int(entered) if column.kind is Kind.NUMBER else entered
