"""The graph of unit versions: what the definitions say, laid out in time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from merger.codes.names import same_name
from merger.errors import Finding, Severity
from merger.lineage import resolve as resolving
from merger.lineage.facts import Edge, Facts, collect
from merger.lineage.model import Evidence, Request, Resolution, UnitVersion
from merger.lineage.places import Places
from merger.lineage.settle import Settled, settle
from merger.mapping.models import Mapping, UnitKind

if TYPE_CHECKING:
    import networkx

WARNINGS = frozenset({"moves-nothing", "names-differ"})
"""Findings that do not by themselves take an answer away from a unit that has one."""

Seen = tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """What happened when a version ended (or began): edges to (or from) others, or the lack of them.

    `ended`: it is said that there is no successor (or predecessor). `lost`: there is one that is unknown.
    """

    edges: tuple[Edge, ...] = ()
    ended: bool = False
    lost: bool = False
    evidence: tuple[Evidence, ...] = ()


class Lineage:
    """All versions of all units and what joins them. Made by `build`; it never changes afterwards."""

    def __init__(self, facts: Facts, places: Places) -> None:
        self.places = places
        self._findings: dict[str, Finding] = {}
        self._versions: dict[tuple[UnitKind, str], tuple[UnitVersion, ...]] = {}
        self._doubtful: set[tuple[str, str, date]] = set()
        self._unsaid: set[tuple[str, str, date]] = set()
        self._stays: dict[tuple[str, str, date], list[Evidence]] = {}
        self._names = self._seen(facts.names, check=True)
        self._parents = self._seen(facts.parents, check=False)
        self._days: dict[tuple[UnitKind, date], Settled] = {}
        self._answers: dict[Request, Resolution] = {}
        for file, outside in sorted(facts.outside):
            self._report("day-outside-calendar", file=file, day=outside)
        for (kind, when), day in sorted(facts.days.items()):
            self._days[kind, when] = settle(kind, when, day, self._report)
        for key, days in sorted(self._timelines().items()):
            self._versions[key] = tuple(self._lay_out(*key, days))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What in the definitions cannot be true together, or is missing."""
        return tuple(self._findings[key] for key in sorted(self._findings))

    def resolve(self, request: Request) -> Resolution:
        """What became (or, backward, what was before) of a unit. Never raises; answers are kept."""
        found = self._answers.get(request)
        if found is None:
            found = self._answers[request] = resolving.answer(self, request)
        return found

    def versions(self, kind: UnitKind, code: str) -> tuple[UnitVersion, ...]:
        """All versions of a code, oldest first; empty for a code that no definition names."""
        return self._versions.get((kind, code), ())

    def version_at(self, kind: UnitKind, code: str, day: date) -> UnitVersion | None:
        """The version of a code that is in force on a day, with the name and parent of that day."""
        for version in self.versions(kind, code):
            if in_force(version, day):
                return self._as_of(version, day)
        return None

    def name_of(self, kind: UnitKind, code: str, day: date) -> str:
        """The name that a unit has on a day; empty where there is no such unit or no name is known."""
        version = self.version_at(kind, code, day)
        return version.name if version else ""

    def roster(self, kind: UnitKind, day: date) -> tuple[UnitVersion, ...]:
        """All units of a kind in force on a day, by code."""
        found = (self.version_at(kind, code, day) for of, code in self._versions if of is kind)
        return tuple(version for version in found if version is not None)

    def abolished_versions(self, day: date) -> tuple[UnitVersion, ...]:
        """All versions of every kind that ended on or before a day."""
        return tuple(version for version in self._all() if version.valid_to <= day < date.max)

    def change_dates(self) -> tuple[date, ...]:
        """All days on which any version begins or ends."""
        days = {day for version in self._all() for day in (version.valid_from, version.valid_to)}
        return tuple(sorted(days - {date.min, date.max}))

    def passage(self, version: UnitVersion, *, forward: bool) -> Passage:
        """What happened at the end of a version (forward) or at its beginning (backward)."""
        day = self._days.get((version.kind, version.valid_to if forward else version.valid_from))
        if day is None:
            return Passage()
        if forward:
            why = day.ended.get(version.code) or day.lost.get(version.code, ())
            lost = version.code in day.lost
            return Passage(day.out.get(version.code, ()), version.code in day.ended, lost, why)
        edges, created = day.into.get(version.code, ()), day.created.get(version.code)
        lost = version.id in self._unsaid
        return Passage(edges, not edges and created is not None, lost, created or ())

    def neighbour(self, version: UnitVersion, edge: Edge, *, forward: bool) -> UnitVersion:
        """The version at the other end of one of a passage's edges."""
        versions = self.versions(version.kind, edge.new if forward else edge.old)
        if forward:
            return next(other for other in versions if other.valid_from == version.valid_to)
        return next(other for other in versions if other.valid_to == version.valid_from)

    def doubtful(self, version: UnitVersion) -> bool:
        """Whether the definitions contradict each other on when this version was in force."""
        return version.id in self._doubtful

    def stays(self, version: UnitVersion, after: date, until: date) -> tuple[Evidence, ...]:
        """What says that a version went on unchanged, on days after `after` up to `until`."""
        kept = self._stays.get(version.id, ())
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

    def _timelines(self) -> dict[tuple[UnitKind, str], list[date]]:
        timelines: dict[tuple[UnitKind, str], list[date]] = {}
        for (kind, when), day in self._days.items():
            for code in day.codes:
                timelines.setdefault((kind, code), []).append(when)
        return timelines

    def _lay_out(self, kind: UnitKind, code: str, days: list[date]) -> Iterator[UnitVersion]:
        start: date | None = None
        previous = date.min
        kept: list[Evidence] = []
        for when in days:
            day = self._days[kind, when]
            goes, comes, stays = day.leaves(code), day.comes(code), day.stays.get(code)
            if start is None and (goes or stays is not None):
                start = previous
                if previous != date.min:
                    self._report("not-in-force", kind=kind, unit=code, day=when)
                    self._doubtful.add((kind.value, code, previous))
            if stays is not None:
                kept.extend(stays)
            if start is not None and (goes or comes):
                if not goes:
                    self._report("goes-on-unsaid", kind=kind, unit=code, day=when)
                    self._unsaid.add((kind.value, code, when))
                yield self._version(kind, code, start, when, kept)
                start, previous, kept = None, when, []
            if comes:
                start = when
        if start is not None:
            yield self._version(kind, code, start, date.max, kept)

    def _version(
        self, kind: UnitKind, code: str, start: date, end: date, kept: list[Evidence]
    ) -> UnitVersion:
        bare = UnitVersion(kind, code, start, end, "")
        if kept:
            self._stays[bare.id] = kept
        return self._as_of(bare, start)

    def _as_of(self, version: UnitVersion, day: date) -> UnitVersion:
        key = (version.kind, version.code)
        name = _value(self._names.get(key, ()), version, day)
        return replace(version, name=name, parent=_value(self._parents.get(key, ()), version, day))

    def _seen(
        self, told: dict[tuple[UnitKind, str], dict[date, set[str]]], *, check: bool
    ) -> dict[tuple[UnitKind, str], Seen]:
        seen: dict[tuple[UnitKind, str], Seen] = {}
        for (kind, code), days in sorted(told.items()):
            for day, values in sorted(days.items()):
                first, *others = sorted(values)
                if check and not all(same_name(first, other) for other in others):
                    self._report(
                        "names-differ", kind=kind, unit=code, day=day, names=", ".join(sorted(values))
                    )
            seen[kind, code] = tuple((day, min(values)) for day, values in sorted(days.items()))
        return seen

    def _report(self, code: str, **fields: object) -> None:
        severity = Severity.WARNING if code in WARNINGS else Severity.ERROR
        shown = {name: str(value) for name, value in fields.items()}
        key = code + "".join(f"|{name}={value}" for name, value in sorted(shown.items()))
        self._findings[key] = Finding("lineage", code, severity, fields=shown)


def build(mapping: Mapping) -> Lineage:
    """Lays out all units of a mapping in time. Contradictions become findings, never exceptions."""
    return Lineage(collect(mapping), Places(mapping))


def in_force(version: UnitVersion, day: date) -> bool:
    """Whether a version is valid on a day (the day it ends is the first on which it is not)."""
    return version.valid_from <= day and (day < version.valid_to or version.valid_to == date.max)


def _value(seen: Seen, version: UnitVersion, day: date) -> str:
    """The last value seen up to a day within a version, else the first one seen later in it."""
    within = [(when, value) for when, value in seen if in_force(version, when)]
    if not within:
        return ""
    at = bisect_right(within, day, key=lambda pair: pair[0])
    return within[max(at - 1, 0)][1]
