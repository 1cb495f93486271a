"""The short way back, where nothing on it is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merger.lineage.flows import BOTH, UNMARKED, Flow, Level, Walk
from merger.lineage.model import Evidence, Id, Request, UnitVersion
from merger.mapping.models import Follows, Land, People

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage

_OF_LAND = {
    Land.NONE: Level.NONE,
    Land.UNSPECIFIED: Level.MAYBE,
    Land.PART: Level.SOME,
    Land.WHOLE: Level.SOME,
}
_OF_PEOPLE = {
    People.NONE: Level.NONE,
    People.UNSPECIFIED: Level.MAYBE,
    People.SOME: Level.SOME,
    People.ALL: Level.SOME,
}
"""How much of what came to a unit came on an edge."""


def short_way_back(lineage: Lineage, start: UnitVersion, request: Request) -> Walk | None:
    """The walk back where every unit on the way went into one other, and nothing is contradicted, unknown or
    was released; else None.

    The same as that of the walker, in a third of its time; most questions backward are such.
    """
    until = (request.to, 0)
    flaws: dict[Follows, set[str]] = {dimension: set() for dimension in BOTH}
    passed: set[Evidence] = set()
    ends: dict[Id, Flow] = {}
    nothing: frozenset[Evidence] = frozenset()
    pending = [(start, Level.ALL, Level.ALL, nothing)]
    while pending:
        version, land, people, before = pending.pop()
        if lineage.doubtful(version):
            return None
        trail = before.union(lineage.stays(version, request.to, request.at))
        if version.begins <= until:
            if version.id in ends:
                return None
            share = 1.0 if land is people is Level.ALL else None
            levels = {Follows.LAND: land, Follows.PEOPLE: people}
            ends[version.id] = Flow(version, levels, share, UNMARKED, set(trail))
            continue
        came = lineage.passage(version, forward=False)
        if came.lost or not came.edges or version.id in lineage.releases.held:
            return None
        if version is not start and not _went_into_one(lineage, version):
            return None
        lands = [_OF_LAND[edge.land] for edge in came.edges]
        peoples = [_OF_PEOPLE[edge.people] for edge in came.edges]
        if not _share_out(land, lands, flaws[Follows.LAND]):
            return None
        if not _share_out(people, peoples, flaws[Follows.PEOPLE]):
            return None
        passed.update(came.evidence)
        for edge, of_land, of_people in zip(came.edges, lands, peoples, strict=True):
            if edge.contradicted:
                return None
            if of_land or of_people:
                neighbour = lineage.neighbour(version, edge, forward=False)
                pending.append((neighbour, of_land, of_people, trail.union(edge.evidence)))
    return Walk([ends[one] for one in sorted(ends)], flaws, passed, [], by_release=False)


def _went_into_one(lineage: Lineage, version: UnitVersion) -> bool:
    went = lineage.passage(version, forward=True)
    return len(went.edges) == 1 and not went.lost


def _share_out(followed: Level, came: list[Level], flaws: set[str]) -> bool:
    """Takes what came to a unit for what is followed of it, in one dimension; whether anything came."""
    if followed is Level.NONE:
        came[:] = [Level.NONE] * len(came)
        return True
    if Level.MAYBE in came:
        flaws.add("extent-unspecified")
        return True
    some = came.count(Level.SOME)
    if some == 1:
        came[came.index(Level.SOME)] = followed
    return some > 0
