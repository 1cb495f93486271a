"""What an address may mean: every unit that fits its words, and what it costs to read it so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from merger.addresses.entries import Entry
from merger.addresses.names import Names, Written
from merger.addresses.scan import Kinds, Mention, Scan
from merger.addresses.words import HARD, vocabulary
from merger.mapping.models import UnitKind

EXACT, PLAIN, OTHER, MISSPELT, SHORT = range(5)
"""How a name is written: as it is; without (some of) its marks; with other marks; one letter wrong; initials."""
MARKS = (0.0, 0.4, 3.0, 3.2, 0.8)

SAME, BARE, OTHER_TYPE = range(3)
"""The word for its kind: the unit's own, none, another of the same level."""
TYPES = (0.0, 0.5, 2.0)

LOOSE = 0.8
"""For each end of a name at which the text just goes on."""
ROAD = 3.5
"""A name that stands where roads and hamlets stand."""
ABOVE = 0.6
"""What is wrong with the name of a district or province weighs so much less than with a commune's."""
APART = 0.4
"""For each stretch of words between a commune and the unit above it."""

USED, WEAK, MISSING, CONTRARY, NONE = range(5)
"""The unit above: named; named badly; not named; another one named instead; there is none."""

UNNAMED = 1.0
"""For a district or province that is not named."""
CONTRADICTION = 3.0
"""For another district or province that is."""
UNKNOWN_ABOVE = 3.0
"""A word for a district is followed by none that is known."""
UNKNOWN_COMMUNE = 3.0
"""Another name is said to be a commune's, and is none that is known."""
ALSO_ABOVE = 1.5
"""A name without a word for its kind, which is a district's or province's too."""

WEAKLY = 1.0
"""Naming that costs more is weak."""
GOOD = 2.5
"""Readings that cost less leave no need to look for others elsewhere."""
TOO_DEAR = 5.0
"""Readings that cost more are none."""
BEHIND = 3.0
"""A reading that must cost so much more than the cheapest is not worked out."""

Above = tuple[float, int, int, int, int, bool]
"""A district or province named: cost, start with its word, start, end, how its name is written, whether a word
for its kind is there or it is a stretch of its own."""

Span = tuple[int, int, Entry, int]
"""Where a unit is named (from and to which word), and how its name is written."""


class Reading(NamedTuple):
    """A unit that an address may mean. `features`: how it is named, in small numbers; `spans`: where it and
    the units above it are."""

    cost: float
    entry: Entry
    features: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(slots=True)
class Named:
    """What an address names. `lost_above`, `lost_commune`: a word for a kind stands before an unknown name."""

    scan: Scan
    provinces: dict[Entry, list[Above]]
    districts: dict[Entry, list[Above]]
    communes: list[tuple[float, Mention]]
    firm: list[tuple[Entry, Above]]
    lost_above: bool
    lost_commune: bool


