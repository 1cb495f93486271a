"""The ledger's tables, for queries. Alembic's versions make them; a test proves that both agree.

Text is compared byte by byte in every database, whatever collation the target's own tables have. Rows refer
to their dataset, run and batch without foreign keys: checked row by row, these cost five times the insert.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine, UserDefinedType

KEY_WIDTH = 255
"""How many characters of a key MariaDB and MySQL keep; the other databases keep keys of any length."""

_WHOLE = re.compile("0|-?[1-9][0-9]{0,18}")
_C = "C"
_MARIADB = "utf8mb4_nopad_bin"
_MYSQL = "utf8mb4_0900_bin"

metadata = sa.MetaData()


class Key(UserDefinedType[object]):
    """A key of the target: SQLite keeps its type (an integer stays one, a text stays one), PostgreSQL and
    MariaDB keep its text."""

    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[object], object] | None:
        """Values bound to a key are written as the database keeps them."""
        return None if dialect.name == "sqlite" else lambda value: None if value is None else str(value)


def kept_as(text: str) -> list[object]:
    """What SQLite may keep of a key that is written so: the text, or a whole number of 64 bits."""
    number = int(text) if _WHOLE.fullmatch(text) else None
    return [text] if number is None or not -(2**63) <= number < 2**63 else [text, number]


@compiles(Key)
def _text(_type: Key, _compiler: object, **_: object) -> str:
    return f'TEXT COLLATE "{_C}"'


@compiles(Key, "mysql", "mariadb")
def _varchar(_type: Key, compiler: sa.sql.compiler.TypeCompiler, **_: object) -> str:
    return f"VARCHAR({KEY_WIDTH}) CHARACTER SET utf8mb4 COLLATE {_bytewise(compiler)}"


@compiles(Key, "sqlite")
def _any(_type: Key, _compiler: object, **_: object) -> str:
    return "BLOB"  # SQLite: no affinity, so that joins with the target's key use its index


def _name() -> TypeEngine[str]:
    """A name, a digest or a key of a source, at most KEY_WIDTH characters."""
    return (
        sa.Text()
        .with_variant(sa.Text(collation=_C), "postgresql")
        .with_variant(sa.VARCHAR(KEY_WIDTH, collation=_MARIADB), "mariadb")
        .with_variant(sa.VARCHAR(KEY_WIDTH, collation=_MYSQL), "mysql")
    )


class Long(sa.Text):
    """Text of any length."""


@compiles(Long, "mysql", "mariadb")
def _longtext(_type: Long, compiler: sa.sql.compiler.TypeCompiler, **_: object) -> str:
    return f"LONGTEXT CHARACTER SET utf8mb4 COLLATE {_bytewise(compiler)}"


class LongBytes(sa.LargeBinary):
    """Bytes of any number."""


@compiles(LongBytes, "mysql", "mariadb")
def _longblob(_type: LongBytes, _compiler: object, **_: object) -> str:
    return "LONGBLOB"


def _bytewise(compiler: sa.sql.compiler.TypeCompiler) -> str:
    return _MARIADB if compiler.dialect.name == "mariadb" else _MYSQL


NAME = _name()
TEXT = Long()
BYTES = LongBytes()
HASH = sa.LargeBinary().with_variant(sa.BINARY(32), "mysql", "mariadb")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECONDS = sa.Float().with_variant(sa.Double(), "mysql", "mariadb")


run = sa.Table(
    "merger_run",
    metadata,
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
    sa.Column("hash_form", sa.Integer, nullable=False, server_default="1"),
)
"""`hash_form` says of what the hashes of the run's rows are: 1, of the row as it stands in the target; 2, of
its key in the source and what it fills, with references as the rows that are meant."""
dataset = sa.Table(
    "merger_dataset",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("system", NAME, nullable=False),
    sa.Column("dataset", NAME, nullable=False),
    sa.Column("target", NAME, nullable=False),
    sa.UniqueConstraint("system", "dataset"),
)
block = sa.Table(
    "merger_block",
    metadata,
    sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), primary_key=True),
    sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), primary_key=True),
    sa.Column("first", NUMBER, primary_key=True),
    sa.Column("size", NUMBER, nullable=False),
    sa.Column("counter_before", NUMBER, nullable=False),
    sa.Column("counter_after", NUMBER, nullable=False),
)
batch = sa.Table(
    "merger_batch",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), nullable=False, index=True),
    sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), nullable=False),
    sa.Column("first_key", NAME, nullable=False),
    sa.Column("last_key", NAME, nullable=False),
    sa.Column("rows", NUMBER, nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("kind", NAME, nullable=False, server_default="rows"),
    sa.Column("state", NAME, nullable=False, server_default="done"),
    sa.Column("key_list", TEXT),
    sa.Column("first_target", NUMBER),
    sa.Column("expected", NUMBER),
    sa.Column("seconds", SECONDS),
    sa.Column("worker", NAME),
    sa.Index("merger_batch_by_number", "run", "dataset_id", "number", unique=True),
)
"""A batch is recorded when its run starts (`planned`) and settled with its rows (`done`). `key_list`: the
JSON list of its keys where it is no range. `first_target`: the key of its first row where keys are given out
in blocks. `expected`: rows to settle; `rows`: rows put into the target; `worker`: who moved it."""
row = sa.Table(
    "merger_row",
    metadata,
    sa.Column("dataset_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source_key", NAME, primary_key=True),
    sa.Column("target_key", Key, nullable=False),
    sa.Column("row_hash", HASH, nullable=False),
    sa.Column("merged", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("run", NAME, nullable=False),
    sa.Column("batch", sa.Integer, nullable=False),
    sa.Column("state", NAME, nullable=False, server_default="moved"),
    sa.Column("changed_by", NAME),
    sa.Index("merger_row_by_target", "target_key", "dataset_id"),
    sqlite_with_rowid=False,
)
"""`state`: moved, updated (a later run brought a change over) or withdrawn (gone or finished in the source
after it was moved). `run` and `batch` moved it; `changed_by` is the last run that changed it since."""
change = sa.Table(
    "merger_change",
    metadata,
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
)
"""What a run changed in rows that earlier runs moved: states and hashes, never values."""
file = sa.Table(
    "merger_file",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("dataset_id", sa.Integer, sa.ForeignKey("merger_dataset.id"), nullable=False),
    sa.Column("source_key", NAME, nullable=False),
    sa.Column("path_sha256", NAME, nullable=False),
    sa.Column("target_sha256", NAME),
    sa.Column("size", NUMBER),
    sa.Column("sha256", NAME),
    sa.Column("copied", NUMBER, nullable=False, server_default="0"),
    sa.Column("state", NAME, nullable=False),
    sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), nullable=False, index=True),
    sa.Column("why", NAME, nullable=False, server_default=""),
    sa.Index("merger_file_by_row", "dataset_id", "source_key", "path_sha256", unique=True),
    sa.Index("merger_file_by_target", "target_sha256"),
)
"""One moved file. `path_sha256`: SHA-256 of column, NUL and path in the source; `target_sha256`: of the path
in the target; `sha256`: of the content; `copied`: bytes that this toolkit wrote; `state`: pending, copying,
done, there (an equal file stood there before) or held, `why` then says by which finding. `run` moved the row
that names the file. Digests in hexadecimal."""
approval = sa.Table(
    "merger_approval",
    metadata,
    sa.Column("statement", NAME, primary_key=True),
    sa.Column("keyid", NAME, primary_key=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("role", NAME, nullable=False),
    sa.Column("signed", NAME, nullable=False),
    sa.Column("action", NAME, nullable=False),
    sa.Column("run", NAME, sa.ForeignKey("merger_run.id"), nullable=False),
)
trail = sa.Table(
    "merger_trail",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", NAME, nullable=False),
    sa.Column("actor", NAME, nullable=False),
    sa.Column("action", NAME, nullable=False),
    sa.Column("detail", TEXT, nullable=False),
    sa.Column("previous", NAME, nullable=False),
    sa.Column("hash", NAME, nullable=False),
)
lock = sa.Table("merger_lock", metadata, sa.Column("name", NAME, primary_key=True))
"""Rows that are locked while something is done that only one may do: `trail`."""
version = sa.Table("merger_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))
"""Which version the tables are of; Alembic makes and keeps it."""
FIRST = "0001"
LATEST = "0002"


@lru_cache(maxsize=8)
def of_schema(schema: str | None) -> Mapping[str, sa.Table]:
    """The tables by name; in a schema, where one is named."""
    own = metadata
    if schema:
        own = sa.MetaData()
        for table in metadata.sorted_tables:
            table.to_metadata(own, schema=schema)
    return {table.name: table for table in own.sorted_tables}


def as_of_first(row: sa.Table) -> sa.FromClause:
    """The rows of a ledger of version 0001, which knew of no changes, read as those of later versions."""
    added = sa.literal("moved").label("state"), sa.cast(sa.null(), sa.Text).label("changed_by")
    kept = [one for one in row.c if one.name not in ("state", "changed_by")]
    return sa.select(*kept, *added).subquery("merger_row_read")
