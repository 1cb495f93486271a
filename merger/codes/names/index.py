"""Names looked up among many: what is equal, and what a person may have meant."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nsmallest

from merger.codes.names.spelling import letters, unmarked
from merger.codes.names.types import type_and_letters

LIMIT = 5
FLOOR = 0.6
"""Below this likeness nothing is offered."""

_COMPARED = 60
"""How many names that share the most pairs of letters are compared in full."""
_OTHER_TYPE = 0.97
_HOOKED_D = "d\u0335"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may be meant, its code, and how like it is: from 0 to 1, the same letters and marks."""

    code: str
    name: str
    likeness: float


class NameIndex:
    """Units (or anything with a code) by their names, with or without type words.

    One index serves the units of one parent: the same name is borne by many communes of the country.
    """

    def __init__(self, units: Iterable[tuple[str, str]]) -> None:
        """`units`: pairs of name and code; both may occur several times."""
        self._units = sorted(set(units))
        self._equal: dict[str, list[int]] = {}
        self._sharing: dict[str, list[int]] = {}
        self._spelt: list[str] = []
        self._pairs: list[int] = []
        for at, (name, _) in enumerate(self._units):
            _, bare = type_and_letters(name)
            self._equal.setdefault(bare, []).append(at)
            self._spelt.append(_spelt(bare))
            pairs = _pairs(bare)
            self._pairs.append(len(pairs))
            for pair in pairs:
                self._sharing.setdefault(pair, []).append(at)

    def exact(self, name: str) -> tuple[str, ...]:
        """The codes of all that bear this name (as `same_name` says), sorted; empty if none does."""
        kind, bare = type_and_letters(name)
        return tuple(
            sorted(
                {
                    self._units[at][1]
                    for at in self._equal.get(bare, ())
                    if _agree(kind, type_and_letters(self._units[at][0])[0])
                }
            )
        )

    def near(self, name: str, limit: int = LIMIT, floor: float = FLOOR) -> tuple[Candidate, ...]:
        """What may be meant by a misspelt name, likest first. For findings: never decides anything.

        A lost or wrong mark weighs less than a letter, another type less than either. Among 10,000 names an
        answer takes 1 to 3 ms.
        """
        kind, bare = type_and_letters(name)
        found = self._like(kind, bare, floor)
        if not found and kind:  # `Phường Đúc` may be the ward `Phường Phường Đúc`
            found = self._like("", letters(f"{kind} {bare}"), floor)
        return tuple(sorted(found, key=lambda one: (-one.likeness, one.name, one.code))[:limit])

    def _like(self, kind: str, bare: str, floor: float) -> list[Candidate]:
        pairs = _pairs(bare)
        shared: Counter[int] = Counter()
        for pair in pairs:
            shared.update(self._sharing.get(pair, ()))
        likest = nsmallest(_COMPARED, shared, lambda at: (-shared[at] / (self._pairs[at] + len(pairs)), at))
        matcher = SequenceMatcher(None, "", _spelt(bare), autojunk=False)
        found = []
        for at in likest:
            matcher.set_seq1(self._spelt[at])
            likeness = matcher.ratio()
            unit, code = self._units[at]
            if not _agree(kind, type_and_letters(unit)[0]):
                likeness *= _OTHER_TYPE
            if likeness >= floor:
                found.append(Candidate(code, unit, round(likeness, 4)))
        return found


def near_names(name: str, names: Iterable[str], limit: int = LIMIT) -> list[str]:
    """Those of `names` that may be meant by a misspelt one, likest first; see `NameIndex.near`."""
    return [one.name for one in NameIndex((each, each) for each in names).near(name, limit)]


def _agree(kind: str, other: str) -> bool:
    return kind == other or not kind or not other


def _spelt(bare: str) -> str:
    """Letters and marks one after the other, so that a mark counts as half a letter."""
    return unicodedata.normalize("NFD", bare).replace("đ", _HOOKED_D)


def _pairs(bare: str) -> set[str]:
    plain = f" {unmarked(bare)} "
    return {plain[at : at + 2] for at in range(len(plain) - 1)}