class Reader:
    """Reads scanned addresses as units."""

    def __init__(self, names: Names) -> None:
        self._provinces = frozenset(names.kinds[UnitKind.PROVINCE])
        self._districts = frozenset(names.kinds[UnitKind.DISTRICT])
        self._communes = frozenset(names.kinds[UnitKind.COMMUNE])
        self._once = {kind: frozenset(former) for kind, former in vocabulary().once.items()}
        former = frozenset(one for kinds in self._once.values() for one in kinds)
        self._like_communes = self._communes | former

    def named(self, scan: Scan, mentions: list[Mention]) -> Named:
        """The mentions by the levels at which they can be meant."""
        provinces: dict[Entry, list[Above]] = {}
        districts: dict[Entry, list[Above]] = {}
        communes: list[tuple[float, Mention]] = []
        known: set[int] = set()
        for mention in mentions:
            _, first, _, name, said, loose, low = mention
            if name.provinces and (said is None or said & self._provinces):
                if not name.short or _may_be_short(scan, mention):
                    _above(scan, mention, name.provinces, provinces)
            if name.districts and (said is None or said & self._districts):
                _above(scan, mention, name.districts, districts)
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
                communes.append((cost, mention))
        named = Named(scan, provinces, districts, communes, [], False, False)
        for at, said in scan.kinds.items():
            if at not in known and not any(one[1] <= scan.starts[at] < one[2] for one in mentions):
                if said & self._communes:
                    named.lost_commune = True
                elif said & self._districts and not said & self._provinces:
                    named.lost_above = True
        for found in (districts, provinces):
            for entry, ways in found.items():
                for way in ways:
                    if way[0] < WEAKLY and way[5]:
                        named.firm.append((entry, way))
        return named

    def read(self, named: Named, fits: Callable[[Entry], bool] | None) -> list[Reading]:
        """All readings, the cheapest one of each unit, the cheapest first. `fits`: which units are asked for."""
        best: dict[Entry, Reading] = {}
        bound = TOO_DEAR
        communes = named.communes
        if len(communes) > 1:
            communes.sort(key=_first)
        for base, mention in communes:
            if base > bound:
                break
            bound = self._read_commune(named, mention, base, fits, best, bound)
        if len(best) == 1:
            return list(best.values())
        return sorted(best.values(), key=_by_cost)

    def district(self, named: Named) -> tuple[Entry | None, tuple[Span, ...]]:
        """The one district that an address names which names no commune."""
        found: list[tuple[float, Entry, tuple[Span, ...]]] = []
        for entry, ways in named.districts.items():
            for way in ways:
                over = _cheapest(entry, named.provinces, way, way)
                cost = way[0] + (over[0] if over else UNNAMED)
                if cost < 2 * WEAKLY:
                    found.append((cost, entry, (_span(entry, way), *((_span(over[2], over[1]),) if over else ()))))
        found.sort(key=_first)
        if not found or (len(found) > 1 and found[1][0] < found[0][0] + 1):
            return None, ()
        return found[0][1], found[0][2]

    def _read_commune(
        self,
        named: Named,
        mention: Mention,
        base: float,
        fits: Callable[[Entry], bool] | None,
        best: dict[Entry, Reading],
        bound: float,
    ) -> float:
        """Adds the readings of one mention; answers up to which cost further readings are of interest."""
        name, said = mention[3], mention[4]
        if named.lost_commune and said is None:
            base += UNKNOWN_COMMUNE
        within = name.within
        tried: set[Entry] = set()
        good = False
        for found in (named.districts, named.provinces):
            for above in found:
                pairs = within.get(above)
                if pairs is None:
                    continue
                for entry, marked in pairs:
                    if entry in tried:
                        continue
                    tried.add(entry)
                    one = self._reading(named, mention, entry, marked, base, bound)
                    if one is not None and (fits is None or fits(entry)):
                        bound = _keep(best, one, bound)
                        if one.cost - base < WEAKLY and len(one.spans) == 3:
                            good = True
            if good:
                return bound
        if not tried or bound > GOOD + BEHIND:
            for entry, marked in name.communes:
                if entry not in tried:
                    one = self._reading(named, mention, entry, marked, base, bound)
                    if one is not None and (fits is None or fits(entry)):
                        bound = _keep(best, one, bound)
        return bound

    def _reading(
        self, named: Named, mention: Mention, entry: Entry, marked: str, cost: float, bound: float
    ) -> Reading | None:
        """A mention read as a unit, with what else the address names; None if it costs too much."""
        start, first, end, name, said, loose, low = mention
        if said is None:
            type_ = BARE
        elif entry.type in said:
            type_ = SAME
        elif said & self._communes or said & self._once.get(entry.type, _NOTHING):
            type_ = OTHER_TYPE
            cost += TYPES[OTHER_TYPE]
        else:
            return None
        marks = _marks(named.scan, mention, marked)
        cost += MARKS[marks]
        if cost > bound:
            return None
        here: Above = (0.0, start, first, end, 0, False)
        district = _cheapest(entry, named.districts, here, here)
        province = _cheapest(entry, named.provinces, here, here if district is None else district[1])
        nearest = district or province
        gap = 0
        spans: tuple[Span, ...] = ((first, end, entry, marks),)
        if nearest is not None:
            gap = _gap(named.scan, here, nearest[1])
            cost += APART * gap
        if district is not None:
            cost += district[0]
            d_state = WEAK if district[0] >= WEAKLY else USED
            spans += (_span(district[2], district[1]),)
        elif entry.in_district:
            d_state = MISSING
            cost += UNNAMED
        else:
            d_state = NONE
        if province is not None:
            cost += province[0]
            p_state = WEAK if province[0] >= WEAKLY else USED
            spans += (_span(province[2], province[1]),)
        else:
            p_state = MISSING
            cost += UNNAMED
        if district is None or province is None:
            for other, way in named.firm:
                if way[1] < end and start < way[3]:
                    continue
                if nearest is not None and way[1] < nearest[1][3] and nearest[1][1] < way[3]:
                    continue
                if other.kind is UnitKind.DISTRICT:
                    if district is None and d_state != CONTRARY:
                        d_state = CONTRARY
                        cost += CONTRADICTION
                elif province is None and p_state != CONTRARY:
                    p_state = CONTRARY
                    cost += CONTRADICTION
        lost = named.lost_above and district is None
        if lost:
            cost += UNKNOWN_ABOVE
        if cost > bound:
            return None
        also = said is None and (name.districts or name.provinces)
        features = (
            marks,
            type_,
            loose,
            int(low),
            min(gap, 2),
            d_state,
            p_state,
            int(bool(also)),
            int(lost),
            int(name.numeric),
            int(named.lost_commune and said is None),
        )
        return Reading(cost, entry, features, spans)


