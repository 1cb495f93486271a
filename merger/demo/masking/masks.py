"""What stands for a value in a masked copy: a value of the same shape that says nothing of anybody.

A mask depends on the value and on a secret that lives as long as one run, on nothing else: equal values have
equal masks in every table and system, so references, duplicates and collisions stay what they are. Different
values have different masks where a system would notice (numbers, user names, addresses of mail: a Feistel
network over all values of the same shape); names and texts become made-up words (`words`), drawn by a keyed
hash of the whole text, so that a frequent family name cannot be counted.

Shapes that stay: length; kinds of characters, capitals, spaces, signs, leading zeros; whether a text is
composed, and where its tones stand; whether a text is a day at all. Placeholders, which are nobody's, stay.
Identity and telephone numbers become such as no office gives out.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from hashlib import blake2b, shake_256
from random import Random
from zoneinfo import ZoneInfo

from merger.codes.personal_id import PLACEHOLDER_TEXTS, Identity, kind
from merger.demo.masking.words import new_style, tone_place, words

Cell = None | int | float | str | bytes

KEPT_LINES = 200_000
"""Masks of so many values are remembered, so that memory does not grow with the rows."""
TABLE_DIGITS = 4
"""Numbers of up to so many digits are permuted by a table."""
LONGEST_PLACEHOLDER, SHORTEST_PLACEHOLDER = 20, 6
"""Few equal digits may be a state as well as a missing number."""
LONG_NUMBER = 9
"""From so many digits on a number may be somebody's."""

