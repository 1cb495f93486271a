"""One run at a time: a lock on the target that goes by itself when the process dies.

SQLite: a lock of the operating system on a file beside the database. PostgreSQL: a session's advisory lock;
MariaDB and MySQL: `GET_LOCK`; both on a connection of their own, whose end frees them.

Whoever holds it says for which plan: in that file, or by a second lock of the same session, so that others
may be told what is worked on (`held_for`).
"""

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.ledger.places import Database, engine_of, file_of, lock_name, shown
from merger.systems.stores import DatabaseFailed, place_of
from merger.systems.stores.failures import LOST, NO_ANSWER, connected, let_commit
from merger.systems.stores.reaching import closing, soon

RUN = "run"
"""What the lock is for that only one may hold."""
NAMED = 16
"""So many characters of a plan's digest name its lock: names have an end in MariaDB."""
LOOKS, LOOK = 3, 0.05
"""Whoever looks who holds a file (`held_for`) holds it for a moment too: so often, and so many seconds later,
it is asked for again."""
Require = Callable[[], None]
"""Raises Refused when the lock was lost, because the connection that held it broke."""


@contextmanager
def holding(target: Database, schema: str | None = None, plan: str = "") -> Iterator[Require]:
    """Holds the target's lock; `schema` is that of a ledger of its own, `plan` the digest of the plan that is
    run or taken out. Raises Refused when another run holds it. What it yields is to be called before every
    commit that needs the lock."""
    file = file_of(target)
    with _file(file, plan) if file else _session(target, schema, plan) as require:
        yield require


def held_for(target: Database, plans: Sequence[str], schema: str | None = None) -> str | None:
    """For which of `plans` (digests) the target's lock is held; empty where it is held for something else, or
    where that is not told; None where nobody holds it. Only looks, and hinders nobody. Raises DatabaseFailed.
    """
    file = file_of(target)
    return _file_held_for(file, plans) if file else _session_held_for(target, plans, schema)


@contextmanager
def _file(target: Path, plan: str) -> Iterator[Require]:
    with _lock_file(target).open("a") as file:
        if not (_taken(file) or any(_taken(file, after=LOOK) for _ in range(LOOKS))):
            raise Refused("migrate.locked", target=target)
        file.truncate(0)
        file.write(plan)
        file.flush()
        yield lambda: None


def _file_held_for(target: Path, plans: Sequence[str]) -> str | None:
    try:
        with _lock_file(target).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                told = file.read()
                return told if told in plans else ""
    except FileNotFoundError:
        return None
    except PermissionError:
        return ""
    return None


def _lock_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.merger-lock")


def _taken(file: IO[str], after: float = 0) -> bool:
    time.sleep(after)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _session(target: Database, schema: str | None, plan: str) -> Iterator[Require]:
    engine = engine_of(target)
    connection = _answering(engine)
    try:
        with soon(connection):
            let_commit(connection)
            asked, still = _asked(connection, schema)
            if not connection.execute(asked).scalar():
                raise Refused("migrate.locked", target=shown(target))
            if plan:
                connection.execute(sa.select(_take(connection, plan, schema)))

        def require() -> None:
            try:
                with soon(connection):
                    held = connection.execute(still).scalar()
            except (DatabaseFailed, sa.exc.SQLAlchemyError) as error:
                raise Refused("migrate.lock-lost", target=shown(target)) from error
            if not held:
                raise Refused("migrate.lock-lost", target=shown(target))

        yield require
    finally:
        closing(connection)()


def _answering(engine: sa.Engine) -> sa.Connection:
    """A connection. Raises DatabaseFailed where the server does not answer."""
    with _telling(engine):
        return connected(engine)


@contextmanager
def _telling(engine: sa.Engine) -> Iterator[None]:
    """Names the server that does not answer within the block."""
    try:
        yield
    except DatabaseFailed as error:
        if error.key == LOST:
            raise DatabaseFailed(NO_ANSWER, database=place_of(engine.url)) from None
        raise


def _asked(connection: sa.Connection, schema: str | None) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """How the lock is asked for, and how it is asked whether it is still held. The connection stays open
    however long nothing is said over it."""
    taken = sa.select(_take(connection, RUN, schema))
    if connection.dialect.name == "postgresql":
        return taken, sa.select(sa.literal(True))
    connection.exec_driver_sql("SET SESSION wait_timeout = 31536000")
    own = sa.func.is_used_lock(lock_name(connection, RUN, schema)) == sa.func.connection_id()
    return taken, sa.select(own)


def _take(connection: sa.Connection, what: str, schema: str | None) -> sa.ColumnElement[Any]:
    """Takes a lock for this session, or answers that another has it. `what`: `RUN`, or a plan's digest."""
    name = lock_name(connection, what[:NAMED], schema)
    if connection.dialect.name == "postgresql":
        return sa.func.pg_try_advisory_lock(sa.func.hashtextextended(name, 0))
    return sa.func.get_lock(name, 0)


def _session_held_for(target: Database, plans: Sequence[str], schema: str | None) -> str | None:
    engine = engine_of(target)
    try:
        with _answering(engine) as connection, soon(connection), _telling(engine):
            held = [one for one in (*plans, RUN) if _is_held(connection, one, schema)]
    finally:
        engine.dispose()
    if RUN not in held:
        return None
    return next((one for one in held if one != RUN), "")


def _is_held(connection: sa.Connection, what: str, schema: str | None) -> bool:
    name = lock_name(connection, what[:NAMED], schema)
    if connection.dialect.name == "postgresql":
        return bool(connection.execute(_IN_POSTGRESQL, {"name": name}).scalar())
    return connection.execute(sa.select(sa.func.is_used_lock(name))).scalar() is not None


_IN_POSTGRESQL = sa.text(
    "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
    " WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND d.datname = current_database()"
    " AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(:name, 0))"
)