_NOTHING: Kinds = frozenset()


def _first(one: tuple[float, object] | tuple[float, object, object]) -> float:
    return one[0]


def _by_cost(reading: Reading) -> tuple[float, str, str]:
    return reading.cost, reading.entry.code, reading.entry.name


def _keep(best: dict[Entry, Reading], one: Reading, bound: float) -> float:
    known = best.get(one.entry)
    if known is None or one.cost < known.cost:
        best[one.entry] = one
    return min(bound, one.cost + BEHIND)


def _span(entry: Entry, way: Above) -> Span:
    return way[2], way[3], entry, way[4]


def _above(scan: Scan, mention: Mention, written: list[Written], into: dict[Entry, list[Above]]) -> None:
    start, first, end, _, said, loose, low = mention
    closed = start < first or said is not None or (not loose and scan.breaks[first] == HARD)
    for entry, marked in written:
        marks = _marks(scan, mention, marked)
        type_ = BARE if said is None else SAME if entry.type in said else OTHER_TYPE
        cost = ABOVE * (MARKS[marks] + TYPES[type_] + LOOSE * loose) + (ROAD if low else 0.0)
        into.setdefault(entry, []).append((cost, start, first, end, marks, closed))


def _may_be_short(scan: Scan, mention: Mention) -> bool:
    """Initials count at an end of the address or behind a word for a kind only."""
    _, first, end, _, said, loose, low = mention
    return said is not None or (not loose and not low and (first == 0 or end == len(scan.words)))


def _cheapest(
    entry: Entry, named: dict[Entry, list[Above]], a: Above, b: Above
) -> tuple[float, Above, Entry] | None:
    """The unit above an entry that is named at the least cost by words apart from two other mentions."""
    found: tuple[float, Above, Entry] | None = None
    for above, cost in entry.above.items():
        ways = named.get(above)
        if ways is not None:
            for way in ways:
                if way[1] < a[3] and a[1] < way[3] or way[1] < b[3] and b[1] < way[3]:
                    continue
                if found is None or way[0] + cost < found[0]:
                    found = (way[0] + cost, way, above)
    return found


def _gap(scan: Scan, here: Above, above: Above) -> int:
    """How many stretches (or words, within one) lie between two mentions."""
    apart = scan.stretch[above[2]] - scan.stretch[here[2]]
    if apart:
        return abs(apart) - 1
    between = above[1] - here[3] if above[1] >= here[3] else here[1] - above[3]
    return min(between, 3)


def _marks(scan: Scan, mention: Mention, marked: str) -> int:
    """How a name is written in the text."""
    _, first, end, name, _, _, _ = mention
    words = scan.words
    if end - first == 1:
        said, text = words[first][:2]
    else:
        text = " ".join([word[1] for word in words[first:end]])
        said = ""
    if text == marked:
        return SHORT if name.short else EXACT
    if name.short:
        return SHORT
    plain = name.plain
    if text == plain:
        return PLAIN
    if not said:
        said = " ".join([word[0] for word in words[first:end]])
    if said != plain:
        return MISSPELT
    for one, other, bare in zip(text.split(" "), marked.split(" "), plain.split(" "), strict=False):
        if one not in (other, bare) and one != other.replace("đ", "d"):
            return OTHER
    return PLAIN
