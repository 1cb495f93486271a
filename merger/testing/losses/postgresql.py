"""How psycopg's calls are lost. Errors are raised by the server itself, over the connection that asked."""

from __future__ import annotations

import os
import socket
import time
import weakref
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from merger.testing.losses.calls import (
    CONNECT,
    CUT,
    ENDING,
    ERRORS,
    GONE,
    KILLED,
    KINDS,
    READ,
    SAY,
    UNTOLD,
    Counted,
)
from merger.testing.servers.databases import PostgreSQL

POSTGRESQL = "postgresql"
_connect, _wait = psycopg.Connection.connect, psycopg.Connection.wait
_execute, _copy = psycopg.Cursor.execute, psycopg.Cursor.copy


def let_lose(counted: Counted) -> None:
    """Puts a watch on psycopg's calls, from now to the end of this process."""
    opened: weakref.WeakSet[Any] = weakref.WeakSet()

    def cut_all() -> None:
        for one in list(opened):
            _cut(one)

    counted.everything.append(cut_all)

    def connect(conninfo: str = "", **given: Any) -> Any:
        if counted.begins(POSTGRESQL, CONNECT, ""):
            if counted.loss.kind == GONE:
                counted.cut_all()
            if counted.loss.kind in (*KINDS, *ENDING):
                given |= {"port": counted.loss.port}
            elif counted.loss.kind == "no-room":
                raise psycopg.OperationalError("connection failed: FATAL:  sorry, too many clients already")
            else:
                given |= {"password": "none of theirs"}
        with counted.uncounted():
            raw = _connect(conninfo, **given)
        opened.add(raw)
        return raw

    def wait(self: Any, gen: Any, *args: Any, **more: Any) -> Any:
        streams = self.pgconn.transaction_status == TransactionStatus.ACTIVE
        said = getattr(self, "merger_said", "")
        if not counted.begins(POSTGRESQL, READ if streams else SAY, said):
            return _wait(self, gen, *args, **more)
        kind = counted.loss.kind
        if kind == UNTOLD:
            _wait(self, gen, *args, **more)
            _cut(self)
            self.pgconn.exec_(b"SELECT 1")  # so the driver sees it
            raise psycopg.OperationalError("consuming input failed: lost on purpose")
        if kind in ERRORS:
            gen.close()
            error = _raised(self, ERRORS[kind][0])
            if said.lstrip().upper().startswith("COMMIT"):
                self.pgconn.exec_(b"ROLLBACK")
            if kind in ENDING:
                _end(self, counted)
                self.pgconn.exec_(b"SELECT 1")
            raise error
        if kind == KILLED:
            _end(self, counted)
        elif kind == CUT:
            _cut(self)
        else:
            counted.cut_all()
        return _wait(self, gen, *args, **more)

    def execute(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        self._conn.merger_said = str(query)
        return _execute(self, query, *args, **more)

    def copy(self: Any, statement: Any, *args: Any, **more: Any) -> Any:
        self._conn.merger_said = str(statement)
        return _copy(self, statement, *args, **more)

    setattr(psycopg, "connect", connect)  # noqa: B010
    setattr(psycopg.Connection, "wait", wait)  # noqa: B010
    setattr(psycopg.Cursor, "execute", execute)  # noqa: B010
    setattr(psycopg.Cursor, "copy", copy)  # noqa: B010


def _cut(raw: Any) -> None:
    with suppress(OSError, psycopg.Error):
        wire = socket.socket(fileno=os.dup(raw.fileno()))
        with wire, suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)


def _end(raw: Any, counted: Counted) -> None:
    """`pg_terminate_backend`, and waits until the back end is gone."""
    of = raw.info
    given = {"host": of.host, "port": of.port, "password": of.password, "user": PostgreSQL.admin}
    with counted.uncounted(), _connect(autocommit=True, dbname=PostgreSQL.own_database, **given) as beside:
        beside.execute("SELECT pg_terminate_backend(%s)", (of.backend_pid,))
        asked = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        while beside.execute(asked, (of.backend_pid,)).fetchone() != (0,):
            time.sleep(0.001)


def _raised(raw: Any, state: str) -> psycopg.Error:
    """The error of a code, as the server raises it over a connection."""
    raising = f"DO $$BEGIN RAISE EXCEPTION 'lost on purpose' USING ERRCODE = '{state}'; END$$"
    return psycopg.errors.error_from_result(raw.pgconn.exec_(raising.encode()))
