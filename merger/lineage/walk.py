"""Following a version through time, land and people apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING

from merger.lineage.facts import FULL, NOTHING, OPEN, Edge
from merger.lineage.model import Evidence, Request, UnitVersion
from merger.mapping.models import Follows

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage, Passage

BOTH = (Follows.LAND, Follows.PEOPLE)


class Level(IntEnum):
    """How much of the first version has reached another one, in one dimension."""

    NONE = 0
    MAYBE = 1
    SOME = 2
    ALL = 3


@dataclass(slots=True)
class Flow:
    """What has reached a version: how much of each dimension, which share of the whole, on which way."""

    version: UnitVersion
    levels: dict[Follows, Level]
    share: float | None
    trail: set[Evidence] = field(default_factory=set)

    def join(self, other: Flow) -> None:
        """Adds what reached the same version on another way."""
        self.levels = {dimension: _sum(self.levels[dimension], other.levels[dimension]) for dimension in BOTH}
        self.share = None if self.share is None or other.share is None else self.share + other.share
        self.trail |= other.trail


@dataclass(slots=True)
class Walk:
    """Where a version's land and people are on the day asked for, and what keeps that from being known."""

    flows: list[Flow]
    flaws: dict[Follows, set[str]]
    passed: set[Evidence]
    by_locality: bool
    passed_localities: bool

    def candidates(self, dimensions: Iterable[Follows]) -> list[Flow]:
        """The versions that some of the land or people has reached, or may have."""
        wanted = tuple(dimensions)
        return [flow for flow in self.flows if any(flow.levels[one] for one in wanted)]

    def only(self, dimension: Follows) -> Flow | None:
        """The one version where all of a dimension is, if that is known."""
        found = self.candidates((dimension,))
        return found[0] if len(found) == 1 and not self.flaws[dimension] else None


class _Walker:
    def __init__(self, lineage: Lineage, request: Request, forward: bool) -> None:
        self.lineage = lineage
        self.request = request
        self.forward = forward
        self.followed = (request.follow,) if request.follow else BOTH
        self.flaws: dict[Follows, set[str]] = {dimension: set() for dimension in BOTH}
        self.flows: dict[tuple[str, str, date], Flow] = {}
        self.passed: set[Evidence] = set()
        self.by_locality = False
        self.passed_localities = False

    def run(self, start: UnitVersion, locality: str | None) -> Walk:
        whole = dict.fromkeys(BOTH, Level.ALL)
        self.flows[start.id] = Flow(start, whole, 1.0)
        while pending := [flow for flow in self.flows.values() if self._is_over(flow.version)]:
            flow = min(pending, key=self._order)
            self._promote(flow)
            del self.flows[flow.version.id]
            self._pass(flow, locality)
        if len(self.flows) == 1:
            self._promote(next(iter(self.flows.values())))
        last = sorted(self.flows.values(), key=lambda flow: flow.version.id)
        for flow in last:
            self._doubt(flow)
            self._remember_stays(flow)
        return Walk(last, self.flaws, self.passed, self.by_locality, self.passed_localities)

    def _is_over(self, version: UnitVersion) -> bool:
        if self.forward:
            return version.valid_to <= self.request.to and version.valid_to != date.max
        return version.valid_from > self.request.to

    def _order(self, flow: Flow) -> tuple[int, tuple[str, str, date]]:
        version = flow.version
        return (version.valid_to.toordinal() if self.forward else -version.valid_from.toordinal(), version.id)

    def _promote(self, flow: Flow) -> None:
        """What has all come together again is whole again."""
        others = [other for other in self.flows.values() if other is not flow]
        for dimension in BOTH:
            alone = not any(other.levels[dimension] for other in others)
            if flow.levels[dimension] and alone and not self.flaws[dimension]:
                flow.levels[dimension] = Level.ALL
        if all(level is Level.ALL for level in flow.levels.values()):
            flow.share = 1.0

    def _doubt(self, flow: Flow) -> None:
        if self.lineage.doubtful(flow.version):
            for dimension in BOTH:
                if flow.levels[dimension]:
                    self.flaws[dimension].add("contradiction")

    def _remember_stays(self, flow: Flow) -> None:
        first, last = sorted((self.request.at, self.request.to))
        flow.trail |= set(self.lineage.stays(flow.version, first, last))

    def _pass(self, flow: Flow, locality: str | None) -> None:
        self._doubt(flow)
        self._remember_stays(flow)
        passage = self.lineage.passage(flow.version, forward=self.forward)
        steps = {dimension: self._step(flow, passage, dimension) for dimension in BOTH}
        chosen = self._choose(flow.version, steps, locality)
        if chosen is not None:
            why = self.lineage.places.evidence(flow.version.code, flow.version.valid_to, chosen.new)
            self._reach(flow, chosen, dict(flow.levels), flow.share, {why, *chosen.evidence})
            return
        for dimension in BOTH:
            self.flaws[dimension] |= steps[dimension].flaws
        self.passed |= set(passage.evidence)
        for edge in passage.edges:
            levels = {dimension: steps[dimension].levels.get(edge, Level.NONE) for dimension in BOTH}
            if any(levels.values()):
                self._reach(flow, edge, levels, self._share(flow, edge), set(edge.evidence))

    def _step(self, flow: Flow, passage: Passage, dimension: Follows) -> _Step:
        if not flow.levels[dimension]:
            return _Step()
        step = _forward(passage, dimension) if self.forward else _backward(passage, dimension)
        for edge, level in step.levels.items():
            step.levels[edge] = _product(flow.levels[dimension], level)
        return step

    def _choose(self, version: UnitVersion, steps: dict[Follows, _Step], locality: str | None) -> Edge | None:
        """The edge that the locality names, where the definitions alone leave a choice."""
        day = version.valid_to
        candidates = {edge for dimension in self.followed for edge in steps[dimension].levels}
        settled = len(candidates) == 1 and not any(steps[one].flaws for one in self.followed)
        if not self.forward or not candidates or settled or not self.lineage.places.known(version.code, day):
            return None
        self.passed_localities = True
        code = self.lineage.places.successor(version.code, day, locality) if locality else None
        chosen = next((edge for edge in candidates if edge.new == code), None)
        self.by_locality = self.by_locality or chosen is not None
        return chosen

    def _share(self, flow: Flow, edge: Edge) -> float | None:
        if edge.share is None or flow.share is None or not self.forward:
            return None
        return flow.share * edge.share

    def _reach(
        self, flow: Flow, edge: Edge, levels: dict[Follows, Level], share: float | None, why: set[Evidence]
    ) -> None:
        version = self.lineage.neighbour(flow.version, edge, forward=self.forward)
        reached = Flow(version, levels, share, flow.trail | why)
        if version.id in self.flows:
            self.flows[version.id].join(reached)
        else:
            self.flows[version.id] = reached


