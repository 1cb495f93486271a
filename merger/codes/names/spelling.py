"""Ways of writing one Vietnamese word or name, brought to one.

Two strengths. `fold_text` keeps the words apart and changes only what no reader sees or pronounces: case,
composition, where the tone stands, kinds of apostrophes and dashes. `letters` goes on to what is written
differently for one spoken name: i or y, `Đắk` or `Đăk`, `Ea H'leo` or `Ea Hleo`, `II` or `2`. Neither drops a
mark of a Vietnamese word: `Hòa`, `Hoa` and `Hóa` stay three names.
"""

import re
import unicodedata

APOSTROPHES = "'’‘ʼʹ′´`"
DASHES = "-‐‑‒–—−"

ALIKE = {"đăk": "đắk", "đak": "đắk", "dak": "đắk", "ngok": "ngọk"}
"""Words of the highlands' languages that resolutions and the statistics office write in several ways.

None of these forms is a Vietnamese word, so they name nothing else. `Đắc` and `Ngọc` are, and stay apart.
"""

SHORT = dict.fromkeys(["nt", "nt.", "n.t", "n.t."], "nôngtrường")
"""Words at the beginning of a name that are abbreviated: a town may be named after its state farm."""

ROMANS = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5",
    "vii": "7", "viii": "8", "ix": "9", "x": "10", "xii": "12",
}  # fmt: skip
"""Numerals at the end of a name. `vi` and `xi` are Vietnamese syllables (`Sơn Vi`, `Pú Xi`): left alone."""

_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_SPACES = re.compile(r"\s+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VOWELS = "aăâeêioôơuưy"
_CLUSTER = re.compile(f"[{_VOWELS}{_TONES}]+")
_ALIKE_LETTERS = str.maketrans(
    {"ð": "đ", "ɖ": "đ"} | dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(DASHES, "-")
)
ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_NUMBERS = re.compile(r"(?<=[0-9])[ '-]+(?=[0-9])")
_BETWEEN = re.compile(r"[ '-]+")
_Y = dict(zip("yỳýỷỹỵ", "iìíỉĩị", strict=True))
_AS_I = re.compile(f"(?<=[bcdghklmnprstvxđ])[{''.join(_Y)}]|(?<=qu)[{''.join(_Y)}]")


def fold_text(text: str) -> str:
    """Lower case, NFC, single spaces, each tone at the end of its group of vowels; `’` as `'`, `–` as `-`.

    Characters of no width are left out, and the Icelandic and African `Ð` that look like `Đ` are read as it.
    """
    apart = unicodedata.normalize("NFD", _SPACES.sub(" ", _UNSEEN.sub("", text)).strip().casefold())
    whole = "".join(_quality(apart)).translate(_ALIKE_LETTERS)
    return unicodedata.normalize("NFC", _CLUSTER.sub(_tone_last, whole))


def letters(folded: str) -> str:
    """The letters and digits of a name folded by `fold_text`, as one word; other signs stay.

    Spaces, apostrophes and dashes separate nothing but numbers, and zeros before a number do not count.
    """
    words = [ALIKE.get(word, word) for word in _BETWEEN.split(_NUMBERS.sub("/", folded)) if word]
    if words:
        words[0] = SHORT.get(words[0], words[0])
        words[-1] = ROMANS.get(words[-1], words[-1])
    return _AS_I.sub(lambda match: _Y[match[0]], ZEROS.sub("", "".join(words)))


def unmarked(text: str) -> str:
    """Lower case without any mark, `đ` as `d`: what is left when marks are lost. For candidates only."""
    apart = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _quality(apart: str) -> list[str]:
    """Letters composed with the marks that make another letter (ă, ơ), tones standing after them."""
    out: list[str] = []
    tones = ""
    for letter in apart:
        if letter in _TONES:
            tones += letter
        elif unicodedata.combining(letter) and out:
            out[-1] = unicodedata.normalize("NFC", out[-1] + letter)
        else:
            out.append(tones)
            tones = ""
            out.append(letter)
    return [*out, tones]


def _tone_last(match: re.Match[str]) -> str:
    vowels = [letter for letter in match[0] if letter not in _TONES]
    tones = [letter for letter in match[0] if letter in _TONES]
    return "".join(vowels + tones)
