"""Units that were merged into another one and given back later: they take their own records back.

`A` goes whole into `X`; later `X` gives a part to a unit that bears the code of `A` again and is made of
nothing else. That unit is what `A` was. So what came from `A` goes to it, what `X` had of its own stays with
the rest, and only what `X` took on while it held both is divided. The same holds backward.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from merger.codes.names import same_name
from merger.lineage.facts import FULL, NOTHING, PART, Edge
from merger.lineage.flows import NONE, UNMARKED, Marks
from merger.lineage.model import Id, Moment, UnitVersion
from merger.lineage.walk import whole_way
from merger.mapping.models import Follows

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage


class Releases:
    """The released units of a lineage. A unit is named by the id of its last version before the merger."""

    def __init__(self) -> None:
        self.held: dict[Id, frozenset[Id]] = {}
        self.given: dict[tuple[Id, str], Id] = {}
        self._from: dict[tuple[Id, Id], str] = {}
        self._joined: set[tuple[Id, Id]] = set()
        self._made_of: dict[tuple[Id, str], frozenset[Id]] = {}

    def add(self, way: Sequence[UnitVersion], code: str) -> None:
        """`way[0]` went whole through the others of `way`; the last of these gave it back as `code`."""
        unit = way[0].id
        for before, holder in pairwise(way):
            self.held[holder.id] = self.held.get(holder.id, NONE) | {unit}
            self._from[holder.id, unit] = before.code
        self._joined.add((way[1].id, unit))
        self.given[way[-1].id, code] = unit

    def close(self, lineage: Lineage) -> None:
        """Finds, once all are entered, which edges into a holder brought nothing but released units: whatever
        else came to where the edge begins was given back there."""
        gone: dict[Id, set[Id]] = {}
        for (holder, _), unit in self.given.items():
            gone.setdefault(holder, set()).add(unit)
        for version in lineage.holders(self.held):
            for edge in lineage.passage(version, forward=False).edges:
                before = lineage.neighbour(version, edge, forward=False)
                inside = self.held[version.id] & self.held.get(before.id, NONE)
                if inside and _is_made_of(lineage, before, inside | gone.get(before.id, set())):
                    self._made_of[version.id, edge.old] = inside

    def start(self, version: UnitVersion) -> Marks:
        """The marks of all that a version is."""
        return Marks((), self.held.get(version.id, NONE))

    def forward(self, version: UnitVersion, marks: Marks, edges: Sequence[Edge]) -> Sequence[Edge]:
        """Those of a version's edges on which something with these marks can have gone."""
        if version.id not in self.held:
            return edges
        given = {edge: self.given.get((version.id, edge.new)) for edge in edges}
        inner = next((unit for unit in marks.own if unit in given.values()), None)
        can = [edge for edge, unit in given.items() if unit == inner or (unit and unit in marks.mixed)]
        return can or edges

    def backward(self, version: UnitVersion, marks: Marks, edges: Sequence[Edge]) -> Sequence[Edge]:
        """Those of the edges into a version on which something with these marks can have come."""
        held = self.held.get(version.id)
        if held is None:
            return edges
        can = edges
        for unit in held:
            code = self._from[version.id, unit]
            if unit in marks.own:
                can = [edge for edge in can if edge.old == code]
            elif unit not in marks.mixed and (version.id, unit) in self._joined:
                can = [edge for edge in can if edge.old != code]
        reached = marks.mixed.union(marks.own)
        return [edge for edge in can if self._may_hold(version, edge, reached)] or edges

    def _may_hold(self, version: UnitVersion, edge: Edge, units: frozenset[Id]) -> bool:
        """Whether what came on an edge into a holder may be, or hold something of, other than released units
        to which what is followed has no relation."""
        made_of = self._made_of.get((version.id, edge.old))
        return made_of is None or bool(made_of & units)

    def gone(self, marks: Marks, version: UnitVersion, after: UnitVersion) -> Marks:
        """The marks of what went from a version to the next one."""
        held = self.held.get(after.id)
        if held is None:
            return UNMARKED
        own = tuple(unit for unit in (*marks.own, version.id) if unit in held)
        return Marks(own, marks.mixed & held)

    def come(self, marks: Marks, version: UnitVersion, before: UnitVersion) -> Marks:
        """The marks, in the version before, of what came from there into `version`."""
        held = self.held.get(before.id)
        if held is None:
            return UNMARKED
        stayed = held & self.held.get(version.id, NONE)
        own = {unit for unit in marks.own if unit in stayed}
        given = self.given.get((before.id, version.code))
        if given is not None:
            own |= {unit for unit in held if unit == given or given in self.held.get(unit, NONE)}
        return Marks(tuple(sorted(own)), marks.mixed & stayed)


