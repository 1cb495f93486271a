"""Rows of one value as MariaDB sends them, read past the driver's own reading of rows.

The driver makes of each row a packet, of the packet a tuple, and of that a list: 2.3 s a million rows, and
0.85 s so. What is no common row is the driver's again.

Source: mariadb.com/kb/en/result-set-packets, "Text Resultset Row" and "EOF_Packet".
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from pymysql.constants import CR
from pymysql.cursors import SSCursor
from pymysql.err import OperationalError
from pymysql.protocol import MysqlPacket

from merger.systems.stores.failures import PART, DatabaseFailed
from merger.systems.stores.lines import CHUNK, LARGE, PIECE, Joined

_LONGEST = 0xFFFFFF
"""The length of a packet that the next one goes on with."""
_NULL, _TWO, _THREE, _EIGHT, _ERROR = 251, 252, 253, 254, 255
"""What a value begins with: it is NULL, or its length has so many bytes more; or the packet is an error."""
_END = 9
"""Bytes of the packet that ends the rows, at most."""


def values(cursor: SSCursor[Any], rows: int) -> Generator[Joined, None, None]:
    """The values of an executed cursor whose rows have one column, so many at a time, or fewer; a large one
    by itself, in pieces as they come. Raises DatabaseFailed where one is NULL: it was greater than what the
    server joins."""
    raw, result = cursor.connection, cursor._result
    read = raw._rfile.read
    found: list[bytes] = []
    length = 0
    try:
        while True:
            head = read(4)
            size = int.from_bytes(head[:3], "little")
            if size > LARGE:
                if found:
                    yield found
                found, length = [], 0
                yield from _whole(_pieces(raw, result, head))
                continue
            body = read(size)
            if len(head) < 4 or len(body) < size:
                raise _lost(raw, result)
            raw._next_seq_id = (head[3] + 1) % 256
            first = body[0]
            if first < _NULL:
                found.append(body[1:])
            elif first == _TWO:
                found.append(body[3:])
            elif first == _THREE:
                found.append(body[4:])
            elif first == _NULL:
                raise DatabaseFailed(PART + "too-large")
            elif first == _EIGHT and len(body) >= _END:
                found.append(body[9:])
            else:
                break
            length += len(body)
            if len(found) == rows or length >= CHUNK:
                yield found
                found, length = [], 0
    except OSError as error:
        raise _lost(raw, result) from error
    packet = MysqlPacket(body, raw.encoding)
    result.unbuffered_active = False
    packet.check_error()
    result._check_packet_is_eof(packet)
    result.connection = None
    if found:
        yield found


def _whole(pieces: Iterator[bytes]) -> Iterator[Joined]:
    """What reads the pieces of a value to their end, also where nobody else does: another packet follows."""
    try:
        yield pieces
    finally:
        for _ in pieces:
            pass


def _pieces(raw: Any, result: Any, head: bytes) -> Iterator[bytes]:
    """A value of more than LARGE bytes, in the packets that begin with `head`."""
    read = raw._rfile.read
    skipped = 0
    try:
        while True:
            left = size = int.from_bytes(head[:3], "little")
            while left:
                piece = read(min(left, PIECE))
                if not piece:
                    raise _lost(raw, result)
                left -= len(piece)
                if not skipped:
                    skipped = 4 if piece[0] == _THREE else 9
                    piece = piece[skipped:]
                yield piece
            raw._next_seq_id = (head[3] + 1) % 256
            if size < _LONGEST:
                return
            head = read(4)
            if len(head) < 4:
                raise _lost(raw, result)
    except OSError as error:
        raise _lost(raw, result) from error


def _lost(raw: Any, result: Any) -> OperationalError:
    raw._force_close()
    result.unbuffered_active = False
    return OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
