"""What a database's error means, whichever database and driver it comes from.

A `DatabaseFailed` is a reason that lies outside of the toolkit: a lock, the disk, the network, a right that
is missing, text that is no text. Its message holds no statement and no value. What is none of these, such as
a statement that a database does not understand, stays the driver's own error.

Codes are those of sqlite.org/rescode.html, PostgreSQL's Appendix A and MariaDB's "Error Codes".
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from merger.errors import MergerError

logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())
# A lost connection is told by what it was used for; how tidying up after it failed would be a traceback.

PART = "systems.failed."
NOT_UTF_8 = PART + "not-utf-8"
LOST = PART + "lost"
NO_ANSWER = PART + "no-answer"
NOT_ALLOWED = PART + "not-allowed"
NO_CHARACTER = PART + "no-character"
DAMAGED = PART + "damaged"
UNFIT = PART + "unfit"
ENDED = frozenset((LOST, PART + "replaying"))
"""What ends a connection, or the view that is read over it."""
TRANSIENT = frozenset(
    PART + key for key in ("busy", "deadlock", "lost", "replaying", "no-answer", "no-room", "stopped")
)
"""What may have passed when the same is tried again."""

_SQLITE = {
    sqlite3.SQLITE_BUSY: "busy", sqlite3.SQLITE_LOCKED: "busy", sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_FULL: "disk-full", sqlite3.SQLITE_IOERR: "disk-error",
    sqlite3.SQLITE_CANTOPEN: "disk-error",
    sqlite3.SQLITE_CORRUPT: "damaged", sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_NOMEM: "out-of-memory",
    sqlite3.SQLITE_PERM: "not-allowed", sqlite3.SQLITE_AUTH: "not-allowed",
}  # fmt: skip

_NOT_TEXT = (
    "Could not decode to UTF-8", "user-defined function raised exception",
    "user-defined aggregate's 'step' method raised error",
)  # fmt: skip
"""How SQLite's driver tells of a text that is not UTF-8: where it is read, hashed, and counted."""
_PROGRAMS_OWN = re.compile(
    "no such collation sequence|no such module|unknown tokenizer|no such function: (?!merger_)"
)
"""How SQLite tells that a schema needs what only the program that made the file has."""

_POSTGRESQL = {
    "55P03": "busy", "57014": "stopped", "53400": "stopped", "40P01": "deadlock", "40001": "replaying",
    "25006": "read-only", "53100": "disk-full", "53200": "out-of-memory", "53300": "no-room",
    "57P03": "lost", "57P01": "lost", "57P02": "lost", "57P04": "lost", "57P05": "lost", "25P03": "lost",
    "58030": "disk-error", "XX001": "damaged", "XX002": "damaged", "42501": "not-allowed",
    "28000": "not-allowed", "28P01": "not-allowed", "22021": "not-utf-8", "22P05": "no-character",
    "55000": "not-ready",
}  # fmt: skip
_POSTGRESQL_CLASSES = {"08": "lost", "22": "unfit"}

_MARIADB = {
    1205: "busy", 1206: "busy", 1317: "stopped", 1969: "stopped", 3024: "stopped", 1213: "deadlock",
    1020: "deadlock", 1290: "read-only", 1792: "read-only", 1836: "read-only", 1021: "disk-full",
    1114: "disk-full", 1037: "out-of-memory", 1038: "out-of-memory", 1041: "out-of-memory", 1040: "no-room",
    1203: "no-room", 1226: "no-room", 1047: "lost", 1053: "lost", 1080: "lost", 1152: "lost", 1158: "lost",
    1159: "lost", 1160: "lost", 1161: "lost", 1184: "lost", 1927: "lost", 2002: "lost", 2003: "lost",
    2006: "lost", 2013: "lost", 2055: "lost", 1004: "disk-error", 1023: "disk-error", 1024: "disk-error",
    1026: "disk-error", 1034: "damaged", 1035: "damaged", 1194: "damaged", 1195: "damaged", 1877: "damaged",
    1712: "damaged", 1044: "not-allowed", 1045: "not-allowed", 1142: "not-allowed", 1143: "not-allowed",
    1227: "not-allowed", 1370: "not-allowed", 1820: "not-allowed", 1862: "not-allowed", 4151: "not-allowed",
    1698: "not-allowed", 1300: "not-utf-8", 1366: "unfit", 1264: "unfit", 1265: "unfit", 1292: "unfit",
    1406: "unfit", 1411: "unfit", 1153: "too-large", 1301: "too-large",
    1690: "too-large",
}  # fmt: skip

