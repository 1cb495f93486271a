"""Following a version through time, land and people apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from merger.lineage.clues import Choice, Division
from merger.lineage.facts import FULL, NOTHING, OPEN, Edge
from merger.lineage.model import END, Evidence, Id, Moment, Request, UnitVersion
from merger.mapping.models import Follows

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage, Passage
    from merger.lineage.released import Marks

BOTH = (Follows.LAND, Follows.PEOPLE)

Chooser = Callable[[Division], Choice]
"""What is asked where the definitions leave a choice."""


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
    marks: Marks
    trail: set[Evidence] = field(default_factory=set)
    joined: bool = False

    def join(self, other: Flow) -> None:
        """Adds what reached the same version on another way."""
        self.joined = True
        self.levels = {dimension: max(self.levels[dimension], other.levels[dimension]) for dimension in BOTH}
        self.share = None if self.share is None or other.share is None else self.share + other.share
        self.trail |= other.trail


@dataclass(slots=True)
class Walk:
    """Where a version's land and people are on the day asked for, and what keeps that from being known.

    `divisions`: where the definitions leave a choice, in the order in which they were passed.
    """

    flows: list[Flow]
    flaws: dict[Follows, set[str]]
    passed: set[Evidence]
    divisions: list[Division]
    by_release: bool

    def candidates(self, dimensions: Iterable[Follows]) -> list[Flow]:
        """The versions that some of the land or people has reached, or may have."""
        wanted = tuple(dimensions)
        return [flow for flow in self.flows if any(flow.levels[one] for one in wanted)]

    def only(self, dimension: Follows) -> Flow | None:
        """The one version where all of a dimension is, if that is known."""
        found = self.candidates((dimension,))
        return found[0] if len(found) == 1 and not self.flaws[dimension] else None


class _Walker:
    def __init__(
        self, lineage: Lineage, request: Request, until: Moment, choose: Chooser | None, *, forward: bool
    ) -> None:
        self.lineage = lineage
        self.request = request
        self.until = until
        self.choose = choose
        self.forward = forward
        self.first, self.last = (request.at, request.to) if forward else (request.to, request.at)
        self.followed = (request.follow,) if request.follow else BOTH
        self.flaws: dict[Follows, set[str]] = {dimension: set() for dimension in BOTH}
        self.flows: dict[tuple[Id, Marks], Flow] = {}
        self.passed: set[Evidence] = set()
        self.way: list[UnitVersion] = []
        self.filled: dict[tuple[Id, Follows], bool] = {}
        self.stayed_whole = True
        self.divisions: list[Division] = []
        self.by_release = False

    def run(self, start: UnitVersion) -> Walk:
        marks = self.lineage.releases.start(start)
        self.filled = {(start.id, dimension): True for dimension in BOTH}
        self.flows[start.id, marks] = Flow(start, dict.fromkeys(BOTH, Level.ALL), 1.0, marks)
        while pending := [key for key, flow in self.flows.items() if self._is_over(flow.version)]:
            self.stayed_whole = self.stayed_whole and len(self.flows) == 1
            key = min(pending, key=self._order) if len(pending) > 1 else pending[0]
            flow = self.flows[key]
            self._promote(flow)
            del self.flows[key]
            self.way.append(flow.version)
            self._pass(flow)
        last = self._ends()
        for flow in last:
            self._doubt(flow)
            self._remember_stays(flow)
        return Walk(last, self.flaws, self.passed, self.divisions, self.by_release)

    def _ends(self) -> list[Flow]:
        """One flow for each version reached, by version."""
        if len(self.flows) > 1:
            ends: dict[Id, Flow] = {}
            for _, flow in sorted(self.flows.items(), key=lambda one: (one[0][0], one[0][1].own)):
                if flow.version.id in ends:
                    ends[flow.version.id].join(flow)
                else:
                    ends[flow.version.id] = flow
            self.flows = {(flow.version.id, flow.marks): flow for flow in ends.values()}
        last = list(self.flows.values())
        for dimension in BOTH:
            if any(flow.levels[dimension] for flow in last):
                self.flaws[dimension].discard("none-came")
        for flow in last:
            self._promote(flow)
        for dimension in BOTH:
            self._open_rest(last, dimension)
        return last

    def _open_rest(self, ends: list[Flow], dimension: Follows) -> None:
        """Where it is only certain of one version that something has come, and that on several ways, it may
        be all of it."""
        if not any(flow.joined for flow in ends):
            return
        certain = [flow for flow in ends if flow.levels[dimension] > Level.MAYBE]
        if len(certain) == 1 and certain[0].joined and certain[0].levels[dimension] is Level.SOME:
            certain[0].levels[dimension] = Level.MAYBE

    def _is_over(self, version: UnitVersion) -> bool:
        if self.forward:
            return version.ends <= self.until and version.ends != END
        return version.begins > self.until

    def _order(self, key: tuple[Id, Marks]) -> tuple[int, int, Id, tuple[Id, ...]]:
        """The earliest end first, or backward the latest beginning."""
        version = self.flows[key].version
        (day, step), sign = (version.ends, 1) if self.forward else (version.begins, -1)
        return (sign * day.toordinal(), sign * step, version.id, key[1].own)

    def _promote(self, flow: Flow) -> None:
        """What has all come together again is whole again."""
        levels = flow.levels
        for dimension in BOTH:
            level = levels[dimension]
            if level is Level.ALL or level is Level.NONE or self.flaws[dimension]:
                continue
            if not any(other.levels[dimension] for other in self.flows.values() if other is not flow):
                levels[dimension] = Level.ALL
        if levels[Follows.LAND] is levels[Follows.PEOPLE] is Level.ALL:
            flow.share = 1.0

    def _doubt(self, flow: Flow) -> None:
        if self.lineage.doubtful(flow.version):
            for dimension in BOTH:
                if flow.levels[dimension]:
                    self.flaws[dimension].add("contradiction")

    def _remember_stays(self, flow: Flow) -> None:
        flow.trail.update(self.lineage.stays(flow.version, self.first, self.last))

    def _pass(self, flow: Flow) -> None:
        self._doubt(flow)
        self._remember_stays(flow)
        passage = self.lineage.passage(flow.version, forward=self.forward)
        steps = {dimension: self._step(flow, passage, dimension) for dimension in BOTH}
        chosen = self._chosen(flow.version, steps)
        if chosen is not None:
            self._reach(flow, chosen, dict(flow.levels), flow.share, set(chosen.evidence))
            return
        for dimension in BOTH:
            self.flaws[dimension] |= steps[dimension].flaws
        self.passed |= set(passage.evidence)
        by_release = any(step.by_release for step in steps.values())
        self.by_release = self.by_release or by_release
        taken = {edge for step in steps.values() for edge in step.levels}
        for edge in passage.edges:
            if edge not in taken:
                continue
            levels = {dimension: steps[dimension].levels.get(edge, Level.NONE) for dimension in BOTH}
            share = self._share(flow, edge)
            if by_release:
                share = flow.share if len(taken) == 1 and self.forward else None
            self._reach(flow, edge, levels, share, set(edge.evidence))

    def _step(self, flow: Flow, passage: Passage, dimension: Follows) -> _Step:
        if not flow.levels[dimension]:
            return _Step()
        step = _forward(passage, dimension) if self.forward else _backward(passage, dimension)
        if not step.flaws and len(step.levels) > 1:
            self._keep_apart(flow, step)
        for edge, level in step.levels.items():
            if level is Level.ALL:
                step.levels[edge] = flow.levels[dimension]
            elif level is Level.SOME and not self._fills(flow.version, dimension):
                step.levels[edge] = Level.MAYBE
        return step

    def _fills(self, version: UnitVersion, dimension: Follows) -> bool:
        """Whether a version on the way is made of nothing but what is followed. Then what goes on from it
        is some of that; from any other version it may be something else."""
        for one in self.way:
            if (one.id, dimension) not in self.filled:
                self.filled[one.id, dimension] = self._comes_all(one, dimension)
        return self.filled[version.id, dimension]

    def _comes_all(self, version: UnitVersion, dimension: Follows) -> bool:
        came = self.lineage.passage(version, forward=not self.forward)
        edges = [edge for edge in came.edges if edge.value(dimension) is not NOTHING[dimension]]
        before = (self.lineage.neighbour(version, edge, forward=not self.forward) for edge in edges)
        return bool(edges) and not came.lost and all(self.filled.get((one.id, dimension)) for one in before)

    def _keep_apart(self, flow: Flow, step: _Step) -> None:
        """Leaves the edges on which a released unit's records, or those of others, cannot have gone."""
        releases = self.lineage.releases
        choose = releases.forward if self.forward else releases.backward
        can = choose(flow.version, flow.marks, tuple(step.levels))
        if len(can) < len(step.levels):
            step.by_release = True
            step.levels = {edge: Level.ALL if len(can) == 1 else step.levels[edge] for edge in can}

    def _chosen(self, version: UnitVersion, steps: dict[Follows, _Step]) -> Edge | None:
        """The edge that is chosen where the definitions alone leave a choice."""
        candidates = {edge.new: edge for dimension in self.followed for edge in steps[dimension].levels}
        settled = len(candidates) == 1 and not any(steps[one].flaws for one in self.followed)
        if not self.forward or not candidates or settled:
            return None
        division = Division(version, frozenset(candidates))
        self.divisions.append(division)
        return candidates.get(self.choose(division).into) if self.choose else None

    def _share(self, flow: Flow, edge: Edge) -> float | None:
        if edge.share is None or flow.share is None or not self.forward:
            return None
        return flow.share * edge.share

    def _reach(
        self, flow: Flow, edge: Edge, levels: dict[Follows, Level], share: float | None, why: set[Evidence]
    ) -> None:
        version = self.lineage.neighbour(flow.version, edge, forward=self.forward)
        releases = self.lineage.releases
        marks = (releases.gone if self.forward else releases.come)(flow.marks, flow.version, version)
        reached = Flow(version, levels, share, marks, flow.trail | why, flow.joined)
        if (version.id, marks) in self.flows:
            self.flows[version.id, marks].join(reached)
        else:
            self.flows[version.id, marks] = reached


