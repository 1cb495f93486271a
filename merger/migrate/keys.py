"""Keys of moved rows in the target: reserved in blocks that the platform's own work never touches."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from merger.migrate.counters import Counter
from merger.migrate.ledger import Ledger
from merger.migrate.stage import MOVE, Stage
from merger.systems.profile import Dataset


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
    reserved = Counter(connection, target).reserve(count)
    connection.execute(
        sa.insert(block).values(
            run=run, dataset_id=number, first=reserved.first, size=count,
            counter_before=reserved.before, counter_after=reserved.after,
        )
    )  # fmt: skip
    return reserved.first


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
