"""Addresses cut into words, and what the words of the language say of the names beside them."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from sys import intern
from typing import Any

from merger.codes.names import fold_text, letters, unmarked

HARD, SOFT = 2, 1
"""Signs between words: names never go on over a hard one; a soft one (a dash) may lie within one."""

STRETCHES = re.compile(r"[,;|\n\r\t()\[\]]")
"""What parts an address into stretches: hard signs."""

SOFT_SIGNS = frozenset("-–—/\\:+")

_LETTERS = "[^\\W\\d_]+"
TOKEN = re.compile(f"{_LETTERS}(?:(?:[\u0300-\u036f]+|['’`](?=[^\\W\\d_]))(?:{_LETTERS})?)*|[0-9]+|[^\\w\\s]")
"""A word with its marks, a number, or a sign."""

Word = tuple[str, str]
"""A word without marks, and with them."""

ROMANS = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8",
          "ix": "9", "x": "10", "xi": "11", "xii": "12"}  # fmt: skip

_KEPT = frozenset([*ROMANS, "nt"])


def fold_word(token: str) -> Word:
    """A word or number as it is compared: without zeros before it, `Lý` as `Lí`, the tone at the end."""
    return _folded(unicodedata.normalize("NFC", token).casefold())


@lru_cache(maxsize=50_000)  # folding takes 20 µs, and a language has few syllables
def _folded(token: str) -> Word:
    folded = fold_text(token)
    if folded.isdigit():
        number = folded.lstrip("0") or "0"
        return number, number
    marked = folded if folded in _KEPT else letters(folded)
    # one object for each word: trees of words then compare no letters
    return intern(unmarked(marked)), intern(marked)


def words_of(text: str) -> list[Word]:
    """The words of a name, without its signs."""
    return [fold_word(token) for token in TOKEN.findall(text) if token[0].isalnum()]


class Vocabulary:
    """The words of `words.toml`, by their folded forms (words joined by a space).

    `before`, `behind`: the kinds of unit that a word says of the name beside it. `below`, `below_behind`:
    words for what lies within a commune. `house`: words before the number of a house. `empty`: what says
    nothing. `once`: former kinds of a kind. `names`: other names of units. `marked`: how each form is written
    with its marks.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        self.before = _kinds(told["before"])
        self.behind = _kinds(told["behind"])
        self.below = frozenset(map(plain, told["below"]["words"]))
        self.below_behind = frozenset(map(plain, told["below"]["behind"]))
        self.house = frozenset(map(plain, told["house"]["words"]))
        self.empty = frozenset(map(plain, told["empty"]["words"]))
        self.marked = _marked(told)
        self.once: dict[str, list[str]] = told["once"]
        self.names: dict[str, list[str]] = told["names"]


def plain(text: str) -> str:
    """The words of a text without marks, joined by spaces."""
    return " ".join(word for word, _ in words_of(text))


@cache
def vocabulary() -> Vocabulary:
    """The words of the language, read once."""
    text = resources.files("merger.addresses").joinpath("words.toml").read_text("utf-8")
    return Vocabulary(tomllib.loads(text))


def _kinds(forms: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for kind, written in forms.items():
        for form in written:
            found.setdefault(plain(form), set()).add(kind)
    return {form: frozenset(kinds) for form, kinds in found.items()}


def _marked(told: dict[str, Any]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    lists = [*told["before"].values(), *told["behind"].values()]
    lists += [told[part][key] for part in ("below", "house", "empty") for key in told[part]]
    for written in lists:
        for form in written:
            whole = "".join(word for _, word in words_of(form))
            found.setdefault(plain(form), set()).update((whole, whole.replace("đ", "d")))
    return {form: frozenset(forms) for form, forms in found.items()}


def initials(words: Iterable[Word]) -> str:
    """The first letters of a name's words."""
    return "".join(word[0] for word, _ in words)
