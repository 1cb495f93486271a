"""Keys of moved rows in the target: reserved in blocks that the platform's own work never touches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.ledger import Ledger
from merger.migrate.stage import MOVE, Stage
from merger.systems.expressions import Column
from merger.systems.profile import Dataset
from merger.systems.sqlite import TARGET


@dataclass(frozen=True)
class Counter:
    """Where the target keeps the last key that it gave out: its own counter, or the table's sequence."""

    connection: sa.Connection
    dataset: Dataset

    def value(self) -> int:
        """The last key given out, or the highest in use where that is more."""
        table = sa.table(self.dataset.table, schema=TARGET)
        key: Column = sa.column(self.dataset.key[0])
        highest = self.connection.execute(sa.select(sa.func.max(key)).select_from(table)).scalar() or 0
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
        done = self.connection.execute(
            sa.update(table).values({column: value}).where(*[sa.column(k) == v for k, v in where.items()])
        )
        if done.rowcount == 0 and self._by_sequence:
            self.connection.execute(sa.insert(table).values({**where, column: value}))
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
        found: int | None = self.connection.execute(asked.where(*conditions)).scalar()
        return found

    def _place(self) -> tuple[sa.TableClause, str, dict[str, str]]:
        keys = self.dataset.keys
        if keys.counter_table:
            table, column, where = keys.counter_table, keys.counter_column, keys.counter_where
        else:
            table, column, where = "sqlite_sequence", "seq", {"name": self.dataset.table}
        names: list[Any] = [sa.column(column), *[sa.column(name) for name in where]]
        return sa.table(table, *names, schema=TARGET), column, where


def allot(stage: Stage, target: Dataset, ledger: Ledger, run: str) -> None:
    """Gives every row that is to move its key: those that the ledger knows keep theirs.

    Must be called in the transaction that starts or resumes the run. Rows are numbered in the order of
    their source keys from where the run's block stands, so that a resumed run gives the same keys as one
    that was never interrupted.
    """
    connection = stage.bench.connection
    rows = stage.rows
    if target.keys.way == "keep":
        connection.execute(sa.update(rows).where(rows.c.target_key.is_(None)).values(target_key=rows.c.key))
        return
    new = (rows.c.fate == MOVE) & (rows.c.done == 0) & (rows.c.merged == 0)
    count = connection.execute(sa.select(sa.func.count()).select_from(rows).where(new)).scalar() or 0
    if count == 0:
        return
    first = _next_key(stage, target, ledger, run, count)
    ranked = (
        sa.select(rows.c.key, (sa.func.row_number().over(order_by=rows.c.key) + (first - 1)).label("number"))
        .where(new)
        .subquery("ranked")
    )
    connection.execute(sa.update(rows).values(target_key=ranked.c.number).where(rows.c.key == ranked.c.key))


def _next_key(stage: Stage, target: Dataset, ledger: Ledger, run: str, count: int) -> int:
    """The first free key of the run's block, which is reserved now if it is not or is too small."""
    connection = stage.bench.connection
    number = ledger.dataset_id(stage.system, stage.name)
    block, moved = ledger.block, ledger.row
    mine = sa.select(block.c.first, block.c.size).where(block.c.run == run, block.c.dataset_id == number)
    for first, size in connection.execute(mine.order_by(block.c.first.desc()).limit(1)):
        last = connection.execute(
            sa.select(sa.func.max(moved.c.target_key)).where(
                moved.c.dataset_id == number,
                moved.c.run == run,
                moved.c.target_key.between(first, first + size - 1),
                moved.c.merged == sa.false(),
            )
        ).scalar()
        free = first if last is None else int(last) + 1
        if free + count <= first + size:
            return int(free)
    counter = Counter(connection, target)
    before = counter.kept()
    first = counter.value() + 1
    counter.advance(first + count - 1)
    connection.execute(
        sa.insert(block).values(
            run=run, dataset_id=number, first=first, size=count,
            counter_before=before, counter_after=first + count - 1,
        )
    )  # fmt: skip
    return first


def merge_keys(stage: Stage, stages: Mapping[str, Stage], ledger: Ledger, target: Dataset) -> None:
    """Gives merged rows the key of the row that they were merged into: the target's own, one of the same
    system by its stage (`stages`), or one that an earlier system moved, by the ledger."""
    connection = stage.bench.connection
    connection.exec_driver_sql("DROP TABLE IF EXISTS temp.survivor")
    connection.exec_driver_sql("CREATE TEMP TABLE survivor (key TEXT PRIMARY KEY, target_key) WITHOUT ROWID")
    survivor = sa.table("survivor", sa.column("key"), sa.column("target_key"), schema="temp")
    for found in _survivors(stage, stages, ledger, target):
        connection.execute(sa.insert(survivor).from_select(["key", "target_key"], found))
    connection.execute(
        sa.update(stage.rows)
        .values(target_key=survivor.c.target_key)
        .where(survivor.c.key == sa.cast(stage.rows.c.key, sa.Text), stage.rows.c.done == 0)
    )


def _survivors(
    stage: Stage, stages: Mapping[str, Stage], ledger: Ledger, target: Dataset
) -> Iterator[sa.Select[*tuple[Any, ...]]]:
    """(key, target's key of the survivor) of merged rows, one query for each place of survivors."""
    merged = stage.exceptions.c
    own = sa.cast(merged.into_key, sa.Integer) if target.keys.way == "block" else merged.into_key
    yield sa.select(merged.key, own).where(merged.into_key.is_not(None), merged.into_system.is_(None))
    for name, other in stages.items():
        rows = other.rows.alias("r")
        here = (merged.into_system == stage.system) & (merged.into_dataset == name)
        joined = sa.join(rows, stage.exceptions, merged.into_key == sa.cast(rows.c.key, sa.Text))
        yield sa.select(merged.key, rows.c.target_key).select_from(joined).where(here)
    row, dataset = ledger.row.c, ledger.dataset.c
    moved = sa.join(
        stage.exceptions,
        ledger.dataset,
        (dataset.system == merged.into_system) & (dataset.dataset == merged.into_dataset),
    ).join(ledger.row, (row.dataset_id == dataset.id) & (row.source_key == merged.into_key))
    yield sa.select(merged.key, row.target_key).select_from(moved).where(merged.into_system != stage.system)
