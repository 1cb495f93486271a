"""Rows as lines of bytes, the form in which they travel from one database to another.

The form is the text format of PostgreSQL's COPY: a line a row, UTF-8, columns apart by a tab, `\\N` for NULL,
and `\\b \\f \\n \\r \\t \\v \\\\` written with a backslash. Bytes are `\\x` and hexadecimal digits in lower
case, as PostgreSQL writes `bytea` (so `\\\\x…` in a line). Lines travel in chunks of whole rows.

Source: postgresql.org/docs/current/sql-copy.html, "Text Format".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from merger.systems.stores.failures import NOT_UTF_8, DatabaseFailed

CHUNK = 1 << 17
"""Bytes that a chunk of lines has at least, the last one excepted."""

COLUMN, ROW, NOTHING = b"\xff", b"\xfd", b"\xfe\xc0\xfe"
"""What stands between the columns of a joined row, between joined rows, and for NULL: bytes that no UTF-8
has."""

_WRITTEN = (
    (b"\\", b"\\\\"), (b"\b", b"\\b"), (b"\f", b"\\f"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"),
    (b"\v", b"\\v"), (NOTHING, b"\\N"), (COLUMN, b"\t"), (ROW, b"\n"),
)  # fmt: skip
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

Texts = tuple[str | None, ...]


def written(rows: Sequence[Sequence[str | None]]) -> bytes:
    """Rows of texts as lines. Raises DatabaseFailed for a text that UTF-8 cannot write."""
    try:
        joined = [COLUMN.join([NOTHING if one is None else one.encode() for one in row]) for row in rows]
    except UnicodeEncodeError:
        raise DatabaseFailed(NOT_UTF_8) from None
    return from_joined(joined, len(rows[0])) if rows else b""


def from_joined(rows: Sequence[bytes], columns: int) -> bytes:
    """Rows as lines. Each comes as the UTF-8 of its columns with COLUMN between them and NOTHING for NULL.

    Raises DatabaseFailed where a text is not UTF-8.
    """
    if not rows:
        return b""
    whole = ROW.join(rows) + ROW
    if whole.count(ROW) != len(rows) or whole.count(COLUMN) != (columns - 1) * len(rows):
        raise DatabaseFailed(NOT_UTF_8)
    for raw, escaped in _WRITTEN:
        if raw != NOTHING or NOTHING[:1] in whole:  # 0.2 s a million rows: several bytes are found slowly
            whole = whole.replace(raw, escaped)
    try:
        if not whole.isascii():
            whole.decode()
    except UnicodeDecodeError:
        raise DatabaseFailed(NOT_UTF_8) from None
    return whole


def rows_of(lines: Iterable[bytes]) -> Iterator[list[Texts]]:
    """The rows of chunks of lines, a chunk at a time."""
    for chunk in lines:
        yield [
            tuple(map(_value, line.split("\t"))) if "\\" in line else tuple(line.split("\t"))
            for line in chunk.decode().split("\n")[:-1]
        ]


def bytes_of(text: str | None) -> bytes | None:
    """The bytes that `\\x…` stands for."""
    return None if text is None else bytes.fromhex(text[2:])


def in_chunks(parts: Iterable[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """Parts of whole rows put together to chunks of `size` bytes or a little more."""
    gathered: list[bytes] = []
    length = 0
    for part in parts:
        gathered.append(part)
        length += len(part)
        if length >= size:
            yield b"".join(gathered)
            gathered, length = [], 0
    if gathered:
        yield b"".join(gathered)


def each(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Chunks of lines as lists of lines."""
    for chunk in lines:
        yield chunk.splitlines(keepends=True)


def _value(field: str) -> str | None:
    if field == "\\N":
        return None
    if "\\" not in field:
        return field
    head, *rest = field.split("\\\\")
    return "\\".join(map(_unescaped, [head, *rest]))


def _unescaped(text: str) -> str:
    first, *parts = text.split("\\")
    return first + "".join(_ESCAPES.get(part[:1], part[:1]) + part[1:] for part in parts)