_REFUSALS = ("23", "44", "0A", "09", "27", "2F", "38", "39", "54", "P0")
"""PostgreSQL's classes of what a table does not take: constraints, views, triggers, indexes too long."""
_GENERATED = "428C9"


class DatabaseFailed(MergerError):
    """The database could not do what was asked, for a reason that lies outside of the toolkit. The
    transaction was taken back; its text holds no statement and no value."""

    @property
    def transient(self) -> bool:
        """Whether the same may well succeed when it is tried again: a lock, a deadlock, a lost connection."""
        return self.key in TRANSIENT


def failure_of(error: BaseException) -> DatabaseFailed | None:
    """What an error of a driver means; None for one that is not of these kinds."""
    if isinstance(error, DatabaseFailed):
        return error
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        return failure_of(error.orig) or (DatabaseFailed(LOST) if error.connection_invalidated else None)
    if isinstance(error, sa.exc.PendingRollbackError):  # used again after it was lost
        return DatabaseFailed(LOST)
    key = _key_of(error)
    return DatabaseFailed(PART + key) if key else None


def refusal_of(error: BaseException) -> str | None:
    """What of PostgreSQL refused a row: the name of a constraint, else the code of the error; None for an
    error of another kind."""
    state = getattr(error, "sqlstate", None)
    if not state or not (state[:2] in _REFUSALS or state == _GENERATED):
        return None
    named: str | None = getattr(getattr(error, "diag", None), "constraint_name", None)
    return named or f"SQLSTATE {state}"


def _key_of(error: BaseException) -> str | None:
    if isinstance(error, UnicodeDecodeError):  # as SQLite's driver gives a text to an aggregate
        return "not-utf-8"
    root = type(error).__module__.partition(".")[0]
    if root == "sqlite3":
        if str(error).startswith(_NOT_TEXT):
            return "not-utf-8"
        if _PROGRAMS_OWN.search(str(error)):
            return "programs-own"
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if root == "psycopg":
        state = getattr(error, "sqlstate", None)
        if state is None:
            return "lost" if type(error).__name__ in ("OperationalError", "ConnectionTimeout") else None
        return _POSTGRESQL.get(state) or _POSTGRESQL_CLASSES.get(state[:2])
    if root == "pymysql":
        if type(error).__name__ == "InterfaceError":
            return "lost"
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        return _MARIADB.get(code) or _full_disk(code, str(error))
    return None


def _full_disk(code: int, said: str) -> str | None:
    """MariaDB tells of the operating system's errors by their numbers, ENOSPC is 28. Codes below 200 are of
    files that it could not read, write or find."""
    if 0 < code < 200 or code in (1030, 1126, 1180, 1296):
        return "disk-full" if " 28 " in said or "Errcode: 28" in said else "disk-error"
    return None


@contextmanager
def told() -> Iterator[None]:
    """Raises DatabaseFailed for what a driver says within the block, where that is the reason."""
    try:
        yield
    except Exception as error:
        _tell(error)
        raise


def connected(engine: sa.Engine) -> sa.Connection:
    """A connection of an engine of `tell_failures`. What is lost while SQLAlchemy asks a server about itself
    is told too."""
    with told():
        return engine.connect()


def let_commit(connection: sa.Connection) -> None:
    """Lets each statement of a connection commit by itself. SQLAlchemy says so over the driver, whose errors
    would come as they are."""
    with told():
        connection.execution_options(isolation_level="AUTOCOMMIT")


def tell_failures(engine: sa.Engine) -> None:
    """Lets an engine raise DatabaseFailed where the disk, a lock, the network or the file is the reason.

    SQLAlchemy's way of looking at MariaDB's tables leaves a connection with an option that keeps every later
    error from being told, so that option is never taken.
    """

    @sa.event.listens_for(engine, "set_connection_execution_options")
    def _(_: sa.Connection, options: dict[str, object]) -> None:
        options.pop("skip_user_error_events", None)

    @sa.event.listens_for(engine, "handle_error")
    def _(context: sa.engine.ExceptionContext) -> None:
        _tell(context.original_exception)


def _tell(error: BaseException) -> None:
    failed = failure_of(error)
    if failed is None or failed is error:
        return
    if failed.key in (NOT_UTF_8, NO_CHARACTER, UNFIT):
        raise failed from None  # the driver quotes the text
    raise failed from error
