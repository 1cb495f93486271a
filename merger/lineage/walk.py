"""Following a version through time, land and people apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from merger.lineage.clues import Choice, Division
from merger.lineage.facts import FULL, NOTHING, OPEN, Edge
from merger.lineage.model import END, Evidence, Id, Moment, Request, UnitVersion
from merger.mapping.models import Follows, Land, People

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

    def candidates(self, dimensions: Sequence[Follows]) -> list[Flow]:
        """The versions that some of the land or people has reached, or may have."""
        if dimensions == BOTH:
            return [one for one in self.flows if one.levels[Follows.LAND] or one.levels[Follows.PEOPLE]]
        return [one for one in self.flows if any(one.levels[dimension] for dimension in dimensions)]

    def only(self, dimension: Follows) -> Flow | None:
        """The one version where all of a dimension is, if that is known."""
        found = [flow for flow in self.flows if flow.levels[dimension]]
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
        self.pending: dict[tuple[Id, Marks], Flow] = {}
        self.passed: set[Evidence] = set()
        self.way: list[UnitVersion] = []
        self.filled: dict[tuple[Id, Follows], bool] = {}
        self.stayed_whole = True
        self.divisions: list[Division] = []
        self.by_release = False

    def run(self, start: UnitVersion) -> Walk:
        marks = self.lineage.releases.start(start)
        self.filled = {(start.id, dimension): True for dimension in BOTH}
        self._enter((start.id, marks), Flow(start, dict.fromkeys(BOTH, Level.ALL), 1.0, marks))
        while self.pending:
            self.stayed_whole = self.stayed_whole and len(self.flows) == 1
            key = min(self.pending, key=self._order) if len(self.pending) > 1 else next(iter(self.pending))
            flow = self.pending.pop(key)
            self._promote(flow, self.flows.values())
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
        last: list[Flow] = []
        for flow in sorted(self.flows.values(), key=lambda one: (one.version.id, one.marks.own)):
            if last and last[-1].version.id == flow.version.id:
                last[-1].join(flow)
            else:
                last.append(flow)
        for dimension in BOTH:
            if any(flow.levels[dimension] for flow in last):
                self.flaws[dimension].discard("none-came")
        for flow in last:
            self._promote(flow, last)
        if any(flow.joined for flow in last):
            for dimension in BOTH:
                self._open_rest(last, dimension)
        return last

    def _open_rest(self, ends: list[Flow], dimension: Follows) -> None:
        """Where it is only certain of one version that something has come, and that on several ways, it may
        be all of it."""
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

    def _promote(self, flow: Flow, flows: Collection[Flow]) -> None:
        """What has all come together again is whole again: nothing of it is in another one of `flows`."""
        levels = flow.levels
        for dimension in BOTH:
            level = levels[dimension]
            if level is Level.ALL or level is Level.NONE or self.flaws[dimension]:
                continue
            for other in flows:
                if other is not flow and other.levels[dimension]:
                    break
            else:
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
            self._reach(flow, chosen, dict(flow.levels), flow.share)
            return
        for dimension in BOTH:
            self.flaws[dimension] |= steps[dimension].flaws
        self.passed.update(passage.evidence)
        land, people = steps[Follows.LAND], steps[Follows.PEOPLE]
        by_release = land.by_release or people.by_release
        self.by_release = self.by_release or by_release
        taken = land.levels.keys() | people.levels.keys()
        for edge in passage.edges:
            if edge not in taken:
                continue
            levels = {
                Follows.LAND: land.levels.get(edge, Level.NONE),
                Follows.PEOPLE: people.levels.get(edge, Level.NONE),
            }
            share = self._share(flow, edge)
            if by_release:
                share = flow.share if len(taken) == 1 and self.forward else None
            self._reach(flow, edge, levels, share)

    def _step(self, flow: Flow, passage: Passage, dimension: Follows) -> _Step:
        if not flow.levels[dimension]:
            return _Step()
        step = _forward(passage, dimension) if self.forward else _backward(passage, dimension)
        if not step.flaws and len(step.levels) > 1:
            self._keep_apart(flow, step)
        some = Level.SOME if self._fills(flow.version, dimension) else Level.MAYBE
        if some is Level.SOME and flow.levels[dimension] is Level.ALL:
            return step
        becomes = {Level.ALL: flow.levels[dimension], Level.SOME: some}
        step.levels = {edge: becomes.get(level, level) for edge, level in step.levels.items()}
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
        if not self.forward:
            return None
        candidates = {edge.new: edge for dimension in self.followed for edge in steps[dimension].levels}
        settled = len(candidates) == 1 and not any(steps[one].flaws for one in self.followed)
        if not candidates or settled:
            return None
        division = Division(version, frozenset(candidates))
        self.divisions.append(division)
        return candidates.get(self.choose(division).into) if self.choose else None

    def _share(self, flow: Flow, edge: Edge) -> float | None:
        if edge.share is None or flow.share is None or not self.forward:
            return None
        return flow.share * edge.share

    def _reach(self, flow: Flow, edge: Edge, levels: dict[Follows, Level], share: float | None) -> None:
        version = self.lineage.neighbour(flow.version, edge, forward=self.forward)
        releases = self.lineage.releases
        marks = (releases.gone if self.forward else releases.come)(flow.marks, flow.version, version)
        trail = flow.trail.union(edge.evidence)
        self._enter((version.id, marks), Flow(version, levels, share, marks, trail, flow.joined))

    def _enter(self, key: tuple[Id, Marks], reached: Flow) -> None:
        met = self.flows.setdefault(key, reached)
        if met is not reached:
            met.join(reached)
        elif self._is_over(reached.version):
            self.pending[key] = reached


@dataclass(slots=True)
class _Step:
    levels: dict[Edge, Level] = field(default_factory=dict)
    flaws: set[str] = field(default_factory=set)
    by_release: bool = False


def walk(lineage: Lineage, version: UnitVersion, request: Request, choose: Chooser | None = None) -> Walk:
    """Follows `version` to the day `request.to`, later or earlier; `choose` chooses where it can."""
    forward = request.to >= request.at
    short = None if forward else _one_step_back(lineage, version, request)
    return short or _Walker(lineage, request, (request.to, 0), choose, forward=forward).run(version)


def _one_step_back(lineage: Lineage, start: UnitVersion, request: Request) -> Walk | None:
    """The walk back where all that came at the first step was there on the day already, and nothing is in
    doubt or was released; else None.

    The same as that of the walker, in a third of its time; most questions backward are such.
    """
    passage, until = lineage.passage(start, forward=False), (request.to, 0)
    marks = lineage.releases.start(start)
    if passage.lost or lineage.doubtful(start) or marks.mixed or start.begins <= until:
        return None
    stays = lineage.stays(start, request.to, request.at)
    flows: list[Flow] = []
    for edge in passage.edges:
        before = lineage.neighbour(start, edge, forward=False)
        if edge.open or before.begins > until or lineage.doubtful(before):
            return None
        land = Level.NONE if edge.land is Land.NONE else Level.SOME
        people = Level.NONE if edge.people is People.NONE else Level.SOME
        if land or people:
            trail = {*stays, *edge.evidence, *lineage.stays(before, request.to, request.at)}
            flows.append(Flow(before, {Follows.LAND: land, Follows.PEOPLE: people}, None, marks, trail))
    flows.sort(key=lambda one: one.version.id)
    for dimension in BOTH:
        came = [flow for flow in flows if flow.levels[dimension]]
        if not came or len(flows) == 1:
            return None
        if len(came) == 1:
            came[0].levels[dimension] = Level.ALL
    for flow in flows:
        if flow.levels[Follows.LAND] is flow.levels[Follows.PEOPLE] is Level.ALL:
            flow.share = 1.0
    return Walk(flows, {dimension: set() for dimension in BOTH}, set(passage.evidence), [], by_release=False)


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
    unspecified, nothing = OPEN[dimension], NOTHING[dimension]
    for edge in passage.edges:
        value = edge.value(dimension)
        if edge.contradicted and dimension in edge.contradicted:
            step.levels[edge] = Level.MAYBE
            step.flaws.add("contradiction")
        elif value is unspecified:
            step.levels[edge] = Level.MAYBE
            step.flaws.add("extent-unspecified")
        elif value is not nothing:
            step.levels[edge] = Level.SOME
    return step
