"""Vietnamese names compared as a reader would: marks count, the way of writing them does not.

The same name is written `Hòa` or `Hoà`, composed or decomposed, in capitals, with `TT.` or `Thị trấn`.
None of this may join `Hòa` with `Hoa` or `Hóa`, so marks are moved, never dropped.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

TYPES = {
    "tỉnh": "tỉnh", "t.": "tỉnh",
    "thành phố": "thành phố", "tp.": "thành phố", "tp": "thành phố",
    "quận": "quận", "q.": "quận",
    "huyện": "huyện", "h.": "huyện",
    "thị xã": "thị xã", "tx.": "thị xã", "tx": "thị xã",
    "thị trấn": "thị trấn", "tt.": "thị trấn", "tt": "thị trấn",
    "phường": "phường", "p.": "phường",
    "xã": "xã", "x.": "xã",
    "đặc khu": "đặc khu", "đk.": "đặc khu",
}  # fmt: skip
"""Words for kinds of units at the beginning of a name, and their abbreviations."""

LOCALITY_TYPES = {"kp": ("khu", "phố"), "tdp": ("tổ", "dân", "phố"), "đ": ("đường",)}
"""Abbreviations of kinds of localities inside an address."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VOWELS = "aăâeêioôơuưy"
_CLUSTER = re.compile(f"[{_VOWELS}{_TONES}]+")
_SPACES = re.compile(r"\s+")
_NUMBERED = re.compile(r"([pq])\.?\s*([0-9]+)")
_ZEROS = re.compile(r"\b0+(?=[0-9])")
_TOKEN = re.compile(r"[0-9]+(?:[/-][0-9]+)+\w*|\w+(?:['’]\w+)*")
_GLUED = re.compile(r"([^\W\d_]{2,})([0-9].*)")
_ORDINALS = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "a", "b", "c", "d"])


def fold(name: str) -> str:
    """A key under which two spellings of one name are equal: case, spaces, composition, place of tones,
    abbreviated type words. Keys of names that differ in any mark differ. Not meant for reading."""
    kind, bare = split_type(name)
    return f"{kind} {bare}".strip()


@lru_cache(maxsize=100_000)  # rules are compared with the same few names again and again: 50 times faster
def split_type(name: str) -> tuple[str, str]:
    """The type word (`thị trấn`; empty if there is none) and the rest of a name, both folded."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", name)).strip().casefold()
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        return _fold_text(TYPES[f"{numbered[1]}."]), _bare(numbered[2])
    for word in sorted(TYPES, key=len, reverse=True):
        rest = text[len(word) :]
        ends = rest[:1] == " " or word.endswith(".")
        if ends and rest.strip() and _fold_text(text[: len(word)]) == _fold_text(word):
            return _fold_text(TYPES[word]), _bare(rest)
    return "", _bare(text)


def same_name(a: str, b: str) -> bool:
    """Whether two spellings name the same unit: types are compared where both give one."""
    kind_a, bare_a = split_type(a)
    kind_b, bare_b = split_type(b)
    return bare_a == bare_b and (kind_a == kind_b or not kind_a or not kind_b)


def find_locality(text: str, names: Iterable[str]) -> str | None:
    """The one of `names` (hamlets, quarters, roads) that occurs in an address; None if none or several.

    Whole words only: `Thôn 1` is neither in `Thôn 10` nor in `Thôn 1A`; `Thôn 01` is `Thôn 1`. A name
    inside a longer one that occurs there too does not count.
    """
    found = localities_in(text, names)
    return found[0] if len(found) == 1 else None


def localities_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Every one of `names` that occurs in an address, except those inside a longer one that does."""
    words = _words(text)
    keys: dict[tuple[str, ...], str] = {}
    for name in sorted(names):
        keys.setdefault(tuple(word for word, _ in _words(name)), name)
    hits = [(start, start + len(key), name) for key, name in keys.items() for start in _places(words, key)]
    return tuple(
        sorted(
            {
                name
                for start, end, name in hits
                if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in hits)
            }
        )
    )


def _bare(text: str) -> str:
    return _ZEROS.sub("", _fold_text(text))


def _fold_text(text: str) -> str:
    """Lower case, NFC, single spaces, and each tone at the end of its group of vowels."""
    apart = unicodedata.normalize("NFD", _SPACES.sub(" ", text).strip().casefold())
    whole = "".join(_quality(apart))
    return unicodedata.normalize("NFC", _CLUSTER.sub(_tone_last, whole))


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
    letters = [letter for letter in match[0] if letter not in _TONES]
    tones = [letter for letter in match[0] if letter in _TONES]
    return "".join(letters + tones)


def _words(text: str) -> list[tuple[str, bool]]:
    """The folded words of a text, each with whether only spaces lie between it and the word before."""
    folded = _fold_text(text)
    out: list[tuple[str, bool]] = []
    end = 0
    for match in _TOKEN.finditer(folded):
        near = end > 0 and not folded[end : match.start()].strip()
        end = match.end()
        glued = _GLUED.fullmatch(match[0])
        parts = glued.groups() if glued else (match[0],)
        for i, part in enumerate(parts):
            for j, word in enumerate(LOCALITY_TYPES.get(part, (part,))):
                out.append((_number(word), near or i > 0 or j > 0))
    return out


def _number(word: str) -> str:
    return (word.lstrip("0") or "0") if word[0].isdigit() else word


def _places(words: list[tuple[str, bool]], key: tuple[str, ...]) -> list[int]:
    texts = [word for word, _ in words]
    return [
        start
        for start in range(len(texts) - len(key) + 1)
        if key and tuple(texts[start : start + len(key)]) == key and not _goes_on(words, start + len(key))
    ]


def _goes_on(words: list[tuple[str, bool]], after: int) -> bool:
    """Whether a number or letter directly behind a name makes another name of it (`Thôn Tân Lập 2`)."""
    if after >= len(words):
        return False
    word, near = words[after]
    return near and (word[0].isdigit() or word in _ORDINALS)