@dataclass(slots=True)
class _Step:
    levels: dict[Edge, Level] = field(default_factory=dict)
    flaws: set[str] = field(default_factory=set)


def walk(lineage: Lineage, version: UnitVersion, request: Request, locality: str | None = None) -> Walk:
    """Follows `version` to the day `request.to`, later or earlier; `locality` chooses where it can."""
    return _Walker(lineage, request, forward=request.to >= request.at).run(version, locality)


def _forward(passage: Passage, dimension: Follows) -> _Step:
    step = _open_edges(passage, dimension)
    if not passage.edges:
        step.flaws.add("ended" if passage.ended else "successor-unknown")
        return step
    full = [edge for edge in step.levels if edge.value(dimension) is FULL[dimension]]
    if "contradiction" in step.flaws:
        return step
    if full:
        return _Step({full[0]: Level.ALL})
    stated = [edge for edge, level in step.levels.items() if level is Level.SOME]
    if passage.lost:
        step.flaws.add("successor-unknown")
    elif len(stated) == len(step.levels) < 2:
        step.flaws.add("rest-unknown")
    return step


def _backward(passage: Passage, dimension: Follows) -> _Step:
    step = _open_edges(passage, dimension)
    if not passage.edges:
        step.flaws.add("created" if passage.ended else "predecessor-unknown")
    elif passage.lost:
        step.flaws.add("predecessor-unknown")
    elif not step.levels:
        step.flaws.add("rest-unknown")
    elif len(step.levels) == 1 and not step.flaws:
        return _Step(dict.fromkeys(step.levels, Level.ALL))
    return step


def _open_edges(passage: Passage, dimension: Follows) -> _Step:
    step = _Step()
    for edge in passage.edges:
        value = edge.value(dimension)
        if dimension in edge.contradicted:
            step.levels[edge] = Level.MAYBE
            step.flaws.add("contradiction")
        elif value is OPEN[dimension]:
            step.levels[edge] = Level.MAYBE
            step.flaws.add("extent-unspecified")
        elif value is not NOTHING[dimension]:
            step.levels[edge] = Level.SOME
    return step


def _product(first: Level, then: Level) -> Level:
    """All of some is some; some of some may be none."""
    if first is Level.ALL:
        return then
    return first if then is Level.ALL else Level.MAYBE


def _sum(first: Level, second: Level) -> Level:
    return max(first, second)
