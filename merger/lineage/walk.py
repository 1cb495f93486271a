"""Following a version through time, land and people apart."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from merger.lineage.clues import Choice, Division
from merger.lineage.facts import FULL, NOTHING, OPEN, Edge
from merger.lineage.flows import BOTH, Flow, Level, Marks, Walk
from merger.lineage.model import END, Evidence, Id, Moment, Request, UnitVersion
from merger.lineage.short import short_way_back
from merger.mapping.models import Follows

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage, Passage

Chooser = Callable[[Division], Choice]
"""What is asked where the definitions leave a choice."""


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
        self.filled: dict[Follows, set[Id]] = {}
        self.stayed_whole = True
        self.divisions: list[Division] = []
        self.by_release = False

    def run(self, start: UnitVersion) -> Walk:
        marks = self.lineage.releases.start(start)
        self.filled = {dimension: {start.id} for dimension in BOTH}
        self._enter((start.id, marks), Flow(start, dict.fromkeys(BOTH, Level.ALL), 1.0, marks))
        while self.pending:
            self.stayed_whole = self.stayed_whole and len(self.flows) == 1
            key = min(self.pending, key=self._order) if len(self.pending) > 1 else next(iter(self.pending))
            flow = self.pending.pop(key)
            self._promote(flow, self.flows.values())
            del self.flows[key]
            if self.way:
                self._fill(flow.version)
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
        land, people = (self._step(flow, passage, dimension) for dimension in BOTH)
        chosen = self._chosen(flow.version, passage, land, people) if self.forward else None
        if chosen is not None:
            self._reach(flow, chosen, dict(flow.levels), flow.share)
            return
        self.flaws[Follows.LAND] |= land.flaws
        self.flaws[Follows.PEOPLE] |= people.flaws
        self.passed.update(passage.evidence)
        taken = [
            one for one in zip(passage.edges, land.levels, people.levels, strict=True) if one[1] or one[2]
        ]
        by_release = land.by_release or people.by_release
        self.by_release = self.by_release or by_release
        for edge, of_land, of_people in taken:
            share = self._share(flow, edge)
            if by_release:
                share = flow.share if len(taken) == 1 and self.forward else None
            self._reach(flow, edge, {Follows.LAND: of_land, Follows.PEOPLE: of_people}, share)

    def _step(self, flow: Flow, passage: Passage, dimension: Follows) -> _Step:
        if not flow.levels[dimension]:
            return _Step([Level.NONE] * len(passage.edges))
        step = _forward(passage, dimension) if self.forward else _backward(passage, dimension)
        if not step.flaws:
            self._keep_apart(flow, passage, step)
        some = Level.SOME if flow.version.id in self.filled[dimension] else Level.MAYBE
        if some is Level.SOME and flow.levels[dimension] is Level.ALL:
            return step
        becomes = {Level.ALL: flow.levels[dimension], Level.SOME: some}
        step.levels = [becomes.get(level, level) for level in step.levels]
        return step

    def _fill(self, version: UnitVersion) -> None:
        """Remembers whether a version on the way is made of nothing but what is followed. Then what goes on
        from it is some of that; from any other version it may be something else."""
        came = self.lineage.passage(version, forward=not self.forward)
        if came.lost:
            return
        before = [self.lineage.neighbour(version, edge, forward=not self.forward).id for edge in came.edges]
        for dimension, filled in self.filled.items():
            nothing = NOTHING[dimension]
            ids = [
                id_
                for id_, edge in zip(before, came.edges, strict=True)
                if edge.value(dimension) is not nothing
            ]
            if ids and filled.issuperset(ids):
                filled.add(version.id)

    def _keep_apart(self, flow: Flow, passage: Passage, step: _Step) -> None:
        """Leaves the edges on which a released unit's records, or those of others, cannot have gone."""
        releases = self.lineage.releases
        if flow.version.id not in releases.held:
            return
        edges = [edge for edge, level in zip(passage.edges, step.levels, strict=True) if level]
        choose = releases.forward if self.forward else releases.backward
        can = choose(flow.version, flow.marks, edges)
        if len(can) < len(edges):
            step.by_release = True
            for at, edge in enumerate(passage.edges):
                if edge not in can:
                    step.levels[at] = Level.NONE
                elif len(can) == 1:
                    step.levels[at] = Level.ALL

    def _chosen(self, version: UnitVersion, passage: Passage, land: _Step, people: _Step) -> Edge | None:
        """The edge that is chosen where the definitions alone leave a choice."""
        of = {Follows.LAND: land, Follows.PEOPLE: people}
        steps = [of[dimension] for dimension in self.followed]
        candidates = {
            edge.new: edge for at, edge in enumerate(passage.edges) if any(step.levels[at] for step in steps)
        }
        settled = len(candidates) == 1 and not any(step.flaws for step in steps)
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
    """What of a version goes over on each of a passage's edges, in their order, in one dimension."""

    levels: list[Level]
    flaws: set[str] = field(default_factory=set)
    by_release: bool = False


def walk(lineage: Lineage, version: UnitVersion, request: Request, choose: Chooser | None = None) -> Walk:
    """Follows `version` to the day `request.to`, later or earlier; `choose` chooses where it can."""
    forward = request.to >= request.at
    short = None if forward else short_way_back(lineage, version, request)
    return short or _Walker(lineage, request, (request.to, 0), choose, forward=forward).run(version)


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
    if not step.flaws:
        for at, edge in enumerate(passage.edges):
            if edge.value(dimension) is FULL[dimension]:
                levels = [Level.NONE] * len(passage.edges)
                levels[at] = Level.ALL
                return _Step(levels)
    if "contradiction" in step.flaws:
        return step
    if passage.lost:
        step.flaws.add("successor-unknown")
    elif Level.MAYBE not in step.levels and step.levels.count(Level.SOME) < 2:
        step.flaws.add("rest-unknown")
    return step


def _backward(passage: Passage, dimension: Follows) -> _Step:
    step = _open_edges(passage, dimension)
    if not passage.edges:
        step.flaws.add("created" if passage.ended else "predecessor-unknown")
    elif passage.lost:
        step.flaws.add("predecessor-unknown")
    elif not any(step.levels):
        step.flaws.add("none-came")
    elif not step.flaws and step.levels.count(Level.SOME) == 1:
        step.levels[step.levels.index(Level.SOME)] = Level.ALL
    return step


def _open_edges(passage: Passage, dimension: Follows) -> _Step:
    step = _Step([])
    unspecified, nothing = OPEN[dimension], NOTHING[dimension]
    for edge in passage.edges:
        value = edge.value(dimension)
        level = Level.SOME
        if edge.contradicted and dimension in edge.contradicted:
            level = Level.MAYBE
            step.flaws.add("contradiction")
        elif value is unspecified:
            level = Level.MAYBE
            step.flaws.add("extent-unspecified")
        elif value is nothing:
            level = Level.NONE
        step.levels.append(level)
    return step
