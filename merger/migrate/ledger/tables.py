"""The ledger's tables, for queries. Alembic's versions make them; a test proves that both agree."""

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType

metadata = sa.MetaData()


class Key(UserDefinedType[object]):
    """A key as the target holds it: an integer stays one, a text stays one."""

    cache_ok = True


@compiles(Key)
def _text(_type: Key, _compiler: object, **_: object) -> str:
    return "TEXT"


@compiles(Key, "sqlite")
def _any(_type: Key, _compiler: object, **_: object) -> str:
    return "BLOB"  # SQLite: no affinity, so that joins with the target's key use its index


run = sa.Table(
    "merger_run",
    metadata,
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
dataset = sa.Table(
    "merger_dataset",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.UniqueConstraint("system", "dataset"),
)
block = sa.Table(
    "merger_block",
    metadata,
    sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), primary_key=True),
    sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), primary_key=True),
    sa.Column("first", sa.Integer, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("counter_before", sa.Integer, nullable=False),
    sa.Column("counter_after", sa.Integer, nullable=False),
)
batch = sa.Table(
    "merger_batch",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), nullable=False, index=True),
    sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), nullable=False),
    sa.Column("first_key", sa.Text, nullable=False),
    sa.Column("last_key", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
)
row = sa.Table(
    "merger_row",
    metadata,
    sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), primary_key=True),
    sa.Column("source_key", sa.Text, primary_key=True),
    sa.Column("target_key", Key, nullable=False),
    sa.Column("row_hash", sa.LargeBinary, nullable=False),
    sa.Column("merged", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), nullable=False),
    sa.Column("batch", sa.Integer, sa.ForeignKey("merger_batch.id"), nullable=False),
    sa.Index("merger_row_by_target", "target_key", "dataset_id"),
    sqlite_with_rowid=False,
)
approval = sa.Table(
    "merger_approval",
    metadata,
    sa.Column("statement", sa.Text, primary_key=True),
    sa.Column("keyid", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("signed", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("run", sa.Text, sa.ForeignKey("merger_run.id"), nullable=False),
)
trail = sa.Table(
    "merger_trail",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
