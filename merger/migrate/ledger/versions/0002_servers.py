"""Ledgers on servers: batches that are planned before they are done, what later runs change, moved files.

The rows lose their foreign keys, which cost five times the insert; what they refer to is never deleted.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from merger.migrate.ledger.steps import index
from merger.migrate.ledger.tables import HASH, NAME, NUMBER, SECONDS, TEXT, Key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds to batches and rows, and makes the tables of changes, of files and of locks.

    MariaDB commits every step by itself: each can be repeated, so that an upgrade that was killed goes on.
    """
    _runs()
    _batches()
    _rows()
    op.create_table(
        "merger_change",
        sa.Column("run", NAME, primary_key=True),
        sa.Column("dataset_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source_key", NAME, primary_key=True),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("state_before", NAME, nullable=False),
        sa.Column("state_after", NAME, nullable=False),
        sa.Column("hash_before", HASH, nullable=False),
        sa.Column("hash_after", HASH, nullable=False),
        sa.Column("changed_before", NAME),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "merger_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), nullable=False),
        sa.Column("source_key", NAME, nullable=False),
        sa.Column("path_sha256", NAME, nullable=False),
        sa.Column("target_sha256", NAME),
        sa.Column("size", NUMBER),
        sa.Column("sha256", NAME),
        sa.Column("copied", NUMBER, nullable=False, server_default="0"),
        sa.Column("state", NAME, nullable=False),
        sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), nullable=False),
        sa.Column("why", NAME, nullable=False, server_default=""),
        if_not_exists=True,
    )
    index("ix_merger_file_run", "merger_file", ["run"])
    index("merger_file_by_target", "merger_file", ["target_sha256"])
    index("merger_file_by_row", "merger_file", ["dataset_id", "source_key", "path_sha256"], unique=True)
    op.create_table("merger_lock", sa.Column("name", NAME, primary_key=True), if_not_exists=True)
    lock = sa.table("merger_lock", sa.column("name"))
    op.execute(sa.delete(lock))
    op.execute(sa.insert(lock).values(name="trail"))


def _runs() -> None:
    _add("merger_run", sa.Column("hash_form", sa.Integer, nullable=False, server_default="1"))


def _batches() -> None:
    _add(
        "merger_batch",
        sa.Column("number", sa.Integer),
        sa.Column("kind", NAME, nullable=False, server_default="rows"),
        sa.Column("state", NAME, nullable=False, server_default="done"),
        sa.Column("key_list", TEXT),
        sa.Column("first_target", NUMBER),
        sa.Column("expected", NUMBER),
        sa.Column("seconds", SECONDS),
        sa.Column("worker", NAME),
    )
    if op.get_bind().dialect.name == "sqlite":
        _number_old_batches()
    index("merger_batch_by_number", "merger_batch", ["run", "dataset_id", "number"], unique=True)


def _add(table: str, *columns: sa.Column[Any]) -> None:
    known = {one["name"] for one in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in known:
            op.add_column(table, column)


def _number_old_batches() -> None:
    """Batches of version 0001, which wrote to SQLite only, in the order in which they were done."""
    batch = sa.table("merger_batch", *map(sa.column, ("id", "run", "dataset_id", "number")))
    earlier = batch.alias("earlier")
    mine = (earlier.c.run == batch.c.run) & (earlier.c.dataset_id == batch.c.dataset_id)
    number = sa.select(sa.func.count()).where(mine, earlier.c.id <= batch.c.id).scalar_subquery()
    op.execute(sa.update(batch).values(number=number))


def _rows() -> None:
    """Makes the table of rows anew, without foreign keys, with the old rows, and lets it take the place of
    the old one. On MariaDB, which shows each step, others find all rows at every moment."""
    known = {one["name"] for one in sa.inspect(op.get_bind()).get_columns("merger_row")}
    if "state" not in known:
        op.create_table(
            "merger_row_0002",
            sa.Column("dataset_id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("source_key", NAME, primary_key=True),
            sa.Column("target_key", Key, nullable=False),
            sa.Column("row_hash", HASH, nullable=False),
            sa.Column("merged", sa.Boolean, nullable=False, server_default="0"),
            sa.Column("run", NAME, nullable=False),
            sa.Column("batch", sa.Integer, nullable=False),
            sa.Column("state", NAME, nullable=False, server_default="moved"),
            sa.Column("changed_by", NAME),
            sqlite_with_rowid=False,
            if_not_exists=True,
        )
        names = ["dataset_id", "source_key", "target_key", "row_hash", "merged", "run", "batch"]
        old, new = (sa.table(name, *map(sa.column, names)) for name in ("merger_row", "merger_row_0002"))
        op.execute(sa.delete(new))
        op.execute(sa.insert(new).from_select(names, sa.select(*old.c)))
        if op.get_bind().dialect.name in ("mysql", "mariadb"):
            op.execute("RENAME TABLE merger_row TO merger_row_0001, merger_row_0002 TO merger_row")
        else:
            op.rename_table("merger_row", "merger_row_0001")
            op.rename_table("merger_row_0002", "merger_row")
    if "merger_row_0001" in sa.inspect(op.get_bind()).get_table_names():
        op.drop_table("merger_row_0001")
    index("merger_row_by_target", "merger_row", ["target_key", "dataset_id"])


def downgrade() -> None:
    """There is no way back: the ledger is for ever."""
    raise NotImplementedError
