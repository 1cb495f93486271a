"""Units found by code or name while somebody types, over all units of a country.

Names are compared as a reader would (`merger.codes.names`): marks count, the way of writing them does not.
What only fits without its marks comes last and is marked as such: a help for typing, never an answer.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from merger.codes.names import TYPES, fold_text, letters, split_type, unmarked
from merger.lineage import Lineage, UnitVersion
from merger.mapping.models import UnitKind

LIMIT = 20
LONGEST = 80
"""So many characters of a question are looked at."""

_END = "\n"
_KINDS = tuple(UnitKind)
"""The wider units first."""


@dataclass(frozen=True, slots=True)
class Named:
    """A unit under one name: its versions that bear it, oldest first, and the units that it lay in."""

    kind: UnitKind
    code: str
    name: str
    versions: tuple[UnitVersion, ...]
    around: tuple[str, ...]

    @property
    def in_force(self) -> bool:
        """Whether the newest of the versions is in force today, as far as the mapping knows."""
        return self.versions[-1].valid_to == date.max


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit that fits. `near`: only without the marks of its name."""

    unit: Named
    near: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found for a question, the best first. `more`: there are others that are not shown."""

    question: str
    hits: tuple[Hit, ...] = ()
    more: bool = False


class Names:
    """All names and codes of the units of a lineage. Made once; never changes."""

    def __init__(self, lineage: Lineage) -> None:
        self.units = tuple(sorted(_named(lineage), key=_order))
        self._codes = _Texts(one.code.casefold() for one in self.units)
        types_and_rests = [split_type(one.name) for one in self.units]
        self._types = [kind for kind, _ in types_and_rests]
        rests = [rest for _, rest in types_and_rests]
        joined = [letters(rest) for rest in rests]
        spaced = [_spaced(rest) for rest in rests]
        self._marked = (_Texts(joined), _Texts(spaced), _Texts(_bare(one.name) for one in self.units))
        self._plain = (_Texts(map(unmarked, joined)), _Texts(map(unmarked, spaced)))
        self._around = ["|".join(map(_plainest, one.around)) for one in self.units]

    def find(self, question: str, limit: int = LIMIT, kind: UnitKind | None = None) -> Hits:
        """The units that a code or (part of) a name may mean, at most `limit`.

        `Tân Lập, Mộc Châu` asks for the former within the latter.
        """
        asked = " ".join(unicodedata.normalize("NFC", question[:LONGEST]).split())
        found = _Found(self.units, limit, kind)
        if asked:
            self._look(asked, found)
        return Hits(asked, tuple(found.hits[:limit]), len(found.hits) > limit)

    def _look(self, asked: str, found: "_Found") -> None:
        first, _, rest = asked.partition(" ")
        if any(letter.isdigit() for letter in first):
            self._by_code(first, rest, found)
        name, *within = [part.strip() for part in asked.split(",")]
        if name:
            self._by_name(name, [part for part in within if part], found)
        words = asked.replace(",", " ").split()
        for split in range(len(words) - 1, 0, -1):  # nothing bears the whole as its name
            if found.hits:
                break
            self._by_name(" ".join(words[:split]), [" ".join(words[split:])], found)

    def _by_code(self, code: str, rest: str, found: "_Found") -> None:
        wanted = code.casefold()
        found.take(self._codes.equal(wanted))
        if not rest:
            found.take(self._codes.beginning(wanted))

    def _by_name(self, name: str, within: list[str], found: "_Found") -> None:
        parts = [_plainest(part) for part in within]

        def lies(at: int) -> bool:
            return all(part in self._around[at] for part in parts)

        word = TYPES.get(fold_text(name))
        if word:  # a type on the way to a name
            found.take((at for at, kind in enumerate(self._types) if kind == word), lies)
        kind, rest = split_type(name)
        if kind:
            self._levels(rest, lambda at: self._types[at] == kind and lies(at), found)
        self._levels(fold_text(name), lies, found, raw=_bare(name))

    def _levels(self, folded: str, fits: "Fits", found: "_Found", raw: str = "") -> None:
        joined, spaced, bare = self._marked
        one = len(folded) == 1  # a letter on the way to a name, not a numeral
        word, words = (folded, folded) if one else (letters(folded), _spaced(folded))
        found.take(joined.equal(word), fits)
        found.take(spaced.beginning(f"{words} "), fits)
        found.take(joined.beginning(word), fits)
        found.take(spaced.beginning(words), fits)
        if raw:  # a tone that stands where it will not stay: `Hò` on the way to `Hòa`
            found.take(bare.beginning(raw), fits)
        found.take(spaced.inside(f" {words}"), fits)
        found.take(spaced.inside(words), fits)
        plain_joined, plain_spaced = self._plain
        word, words = unmarked(word), unmarked(words)
        found.take(plain_joined.equal(word), fits, near=True)
        found.take(plain_joined.beginning(word), fits, near=True)
        found.take(plain_spaced.beginning(words), fits, near=True)
        found.take(plain_spaced.inside(f" {words}"), fits, near=True)


Fits = Callable[[int], bool]


@dataclass(slots=True)
class _Found:
    """Hits in the order in which they were found, each unit once, one more than are wanted."""

    units: tuple[Named, ...]
    limit: int
    kind: UnitKind | None
    hits: list[Hit] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)

    def take(self, places: Iterable[int], fits: Fits | None = None, *, near: bool = False) -> None:
        for at in places:
            if len(self.hits) > self.limit:
                return
            unit = self.units[at]
            if at in self._seen or self.kind not in (None, unit.kind) or not (fits is None or fits(at)):
                continue
            self._seen.add(at)
            self.hits.append(Hit(unit, near))


class _Texts:
    """Many short texts in one long one, found by their number; the lowest first."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._starts: list[int] = []
        parts = [_END]
        length = 1
        for text in texts:
            self._starts.append(length)
            parts.append(text + _END)
            length += len(text) + 1
        self._whole = "".join(parts)

    def equal(self, text: str) -> Iterator[int]:
        return self._find(f"{_END}{text}{_END}", 1) if text else iter(())

    def beginning(self, text: str) -> Iterator[int]:
        return self._find(f"{_END}{text}", 1) if text.strip() else iter(())

    def inside(self, text: str) -> Iterator[int]:
        return self._find(text, 0) if text.strip() else iter(())

    def _find(self, needle: str, skip: int) -> Iterator[int]:
        at = self._whole.find(needle)
        while at >= 0:
            yield bisect_right(self._starts, at + skip) - 1
            at = self._whole.find(needle, at + 1)


