"""What an address may mean: every unit that fits its words, and what it costs to read it so."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from merger.addresses.costs import (
    APART,
    BARE,
    BEHIND,
    CONTRADICTION,
    CONTRARY,
    EXACT,
    GOOD,
    MARKS,
    MISSING,
    NONE,
    OTHER_TYPE,
    SAME,
    TOO_DEAR,
    TYPES,
    UNKNOWN_ABOVE,
    UNKNOWN_COMMUNE,
    UNNAMED,
    USED,
    WEAK,
    WEAKLY,
)
from merger.addresses.entries import Entry
from merger.addresses.names import Names
from merger.addresses.scan import Kinds, Mention
from merger.addresses.stretches import STRIDE, Above, Named, how_written
from merger.addresses.words import vocabulary
from merger.mapping.models import UnitKind

Span = tuple[int, int, Entry, int]
"""Where a unit is named (from and to which word), and how its name is written."""


Over = tuple[float, Above, Entry]
"""A unit above: what naming it so costs, how it is named, and which it is."""


class Reading(NamedTuple):
    """A unit that an address may mean, and how: how its name is written and which word for its kind it has;
    the units above it that are named; what is missing or contradicts."""

    cost: float
    entry: Entry
    mention: Mention
    marks: int
    type: int
    district: Over | None
    province: Over | None
    gap: int
    district_state: int
    province_state: int
    lost_above: bool
    lost_commune: bool

    @property
    def features(self) -> tuple[int, ...]:
        """How the unit is named, in small numbers."""
        _, _, _, name, said, loose, low, _ = self.mention
        return (
            self.marks,
            self.type,
            loose,
            int(low),
            min(self.gap, 2),
            self.district_state,
            self.province_state,
            int(said is None and bool(name.districts or name.provinces)),
            int(self.lost_above and self.district is None),
            int(name.numeric),
            int(self.lost_commune and said is None),
        )

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where the unit and those above it are named."""
        own = (self.mention[1], self.mention[2], self.entry, self.marks)
        return (own, *(_span(over[2], over[1]) for over in (self.district, self.province) if over))