def find(lineage: Lineage) -> None:
    """Enters all releases of a lineage, the earliest first, for a later one may depend on it."""
    gifts: dict[Moment, list[tuple[UnitVersion, Edge]]] = {}
    for version in lineage.reused():
        if edge := _gift(lineage, version):
            gifts.setdefault(version.begins, []).append((version, edge))
    back: set[Id] = set()
    for when in sorted(gifts):
        holders: dict[Id, dict[str, list[UnitVersion]]] = {}
        for version, edge in sorted(gifts[when], key=lambda one: one[0].id):
            if way := _way_back(lineage, version, edge):
                holders.setdefault(way[-1].id, {})[version.code] = way
        for ways in holders.values():
            units = {way[0].id for way in ways.values()}
            holder = next(iter(ways.values()))[-1]
            if _fits(lineage, holder, ways, back | units):
                back |= units
                for code, way in ways.items():
                    lineage.releases.add(way, code)
    lineage.releases.close(lineage)


def _way_back(lineage: Lineage, version: UnitVersion, edge: Edge) -> list[UnitVersion] | None:
    """The versions through which the unit of before, whose code `version` bears, went whole into the one that
    gives it back; itself first, as it was last before it was joined with others.

    None if it did not; if it bore another name, as it may then be another unit; or if it had nobody (or no
    land), and the one of now gets somebody.
    """
    versions = lineage.versions(version.kind, version.code)
    before = versions[versions.index(version) - 1]
    if before.name and version.name and not same_name(lineage.last_name(before), version.name):
        return None
    way = whole_way(lineage, before, version.begins)
    if way is None or way[-1] != lineage.neighbour(version, edge, forward=False):
        return None
    while len(way) > 1 and _made_of_one(lineage, way[1]):
        del way[0]
    gets = [one for one in Follows if edge.value(one) is not NOTHING[one]]
    if len(way) < 2 or any(_is_made_of(lineage, way[0], (), one) for one in gets):
        return None
    return way


def _fits(lineage: Lineage, holder: UnitVersion, codes: Collection[str], back: Collection[Id]) -> bool:
    """Whether what a unit was made of fits its successors when the units `back` are given back as `codes`.

    If it was made of these alone, nothing is left for others; if there are no others, nothing may be left.
    """
    others = [edge for edge in lineage.passage(holder, forward=True).edges if edge.new not in codes]
    if not others:
        return all(_is_made_of(lineage, holder, back, one) for one in Follows)
    gets = [one for one in Follows if any(edge.value(one) is not NOTHING[one] for edge in others)]
    return not any(_is_made_of(lineage, holder, back, one) for one in gets)


def _is_made_of(
    lineage: Lineage, version: UnitVersion, units: Collection[Id], dimension: Follows | None = None
) -> bool:
    """Whether a version was made of nothing but these units, through whatever others; in one dimension only,
    if one is given."""
    pending, seen = [version], {version.id}
    while pending:
        one = pending.pop()
        came = lineage.passage(one, forward=False)
        if not came.edges or came.lost:
            return False
        for edge in came.edges:
            before = lineage.neighbour(one, edge, forward=False)
            counts = dimension is None or edge.value(dimension) is not NOTHING[dimension]
            if counts and before.id not in seen and before.id not in units:
                seen.add(before.id)
                pending.append(before)
    return True


def _gift(lineage: Lineage, version: UnitVersion) -> Edge | None:
    """The one edge into a version, if it is a part of another unit that has other successors too.

    A unit that gets all the people of the other one is more than it was before it was merged.
    """
    if not _made_of_one(lineage, version):
        return None
    edge = lineage.passage(version, forward=False).edges[0]
    part = any(edge.value(one) is PART[one] and one not in edge.contradicted for one in Follows)
    full = any(edge.value(one) is FULL[one] for one in Follows)
    holder = lineage.neighbour(version, edge, forward=False)
    several = len(lineage.passage(holder, forward=True).edges) > 1
    return edge if part and not full and several and edge.old != version.code else None


def _made_of_one(lineage: Lineage, version: UnitVersion) -> bool:
    passage = lineage.passage(version, forward=False)
    return len(passage.edges) == 1 and not passage.lost and not passage.evidence
