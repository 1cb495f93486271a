"""SQLite to SQLite: `INSERT … SELECT … JOIN` over an attached, read-only source."""

import sqlalchemy as sa

from merger.errors import MergerError
from merger.migrate.ledger import Ledger
from merger.migrate.projection import Projection
from merger.migrate.stage import MOVE, Stage
from merger.systems.expressions import Column
from merger.systems.profile import Dataset
from merger.systems.sqlite import TARGET


class BatchError(MergerError):
    """A batch that did not move what it should, or that the target did not take. It was rolled back."""


def move_batch(
    stage: Stage,
    projection: Projection,
    target: Dataset,
    ledger: Ledger,
    run: str,
    keys: tuple[object, object],
) -> int:
    """Moves the rows whose keys lie in `keys` (first and last) with their ledger rows and the batch's.

    To be called in a transaction. Returns how many rows were settled (moved or merged). Raises
    BatchError where the target took fewer rows than the stage has.
    """
    connection = stage.bench.connection
    dataset_id = ledger.dataset_id(stage.system, stage.name)
    first, last = keys
    rows = projection.rows.c
    here = (rows.key.between(first, last)) & (rows.fate == MOVE) & (rows.done == 0)
    columns = list(projection.columns)
    table = sa.table(target.table, *[sa.column(name) for name in columns], schema=TARGET)
    moved = connection.execute(
        sa.insert(table).from_select(columns, projection.select().where(here, rows.merged == 0))
    ).rowcount
    settled = ledger.connection.execute(
        sa.insert(ledger.batch).values(
            run=run, dataset_id=dataset_id, first_key=str(first), last_key=str(last), rows=moved
        )
    )
    assert settled.inserted_primary_key is not None
    batch = settled.inserted_primary_key[0]
    stage_rows = stage.rows.alias("st")
    st = stage_rows.c
    mine = (st.key.between(first, last)) & (st.fate == MOVE) & (st.done == 0)
    target_rows = table.alias("t")
    there = sa.join(stage_rows, target_rows, target_rows.c[target.key[0]] == st.target_key)
    kept = sa.select(
        sa.literal(dataset_id), sa.cast(st.key, sa.Text), st.target_key,
        sa.func.merger_hash(*[target_rows.c[name] for name in columns]), st.merged, sa.literal(run),
        sa.literal(batch),
    ).select_from(there)  # fmt: skip
    names = ["dataset_id", "source_key", "target_key", "row_hash", "merged", "run", "batch"]
    written = connection.execute(sa.insert(ledger.row).from_select(names, kept.where(mine))).rowcount
    expected = _count(connection, stage_rows, mine)
    if written != expected or moved != _count(connection, stage_rows, mine & (st.merged == 0)):
        raise BatchError(
            "migrate.batch-short", system=stage.system, dataset=stage.name, expected=expected, moved=written
        )
    return written


def _count(connection: sa.Connection, rows: sa.FromClause, where: Column) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(rows).where(where)).scalar() or 0
