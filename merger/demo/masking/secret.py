"""What follows from the secret of one run: bytes, and permutations of numbers and of texts.

A permutation gives different values to different values; which, nobody can tell without the secret.
"""

import secrets
from functools import lru_cache
from hashlib import blake2b, shake_256
from random import Random


class Secret:
    """The secret of one run: `key`, else one that nobody sees."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._hash = blake2b(key=self._key, digest_size=32)
        self._stream = blake2b(key=self._key, digest_size=64)
        self._tweaked = lru_cache(maxsize=5000)(self._new_tweak)
        self._tables: dict[int, list[int]] = {}

    def about(self, what: str) -> bytes:
        """32 bytes that stand for `what`."""
        found = self._hash.copy()
        found.update(what.encode())
        return found.digest()

    def stands_for(self, value: bytes) -> bytes:
        """As many bytes as there are."""
        return shake_256(self._key + value).digest(len(value))

    def draw(self, source: bytes, time: int = 1) -> bytes:
        """64 bytes for a text; others each `time`."""
        found = self._stream.copy()
        found.update(source)
        if time > 1:
            found.update(b"\0%d" % time)
        return found.digest()

    def walk(self, digits: str, tweak: str) -> str:
        """A permutation of all numbers of as many digits; `tweak` chooses which."""
        half = len(digits) // 2
        low, high = 10**half, 10 ** (len(digits) - half)
        left, right = (int(digits[:half]) if half else 0), int(digits[half:])
        left, right = self._feistel(left, low, right, high, f"{len(digits)}{tweak}")
        return f"{left:0{half}d}{right:0{len(digits) - half}d}" if half else str(right)

    def _feistel(self, left: int, low: int, right: int, high: int, tweak: str) -> tuple[int, int]:
        """Four rounds over the pairs below (`low`, `high`)."""
        base = self._tweaked(tweak)
        for one, other in ((b"a%d", b"b%d"), (b"c%d", b"d%d")):
            found = base.copy()
            found.update(one % right)
            left = (left + int.from_bytes(found.digest())) % low
            found = base.copy()
            found.update(other % left)
            right = (right + int.from_bytes(found.digest())) % high
        return left, right

    def _new_tweak(self, tweak: str) -> "blake2b":
        found = self._hash.copy()
        found.update(tweak.encode() + b":")
        return found

    def mixed(self, letters: str) -> str:
        """A permutation of all texts whose letters and digits stand where they do in this one."""
        sizes = [10 if one.isdigit() else 26 for one in letters]
        firsts = [_first(one) for one in letters]
        half = len(letters) // 2
        (left, low), (right, high) = (
            _as_number(letters, firsts, sizes, 0, half),
            _as_number(letters, firsts, sizes, half, len(letters)),
        )
        shape = "".join("dl"[size > 10] for size in sizes)
        left, right = self._feistel(left, low, right, high, shape)
        return _as_text(left, firsts, sizes, 0, half) + _as_text(right, firsts, sizes, half, len(letters))

    def table(self, size: int) -> list[int]:
        """A permutation of the numbers of so many digits, by number."""
        found = self._tables.get(size)
        if found is None:
            first = 10 ** (size - 1)
            numbers = list(range(first, 10 * first))
            Random(self.about(f"table {size}")).shuffle(numbers)
            found = self._tables[size] = [0] * first + numbers
        return found


def _first(letter: str) -> int:
    return ord("0") if letter.isdigit() else ord("a") if letter.islower() else ord("A")


def _as_number(letters: str, firsts: list[int], sizes: list[int], start: int, end: int) -> tuple[int, int]:
    number, size = 0, 1
    for i in range(start, end):
        number = number * sizes[i] + ord(letters[i]) - firsts[i]
        size *= sizes[i]
    return number, size


def _as_text(number: int, firsts: list[int], sizes: list[int], start: int, end: int) -> str:
    out = []
    for i in range(end - 1, start - 1, -1):
        number, digit = divmod(number, sizes[i])
        out.append(chr(firsts[i] + digit))
    return "".join(reversed(out))
