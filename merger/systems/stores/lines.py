"""Rows as lines of bytes, the form in which they travel from one database to another.

The form is the text format of PostgreSQL's COPY: a line a row, UTF-8, columns apart by a tab, `\\N` for NULL,
and `\\b \\f \\n \\r \\t \\v \\\\` written with a backslash. Bytes are `\\x` and hexadecimal digits in lower
case, as PostgreSQL writes `bytea` (so `\\\\x…` in a line).

Lines travel in chunks of whole rows, but a row of more than LARGE bytes in pieces, so that no process holds a
file whole: a chunk may end within a row, whose rest the next ones bring. The key of the row, which comes
first, is whole in its first piece, and none ends within what a backslash begins.

Source: postgresql.org/docs/current/sql-copy.html, "Text Format".
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence

from merger.systems.stores.failures import NOT_UTF_8, DatabaseFailed

CHUNK = 1 << 17
"""Bytes that a chunk of lines has at least, the last one excepted."""
LARGE = 1 << 20
"""Bytes from which on a row travels in pieces."""
PIECE = 1 << 18
"""Bytes of a piece."""

COLUMN, ROW, NOTHING = b"\xff", b"\xfd", b"\xfe\xc0\xfe"
"""What stands between the columns of a joined row, between joined rows, and for NULL: bytes that no UTF-8
has."""

_WRITTEN = (
    (b"\\", b"\\\\"), (b"\b", b"\\b"), (b"\f", b"\\f"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"),
    (b"\v", b"\\v"), (NOTHING, b"\\N"), (COLUMN, b"\t"), (ROW, b"\n"),
)  # fmt: skip

Texts = tuple[str | None, ...]
Joined = list[bytes] | Iterable[bytes]
"""Joined rows: several whole ones, or the pieces of one large row, which are to be read first."""


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
    whole = _escaped(whole)
    try:
        if not whole.isascii():
            whole.decode()
    except UnicodeDecodeError:
        raise DatabaseFailed(NOT_UTF_8) from None
    return whole


def all_from_joined(found: Iterable[Joined], columns: int) -> Iterator[bytes]:
    """Joined rows as chunks of lines; raises as `from_joined` does."""
    return in_chunks(part for one in found for part in _parts(one, columns))


def _parts(one: Joined, columns: int) -> Iterator[bytes]:
    if isinstance(one, list):
        yield from_joined(one, columns)
        return
    decoder = getincrementaldecoder("utf-8")()
    kept, parts = b"", 1
    try:
        for piece in one:
            whole = kept + piece
            parts += whole.count(COLUMN)
            ends = _begun(whole)
            kept = whole[ends:]
            whole = _escaped(whole[:ends])
            if ROW in piece:
                raise DatabaseFailed(NOT_UTF_8)
            if not whole.isascii() or decoder.getstate()[0]:
                decoder.decode(whole)
            yield whole
        decoder.decode(kept, final=True)
    except UnicodeDecodeError:
        raise DatabaseFailed(NOT_UTF_8) from None
    if parts != columns:
        raise DatabaseFailed(NOT_UTF_8)
    yield b"\n"


def _begun(piece: bytes) -> int:
    """Where a NOTHING begins that the piece does not end; its length where there is none."""
    return len(piece) - next(
        (length for length in (2, 1) if piece.endswith(NOTHING[:length]) and not piece.endswith(NOTHING)), 0
    )


def _escaped(joined: bytes) -> bytes:
    for raw, escaped in _WRITTEN:
        if raw != NOTHING or NOTHING[:1] in joined:  # 0.2 s a million rows: several bytes are found slowly
            joined = joined.replace(raw, escaped)
    return joined


def cut(row: memoryview) -> Iterator[bytes]:
    """A line in pieces."""
    at = 0
    while at < len(row):
        piece = bytes(row[at : at + PIECE])
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            piece += bytes(row[at + len(piece) : at + len(piece) + 1])
        at += len(piece)
        yield piece


def in_chunks(parts: Iterable[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """Parts put together to chunks of `size` bytes or a little more."""
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
    """Chunks of lines as lists of lines, or of pieces of them."""
    for chunk in lines:
        yield chunk.splitlines(keepends=True)
