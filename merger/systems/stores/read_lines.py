"""Lines read: the values of their rows."""

from binascii import unhexlify
from collections.abc import Collection, Iterable, Iterator

Value = str | bytes | bytearray | None
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_BLOB = b"\\\\x"
"""What a line has before the digits of bytes."""


def rows_of(lines: Iterable[bytes], blobs: Collection[int] = ()) -> Iterator[list[tuple[Value, ...]]]:
    """The rows of chunks of lines, a chunk at a time. `blobs`: the columns whose digits are read as bytes."""
    begun: _Row | None = None
    for chunk in lines:
        rest = chunk
        if begun is not None:
            more, end, rest = chunk.partition(b"\n")
            begun.take(more)
            if not end:
                continue
            yield [begun.ended()]
            begun = None
        whole = rest.rfind(b"\n") + 1
        if whole < len(rest):
            begun = _Row(blobs)
            begun.take(rest[whole:])
            rest = rest[:whole]
        if rest:
            yield _rows(rest, blobs)


def _rows(lines: bytes, blobs: Collection[int]) -> list[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = [
        tuple(map(_value, line.split("\t"))) if "\\" in line else tuple(line.split("\t"))
        for line in lines.decode().split("\n")[:-1]
    ]
    return [_with_bytes(row, blobs) for row in rows] if blobs else rows


def bytes_of(text: str | None) -> bytes | None:
    """The bytes that `\\x…` stands for."""
    return None if text is None else bytes.fromhex(text[2:])


class _Row:
    """A row whose pieces come. Of bytes nothing is kept but themselves."""

    def __init__(self, blobs: Collection[int]) -> None:
        self._blobs = blobs
        self._done: list[Value] = []
        self._begin()

    def take(self, piece: bytes) -> None:
        first, *others = piece.split(b"\t")
        self._add(first)
        for one in others:
            self._end()
            self._add(one)

    def ended(self) -> tuple[Value, ...]:
        self._end()
        return tuple(self._done)

    def _begin(self) -> None:
        self._text: list[bytes] = []
        self._bytes: bytearray | None = None

    def _add(self, part: bytes) -> None:
        if len(self._done) not in self._blobs:
            self._text.append(part)
            return
        digits = b"".join([*self._text, part])
        if self._bytes is None and digits.startswith(_BLOB):
            self._bytes = bytearray()
            digits = digits[len(_BLOB) :]
        even = 0 if self._bytes is None else len(digits) & ~1
        if self._bytes is not None:
            self._bytes += unhexlify(digits[:even])
        self._text = [digits[even:]]

    def _end(self) -> None:
        text = _value(b"".join(self._text).decode()) if self._bytes is None else None
        self._done.append(text if self._bytes is None else self._bytes)
        self._begin()


def _with_bytes(row: tuple[Value, ...], blobs: Collection[int]) -> tuple[Value, ...]:
    found = list(row)
    for at in blobs:
        found[at] = bytes_of(found[at])  # type: ignore[arg-type]
    return tuple(found)


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
