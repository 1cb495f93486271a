"""Where a ledger is: the target's database, and the names of its locks there."""

import hashlib
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from merger.systems.stores.failures import tell_failures
from merger.systems.stores.own_sessions import own_sessions
from merger.systems.stores.reaching import answers_soon, arguments_of
from merger.systems.stores.session_limits import LIFTED, TO_WRITE
from merger.systems.stores.sqlite_files import WAIT_MS

Database = Path | sa.URL
"""A target: the file of an SQLite database, or the URL of any database."""


def url_of(target: Database) -> sa.URL:
    """The URL of a target."""
    return sa.URL.create("sqlite", database=str(target)) if isinstance(target, Path) else target


def file_of(target: Database) -> Path | None:
    """The file of a target that is one."""
    url = url_of(target)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def shown(target: Database) -> str:
    """A target as messages name it, without its password."""
    file = file_of(target)
    return str(file) if file else url_of(target).render_as_string(hide_password=True)


def engine_of(target: Database) -> sa.Engine:
    """An engine over a target, for what needs a connection of its own. Keeps no connection open, lifts the
    server's limits and raises DatabaseFailed, as stores do."""
    url = url_of(target)
    arguments = {"timeout": WAIT_MS / 1000} if file_of(target) else arguments_of(url)
    engine = sa.create_engine(url, connect_args=arguments, poolclass=sa.pool.NullPool, hide_parameters=True)
    tell_failures(engine)
    if engine.dialect.name == "mariadb":
        from merger.systems.stores import mariadb

        mariadb.prepare(engine, write=True)
    elif engine.dialect.name == "postgresql":
        own_sessions(engine)
        sa.event.listen(engine, "connect", _in_postgresql)
    answers_soon(engine)
    return engine


def _in_postgresql(raw: Any, _: object) -> None:
    """Nothing that was set for account or database ends a session that writes the ledger, or hinders it."""
    for one in (*LIFTED["postgresql"], *TO_WRITE["postgresql"]):
        raw.execute(one)
    raw.commit()


def lock_name(connection: sa.Connection, purpose: str, schema: str | None) -> str:
    """The name of a lock on the connection's database. MariaDB's locks are the whole server's and their names
    at most 64 characters."""
    here = sa.func.current_database() if connection.dialect.name == "postgresql" else sa.func.database()
    database = connection.execute(sa.select(here)).scalar()
    digest = hashlib.sha256(f"{database}\0{schema or ''}".encode()).hexdigest()
    return f"merger-{purpose}-{digest[:32]}"