_OLD = re.compile(
    r"[Oo][\u00e0\u00e1\u00e3\u1ea1\u1ea3\u00e8\u00e9\u1eb9\u1ebb\u1ebd]|[Uu][\u00fd\u1ef3\u1ef5\u1ef7\u1ef9]"
)
_RUNS = re.compile(r"([^\W\d_]+|[0-9]+|[\W_]+|\d+)")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_SPACED_NUMBER = re.compile(r"[0-9 .()+\-/\u00a0]*[0-9][0-9 .()+\-/\u00a0]*")
_DAY = re.compile(
    r"(?:(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"|(?P<d2>[0-9]{1,2})/(?P<m2>[0-9]{1,2})/(?P<y2>[0-9]{4})"
    r"|(?P<y3>[0-9]{4})(?P<m3>[0-9]{2})(?P<d3>[0-9]{2}))"
    r"(?P<gap>[T ]?)(?:(?P<H>[0-9]{2}):?(?P<M>[0-9]{2})(?::?(?P<S>[0-9]{2}))?(?P<rest>\.[0-9]{1,9})?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NOT_REAL_SECOND = str.maketrans("35789", "14620")
_NOT_REAL_FIRST = str.maketrans("0123", "6789")
_NOT_REAL_FOURTH = str.maketrans("0123", "5678")


class Masks:
    """The masks of one run. Without `key` they follow from a secret that nobody sees."""

    def __init__(
        self, key: bytes | None = None, nobody: Collection[str] = (), zone: str = "Asia/Ho_Chi_Minh"
    ) -> None:
        """`nobody`: further placeholders, as the rules of a job name them. `zone`: where days are counted."""
        self._zone = ZoneInfo(zone)
        self._key = key or secrets.token_bytes(32)
        self._nobody = frozenset(nobody)
        self._hash = blake2b(key=self._key, digest_size=32)
        self._tweaked = lru_cache(maxsize=5000)(self._new_tweak)
        self._stream = blake2b(key=self._key, digest_size=64)
        self._known: dict[str, str] = {}
        self._shapes: dict[str, tuple[Callable[[str], str] | None, tuple[str, ...]]] = {}
        self._permuted: dict[tuple[int, int], list[int]] = {}
        self._day = lru_cache(maxsize=50_000)(self._new_day)

    def value(self, value: Cell) -> Cell:
        """The mask of any value, of the same type. NULL and what has no letter or digit stay as they are."""
        if type(value) is str:
            return self.text(value)
        if type(value) is int:
            return self.integer(value)
        if type(value) is float:
            return self._float(value)
        if type(value) is bytes:
            return shake_256(self._key + value).digest(len(value))
        return value

    def text(self, value: str) -> str:
        """The mask of a text: of a day another day of that year, of a number a number, else made-up words
        or letters."""
        found = self._known.get(value)
        if found is None:
            if len(self._known) >= KEPT_LINES:
                self._known.clear()
            found = self._known[value] = self._text(value)
        return found

    def integer(self, value: int) -> int:
        """A number of as many digits, 0 for 0."""
        digits = str(abs(value))
        masked = int(self._short(digits) if len(digits) < LONG_NUMBER else self._digits(digits))
        return -masked if value < 0 else masked

    def unreadable(self, value: str, readable: Callable[[str], bool]) -> str:
        """The mask of a text that is not `readable`, which is not either."""
        masked = self.text(value)
        for _ in range(1000):
            if not readable(masked):
                return masked
            masked = self._text(masked)
        return value if not any(map(str.isalnum, value)) else "?" * len(value)

    def numbered(self, prefix: str, digits: str) -> str:
        """The running number behind a prefix that is kept, as another one of as many digits."""
        return self._pivoted(digits, 0, str.maketrans("0123456789", "5678901234"), prefix)

    def _text(self, value: str) -> str:
        if is_placeholder(value) or value in self._nobody:
            return value
        if value[0].isdigit() and (day := self._day_text(value)):
            return day
        if _TOKEN.fullmatch(value) or _SPACED_NUMBER.fullmatch(value):
            return self._token(value)
        return self._words(value)

    def _words(self, value: str) -> str:
        composed = unicodedata.normalize("NFC", value)
        source = self._source(composed)
        out = []
        at = 0
        drawn = b""
        for run in _RUNS.findall(composed):
            first = run[0]
            if not first.isalnum():
                out.append(run)
                continue
            if at >= len(drawn):
                drawn, at = self._draw(source), 0
            number = drawn[at] << 8 | drawn[at + 1]
            at += 2
            if first.isdigit():
                out.append(_some_digits(run, drawn, number))
                continue
            shape = self._shapes.get(run)
            if shape is None:
                shape = self._shape(run)
            cased, options = shape
            word = options[number % len(options)]
            out.append(cased(word) if cased else word)
        masked = "".join(out)
        return masked if composed == value else unicodedata.normalize("NFD", masked)

    def _source(self, composed: str) -> "list[bytes]":
        """What the words of a text are drawn from: equal for texts that only a pedant tells apart."""
        plain = composed.lower()
        if _OLD.search(plain):
            plain = "".join(new_style(run) for run in _RUNS.findall(plain))
        return [plain.encode("utf-8", "surrogatepass")]

    def _draw(self, source: list[bytes]) -> bytes:
        """The next 64 bytes for a text."""
        found = self._stream.copy()
        found.update(source[0])
        if len(source) > 1:
            found.update(b"\0%d" % len(source))
        source.append(b"")
        return found.digest()

    def _shape(self, word: str) -> tuple[Callable[[str], str] | None, tuple[str, ...]]:
        """How a word is written, and the words that are written so."""
        if not _LATIN.fullmatch(word):
            options: tuple[str, ...] = ("".join(map(_other_letter, word)),)
            return None, options
        tone = tone_place(word)
        marks = 0 if word.isascii() else len(unicodedata.normalize("NFD", word)) - len(word)
        options = words(len(word), marks, tone)
        cased: Callable[[str], str] | None = None
        if word.islower():
            pass
        elif word.isupper() and len(word) > 1:
            options = tuple(one.upper() for one in options)
        elif word[0].isupper() and (len(word) == 1 or word[1:].islower()):
            options = tuple(one.capitalize() for one in options)
        else:
            cased = _as_written(word)
        if len(self._shapes) >= KEPT_LINES // 10:
            self._shapes.clear()
        self._shapes[word] = cased, options
        return cased, options

    def _token(self, value: str) -> str:
        """The mask of a text without spaces, or of a number with signs between its digits."""
        if value.isdigit():
            return self._number(value)
        letters = [one for one in value if one.isalnum()]
        if not letters:
            return value
        joined = "".join(letters)
        if joined.isdigit():
            made = self._number(joined)
            masked = _into(value, made)
            while _read_day(masked):
                made = self._number(made)
                masked = _into(value, made)
            return masked
        masked = _into(value, self._mixed(joined))
        return _nowhere(masked) if _MAIL.fullmatch(value) else masked

    def _number(self, digits: str) -> str:
        """The mask of digits; never a day in digits."""
        masked = digits
        while True:
            masked = self._short(masked) if len(masked) < LONG_NUMBER else self._digits(masked)
            if len(digits) not in (8, 14) or not _read_day(masked):
                return masked

    def _short(self, digits: str) -> str:
        """Leading zeros stay; the rest becomes another number of as many digits."""
        rest = digits.lstrip("0")
        if not rest:
            return digits
        size = len(rest)
        if size <= TABLE_DIGITS:
            return digits[: len(digits) - size] + str(self._table(size)[int(rest)])
        masked = self._walk(rest, "")
        while masked[0] == "0":
            masked = self._walk(masked, "")
        return digits[: len(digits) - size] + masked

    def _digits(self, digits: str) -> str:
        """A number that could be somebody's, as one that is nobody's."""
        size = len(digits)
        if size == 12:
            return self._pivoted(digits, 3, _NOT_REAL_FOURTH)
        if size == 9:
            return self._pivoted(digits, 0, _NOT_REAL_FIRST)
        if size in (10, 11) and digits[0] == "0":
            return self._pivoted(digits, 1, _NOT_REAL_SECOND)
        if size == 11 and digits[:2] == "84":
            return "84" + self._pivoted(digits[2:], 0, _NOT_REAL_SECOND, "84")
        return self._pivoted(digits, 0, {})

    def _pivoted(self, digits: str, at: int, changed: dict[int, int] | dict[int, str], more: str = "") -> str:
        """The digit at a place changed as said, a first one before it left, all others permuted."""
        pivot = digits[at]
        kept = digits[0] if at else ""
        rest = digits[1:at] + digits[at + 1 :] if at else digits[1:]
        masked = self._walk(rest, f"{more}:{kept}{pivot}@{at}") if rest else ""
        new = pivot.translate(changed)
        return kept + masked[: at - 1] + new + masked[at - 1 :] if at else new + masked

    def _walk(self, digits: str, tweak: str) -> str:
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

    def _mixed(self, letters: str) -> str:
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

    def _table(self, size: int) -> list[int]:
        """A permutation of the numbers of so many digits, by number."""
        found = self._permuted.get((size, 0))
        if found is None:
            first = 10 ** (size - 1)
            numbers = list(range(first, 10 * first))
            Random(self._secret(f"table {size}")).shuffle(numbers)
            found = self._permuted[size, 0] = [0] * first + numbers
        return found

    def _day_text(self, value: str) -> str:
        """Another day of the same year, written the same way; empty for what is no day. A time with a zone
        is of the day that it is here, so that a birthday is one day however it is written."""
        found = _DAY.fullmatch(value)
        if found is None or _day_of(found) is None:
            return ""
        part = found.groupdict()
        number = "3" if part["y3"] else "2" if part["y2"] else ""
        year, month, day = (int(part[name + number]) for name in "ymd")
        wall = datetime(year, month, day, int(part["H"] or 0), int(part["M"] or 0), int(part["S"] or 0))
        if part["zone"]:
            there = wall.replace(tzinfo=_zone_of(part["zone"]))
            moved = self._moved(there.astimezone(self._zone).replace(tzinfo=None), part["S"] is not None)
            wall = moved.replace(tzinfo=self._zone).astimezone(there.tzinfo).replace(tzinfo=None)
        else:
            wall = self._moved(wall, part["S"] is not None)
        whole = list(value)
        written = (("y", wall.year), ("m", wall.month), ("d", wall.day))
        clock = (("H", wall.hour), ("M", wall.minute), ("S", wall.second))
        for name, unit in (*((name + number, unit) for name, unit in written), *clock):
            start, end = found.span(name)
            if start >= 0:
                whole[start:end] = [f"{unit:0{end - start}d}", *[""] * (end - start - 1)]
        if part["rest"]:
            start, end = found.span("rest")
            drawn = self._draw([value.encode()])
            whole[start + 1 : end] = [str(drawn[i] % 10) for i in range(end - start - 1)]
        return "".join(whole)

    def _moved(self, here: datetime, seconds: bool) -> datetime:
        """Another time on another day of the year; midnight, which stands for no time, stays."""
        day, shift = self._day(here.date())
        if here.hour or here.minute or here.second:
            clock = (here.hour * 60 + here.minute) * 60 + here.second
            clock = (clock + (shift if seconds else shift // 60 * 60)) % 86400
            return datetime.combine(day, datetime.min.time()) + timedelta(seconds=clock)
        return datetime.combine(day, datetime.min.time())

    def _new_day(self, day: date) -> tuple[date, int]:
        """The day that stands for another of its year, and by how many seconds clocks go on within it."""
        first = date(day.year, 1, 1)
        days = (date(day.year, 12, 31) - first).days + 1
        order = self._permuted.get((day.year, days))
        if order is None:
            order = list(range(days))
            Random(self._secret(f"year {day.year}")).shuffle(order)
            self._permuted[day.year, days] = order
        shift = int.from_bytes(self._secret(f"clock {day}")[:4]) % 86400
        return first + timedelta(days=order[(day - first).days]), shift

    def _float(self, value: float) -> float:
        if value.is_integer():
            return float(self.integer(int(value)))
        if value != value or "e" in repr(value):
            return 0.5
        whole, _, parts = repr(abs(value)).partition(".")
        masked = float(f"{self.integer(int(whole))}.{self._short(parts)}")
        return -masked if value < 0 else masked

    def _secret(self, what: str) -> bytes:
        found = self._hash.copy()
        found.update(what.encode())
        return found.digest()


def is_placeholder(value: str) -> bool:
    """Whether a text is nobody's: empty, or a word or number of several digits that stands for 'none'."""
    if len(value) > LONGEST_PLACEHOLDER:
        return False
    if value.isalpha():
        return value.lower() in PLACEHOLDER_TEXTS
    if value.isdigit():
        return len(value) >= SHORTEST_PLACEHOLDER and kind(value) is Identity.PLACEHOLDER
    return kind(value) in (Identity.PLACEHOLDER, Identity.EMPTY)


def may_recur(value: str) -> bool:
    """Whether chance gives a value of this shape again in a copy of millions of rows: days, short numbers
    and short words without marks. Made-up words do not, since no real one begins as they do."""
    letters = [one for one in value if one.isalnum()]
    if not letters or is_placeholder(value) or _read_day(value) is not None:
        return True
    if not _TOKEN.fullmatch(value) and not _SPACED_NUMBER.fullmatch(value):
        return len(value) < 4
    shapes = 1
    for one in letters:
        shapes *= 10 if one.isdigit() else 26
    return shapes < 10**LONG_NUMBER or len(value) < 4


def _read_day(value: str) -> date | None:
    """The day that a text writes; of digits without signs only one between 1900 and 2100."""
    found = _DAY.fullmatch(value)
    return None if found is None else _day_of(found)


def _day_of(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    number = "3" if part["y3"] else "2" if part["y2"] else ""
    if number == "3" and part["gap"] == "" and part["H"] and len(found[0]) != 14:
        return None
    if any(int(part[name] or 0) >= limit for name, limit in (("H", 24), ("M", 60), ("S", 60))):
        return None
    try:
        day = date(*(int(part[name + number]) for name in "ymd"))
    except ValueError:
        return None
    return day if number != "3" or 1900 <= day.year <= 2100 else None


def _zone_of(written: str) -> tzinfo:
    if written == "Z":
        return UTC
    size = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return timezone(-size if written[0] == "-" else size)


def _some_digits(run: str, drawn: bytes, number: int) -> str:
    """Digits in a text: others, no leading zero where there was none."""
    made = "".join(str((drawn[i % 64] + number) % 10) for i in range(len(run)))
    if run[0] != "0" and made[0] == "0":
        made = str(1 + number % 9) + made[1:]
    return made


def _other_letter(letter: str) -> str:
    """One and the same letter for all of its width in UTF-8."""
    if _LATIN.fullmatch(letter):
        return "W" if letter.isupper() else "w"
    return ("?", "ж", "文", "\U00020000")[len(letter.encode("utf-8", "surrogatepass")) - 1]


def _as_written(word: str) -> Callable[[str], str]:
    capitals = [one.isupper() for one in word]
    return lambda made: "".join(
        one.upper() if capital else one for one, capital in zip(made, capitals, strict=False)
    )


def _into(value: str, letters: str) -> str:
    """The letters and digits of a text replaced, in order."""
    left = iter(letters)
    return "".join(next(left) if one.isalnum() else one for one in value)


def _nowhere(mail: str) -> str:
    """An address whose last part is no domain that exists."""
    head, _, last = mail.rpartition(".")
    if "@" not in head:
        return mail
    return f"{head}.{('zj' * len(last))[: len(last)]}"


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
