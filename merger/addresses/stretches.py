"""What the stretches of an address name, between commas; kept in mind, since many have the same ends."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from merger.addresses.costs import (
    ABOVE,
    ALSO_ABOVE,
    BARE,
    EXACT,
    LOOSE,
    MARKS,
    MISSPELT,
    OTHER,
    OTHER_TYPE,
    PLAIN,
    ROAD,
    SHORT,
    TYPES,
    WEAKLY,
)
from merger.addresses.entries import Entry
from merger.addresses.names import Name, Names, Written
from merger.addresses.scan import Mention, Scanner
from merger.addresses.words import STRETCHES, vocabulary
from merger.mapping.models import UnitKind

STRIDE = 1000
"""Words are numbered from this number times that of their stretch; the last stretch has the number `LAST`."""
LAST = 60
"""So many stretches are looked at, the last ones."""

KEPT = 30_000
"""So many stretches are kept in mind, twice."""
_DIGIT = re.compile("[0-9]")
LONG, SHORT_ROAD = 40, 16
"""Longer stretches, with a number in them, are not kept: 15 µs less for each address that has no commas."""

Above = tuple[float, int, int, int, int, bool]
"""A district or province named: cost, start with its word, start, end, how its name is written, whether a
word for its kind is there or it is a stretch of its own."""


@dataclass(slots=True)
class Named:
    """What an address, or a stretch of it, names. `firm`: districts and provinces that are clearly named.

    `lost_above`, `lost_commune`: a word for a kind stands before an unknown name. `elsewhere`: some district
    or province has a word for its kind. Never changed once it is made, for it is kept in mind.
    """

    provinces: dict[Entry, list[Above]]
    districts: dict[Entry, list[Above]]
    communes: list[tuple[float, Mention]]
    firm: list[tuple[Entry, Above]]
    shorts: list[tuple[Entry, Above]]
    words: int = 0
    lost_above: bool = False
    lost_commune: bool = False
    elsewhere: bool = False


class Stretches:
    """Reads addresses stretch by stretch by the names of a lineage."""

    def __init__(self, names: Names) -> None:
        self._scanner = Scanner(names)
        self._provinces = frozenset(names.kinds[UnitKind.PROVINCE])
        self._districts = frozenset(names.kinds[UnitKind.DISTRICT])
        self._communes = frozenset(names.kinds[UnitKind.COMMUNE])
        once = vocabulary().once.values()
        self._like_communes = self._communes.union(*once)
        self._young: dict[tuple[str, int, bool], Named] = {}
        self._old: dict[tuple[str, int, bool], Named] = {}

    def named(self, text: str, thorough: bool = False) -> Named:
        """All that an address names; if `thorough`, names within names and with a wrong letter too."""
        stretches = [part for part in STRETCHES.split(text) if part and not part.isspace()]
        if len(stretches) == 1:
            return self._with_shorts(self._stretch(stretches[0], LAST, thorough))
        provinces = districts = _NONE_ABOVE
        communes, firm = _NO_COMMUNES, _NONE_FIRM
        words, lost_above, lost_commune, elsewhere = 0, False, False, False
        number = LAST + 1
        first = number - len(stretches)
        for part in reversed(stretches[-LAST:]):
            number -= 1
            one = self._stretch(part, number, thorough)
            words += one.words
            # what a stretch names is never changed, so what only one stretch names is not copied
            if one.communes:
                communes = communes + one.communes if communes else one.communes
            if one.districts:
                districts = _together(districts, one.districts) if districts else one.districts
            if one.provinces:
                provinces = _together(provinces, one.provinces) if provinces else one.provinces
            if one.firm:
                firm = firm + one.firm if firm else one.firm
                elsewhere = elsewhere or one.elsewhere
            if one.shorts:
                provinces, firm = _with(provinces, firm, _shorts(one, number == first, number == LAST))
            lost_above = lost_above or one.lost_above
            lost_commune = lost_commune or one.lost_commune
        return Named(provinces, districts, communes, firm, [], words, lost_above, lost_commune, elsewhere)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in a stretch its words are, in characters."""
        return self._scanner.places(text)

    def forget(self) -> None:
        """Forgets the stretches kept in mind."""
        self._young, self._old = {}, {}

    def _stretch(self, text: str, number: int, thorough: bool) -> Named:
        key = (text, number, thorough)
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                found = self._read(text, number * STRIDE, thorough)
            if thorough or len(text) > LONG or (len(text) > SHORT_ROAD and _DIGIT.search(text)):
                return found  # a house and its road, or a whole address: hardly met again
            if len(self._young) >= KEPT:
                self._old, self._young = self._young, {}
            self._young[key] = found
        return found

    def _read(self, text: str, base: int, thorough: bool) -> Named:
        """The mentions of a stretch by the levels at which they can be meant."""
        scan = self._scanner.scan(text, thorough, base)
        mentions = scan.mentions + self._scanner.misspelt(scan, base) if thorough else scan.mentions
        named = Named({}, {}, [], [], [], len(scan.words)) if mentions else _nothing(len(scan.words))
        known: set[int] = set()
        for mention in mentions:
            _, first, _, name, said, loose, low, _ = mention
            if not low and name.provinces and (said is None or said & self._provinces):
                self._above(named, base, mention, name.provinces, named.provinces)
            if not low and name.districts and (said is None or said & self._districts):
                self._above(named, base, mention, name.districts, named.districts)
                if said is not None:
                    known.add(first)
            if name.communes and (said is None or said & self._like_communes):
                cost = LOOSE * loose + (ROAD if low else 0.0)
                if said is None:
                    cost += TYPES[BARE]
                    if name.districts or name.provinces:
                        cost += ALSO_ABOVE
                else:
                    known.add(first)
                named.communes.append((cost, mention))
        for at, said in scan.kinds.items():
            if base + at not in known:
                start = base + scan.starts[at]
                if any(one[1] <= start < one[2] for one in mentions):
                    continue
                if said & self._communes:
                    named.lost_commune = True
                elif said & self._districts and not said & self._provinces:
                    named.lost_above = True
        return named

    def _above(
        self,
        named: Named,
        base: int,
        mention: Mention,
        written: list[Written],
        into: dict[Entry, list[Above]],
    ) -> None:
        start, first, end, name, said, loose, _, text = mention
        closed = said is not None or (not loose and first == base)
        extra = ABOVE * LOOSE * loose
        for entry, marked in written:
            if text == marked and not name.short:
                marks, cost = EXACT, extra
            else:
                marks = how_written(text, marked, name)
                cost = extra + ABOVE * MARKS[marks]
            if said is None or entry.type not in said:
                cost += ABOVE * TYPES[BARE if said is None else OTHER_TYPE]
            way = (cost, start, first, end, marks, closed)
            if not name.short or said is not None:
                if entry in into:
                    into[entry].append(way)
                else:
                    into[entry] = [way]
                if closed and cost < WEAKLY:
                    named.firm.append((entry, way))
                    if start < first:
                        named.elsewhere = True
            elif not loose and (first == base or end == base + named.words):
                named.shorts.append((entry, way))

    def _with_shorts(self, one: Named) -> Named:
        """The one stretch of an address."""
        if not one.shorts:
            return one
        provinces, firm = _with(one.provinces, one.firm, _shorts(one, True, True))
        return replace(one, provinces=provinces, firm=firm, shorts=[])


