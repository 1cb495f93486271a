"""Opening stores: which module serves which kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.stores.base import SourceStore, TargetStore
from merger.systems.stores.failures import (
    LOST,
    NO_ANSWER,
    NOT_ALLOWED,
    DatabaseFailed,
    connected,
    failure_of,
    tell_failures,
)
from merger.systems.stores.reaching import answers_soon, arguments_of, closing
from merger.systems.stores.rendered import let_render
from merger.systems.stores.urls import place_of

if TYPE_CHECKING:
    from merger.systems.stores.copied import Tables
    from merger.systems.stores.room import Room

_TO_WRITE = 2 | 128
"""CLIENT_FOUND_ROWS and CLIENT_LOCAL_FILES of MariaDB's protocol: an UPDATE counts the rows that it means, as
everywhere else; LOAD DATA LOCAL may be used."""


def open_source(
    url: sa.URL, snapshot: str | None = None, *, tables: Tables | None = None, rows: int | None = None
) -> SourceStore:
    """A database to be read, by every means that it has of not being written; a context manager.

    `snapshot` is what `exported` of another store of the same database answered: `snapshot()` then sees the
    same. A database that only SQLAlchemy speaks is copied first (`merger.systems.stores.copied`): `tables`,
    each with the columns that its rows are looked up by, or all of them; and so many `rows` of each, or all.
    The others pay no heed to these. Raises Refused where there is no such database or it lets nobody in,
    DatabaseFailed where it does not answer.
    """
    if url.get_backend_name() == "sqlite":
        from merger.systems.stores import sqlite

        return sqlite.source_of(url)
    with _opening(url, write=False) as connection:
        if connection.dialect.name == "postgresql":
            from merger.systems.stores import postgresql

            return postgresql.source_of(connection, url, snapshot)
        if connection.dialect.name == "mariadb":
            from merger.systems.stores import mariadb

            return mariadb.source_of(connection, url)
        connection.close()
    from merger.systems.stores import copied

    return copied.source_of(connection.engine, url, tables, rows)


def copy_room(url: sa.URL, tables: Tables) -> Room | None:
    """The room that the copy of a database takes which has to be copied to be read; None for the others.

    Raises as `open_source` does.
    """
    if url.get_backend_name() in ("sqlite", "postgresql", "mariadb"):
        return None
    with _opening(url, write=False) as connection:
        closing(connection)()
    if connection.dialect.name == "mariadb":
        return None
    from merger.systems.stores import room

    return room.room_of(connection.engine, url, tables)


def open_target(url: sa.URL, write: bool) -> TargetStore:
    """The database that rows are moved into, read-only unless it is to be written; a context manager.

    Raises as `open_source` does.
    """
    if url.get_backend_name() == "sqlite":
        from merger.systems.stores import sqlite

        return sqlite.target_of(url, write=write)
    with _opening(url, write=write) as connection:
        if connection.dialect.name == "postgresql":
            from merger.systems.stores import postgresql

            return postgresql.target_of(connection, url)
        if connection.dialect.name == "mariadb":
            from merger.systems.stores import mariadb

            return mariadb.target_of(connection, url)
        closing(connection)()
    raise Refused("systems.no-target", database=place_of(url), dialect=connection.dialect.name)


def open_pair(source: sa.URL, target: TargetStore, *, tables: Tables | None = None) -> SourceStore:
    """A source for a target that is open; a context manager.

    Of two SQLite files it is over the target's connection, as schema `src` beside `tgt`, so that statements
    reach both: a transaction of the target is then the view of the source too, and `snapshot` and
    `transaction` of the two may not be within one another. Otherwise it is `open_source`.
    """
    if source.get_backend_name() == "sqlite" and target.dialect == "sqlite":
        from merger.systems.stores import sqlite

        assert isinstance(target, sqlite.SQLiteTarget)
        return sqlite.beside(source, target)
    return open_source(source, tables=tables)


@contextmanager
def _opening(url: sa.URL, *, write: bool) -> Iterator[sa.Connection]:
    """A connection, the first of an engine of its own. Both are let go of where that fails."""
    engine = None
    try:
        engine = _engine(url, write=write)
        connection = connected(engine)
        if engine.dialect.name == "mysql" and getattr(engine.dialect, "is_mariadb", False):
            closing(connection)()
            engine = _engine(url.set(drivername="mariadb+pymysql"), write=write)
            connection = connected(engine)
        yield connection
    except (ImportError, sa.exc.NoSuchModuleError):
        raise Refused("systems.no-driver", dialect=url.get_backend_name()) from None
    except (DatabaseFailed, sa.exc.DBAPIError, sa.exc.InvalidRequestError) as error:
        if engine is not None:
            engine.dispose()
        failed = failure_of(error)
        if failed is not None and failed.key == LOST:
            raise DatabaseFailed(NO_ANSWER, database=place_of(url)) from None
        if failed is not None and failed.key != NOT_ALLOWED:
            raise failed from None
        why = getattr(error.__cause__ or error, "orig", None) or error.__cause__ or error
        raise Refused("systems.no-connection", database=place_of(url), why=type(why).__name__) from None


@lru_cache(maxsize=8)
def _engine(url: sa.URL, *, write: bool) -> sa.Engine:
    """The same for all stores of a database: it keeps no connections, but what it has asked the server about
    itself and the statements that it has compiled."""
    arguments = arguments_of(url)
    if url.get_backend_name() in ("mariadb", "mysql"):
        arguments["autocommit"] = True
        if write:
            arguments["client_flag"] = _TO_WRITE
    elif url.get_backend_name() == "duckdb":
        arguments = {"read_only": True}
    engine = sa.create_engine(
        url, poolclass=sa.NullPool, hide_parameters=True, connect_args=arguments, enable_from_linting=False
    )
    tell_failures(engine)
    let_render(engine)
    if engine.dialect.name == "postgresql":
        from merger.systems.stores import postgresql
        from merger.systems.stores.own_sessions import own_sessions

        own_sessions(engine)
        postgresql.prepare(engine, write=write)
    elif engine.dialect.name == "mariadb":
        from merger.systems.stores import mariadb

        mariadb.prepare(engine, write=write)
    answers_soon(engine)
    return engine