def _named(lineage: Lineage) -> Iterator[Named]:
    names: dict[tuple[UnitKind, str, date], str] = {}

    def name_of(kind: UnitKind, code: str, day: date) -> str:
        key = (kind, code, day)
        if key not in names:
            names[key] = lineage.name_of(kind, code, day)
        return names[key]

    for kind in _KINDS:
        above = _KINDS[: _KINDS.index(kind)]
        for code in lineage.codes(kind):
            by_name: dict[str, list[UnitVersion]] = {}
            for version in lineage.versions(kind, code):
                for name in dict.fromkeys((version.name, lineage.last_name(version))):
                    by_name.setdefault(name, []).append(version)
            for name, versions in by_name.items():
                around = [code]
                for version in versions:
                    parent, day = version.parent, version.valid_from
                    for other in reversed(above):
                        if parent and (called := name_of(other, parent, day)):
                            around += [parent, called]
                            higher = lineage.version_at(other, parent, day)
                            parent = higher.parent if higher else ""
                yield Named(kind, code, name, tuple(versions), tuple(dict.fromkeys(around)))


def _order(unit: Named) -> tuple[bool, int, str, str, str]:
    return not unit.in_force, _KINDS.index(unit.kind), unmarked(unit.name), unit.name, unit.code


def _spaced(folded: str) -> str:
    """Word by word what `letters` makes of a name."""
    return " ".join(letters(word) for word in folded.split())


def _bare(name: str) -> str:
    """The name without its type as it is written, in lower case."""
    text = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    _, rest = split_type(text)
    return text[-len(rest) :] if rest else text


@lru_cache(maxsize=20_000)  # the same districts and provinces again and again
def _plainest(name: str) -> str:
    return unmarked(letters(fold_text(name)))
