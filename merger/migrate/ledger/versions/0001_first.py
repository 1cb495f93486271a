"""The ledger's first tables."""

import sqlalchemy as sa
from alembic import op

from merger.migrate.ledger.tables import Key

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes runs, batches, blocks of keys, rows, approvals used, and the audit trail."""
    op.create_table(
        "merger_run",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("plan_sha256", sa.Text, nullable=False, unique=True),
        sa.Column("plan", sa.LargeBinary, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
        sa.Column("verification", sa.Text),
    )
    op.create_table(
        "merger_dataset",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.UniqueConstraint("system", "dataset"),
    )
    op.create_table(
        "merger_block",
        sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), primary_key=True),
        sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("counter_before", sa.Integer, nullable=False),
        sa.Column("counter_after", sa.Integer, nullable=False),
    )
    op.create_table(
        "merger_batch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), nullable=False, index=True),
        sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), nullable=False),
        sa.Column("first_key", sa.Text, nullable=False),
        sa.Column("last_key", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
    )
    op.create_table(
        "merger_row",
        sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), primary_key=True),
        sa.Column("source_key", sa.Text, primary_key=True),
        sa.Column("target_key", Key, nullable=False),
        sa.Column("row_hash", sa.LargeBinary, nullable=False),
        sa.Column("merged", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), nullable=False),
        sa.Column("batch", sa.Integer, sa.ForeignKey("merger_batch.id"), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("merger_row_by_target", "merger_row", ["target_key", "dataset_id"])
    op.create_table(
        "merger_approval",
        sa.Column("statement", sa.Text, primary_key=True),
        sa.Column("keyid", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), nullable=False),
    )
    op.create_table(
        "merger_trail",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """There is no way back: the ledger is for ever."""
    raise NotImplementedError
