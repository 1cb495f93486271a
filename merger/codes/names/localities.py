"""Hamlets, quarters and roads found in what people wrote as an address."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from merger.codes.names.spelling import fold_text, letters

TYPES = {"kp": ("khu", "phố"), "tdp": ("tổ", "dân", "phố"), "đ": ("đường",)}
"""Abbreviations of kinds of localities inside an address."""

_TOKEN = re.compile(r"[0-9]+(?:[/-][0-9]+)+\w*|\w+(?:'\w+)*")
_GLUED = re.compile(r"([^\W\d_]{2,})([0-9].*)")
_ORDINALS = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "a", "b", "c", "d"])

_Word = tuple[str, bool]
"""A word, and whether only spaces lie between it and the word before."""


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
    keys: dict[str, str] = {}
    for name in sorted(names):
        keys.setdefault(_key(name), name)
    keys.pop("", None)
    hits = list(_hits(words, keys))
    return tuple(
        sorted(
            {
                name
                for start, end, name in hits
                if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in hits)
            }
        )
    )


def _hits(words: Sequence[_Word], keys: dict[str, str]) -> Iterable[tuple[int, int, str]]:
    """Where runs of whole words, written together, are one of the names."""
    longest = max(map(len, keys), default=0)
    for start in range(len(words)):
        run = ""
        for end in range(start, len(words)):
            run = _join(run, words[end][0])
            if len(run) > longest:
                break
            if run in keys and not _goes_on(words, end + 1):
                yield start, end + 1, keys[run]


@lru_cache(maxsize=100_000)
def _key(name: str) -> str:
    run = ""
    for word, _ in _words(name):
        run = _join(run, word)
    return run


def _join(run: str, word: str) -> str:
    """Written together, but two numbers stay two."""
    return f"{run}/{word}" if run[-1:].isdigit() and word[:1].isdigit() else run + word


def _words(text: str) -> list[_Word]:
    folded = fold_text(text)
    out: list[_Word] = []
    end = 0
    for match in _TOKEN.finditer(folded):
        near = end > 0 and not folded[end : match.start()].strip()
        end = match.end()
        glued = _GLUED.fullmatch(match[0])
        parts = glued.groups() if glued else (match[0],)
        for i, part in enumerate(parts):
            for j, word in enumerate(TYPES.get(part, (part,))):
                out.append((_number(word) if word[0].isdigit() else _letters(word), near or i > 0 or j > 0))
    return out


def _number(word: str) -> str:
    return word.lstrip("0") or "0"


def _letters(word: str) -> str:
    return word if word in _ORDINALS else letters(word)


def _goes_on(words: Sequence[_Word], after: int) -> bool:
    """Whether a number or letter directly behind a name makes another name of it (`Thôn Tân Lập 2`)."""
    if after >= len(words):
        return False
    word, near = words[after]
    return near and (word[0].isdigit() or word in _ORDINALS)
