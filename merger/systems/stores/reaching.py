"""Reaching a server: within so many seconds it lets us in and takes the session's settings, or it counts as
one that does not answer. A connection whose other end is gone is told of within minutes, not hours, by both
ends (`session_limits`).

Nothing bounds a statement: one that is at work and one whose answer the network holds back look alike.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

import sqlalchemy as sa

from merger.systems.stores.session_limits import OF_POSTGRESQL, WAIT_S

_BOUND = "merger_bound"
_MARIADB = ("mariadb", "mysql")
_SERVERS = ("postgresql", *_MARIADB)


def arguments_of(url: sa.URL) -> dict[str, object]:
    """What the driver of a server is told, beside its URL."""
    if url.drivername == "postgresql+psycopg":
        return {"connect_timeout": WAIT_S, "application_name": "merger", "client_encoding": "UTF8",
                **OF_POSTGRESQL}  # fmt: skip
    if url.get_backend_name() in _MARIADB:
        return {"connect_timeout": WAIT_S, "read_timeout": WAIT_S, "charset": "utf8mb4"}
    return {}


def answers_soon(engine: sa.Engine) -> None:
    """Ends a connection of an engine that does not take its settings in time. To be called when all that is
    to be set over it is known to the engine."""
    if engine.url.drivername == "postgresql+psycopg":

        @sa.event.listens_for(engine, "connect", insert=True)
        def _(raw: Any, record: Any) -> None:
            record.info[_BOUND] = _bound(raw)

        @sa.event.listens_for(engine, "connect")
        def _(_: object, record: Any) -> None:
            record.info.pop(_BOUND)()

    elif engine.url.get_backend_name() in _MARIADB:

        @sa.event.listens_for(engine, "connect")
        def _(raw: Any, _: object) -> None:
            raw._read_timeout = None


@contextmanager
def soon(connection: sa.Connection) -> Iterator[None]:
    """Ends a server's connection where what is asked within the block is not answered in time; for what a
    server answers at once."""
    if connection.dialect.name not in _SERVERS or connection.closed or connection.invalidated:
        yield
        return
    release = _bound(connection.connection.driver_connection)
    try:
        yield
    finally:
        release()


def closing(connection: sa.Connection) -> Callable[[], None]:
    """What closes a connection and its engine. One that is lost already is no error."""

    def close() -> None:
        with suppress(Exception), soon(connection):
            connection.close()
        connection.engine.dispose()

    return close


def _bound(raw: Any) -> Callable[[], None]:
    """Ends a driver's connection in time, unless what is answered is called before."""
    try:
        number = raw._sock.fileno() if hasattr(raw, "_sock") else raw.fileno()
    except Exception:  # it was lost already
        return lambda: None
    own = socket.socket(fileno=os.dup(number))
    timer = Timer(WAIT_S, _end, [own])
    timer.daemon = True
    timer.start()

    def release() -> None:
        timer.cancel()
        own.close()

    return release


def _end(own: socket.socket) -> None:
    with own, suppress(OSError):
        own.shutdown(socket.SHUT_RDWR)
