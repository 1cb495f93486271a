"""The one written form of a row, so that rows can be hashed and compared across databases.

See docs/canonical-form.md. A row is the lengths of its values' texts in bytes of UTF-8, in braces, apart by
commas, `NULL` where there is none, and then the texts themselves in the order of its columns, nothing
between them; its hash is SHA-256 of that in UTF-8. Sets of rows are compared by the sum of their hashes
modulo 2**256, which does not depend on order and, unlike XOR, counts a row that is there twice.
"""

import json
import pickle
import re
from binascii import hexlify
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b, sha256
from typing import Protocol

MODULUS = 1 << 256
_LENGTHS = tuple(b"%d" % length for length in range(4096))
"""Lengths of texts as they are written: quicker looked up than written."""
BLOB = "\\x"
"""What stands before the digits of bytes in a column that may hold texts too."""
AS_BLOB, AS_DIGITS = b"\xff\xfe\xfdblob", b"\xff\xfe\xfdhex."
"""What stands before bytes, more than LARGE, that are given instead of the UTF-8 of their text, which nobody
holds whole then: it is BLOB and their digits, or the digits alone. No UTF-8 has it."""
LARGE = 1 << 19
_GIVEN = {AS_BLOB: BLOB.encode(), AS_DIGITS: b""}
_PIECE = 1 << 18
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
NUMBER = re.compile(r"[ \t\n\v\f\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[ \t\n\v\f\r]*")


def text_of(value: object) -> str:
    """The canonical text of one value that is not NULL."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, bytes | memoryview):
        return BLOB + bytes(value).hex()
    return str(value)


def stays_as_number(text: str) -> int:
    """0 where a column of numbers would take a text for a number and keep it written otherwise ('012')."""
    if NUMBER.fullmatch(text) is None:
        return 1
    words = text.strip()
    number = int(words) if WHOLE.fullmatch(words) else float(words)
    return 1 if text_of(number) == text else 0


def utf8(value: object) -> bytes | None:
    """The canonical text of a value in UTF-8; None of None."""
    return None if value is None else text_of(value).encode("utf-8", "surrogatepass")


def quick_hash(*values: object) -> int:
    """A signed integer of 64 bits, by a hash that is faster than SHA-256."""
    texts = tuple(
        AS_BLOB + one if isinstance(one, bytes) and len(one) > LARGE else utf8(one) for one in values
    )
    return int.from_bytes(_hashed(texts, partial(blake2b, digest_size=8)), signed=True)


def bucket(key: object, buckets: int) -> int | None:
    """A number from 0 to buckets - 1, by the canonical text of a key."""
    if key is None or buckets == 1:
        return None if key is None else 0
    digest = sha256(text_of(key).encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:4]) >> 4) % buckets


def row_hash(*values: object) -> bytes:
    """SHA-256 (32 bytes) of the canonical form of a row."""
    return _hashed(tuple(utf8(value) for value in values))


def text_hash(*texts: bytes | None) -> bytes:
    """`row_hash` of a row by the UTF-8 of its canonical texts, or by the bytes that are given instead. Raises
    UnicodeDecodeError for what is none, but for parts of one character at the end of a text and the beginning
    of the next."""
    form = _form(texts)
    if form is None:
        for text in texts:
            if text is not None and text[: len(AS_BLOB)] not in _GIVEN and not text.isascii():
                text.decode()
        return _hashed_in_parts(texts, sha256)
    form.decode()
    return sha256(form).digest()


def _form(texts: Sequence[bytes | None]) -> bytes | None:
    """The canonical form of a row, by the UTF-8 of its texts; None where bytes are given instead of some."""
    try:
        lengths = [b"NULL" if text is None else _LENGTHS[len(text)] for text in texts]
    except IndexError:
        if any(text is not None and text[: len(AS_BLOB)] in _GIVEN for text in texts):
            return None
        lengths = [b"NULL" if text is None else b"%d" % len(text) for text in texts]
    return b"{%b}%b" % (b",".join(lengths), b"".join(filter(None, texts)))


def _hashed(texts: Sequence[bytes | None], new: Callable[[bytes], "_Hash"] = sha256) -> bytes:
    form = _form(texts)
    return _hashed_in_parts(texts, new) if form is None else new(form).digest()


def _hashed_in_parts(texts: Sequence[bytes | None], new: Callable[[bytes], "_Hash"]) -> bytes:
    lengths: list[bytes] = []
    parts: list[tuple[bytes | None, memoryview]] = []
    for text in texts:
        if text is None:
            lengths.append(b"NULL")
            continue
        before = _GIVEN.get(text[: len(AS_BLOB)])
        given = memoryview(text)[0 if before is None else len(AS_BLOB) :]
        lengths.append(b"%d" % (len(given) if before is None else len(before) + 2 * len(given)))
        parts.append((before, given))
    hash_ = new(b"{%b}" % b",".join(lengths))
    for before, given in parts:
        if before is None:
            hash_.update(given)
            continue
        hash_.update(before)
        for at in range(0, len(given), _PIECE):
            hash_.update(hexlify(given[at : at + _PIECE]))
    return hash_.digest()


class _Hash(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...

    def digest(self) -> bytes: ...


class Fold:
    """An aggregate: the sum of the hashes of rows, written as 64 hexadecimal digits. Rows come by the UTF-8
    of their canonical texts."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, *texts: bytes | None) -> None:
        self.total += int.from_bytes(_hashed(texts))

    def finalize(self) -> str:
        return f"{self.total % MODULUS:064x}"


class Sum:
    """An aggregate: the sum of hashes, written as 64 hexadecimal digits."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, hash_: bytes | None) -> None:
        self.total += int.from_bytes(hash_ or b"")

    def finalize(self) -> str:
        return f"{self.total % MODULUS:064x}"


class Tally:
    """An aggregate: the distinct rows, pickled, as tuples that end with how often the row comes."""

    def __init__(self) -> None:
        self.counts: defaultdict[tuple[object, ...], int] = defaultdict(int)

    def step(self, *values: object) -> None:
        self.counts[values] += 1

    def finalize(self) -> bytes:
        return pickle.dumps([(*values, count) for values, count in self.counts.items()])


class Sums:
    """An aggregate: rows summed bucket by bucket, as a JSON list of [bucket, rows, rows with a key, the sum
    of their hashes as 64 hexadecimal digits]."""

    def __init__(self) -> None:
        self.buckets: dict[int | None, list[int]] = {}

    def step(self, buckets: int, hashes: int, key: object, bucket_: object, *texts: bytes | None) -> None:
        """`bucket_`: into which bucket the row goes, or, where `buckets` says how many there are, the key
        that says it. `texts`: those of the row where it is to be hashed (`hashes`), else its hash."""
        at = bucket(bucket_, buckets) if buckets else bucket_
        digest = _hashed(texts) if hashes else texts[0] or b""
        found = self.buckets.get(at)  # type: ignore[call-overload]
        if found is None:
            found = self.buckets[at] = [0, 0, 0]  # type: ignore[index]
        found[0] += 1
        if key is not None:
            found[1] += 1
        found[2] += int.from_bytes(digest)

    def finalize(self) -> str:
        return json.dumps(
            [
                [at, rows, keyed, f"{total % MODULUS:064x}"]
                for at, (rows, keyed, total) in self.buckets.items()
            ]
        )