def _nothing(words: int) -> Named:
    """A stretch that names nothing: the same empty lists for all, for the collector looks through each."""
    return Named(_NONE_ABOVE, _NONE_ABOVE, _NO_COMMUNES, _NONE_FIRM, _NONE_FIRM, words)


_NONE_ABOVE: dict[Entry, list[Above]] = {}
_NO_COMMUNES: list[tuple[float, Mention]] = []
_NONE_FIRM: list[tuple[Entry, Above]] = []


def _shorts(one: Named, first: bool, last: bool) -> list[tuple[Entry, Above]]:
    """Initials without a word for a kind count at an end of the address only."""
    return [
        (entry, way)
        for entry, way in one.shorts
        if (first and way[1] % STRIDE == 0) or (last and way[3] % STRIDE == one.words)
    ]


def _with(
    provinces: dict[Entry, list[Above]], firm: list[tuple[Entry, Above]], shorts: list[tuple[Entry, Above]]
) -> tuple[dict[Entry, list[Above]], list[tuple[Entry, Above]]]:
    """The same with initials."""
    for entry, way in shorts:
        provinces = _together(provinces, {entry: [way]})
    return provinces, firm + [short for short in shorts if short[1][5]]


def _together(some: dict[Entry, list[Above]], others: dict[Entry, list[Above]]) -> dict[Entry, list[Above]]:
    found = dict(some)
    for entry, ways in others.items():
        found[entry] = found[entry] + ways if entry in found else ways
    return found


def how_written(text: str, marked: str, name: Name) -> int:
    """How a name is written."""
    if name.short:
        return SHORT
    if text == marked:
        return EXACT
    if not text:
        return MISSPELT
    plain = name.plain
    if text == plain:
        return PLAIN
    return PLAIN if _less_marked(text, marked) else OTHER


@lru_cache(maxsize=50_000)
def _less_marked(text: str, marked: str) -> bool:
    """Whether a spelling has some of the marks of another one and no others; `d` is `đ` without its mark."""
    said, full = _letters(text), _letters(marked)
    return len(said) == len(full) and all(
        one[0] == other[0] and one[1] <= other[1] for one, other in zip(said, full, strict=True)
    )


def _letters(text: str) -> list[tuple[str, set[str]]]:
    found: list[tuple[str, set[str]]] = []
    for letter in unicodedata.normalize("NFD", text.replace("đ", "d\u0335")):
        if unicodedata.combining(letter) and found:
            found[-1][1].add(letter)
        else:
            found.append((letter, set()))
    return found
