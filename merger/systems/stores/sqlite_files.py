"""Files of SQLite: found, attached to a connection in memory, and what a killed writer left of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from merger.errors import Refused
from merger.systems.sqlite_functions import register
from merger.systems.stores.failures import DatabaseFailed, tell_failures
from merger.systems.stores.rendered import let_render
from merger.systems.stores.session_limits import WAIT_S
from merger.systems.stores.urls import file_of

WAIT_MS = WAIT_S * 1000
SCRATCH_KB = 16 * 1024
"""Kilobytes of scratch tables that are kept in memory."""


def connected() -> tuple[sa.Connection, Callable[[], None]]:
    """A connection with nothing attached, and what closes it."""
    engine = sa.create_engine(
        "sqlite://", creator=_connect, poolclass=StaticPool, hide_parameters=True, enable_from_linting=False
    )
    tell_failures(engine)
    let_render(engine)
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def close() -> None:
        connection.close()
        engine.dispose()

    return connection, close


def attach(connection: sa.Connection, path: Path, schema: str, mode: str) -> None:
    """Attaches a file. Raises Refused where there is none, or it cannot be read, or a program that was killed
    left it half-written."""
    if not path.is_file():
        raise Refused("systems.no-database", path=path)
    try:
        connection.exec_driver_sql("ATTACH DATABASE ? AS " + schema, (uri_of(path, mode),))
        connection.exec_driver_sql(f"SELECT count(*) FROM {schema}.sqlite_master")
    except (DatabaseFailed, sa.exc.DBAPIError) as error:
        with suppress(DatabaseFailed, sa.exc.DBAPIError):
            connection.exec_driver_sql(f"DETACH DATABASE {schema}")
        if has_journal(path):
            raise Refused("systems.half-written", path=path) from error
        why = error.__cause__ if isinstance(error, DatabaseFailed) else error.orig
        if "text encoding" in str(why):
            raise Refused("systems.utf-16", path=path) from error
        raise Refused("systems.not-readable", path=path, why=str(why)) from error


def has_journal(path: Path) -> bool:
    """Whether a program that was killed left a database half-written."""
    return path.with_name(f"{path.name}-journal").exists()


def finish_crash(target: Path) -> None:
    """Lets SQLite take back what a killed writer left half-written in the target.

    A connection that only reads may not, and so could not open the database at all. A source is never
    touched like this.
    """
    if target.is_file() and has_journal(target):
        uri = uri_of(target, "rw")
        with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True, timeout=WAIT_S)) as own:
            own.execute("SELECT count(*) FROM sqlite_master")


def raw_of(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's connection."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def uri_of(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.resolve()))}?mode={mode}"


def path_of(url: sa.URL) -> Path:
    file = file_of(url)
    assert file is not None
    return file


@contextmanager
def closing_on_error(close: Callable[[], None]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        close()
        raise


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute(f"PRAGMA temp.cache_size = {-SCRATCH_KB}")
    connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    connection.execute("PRAGMA foreign_keys = OFF")
    register(connection)
    return connection
