"""Rows of one value as MariaDB sends them, read past the driver's own reading of rows.

The driver makes of each row a packet, of the packet a tuple, and of that a list: 2.3 s a million rows, and
0.85 s so. What is no common row is the driver's again.

Source: mariadb.com/kb/en/result-set-packets, "Text Resultset Row" and "EOF_Packet".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymysql.constants import CR
from pymysql.cursors import SSCursor
from pymysql.err import OperationalError
from pymysql.protocol import MysqlPacket

from merger.systems.stores.failures import PART, DatabaseFailed
from merger.systems.stores.lines import CHUNK

_LONGEST = 0xFFFFFF
"""The length of a packet that the next one goes on with."""
_NULL, _TWO, _THREE, _EIGHT, _ERROR = 251, 252, 253, 254, 255
"""What a value begins with: it is NULL, or its length has so many bytes more; or the packet is an error."""
_END = 9
"""Bytes of the packet that ends the rows, at most."""


def values(cursor: SSCursor[Any], rows: int) -> Iterator[list[bytes]]:
    """The values of an executed cursor whose rows have one column, so many at a time, or fewer that are
    large. Raises DatabaseFailed where one is NULL: it was greater than what the server joins."""
    raw, result = cursor.connection, cursor._result
    read = raw._rfile.read
    found: list[bytes] = []
    length = 0
    try:
        while True:
            head = read(4)
            size = int.from_bytes(head[:3], "little")
            body = read(size)
            if len(head) < 4 or len(body) < size:
                raise _lost(raw, result)
            while size == _LONGEST:
                head = read(4)
                size = int.from_bytes(head[:3], "little")
                more = read(size)
                if len(head) < 4 or len(more) < size:
                    raise _lost(raw, result)
                body += more
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


def _lost(raw: Any, result: Any) -> OperationalError:
    raw._force_close()
    result.unbuffered_active = False
    return OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
