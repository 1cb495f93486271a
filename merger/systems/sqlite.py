"""SQLite as source and target: one working connection with both attached.

The working connection's own database is in memory and stays empty; scratch tables live in `temp` (on
disk). The source is attached as `src`, read-only (`mode=ro`; never `immutable=1`, which loses rows
that are still in the write-ahead log); the target as `tgt`, read-only unless asked otherwise. Only the
target's file is ever changed, so a transaction is atomic.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from merger.systems.sqlite_functions import register
from merger.systems.stores.failures import NOT_UTF_8, DatabaseFailed, tell_failures
from merger.systems.stores.sqlite import (
    SOURCE,
    TARGET,
    WAIT_MS,
    attach,
    connected,
    finish_crash,
    has_journal,
)

__all__ = [
    "NOT_UTF_8", "SOURCE", "TARGET", "WAIT_MS", "DatabaseFailed", "Workbench", "affinity", "has_journal",
    "register", "tell_failures",
]  # fmt: skip


class Workbench:
    """The working connection. `connection` speaks SQLAlchemy; statements name `src`, `tgt`, `temp`."""

    def __init__(self, target: Path | None = None, *, write: bool = False) -> None:
        self.connection, self._close = connected()
        if target is not None:
            finish_crash(target)
            attach(self.connection, target, TARGET, "rw" if write else "ro")

    def __enter__(self) -> "Workbench":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._close()

    @contextmanager
    def source(self, path: Path) -> Iterator[None]:
        """Attaches a source, read-only, for the time of the block."""
        attach(self.connection, path, SOURCE, "ro")
        try:
            yield
        finally:
            self.connection.exec_driver_sql(f"DETACH DATABASE {SOURCE}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction in the target. An error rolls it back."""
        self.connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.exec_driver_sql("COMMIT")
        except BaseException:
            raw = self.connection.connection.driver_connection
            if raw is not None and raw.in_transaction:  # SQLite itself takes back what a full disk stopped
                self.connection.exec_driver_sql("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One consistent view of what is attached, for reading."""
        self.connection.exec_driver_sql("BEGIN")
        try:
            yield
        finally:
            self.connection.exec_driver_sql("COMMIT")

    def type_of(self, schema: str, table: str, column: str) -> str:
        """The declared type of a column, to be used for scratch columns that are joined with it: SQLite
        uses no index where the types of both sides differ."""
        asked = sa.text("SELECT type FROM pragma_table_info(:table, :schema) WHERE name = :column")
        given = {"table": table, "schema": schema, "column": column}
        return self.connection.execute(asked, given).scalar() or ""


def affinity(declared: str) -> str:
    """What SQLite makes of values in a column of a declared type: `text`, `number`, or it leaves them.

    Source: sqlite.org/datatype3.html, 3.1."""
    words = declared.upper()
    if "INT" in words:
        return "number"
    if any(one in words for one in ("CHAR", "CLOB", "TEXT")):
        return "text"
    return "" if not words or "BLOB" in words else "number"
