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
import unicodedata
from collections.abc import Callable, Collection

from merger.codes.personal_id import PLACEHOLDER_TEXTS, Identity, kind
from merger.demo.masking.days import Days, read_day
from merger.demo.masking.secret import Secret
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
        self._secret = Secret(key)
        self._days = Days(self._secret, zone)
        self._nobody = frozenset(nobody)
        self._known: dict[str, str] = {}
        self._shapes: dict[str, tuple[Callable[[str], str] | None, tuple[str, ...]]] = {}

    def value(self, value: Cell) -> Cell:
        """The mask of any value, of the same type. NULL and what has no letter or digit stay as they are."""
        if type(value) is str:
            return self.text(value)
        if type(value) is int:
            return self.integer(value)
        if type(value) is float:
            return self._float(value)
        if type(value) is bytes:
            return self._secret.stands_for(value)
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
        if value[0].isdigit() and (day := self._days.text(value)):
            return day
        if _TOKEN.fullmatch(value) or _SPACED_NUMBER.fullmatch(value):
            return self._token(value)
        return self._words(value)

    def _words(self, value: str) -> str:
        composed = unicodedata.normalize("NFC", value)
        source = self._source(composed)
        out = []
        at = times = 0
        drawn = b""
        for run in _RUNS.findall(composed):
            first = run[0]
            if not first.isalnum():
                out.append(run)
                continue
            if at >= len(drawn):
                times += 1
                drawn, at = self._secret.draw(source, times), 0
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

    def _source(self, composed: str) -> bytes:
        """What the words of a text are drawn from: equal for texts that only a pedant tells apart."""
        plain = composed.lower()
        if _OLD.search(plain):
            plain = "".join(new_style(run) for run in _RUNS.findall(plain))
        return plain.encode("utf-8", "surrogatepass")

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
            while read_day(masked):
                made = self._number(made)
                masked = _into(value, made)
            return masked
        masked = _into(value, self._secret.mixed(joined))
        return _nowhere(masked) if _MAIL.fullmatch(value) else masked

    def _number(self, digits: str) -> str:
        """The mask of digits; never a day in digits."""
        masked = digits
        while True:
            masked = self._short(masked) if len(masked) < LONG_NUMBER else self._digits(masked)
            if len(digits) not in (8, 14) or not read_day(masked):
                return masked

    def _short(self, digits: str) -> str:
        """Leading zeros stay; the rest becomes another number of as many digits."""
        rest = digits.lstrip("0")
        if not rest:
            return digits
        size = len(rest)
        if size <= TABLE_DIGITS:
            return digits[: len(digits) - size] + str(self._secret.table(size)[int(rest)])
        masked = self._secret.walk(rest, "")
        while masked[0] == "0":
            masked = self._secret.walk(masked, "")
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
        masked = self._secret.walk(rest, f"{more}:{kept}{pivot}@{at}") if rest else ""
        new = pivot.translate(changed)
        return kept + masked[: at - 1] + new + masked[at - 1 :] if at else new + masked

    def _float(self, value: float) -> float:
        if value.is_integer():
            return float(self.integer(int(value)))
        if value != value or "e" in repr(value):
            return 0.5
        whole, _, parts = repr(abs(value)).partition(".")
        masked = float(f"{self.integer(int(whole))}.{self._short(parts)}")
        return -masked if value < 0 else masked


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
    if not letters or is_placeholder(value) or read_day(value) is not None:
        return True
    if not _TOKEN.fullmatch(value) and not _SPACED_NUMBER.fullmatch(value):
        return len(value) < 4
    shapes = 1
    for one in letters:
        shapes *= 10 if one.isdigit() else 26
    return shapes < 10**LONG_NUMBER or len(value) < 4


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
