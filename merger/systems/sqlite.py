"""SQLite as source and target: one working connection with both attached.

The working connection's own database is in memory and stays empty; scratch tables live in `temp` (on
disk). The source is attached as `src`, read-only (`mode=ro`; never `immutable=1`, which loses rows
that are still in the write-ahead log); the target as `tgt`, read-only unless asked otherwise. Only the
target's file is ever changed, so a transaction is atomic.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from merger.errors import MergerError, Refused
from merger.systems.canonical import Fold, Sum, bucket, quick_hash, row_hash, stays_as_number, text_of
from merger.systems.kinds import Kind
from merger.systems.times import period, read_time
from merger.systems.values import canonical, fits, is_document

SOURCE = "src"
TARGET = "tgt"
WAIT_MS = 30_000
FAILURES = {
    sqlite3.SQLITE_BUSY: "busy", sqlite3.SQLITE_LOCKED: "busy", sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_FULL: "disk-full", sqlite3.SQLITE_IOERR: "disk-error",
    sqlite3.SQLITE_CANTOPEN: "disk-error", sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}  # fmt: skip

NOT_TEXT = ("Could not decode to UTF-8", "user-defined function raised exception")
"""How the driver tells of a text that is not UTF-8: where it is read, and where it is hashed."""
NOT_UTF_8 = "systems.failed.not-utf-8"


class DatabaseFailed(MergerError):
    """The database could not do what was asked, for a reason that lies outside of the toolkit. The
    transaction was taken back; its text holds no statement and no value."""


def tell_failures(engine: sa.Engine) -> None:
    """Lets an engine raise DatabaseFailed where the disk, a lock or the file is the reason."""

    @sa.event.listens_for(engine, "handle_error")
    def _(context: sa.engine.ExceptionContext) -> None:
        failed = context.original_exception
        code = getattr(failed, "sqlite_errorcode", 0) & 0xFF
        if code in FAILURES:
            raise DatabaseFailed(f"systems.failed.{FAILURES[code]}") from failed
        if str(failed).startswith(NOT_TEXT):
            raise DatabaseFailed(NOT_UTF_8) from None  # the driver quotes the text


class Workbench:
    """The working connection. `connection` speaks SQLAlchemy; statements name `src`, `tgt`, `temp`."""

    def __init__(self, target: Path | None = None, *, write: bool = False) -> None:
        self._engine = sa.create_engine(
            "sqlite://", creator=_connect, poolclass=StaticPool, hide_parameters=True
        )
        tell_failures(self._engine)
        self.connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if target is not None:
            _finish_crash(target)
            self._attach(target, TARGET, "rw" if write else "ro")

    def __enter__(self) -> "Workbench":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()
        self._engine.dispose()

    @contextmanager
    def source(self, path: Path) -> Iterator[None]:
        """Attaches a source, read-only, for the time of the block."""
        self._attach(path, SOURCE, "ro")
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

    def _attach(self, path: Path, schema: str, mode: str) -> None:
        if not path.is_file():
            raise Refused("systems.no-database", path=path)
        uri = f"file:{quote(str(path.resolve()))}?mode={mode}"
        try:
            self.connection.exec_driver_sql(f"ATTACH DATABASE '{uri}' AS {schema}")
            self.connection.exec_driver_sql(f"SELECT count(*) FROM {schema}.sqlite_master")
        except (DatabaseFailed, sa.exc.DBAPIError) as error:
            if _journal(path).exists():
                raise Refused("systems.half-written", path=path) from error
            why = error.__cause__ if isinstance(error, DatabaseFailed) else error.orig
            raise Refused("systems.not-readable", path=path, why=str(why)) from error


def affinity(declared: str) -> str:
    """What SQLite makes of values in a column of a declared type: `text`, `number`, or it leaves them.

    Source: sqlite.org/datatype3.html, 3.1."""
    words = declared.upper()
    if "INT" in words:
        return "number"
    if any(one in words for one in ("CHAR", "CLOB", "TEXT")):
        return "text"
    return "" if not words or "BLOB" in words else "number"


def _text(value: object) -> str | None:
    return None if value is None else text_of(value)


def _canonical(value: object, kind: str, zone: str) -> str | None:
    return canonical(value, Kind(kind), zone)


def _unfit(value: object, kind: str, zone: str) -> int:
    return 0 if fits(value, Kind(kind), zone) else 1


def _unhex(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)


def has_journal(path: Path) -> bool:
    """Whether a program that was killed left a database half-written."""
    return _journal(path).exists()


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _finish_crash(target: Path) -> None:
    """Lets SQLite take back what a killed writer left half-written in the target.

    A connection that only reads may not, and so could not open the database at all. A source is never
    touched like this.
    """
    if target.is_file() and _journal(target).exists():
        uri = f"file:{quote(str(target.resolve()))}?mode=rw"
        with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True, timeout=WAIT_MS / 1000)) as own:
            own.execute("SELECT count(*) FROM sqlite_master")


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    connection.execute("PRAGMA foreign_keys = OFF")
    register(connection)
    return connection


def register(connection: sqlite3.Connection) -> None:
    """Gives a connection the functions that statements of `merger.systems.functions` call."""
    connection.create_function("merger_time", 4, read_time, deterministic=True)
    connection.create_function("merger_period", 2, period, deterministic=True)
    connection.create_function("merger_number", 1, stays_as_number, deterministic=True)
    connection.create_function("merger_text", 1, _text, deterministic=True)
    connection.create_function("merger_hash", -1, row_hash, deterministic=True)
    connection.create_function("merger_canonical", 3, _canonical, deterministic=True)
    connection.create_function("merger_unfit", 3, _unfit, deterministic=True)
    connection.create_function("merger_quick", -1, quick_hash, deterministic=True)
    connection.create_function("merger_bucket", 2, bucket, deterministic=True)
    connection.create_function("merger_json_ok", 1, is_document, deterministic=True)
    connection.create_function("merger_unhex", 1, _unhex, deterministic=True)
    connection.create_aggregate("merger_fold", -1, Fold)  # type: ignore[arg-type]
    connection.create_aggregate("merger_sum", 1, Sum)  # type: ignore[arg-type]
