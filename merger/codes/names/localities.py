"""Hamlets, quarters and roads found in what people wrote as an address."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from merger.codes.names.spelling import fold_text, letters

TYPES = {"kp": ("khu", "phố"), "tdp": ("tổ", "dân", "phố"), "đ": ("đường",)}
"""Abbreviations of kinds of localities inside an address."""

_TOKEN = re.compile(r"[0-9]+(?:[/-][0-9]+)+\w*|\w+(?:'\w+)*")
_GLUED = re.compile(r"([^\W\d_]{2,})([0-9].*)")
_ORDINALS = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "a", "b", "c", "d"])

_SHORT = 32
"""Chunks of an address that are not longer than this come again and again."""

_Word = tuple[str, bool]
"""A word, and whether only spaces lie between it and the word before."""


class LocalityNames:
    """Names of hamlets, quarters or roads, to be looked for in many addresses.

    Whole words only: `Thôn 1` is neither in `Thôn 10` nor in `Thôn 1A`; `Thôn 01` is `Thôn 1`. A name
    inside a longer one that occurs there too does not count.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._keys: dict[str, str] = {}
        for name in sorted(names):
            self._keys.setdefault(_key(name), name)
        self._keys.pop("", None)
        self._begun = {key[:end] for key in self._keys for end in range(1, len(key) + 1)}

    def found_in(self, text: str) -> tuple[str, ...]:
        """Every name that occurs in an address, in order, except those inside a longer one that does."""
        hits = list(self._hits(_words(text)))
        if len(hits) < 2:
            return tuple(name for _, _, name in hits)
        return tuple(
            sorted(
                {
                    name
                    for start, end, name in hits
                    if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in hits)
                }
            )
        )

    def _hits(self, words: Sequence[_Word]) -> Iterator[tuple[int, int, str]]:
        """Where runs of whole words, written together, are one of the names."""
        keys, begun = self._keys, self._begun
        for start, (run, _) in enumerate(words):
            end = start + 1
            while run in begun:
                if run in keys and not _goes_on(words, end):
                    yield start, end, keys[run]
                if end == len(words):
                    break
                run = _join(run, words[end][0])
                end += 1


def find_locality(text: str, names: Iterable[str]) -> str | None:
    """The one of `names` (hamlets, quarters, roads) that occurs in an address; None if none or several."""
    found = localities_in(text, names)
    return found[0] if len(found) == 1 else None


def localities_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Every one of `names` that occurs in an address, as `LocalityNames.found_in` says."""
    return LocalityNames(names).found_in(text)


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
    out: list[_Word] = []
    clean = False
    for chunk in text.split():
        words, begins_clean, ends_clean = _of_chunk(chunk) if len(chunk) <= _SHORT else _read_chunk(chunk)
        if words:
            (first, _), *rest = words
            out.append((first, clean and begins_clean))
            out += rest
            clean = ends_clean
        else:
            clean = clean and begins_clean
    return out


def _read_chunk(chunk: str) -> tuple[tuple[_Word, ...], bool, bool]:
    """The words between two spaces, and whether these begin and end with a word and no other sign."""
    folded = fold_text(chunk)
    out: list[_Word] = []
    end = 0
    for match in _TOKEN.finditer(folded):
        near = 0 < end == match.start()
        end = match.end()
        glued = _GLUED.fullmatch(match[0])
        parts = glued.groups() if glued else (match[0],)
        for i, part in enumerate(parts):
            for j, word in enumerate(TYPES.get(part, (part,))):
                out.append((_number(word) if word[0].isdigit() else _letters(word), near or i > 0 or j > 0))
    first = _TOKEN.match(folded)
    return tuple(out), not folded or first is not None, end == len(folded)


_of_chunk = lru_cache(maxsize=100_000)(_read_chunk)


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
