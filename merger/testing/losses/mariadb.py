"""How pymysql's calls are lost. Errors are raised by the server itself, over the connection that asked."""

from __future__ import annotations

import socket
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import COMMAND, CR

from merger.testing.losses.calls import (
    BACK,
    CONNECT,
    CUT,
    ENDING,
    ERRORS,
    GONE,
    KILLED,
    KINDS,
    READ,
    SAY,
    SEND,
    UNTOLD,
    Counted,
)
from merger.testing.servers.databases import MariaDB

MARIADB = "mariadb"
_STREAMED, _SENT = "merger.systems.stores.packets", "merger.systems.stores.mariadb"
"""The modules of the toolkit that read rows and send lines past the driver's own ways."""
_connect, _command = Connection.connect, Connection._execute_command
_read, _write = Connection._read_packet, Connection.write_packet


class _Stream:
    """What a connection reads from. `lost`: whether the piece that is asked for is."""

    def __init__(self, file: Any, lost: Callable[[], bool]) -> None:
        self._file = file
        self._lost = lost

    def read(self, size: int) -> bytes:
        if sys._getframe(1).f_globals["__name__"] == _STREAMED and self._lost():
            return b""
        data: bytes = self._file.read(size)
        return data

    def close(self) -> None:
        self._file.close()


def let_lose(counted: Counted) -> None:
    """Puts a watch on pymysql's calls, from now to the end of this process."""
    opened: weakref.WeakSet[Any] = weakref.WeakSet()

    def cut_all() -> None:
        for one in list(opened):
            _cut(one)

    counted.everything.append(cut_all)

    def lose(raw: Any) -> None:
        """What is lost of the connection itself."""
        if counted.loss.kind == KILLED:
            _end(raw, counted)
        elif counted.loss.kind == CUT:
            _cut(raw)
        else:
            counted.cut_all()

    def connect(self: Any, sock: Any = None) -> None:
        port = self.port
        if counted.begins(MARIADB, CONNECT, ""):
            if counted.loss.kind == GONE:
                counted.cut_all()
            if counted.loss.kind in KINDS:
                self.port = counted.loss.port
            elif counted.loss.kind == "denied":
                self.password = b"none of theirs"
            else:
                raise pymysql.err.OperationalError(ERRORS[counted.loss.kind][1], "lost on purpose")
        try:
            with counted.uncounted():
                _connect(self, sock)
        finally:
            self.port = port
        opened.add(self)

        def lost() -> bool:
            if not counted.begins(MARIADB, READ, ""):
                return False
            lose(self)
            return True

        self._rfile = _Stream(self._rfile, lost)

    def command(self: Any, what: int, sql: Any) -> None:
        said = sql.decode("utf-8", "replace") if isinstance(sql, bytes | bytearray) else str(sql)
        if self._sock is None or not counted.begins(MARIADB, SAY, said):
            _command(self, what, sql)
            return
        kind = counted.loss.kind
        if kind == UNTOLD:
            self.merger_untold = True
        elif kind in KINDS:
            lose(self)
        elif what == COMMAND.COM_QUERY:
            if kind in BACK:
                _command(self, what, "ROLLBACK")
                _read(self)
            sql = f"SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {ERRORS[kind][1]}, MESSAGE_TEXT = 'on purpose'"
            if kind in ENDING:
                _command(self, what, sql)
                try:
                    _read(self)
                finally:
                    _end(self, counted)
        _command(self, what, sql)

    def read(self: Any, *args: Any, **more: Any) -> Any:
        untold, self.merger_untold = getattr(self, "merger_untold", False), False
        packet = _read(self, *args, **more)
        if untold:
            self._force_close()
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "lost on purpose")
        return packet

    def write(self: Any, payload: Any) -> None:
        if sys._getframe(1).f_globals["__name__"] == _SENT and counted.begins(MARIADB, SEND, ""):
            lose(self)
        _write(self, payload)

    setattr(Connection, "connect", connect)  # noqa: B010
    setattr(Connection, "_execute_command", command)  # noqa: B010
    setattr(Connection, "_read_packet", read)  # noqa: B010
    setattr(Connection, "write_packet", write)  # noqa: B010


def _cut(raw: Any) -> None:
    with suppress(OSError, AttributeError):
        raw._sock.shutdown(socket.SHUT_RDWR)


def _end(raw: Any, counted: Counted) -> None:
    """`KILL CONNECTION`, and waits until it is gone."""
    given = {"host": raw.host, "port": raw.port, "password": raw.password, "user": MariaDB.admin}
    number = raw.server_thread_id[0]
    with counted.uncounted():
        beside: Any = Connection(database="mysql", **given)
        with beside, beside.cursor() as cursor:
            with suppress(pymysql.err.MySQLError):
                cursor.execute(f"KILL CONNECTION {number}")
            while cursor.execute(f"SELECT 1 FROM information_schema.processlist WHERE id = {number}"):
                time.sleep(0.001)
