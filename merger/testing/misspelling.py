"""Ways of spoiling the writing of a Vietnamese text."""

import re
import unicodedata
from collections.abc import Callable
from random import Random


def bare_letters(text: str, _chance: Random | None = None) -> str:
    """A text without any mark, its capitals kept."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _marks_lost(text: str, chance: Random) -> str:
    """Some words without their marks."""
    return " ".join(bare_letters(word) if chance.random() < 0.4 else word for word in text.split(" "))


def _tones(text: str, _chance: Random) -> str:
    """The tone on the second of two vowels: `Hoà`, `Thuỷ`."""
    for first, second in ("oa", "oe", "uy"):
        for tone in "\u0300\u0301\u0303\u0309\u0323":
            old = unicodedata.normalize("NFC", first + tone) + second
            text = re.sub(old + r"\b", first + unicodedata.normalize("NFC", second + tone), text)
    return text


def _telex(text: str, chance: Random) -> str:
    """One word as its keys."""
    words = text.split(" ")
    marked = [at for at, word in enumerate(words) if bare_letters(word) != word and word.isalpha()]
    if marked:
        at = chance.choice(marked)
        words[at] = _keys(words[at])
    return " ".join(words)


def _keys(word: str) -> str:
    out, tone = "", ""
    for letter in unicodedata.normalize("NFD", word):
        if letter in _TONE_KEYS:
            tone = _TONE_KEYS[letter]
        elif letter in "\u0302":
            out += out[-1].lower()
        elif letter in "\u0306\u031b":
            out += "w"
        else:
            out += {"đ": "dd", "Đ": "Dd"}.get(letter, letter)
    return out + tone


_TONE_KEYS = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}

WAYS: dict[str, Callable[[str, Random], str]] = {
    "marks-lost": _marks_lost,
    "tones": _tones,
    "d": lambda text, _: text.replace("đ", "d").replace("Đ", "D"),
    "telex": _telex,
    "unmarked": bare_letters,
    "upper": lambda text, _: text.upper(),
    "lower": lambda text, _: text.lower(),
    "spaces": lambda text, chance: re.sub(" ", lambda _: " " * chance.choice((1, 1, 2, 3)), f" {text} "),
    "nfd": lambda text, _: unicodedata.normalize("NFD", text),
}
"""By the name of the dirt, in the order in which they are done."""
