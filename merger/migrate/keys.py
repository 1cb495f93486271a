"""Keys of moved rows in the target: reserved in blocks that the platform's own work never touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from merger.migrate.counters import Counter, Reserved
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.tables import kept_as
from merger.systems.canonical import BLOB
from merger.systems.expressions import Column, Row, Typed
from merger.systems.functions import exact, text_of_key
from merger.systems.kinds import WRITTEN, Kind
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


def order_of(row: Row) -> tuple[Column, ...]:
    """By what a source's rows are sorted by their keys, so that no two are alike: byte by byte too where only
    the profile says that keys differ, since a collation may take several for one; byte by byte alone where
    the database sorts a key otherwise than it compares it."""
    key = row.key
    if getattr(key.sql.type, "listed", False):
        return (exact(key.sql),)
    if key.kind not in WRITTEN or row.store.keeps_key(row.dataset.table, row.dataset.key):
        return (key.sql,)
    return key.sql, exact(key.sql)


def between(order: tuple[Column, ...], first: Any, last: Any) -> sa.ColumnElement[bool]:
    """Whether a row's key lies between two others, in the order of `order_of`."""
    key, exactly = order[0], order[-1]
    within = key.between(first, last)
    if len(order) == 1:
        return within
    return sa.and_(
        within, sa.or_(key != first, exactly >= first), sa.or_(key != last, exactly <= last)
    )  # fmt: skip


def edge_of(key: Typed, store: Store) -> Column:
    """A source's key as batches note where they begin and end: whole numbers and texts as they are, in
    PostgreSQL all else as text, since its driver has no objects for all that it has."""
    return text_of_key(*key) if _is_written(key, store) else key.sql


def edge_from(edge: Any, key: Typed, store: Store) -> Any:
    """What was noted by `edge_of`, to be compared with the key."""
    return sa.cast(sa.literal(edge, sa.Text), key.sql.type) if _is_written(key, store) else edge


def _is_written(key: Typed, store: Store) -> bool:
    return store.dialect == "postgresql" and not isinstance(key.sql.type, sa.Integer | sa.String | sa.Uuid)


def as_entered(key: Column, kind: Kind, store: Store) -> Column:
    """A key of the target as the ledger keeps it: as text, in SQLite as it is."""
    return key if store.dialect == "sqlite" else text_of_key(key, kind)


def as_kept(text: str, column: Reflected, store: Store) -> object:
    """A key of the target that is known by its text, as the ledger keeps it."""
    return text if store.dialect != "sqlite" or column.kind is Kind.TEXT else kept_as(text)[-1]


def as_target(entered: Column, column: Reflected, store: Store) -> Column:
    """A key of the ledger as the target's column holds it."""
    if store.dialect == "sqlite" or _is_text(column):
        return entered
    if getattr(column.type, "unsigned", False):
        return sa.cast(entered, column.type)
    if column.kind is Kind.NUMBER and (store.dialect != "postgresql" or isinstance(column.type, sa.Integer)):
        return sa.cast(entered, sa.BigInteger)
    if column.kind is Kind.BYTES and store.dialect == "mariadb":
        return sa.func.unhex(sa.func.substr(entered, 1 + len(BLOB)))
    return sa.cast(entered, column.type)


def is_here(entered: Column, here: Column, column: Reflected, store: Store) -> sa.ColumnElement[bool]:
    """That a key of the ledger is the target's (`here`), for joining few rows: by the index of the key.

    Texts of PostgreSQL have collations, of which no two can be compared.
    """
    if store.dialect == "postgresql" and _is_text(column):
        return entered == exact(here)
    return as_target(entered, column, store) == here


def in_bulk(entered: Column, here: Column, column: Reflected, store: Store) -> sa.ColumnElement[bool]:
    """`is_here`, for joining all rows at once.

    PostgreSQL knows how often texts repeat, not what they are cast into: it took the target's rows into
    memory, and on to its disk, instead of the ledger's keys (0.4 s a million rows).
    """
    if store.dialect == "postgresql":
        return entered == exact(text_of_key(here, column.kind))
    return is_here(entered, here, column, store)


def looked_up(entered: Column, here: Column, column: Reflected, store: Store) -> sa.ColumnElement[bool]:
    """`is_here`, for looking the ledger up by its index of the target's keys.

    SQLite compares a column of whole numbers or texts as such with everything, for which no index serves; so
    the ledger's key is asked for what the column holds, of its own type and of the other.
    """
    if store.dialect != "sqlite":
        return entered == exact(text_of_key(here, column.kind))
    kind, number = sa.func.typeof(here), sa.cast(here, sa.Integer)
    text = sa.cast(here, sa.Text)
    other = sa.case(
        (kind == "integer", text), (sa.and_(kind == "text", sa.cast(number, sa.Text) == text), number)
    )
    return entered.in_([sa.case((here.is_not(None), here)), other])


def as_value(entered: Any, column: Reflected, store: Store) -> Any:
    """A key that was read from the ledger, to be compared with the target's column."""
    if column.kind is Kind.UUID:
        return UUID(entered)
    if column.kind is Kind.BYTES and store.dialect == "mariadb":
        return bytes.fromhex(entered.removeprefix(BLOB))
    if isinstance(column.type, sa.Integer) or (column.kind is Kind.NUMBER and store.dialect != "postgresql"):
        return int(entered)
    if store.dialect == "postgresql" and not _is_text(column):
        return sa.cast(sa.literal(entered, sa.Text), column.type)
    return entered


def _is_text(column: Reflected) -> bool:
    """Whether a column holds text, not what is only written as such (an enumeration of PostgreSQL's)."""
    return column.kind is Kind.TEXT and not isinstance(column.type, sa.types.UserDefinedType)