class DistrictReading(NamedTuple):
    """A district that an address names, how it does so, and the province if that is named too."""

    entry: Entry
    way: Above
    province: Over | None

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where the district and its province are named."""
        own = _span(self.entry, self.way)
        return (own, _span(self.province[2], self.province[1])) if self.province else (own,)


class Reader:
    """Reads what addresses name as units."""

    def __init__(self, names: Names) -> None:
        self._communes = frozenset(names.kinds[UnitKind.COMMUNE])
        self._once = {kind: frozenset(former) for kind, former in vocabulary().once.items()}

    def read(self, named: Named, fits: Callable[[Entry], bool] | None) -> list[Reading]:
        """All readings, the cheapest of each unit, the cheapest first. `fits`: which units are asked for."""
        best: dict[Entry, Reading] = {}
        bound = TOO_DEAR
        communes = named.communes
        if len(communes) > 1:
            communes = sorted(communes, key=_first)
        for base, mention in communes:
            if base > bound:
                break
            bound = self._read_commune(named, mention, base, fits, best, bound)
        if len(best) == 1:
            return list(best.values())
        return sorted(best.values(), key=_by_cost)

    def district(self, named: Named) -> DistrictReading | None:
        """The one district that an address names which names no commune."""
        found: list[tuple[float, DistrictReading]] = []
        for entry, ways in named.districts.items():
            for way in ways:
                over = _cheapest(entry, named.provinces, way, way)
                cost = way[0] + (over[0] if over else UNNAMED)
                if cost < 2 * WEAKLY:
                    found.append((cost, DistrictReading(entry, way, over)))
        found.sort(key=_first)
        if not found or (len(found) > 1 and found[1][0] < found[0][0] + 1):
            return None
        return found[0][1]

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
        good = placed = False
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
                        if one.cost - base < GOOD and (one.district or one.province):
                            placed = True
                            if one.cost - base < WEAKLY and one.district and one.province:
                                good = True
            if good:
                return bound
        alone = base + UNNAMED + (CONTRADICTION if named.elsewhere else 0.0)
        if alone <= bound and not placed:
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
        start, first, end, name, said, _, _, text = mention
        if said is None:
            type_ = BARE
        elif entry.type in said:
            type_ = SAME
        elif said & self._communes or said & self._once.get(entry.type, _NOTHING):
            type_ = OTHER_TYPE
            cost += TYPES[OTHER_TYPE]
        else:
            return None
        marks = EXACT if text == marked and not name.short else how_written(text, marked, name)
        cost += MARKS[marks]
        if cost > bound:
            return None
        here: Above = (0.0, start, first, end, 0, False)
        district = _cheapest(entry, named.districts, here, here)
        province = _cheapest(entry, named.provinces, here, here if district is None else district[1])
        nearest = district or province
        gap = 0
        if nearest is not None:
            gap = _gap(here, nearest[1])
            cost += APART * gap
        if district is not None:
            cost += district[0] if district[0] < UNNAMED else UNNAMED
            d_state = WEAK if district[0] >= WEAKLY else USED
        elif entry.in_district:
            d_state = MISSING
            cost += UNNAMED
        else:
            d_state = NONE
        if province is not None:
            cost += province[0] if province[0] < UNNAMED else UNNAMED
            p_state = WEAK if province[0] >= WEAKLY else USED
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
                    if district is None and d_state != CONTRARY and _contradicts(other, way, entry):
                        d_state = CONTRARY
                        cost += CONTRADICTION
                elif province is None and p_state != CONTRARY:
                    p_state = CONTRARY
                    cost += CONTRADICTION
        if named.lost_above and district is None:
            cost += UNKNOWN_ABOVE
        if cost > bound:
            return None
        return Reading(
            cost,
            entry,
            mention,
            marks,
            type_,
            district,
            province,
            gap,
            d_state,
            p_state,
            named.lost_above,
            named.lost_commune,
        )


_NOTHING: Kinds = frozenset()


def _first(one: tuple[float, object]) -> float:
    return one[0]


def _by_cost(reading: Reading) -> tuple[float, str, str]:
    return reading.cost, reading.entry.code, reading.entry.name


def _keep(best: dict[Entry, Reading], one: Reading, bound: float) -> float:
    known = best.get(one.entry)
    if known is None or one.cost < known.cost:
        best[one.entry] = one
    behind = one.cost + BEHIND
    return behind if behind < bound else bound


def _contradicts(other: Entry, way: Above, entry: Entry) -> bool:
    """Whether naming a district speaks against a unit: not if it may be a road in another province."""
    return way[1] < way[2] or any(above in entry.above for above in other.above)


def _span(entry: Entry, way: Above) -> Span:
    return way[2], way[3], entry, way[4]


def _cheapest(entry: Entry, named: dict[Entry, list[Above]], a: Above, b: Above) -> Over | None:
    """The unit above an entry that is named at the least cost by words apart from two other mentions."""
    found: Over | None = None
    costs = entry.above
    for above, ways in named.items():
        cost = costs.get(above)
        if cost is not None:
            for way in ways:
                if (way[1] < a[3] and a[1] < way[3]) or (way[1] < b[3] and b[1] < way[3]):
                    continue
                if found is None or way[0] + cost < found[0]:
                    found = (way[0] + cost, way, above)
    return found


def _gap(here: Above, above: Above) -> int:
    """How many stretches (or words, within one) lie between two mentions."""
    apart = above[2] // STRIDE - here[2] // STRIDE
    if apart:
        return abs(apart) - 1
    between = above[1] - here[3] if above[1] >= here[3] else here[1] - above[3]
    return min(between, 3)
