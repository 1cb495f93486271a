"""The graph of unit versions: what the definitions say, laid out in time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from merger.errors import Finding
from merger.lineage import resolve as resolving
from merger.lineage.clues import Clue
from merger.lineage.facts import Edge
from merger.lineage.guided import Ways
from merger.lineage.manual import DecisionClue
from merger.lineage.model import BEGINNING, END, Evidence, Id, Moment, Request, Resolution, UnitVersion
from merger.lineage.places import LocalityClue
from merger.lineage.points import Areas, LocatedClue, PointClue
from merger.lineage.record import Record, Reports, Seen, record_of
from merger.lineage.released import Releases, find
from merger.mapping.growing import growing
from merger.mapping.models import Follows, Mapping, UnitKind

if TYPE_CHECKING:
    import networkx

Asked = TypeVar("Asked")
Kept = TypeVar("Kept")

Question = tuple[str, UnitKind, date, date, Follows | None]
"""A request without evidence."""

KEPT = 1 << 17
"""So many answers are kept at most; then all are forgotten, so that memory stays bounded."""


class Passage(NamedTuple):
    """What happened when a version ended (or began): edges to (or from) others, or the lack of them.

    `ended`: it is said that there is no successor (or predecessor). `lost`: there is one that is unknown.
    """

    edges: tuple[Edge, ...] = ()
    ended: bool = False
    lost: bool = False
    evidence: tuple[Evidence, ...] = ()


class Lineage:
    """All versions of all units and what joins them. Made by `build`; it never changes afterwards."""

    def __init__(self, record: Record) -> None:
        self._manual = record.manual
        self.places = record.places
        self.areas = Areas(self, record.drawings)
        self._steps = record.steps
        self._names = record.names
        self._parents = record.parents
        self._report = Reports()
        for code, fields in record.told:
            self._report(code, **fields)
        self._doubtful: set[Id] = set()
        self._unsaid: set[Id] = set()
        self._stays: dict[Id, list[Evidence]] = {}
        self._answers: dict[Request, Resolution] = {}
        self._ways: dict[Question, Ways] = {}
        self._versions: dict[tuple[UnitKind, str], tuple[UnitVersion, ...]] = {
            key: tuple(self._lay_out(*key, moments)) for key, moments in sorted(self._timelines().items())
        }
        self.releases = Releases()
        find(self)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What in the definitions cannot be true together, or is missing."""
        return self._report.findings

    def resolve(self, request: Request) -> Resolution:
        """What became (or, backward, what was before) of a unit. Never raises.

        Answers are kept, but not with an address or a point: of these there are as many as records.
        """
        if request.locality or request.point or request.located:
            question = (request.code, request.kind, request.at, request.to, request.follow)
            clues = self.clues(request)
            return self._guided(question, clues) if clues else self.resolve(Request(*question))
        found = self._answers.get(request)
        if found is None:
            clues = self.clues(request)
            if clues:
                question = (request.code, request.kind, request.at, request.to, request.follow)
                found = self._guided(question, clues)
            else:
                found = resolving.answer(self, request)
            _keep(self._answers, request, found)
        return found

    def _guided(self, question: Question, clues: tuple[Clue, ...]) -> Resolution:
        ways = self._ways.get(question)
        if ways is None:
            ways = _keep(self._ways, question, Ways(self, Request(*question)))
        return ways.answer(clues)

    def clues(self, request: Request) -> tuple[Clue, ...]:
        """What may decide a divided unit for a question, the strongest first."""
        found: list[Clue] = [DecisionClue(self._manual)] if self._manual.into else []
        if request.locality and self.places.into:
            found.append(LocalityClue(self.places, request.locality))
        if request.point and self.areas:
            found.append(PointClue(self.areas, request.point))
        elif request.located and self.areas:
            found.append(LocatedClue(self.areas, frozenset(request.located.split())))
        return tuple(found)

    def versions(self, kind: UnitKind, code: str) -> tuple[UnitVersion, ...]:
        """All versions of a code, oldest first, also those that are in force on no day; empty for a code
        that no definition names."""
        return self._versions.get((kind, code), ())

    def version_at(self, kind: UnitKind, code: str, day: date) -> UnitVersion | None:
        """The version of a code that is in force on a day, with the name and parent of that day."""
        for version in self.versions(kind, code):
            if in_force(version, day):
                return self._as_of(version, (day, 0))
        return None

    def name_of(self, kind: UnitKind, code: str, day: date) -> str:
        """The name that a unit has on a day; empty where there is no such unit or no name is known."""
        version = self.version_at(kind, code, day)
        return version.name if version else ""

    def called(self, version: UnitVersion, day: date) -> str:
        """The name of a version on a day on which it is in force."""
        seen = self._names.get((version.kind, version.code), ())
        if len(seen) < 2:
            return version.name
        return _value(seen, version.begins, version.ends, (day, 0))

    def roster(self, kind: UnitKind, day: date) -> tuple[UnitVersion, ...]:
        """All units of a kind in force on a day, by code."""
        found = (self.version_at(kind, code, day) for of, code in self._versions if of is kind)
        return tuple(version for version in found if version is not None)

    def codes(self, kind: UnitKind) -> tuple[str, ...]:
        """All codes that any definition names for a kind, in order."""
        return tuple(code for of, code in self._versions if of is kind)

    def abolished_versions(self, day: date) -> tuple[UnitVersion, ...]:
        """All versions of every kind that ended on or before a day."""
        return tuple(version for version in self._all() if version.valid_to <= day < date.max)

    def change_dates(self) -> tuple[date, ...]:
        """All days on which any version begins or ends."""
        days = {day for version in self._all() for day in (version.valid_from, version.valid_to)}
        return tuple(sorted(days - {date.min, date.max}))

    def divided(self) -> Iterator[UnitVersion]:
        """All versions of which several others took something when they ended."""
        return (one for one in self._all() if len(self.passage(one, forward=True).edges) > 1)

    def reused(self) -> Iterator[UnitVersion]:
        """All versions of codes that were in use before."""
        return (version for versions in self._versions.values() for version in versions[1:])

    def last_name(self, version: UnitVersion) -> str:
        """The name of a version when it ended."""
        seen = self._names.get((version.kind, version.code))
        day, step = version.ends
        return _value(seen, version.begins, version.ends, (day, step - 1)) or version.name

    def holders(self, ids: Collection[Id]) -> Iterator[UnitVersion]:
        """The versions of these ids."""
        return (version for version in self._all() if version.id in ids)

    def passage(self, version: UnitVersion, *, forward: bool) -> Passage:
        """What happened at the end of a version (forward) or at its beginning (backward)."""
        step = self._steps.get((version.kind, version.ends if forward else version.begins))
        if step is None:
            return Passage()
        if forward:
            why = step.ended.get(version.code) or step.lost.get(version.code, ())
            lost = version.code in step.lost
            return Passage(step.out.get(version.code, ()), version.code in step.ended, lost, why)
        edges, created = step.into.get(version.code, ()), step.created.get(version.code)
        found = step.found.get(version.code)
        lost = found is not None or version.id in self._unsaid
        ended = created is not None and not edges and not lost
        return Passage(edges, ended, lost, (*(created or ()), *(found or ())))

    def neighbour(self, version: UnitVersion, edge: Edge, *, forward: bool) -> UnitVersion:
        """The version at the other end of one of a passage's edges."""
        versions = self.versions(version.kind, edge.new if forward else edge.old)
        for other in versions:
            if other.begins == version.ends if forward else other.ends == version.begins:
                return other
        raise LookupError(edge)

    def doubtful(self, version: UnitVersion) -> bool:
        """Whether the definitions contradict each other on when this version was in force."""
        return version.id in self._doubtful

    def stays(self, version: UnitVersion, after: date, until: date) -> tuple[Evidence, ...]:
        """What says that a version went on unchanged, on days after `after` up to `until`."""
        kept = self._stays.get(version.id)
        if kept is None:
            return ()
        return tuple(why for why in kept if why.date is not None and after < why.date <= until)

    def network(self) -> networkx.MultiDiGraph:
        """The graph for export and analysis: nodes are version ids, edges carry land, people, share."""
        import networkx

        graph: networkx.MultiDiGraph = networkx.MultiDiGraph()
        for version in self._all():
            graph.add_node(version.id, name=version.name, valid_to=version.valid_to)
        for version in self._all():
            for edge in self.passage(version, forward=True).edges:
                to = self.neighbour(version, edge, forward=True).id
                graph.add_edge(version.id, to, land=edge.land, people=edge.people, share=edge.share)
        return graph

    def _all(self) -> Iterator[UnitVersion]:
        return (version for versions in self._versions.values() for version in versions)

    def _timelines(self) -> dict[tuple[UnitKind, str], list[Moment]]:
        timelines: dict[tuple[UnitKind, str], list[Moment]] = {}
        for (kind, when), step in self._steps.items():
            for code in step.codes:
                timelines.setdefault((kind, code), []).append(when)
        return timelines

    def _lay_out(self, kind: UnitKind, code: str, moments: list[Moment]) -> Iterator[UnitVersion]:
        start: Moment | None = None
        previous = BEGINNING
        kept: list[Evidence] = []
        for when in moments:
            step = self._steps[kind, when]
            goes, comes, stays = step.leaves(code), step.comes(code), step.stays.get(code)
            if start is None and (goes or stays is not None):
                start = previous
                if previous != BEGINNING:
                    self._report("not-in-force", kind=kind, unit=code, day=when[0])
                    self._doubtful.add((kind.value, code, *previous))
            if stays is not None:
                kept.extend(stays)
            if start is not None and (goes or comes):
                if not goes:
                    self._report("goes-on-unsaid", kind=kind, unit=code, day=when[0])
                    self._unsaid.add((kind.value, code, *when))
                yield self._version(kind, code, start, when, kept)
                start, previous, kept = None, when, []
            if comes:
                start = when
        if start is not None:
            yield self._version(kind, code, start, END, kept)

    def _version(
        self, kind: UnitKind, code: str, start: Moment, end: Moment, kept: list[Evidence]
    ) -> UnitVersion:
        if kept:
            self._stays[kind.value, code, *start] = kept
        name = _value(self._names.get((kind, code)), start, end, start)
        parent = _value(self._parents.get((kind, code)), start, end, start)
        return UnitVersion(kind, code, start[0], end[0], name, parent, start[1], end[1])

    def _as_of(self, version: UnitVersion, when: Moment) -> UnitVersion:
        key = (version.kind, version.code)
        names, parents = self._names.get(key, ()), self._parents.get(key, ())
        if len(names) < 2 and len(parents) < 2:
            return version  # never called otherwise: nearly all are, and need not be looked up
        name = _value(names, version.begins, version.ends, when)
        parent = _value(parents, version.begins, version.ends, when)
        if name == version.name and parent == version.parent:
            return version
        return replace(version, name=name, parent=parent)


def _keep(kept: dict[Asked, Kept], asked: Asked, found: Kept) -> Kept:
    """Keeps what was found; when there is too much of it, all else is forgotten."""
    if len(kept) >= KEPT:
        kept.clear()
    kept[asked] = found
    return found


@growing()
def build(mapping: Mapping) -> Lineage:
    """Lays out all units of a mapping in time. Contradictions become findings, never exceptions."""
    return Lineage(record_of(mapping))


def in_force(version: UnitVersion, day: date) -> bool:
    """Whether a version is valid on a day (the day it ends is the first on which it is not)."""
    return version.valid_from <= day and (day < version.valid_to or version.valid_to == date.max)


def _value(seen: Seen | None, start: Moment, end: Moment, when: Moment) -> str:
    """The last value seen up to `when` from `start` up to, not including, `end`, else the first later one."""
    found = ""
    for at, value in seen or ():
        if at >= end or (found and at > when):
            break
        if at >= start:
            found = value
    return found
