"""How lines get into a table of MariaDB's: by LOAD DATA LOCAL INFILE, or by INSERT where the server does not
allow that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pymysql.connections import Connection as Raw
from pymysql.constants import COMMAND
from pymysql.cursors import Cursor

from merger.systems.kinds import Kind
from merger.systems.stores.columns import Column, Landing, Plain, kind_in
from merger.systems.stores.failures import UNFIT, DatabaseFailed
from merger.systems.stores.lines import LARGE
from merger.systems.stores.read_lines import Value, rows_of

PACKET = 1 << 18


@dataclass(frozen=True)
class Into:
    """A table and columns of it, by quoted names."""

    place: str
    columns: Landing


def load_data(raw: Raw[Any], into: Into, lines: Iterable[bytes]) -> int:
    """Loads lines by LOAD DATA; answers how many were sent. What the server warns of is left to be asked."""
    names, sets = [], []
    for at, (quoted, column) in enumerate(into.columns.items()):
        variable = f"@c{at}"
        if kind_in(column) is Kind.BYTES:
            sets.append(f"{quoted} = UNHEX(SUBSTR({variable}, 3))")
        elif _is_written_as_number(column):
            sets.append(f"{quoted} = CAST({variable} AS UNSIGNED)")
        else:
            variable = quoted
        names.append(variable)
    given = f" SET {', '.join(sets)}" if sets else ""
    statement = (
        f"LOAD DATA LOCAL INFILE 'lines' INTO TABLE {into.place} CHARACTER SET utf8mb4"
        f" FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'"
        f" ({', '.join(names)}){given}"
    )
    return send_lines(raw, statement, lines)


def insert(raw: Raw[Any], into: Into, lines: Iterable[bytes]) -> int:
    """Puts lines in by INSERT with many rows, or with one that is large; answers how many they were."""
    names = ", ".join(one.replace("%", "%%") for one in into.columns)
    statement = f"INSERT INTO {into.place.replace('%', '%%')} ({names}) VALUES "
    blobs = [at for at, one in enumerate(into.columns.values()) if kind_in(one) is Kind.BYTES]
    numbers = [at for at, one in enumerate(into.columns.values()) if _is_written_as_number(one)]
    count = 0
    with raw.cursor() as cursor:
        for rows in rows_of(lines, blobs):
            given: list[list[Any]] = [list(row) for row in rows]
            for row in given:
                for at in numbers:
                    row[at] = None if row[at] is None else int(row[at])
            if any(map(_is_large, given[0])):  # it came by itself
                _insert_large(cursor, statement, given[0])
            else:
                cursor.executemany(f"{statement}({', '.join(['%s'] * len(into.columns))})", given)
            count += len(given)
    return count


def _insert_large(cursor: Cursor, statement: str, row: Sequence[Any]) -> None:
    """Puts in a row with large values, which are sent in pieces: of a statement the driver makes several
    copies, and the server takes none that is longer than its `max_allowed_packet`."""
    places = [f"@merger_{at}" if _is_large(one) else "%s" for at, one in enumerate(row)]
    large = {place: one for place, one in zip(places, row, strict=True) if _is_large(one)}
    for place, one in large.items():
        cursor.execute(f"SET {place} = %s", ("" if isinstance(one, str) else b"",))
        for at in range(0, len(one), LARGE):
            piece = one[at : at + LARGE]
            given = piece if isinstance(piece, str) else bytes(piece)
            cursor.execute(f"SET {place} = CONCAT({place}, %s)", (given,))
    cursor.execute(f"{statement}({', '.join(places)})", [one for one in row if not _is_large(one)])
    for place in large:
        cursor.execute(f"SET {place} = NULL")


def _is_large(value: Value | int) -> bool:
    return isinstance(value, str | bytes | bytearray) and len(value) > LARGE


def send_lines(raw: Raw[Any], statement: str, lines: Iterable[bytes]) -> int:
    """Runs LOAD DATA LOCAL with lines instead of a file and answers how many were sent.

    The driver itself would open the file that the server names; here no server gets any file. When `lines`
    fail, what came before them is loaded, and the error is raised for the transaction to be taken back.
    """
    sent = 0
    raw._execute_command(COMMAND.COM_QUERY, statement)
    answer = raw._read_packet()
    if not answer.is_load_local_packet():
        raise DatabaseFailed(UNFIT)
    try:
        for chunk in lines:
            sent += chunk.count(b"\n")
            whole = _for_load_data(chunk)
            for at in range(0, len(whole), PACKET):
                raw.write_packet(whole[at : at + PACKET])
    except BaseException:
        with suppress(Exception):  # what ended the lines is what is told
            _end_of_lines(raw)
        raise
    _end_of_lines(raw)
    return sent


def _end_of_lines(raw: Raw[Any]) -> None:
    raw.write_packet(b"")
    raw._read_packet()


def _for_load_data(chunk: bytes) -> bytes:
    """The two escapes that LOAD DATA does not know, as the characters themselves."""
    if b"\\f" not in chunk and b"\\v" not in chunk:
        return chunk
    parts = chunk.split(b"\\\\")
    return b"\\\\".join(one.replace(b"\\f", b"\f").replace(b"\\v", b"\v") for one in parts)


def _is_written_as_number(column: Column | Plain) -> bool:
    """Whether a column takes a number for another value than the text of its digits: `BIT` takes texts as
    bytes, `YEAR` the text `0` for the year 2000."""
    return isinstance(column, Column) and column.declared.startswith(("bit", "year"))