@dataclass(slots=True)
class _Step:
    levels: dict[Edge, Level] = field(default_factory=dict)
    flaws: set[str] = field(default_factory=set)
    by_release: bool = False


def walk(lineage: Lineage, version: UnitVersion, request: Request, choose: Chooser | None = None) -> Walk:
    """Follows `version` to the day `request.to`, later or earlier; `choose` chooses where it can."""
    return _Walker(lineage, request, (request.to, 0), choose, forward=request.to >= request.at).run(version)


def whole_way(lineage: Lineage, version: UnitVersion, when: Moment) -> list[UnitVersion] | None:
    """The versions through which all of `version` went, itself first, up to the one that ends at `when`.

    None if it was ever divided, or that is not known.
    """
    day, step = when
    walker = _Walker(lineage, Request("", version.kind, day, day), (day, step - 1), None, forward=True)
    found = walker.run(version)
    ends = [found.only(dimension) for dimension in BOTH]
    if not walker.stayed_whole or ends[0] is None or ends[0] is not ends[1]:
        return None
    last = ends[0].version
    return [*walker.way, last] if last.ends == when else None


def _forward(passage: Passage, dimension: Follows) -> _Step:
    step = _open_edges(passage, dimension)
    if not passage.edges:
        step.flaws.add("ended" if passage.ended else "successor-unknown")
        return step
    full = [edge for edge in step.levels if edge.value(dimension) is FULL[dimension]]
    if full and not step.flaws:
        return _Step({full[0]: Level.ALL})
    if "contradiction" in step.flaws:
        return step
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
        step.flaws.add("none-came")
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
