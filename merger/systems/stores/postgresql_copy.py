"""Rows as PostgreSQL's COPY sends them, read past the driver's own reading of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.waiting import Wait

from merger.systems.stores.lines import CHUNK, LARGE, cut

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn


def copied(raw: psycopg.Connection[Any]) -> Iterator[list[bytes]]:
    """The rows of a COPY that was begun, in lists of CHUNK bytes or a little more, the last one of fewer. A
    large one comes in pieces, each a list."""
    large: list[memoryview] = []
    while rows := raw.wait(_sent(raw.pgconn, large)):
        yield rows
        while large:
            yield from ([piece] for piece in cut(large.pop()))


def _sent(server: PGconn, large: list[memoryview]) -> PQGen[list[bytes]]:
    """Rows that a COPY sends; none after it. One that is large ends them, of which all but its first piece
    is left in `large`. The driver itself begins to wait for each row anew: 0.67 s CPU a million rows, and
    0.41 so."""
    rows: list[bytes] = []
    if server.transaction_status != TransactionStatus.ACTIVE:
        return rows
    length = 0
    while length < CHUNK:
        size, row = server.get_copy_data(1)
        if size > LARGE:
            first = next(cut(row))
            rows.append(first)
            large.append(row[len(first) :])
            break
        if size > 0:
            rows.append(bytes(row))
            length += size
        elif size < 0:
            yield from _ended(server)
            break
        else:
            yield from _more(server)
    return rows


def _more(server: PGconn) -> PQGen[None]:
    """Takes what the server sends next."""
    while not (yield Wait.R):
        continue
    server.consume_input()


def _ended(server: PGconn) -> PQGen[None]:
    """Takes how a COPY ended, so that others may ask. Raises the server's error."""
    failed: psycopg.Error | None = None
    while True:
        while server.is_busy():
            yield from _more(server)
        result = server.get_result()
        if result is None:
            break
        if result.status != ExecStatus.COMMAND_OK:
            failed = psycopg.errors.error_from_result(result)
    if failed is not None:
        raise failed
