"""The ledger's first tables."""

import sqlalchemy as sa
from alembic import op

from merger.migrate.ledger.steps import index
from merger.migrate.ledger.tables import BYTES, HASH, NAME, NUMBER, SECONDS, TEXT, Key

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes runs, batches, blocks of keys, rows, approvals used, and the audit trail."""
    op.create_table(
        "merger_run",
        sa.Column("id", NAME, primary_key=True),
        sa.Column("job", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("plan_sha256", NAME, nullable=False, unique=True),
        sa.Column("plan", BYTES, nullable=False),
        sa.Column("started", NAME, nullable=False),
        sa.Column("ended", NAME),
        sa.Column("seconds", SECONDS, nullable=False, server_default="0"),
        sa.Column("verification", TEXT),
        if_not_exists=True,
    )
    op.create_table(
        "merger_dataset",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("system", NAME, nullable=False),
        sa.Column("dataset", NAME, nullable=False),
        sa.Column("target", NAME, nullable=False),
        sa.UniqueConstraint("system", "dataset"),
        if_not_exists=True,
    )
    op.create_table(
        "merger_block",
        sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), primary_key=True),
        sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), primary_key=True),
        sa.Column("first", NUMBER, primary_key=True),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("counter_before", NUMBER, nullable=False),
        sa.Column("counter_after", NUMBER, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "merger_batch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), nullable=False),
        sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), nullable=False),
        sa.Column("first_key", NAME, nullable=False),
        sa.Column("last_key", NAME, nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        if_not_exists=True,
    )
    index("ix_merger_batch_run", "merger_batch", ["run"])
    op.create_table(
        "merger_row",
        sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), primary_key=True),
        sa.Column("source_key", NAME, primary_key=True),
        sa.Column("target_key", Key, nullable=False),
        sa.Column("row_hash", HASH, nullable=False),
        sa.Column("merged", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), nullable=False),
        sa.Column("batch", sa.Integer, sa.ForeignKey("merger_batch.id"), nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    index("merger_row_by_target", "merger_row", ["target_key", "dataset_id"])
    op.create_table(
        "merger_approval",
        sa.Column("statement", NAME, primary_key=True),
        sa.Column("keyid", NAME, primary_key=True),
        sa.Column("name", NAME, nullable=False),
        sa.Column("role", NAME, nullable=False),
        sa.Column("signed", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "merger_trail",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", NAME, nullable=False),
        sa.Column("actor", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("previous", NAME, nullable=False),
        sa.Column("hash", NAME, nullable=False),
        if_not_exists=True,
    )


def downgrade() -> None:
    """There is no way back: the ledger is for ever."""
    raise NotImplementedError
