"""One run at a time: a lock on the target that goes by itself when the process dies.

SQLite: a lock of the operating system on a file beside the database. PostgreSQL: a session's advisory lock;
MariaDB and MySQL: `GET_LOCK`; both on a connection of their own, whose end frees them.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.ledger.places import Database, engine_of, file_of, lock_name, shown
from merger.systems.stores import DatabaseFailed, place_of
from merger.systems.stores.failures import LOST, NO_ANSWER

Require = Callable[[], None]
"""Raises Refused when the lock was lost, because the connection that held it broke."""


@contextmanager
def holding(target: Database, schema: str | None = None) -> Iterator[Require]:
    """Holds the target's lock; `schema` is that of a ledger of its own. Raises Refused when another run holds
    it. What it yields is to be called before every commit that needs the lock."""
    file = file_of(target)
    with _file(file) if file else _session(target, schema) as require:
        yield require


@contextmanager
def _file(target: Path) -> Iterator[Require]:
    with target.with_name(f"{target.name}.merger-lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("migrate.locked", target=target) from error
        yield lambda: None


@contextmanager
def _session(target: Database, schema: str | None) -> Iterator[Require]:
    engine = engine_of(target)
    try:
        with _answering(engine).execution_options(isolation_level="AUTOCOMMIT") as connection:
            asked, still = _asked(connection, schema)
            if not connection.execute(asked).scalar():
                raise Refused("migrate.locked", target=shown(target))

            def require() -> None:
                try:
                    held = connection.execute(still).scalar()
                except (DatabaseFailed, sa.exc.SQLAlchemyError) as error:
                    raise Refused("migrate.lock-lost", target=shown(target)) from error
                if not held:
                    raise Refused("migrate.lock-lost", target=shown(target))

            yield require
    finally:
        engine.dispose()


def _answering(engine: sa.Engine) -> sa.Connection:
    """A connection. Raises DatabaseFailed where the server does not answer."""
    try:
        return engine.connect()
    except DatabaseFailed as error:
        if error.key == LOST:
            raise DatabaseFailed(NO_ANSWER, database=place_of(engine.url)) from None
        raise


def _asked(
    connection: sa.Connection, schema: str | None
) -> tuple[sa.Select[tuple[object]], sa.Select[tuple[object]]]:
    """How the lock is asked for, and how it is asked whether it is still held. The connection stays open
    however long nothing is said over it."""
    name = lock_name(connection, "run", schema)
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(
                "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"
            )
        )
        connection.exec_driver_sql("SET tcp_keepalives_idle = 60")
        taken = sa.select(sa.func.pg_try_advisory_lock(sa.func.hashtextextended(name, 0)))
        return taken, sa.select(sa.literal(True))
    connection.exec_driver_sql("SET SESSION wait_timeout = 31536000")
    own = sa.func.is_used_lock(name) == sa.func.connection_id()
    return sa.select(sa.func.get_lock(name, 0)), sa.select(own)
