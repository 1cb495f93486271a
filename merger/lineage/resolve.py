"""What became of a code by another day, and why that is known or not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from merger.lineage.flows import BOTH, Flow, Level, Walk
from merger.lineage.model import END, By, Evidence, Outcome, Request, Resolution, Successor, UnitVersion
from merger.lineage.walk import walk
from merger.mapping.models import Follows, Land, People

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage

FLAWS = ("contradiction", "successor-unknown", "predecessor-unknown", "extent-unspecified", "rest-unknown")
"""What keeps an answer from being known, the gravest first."""

_LAND = {
    Level.NONE: Land.NONE,
    Level.MAYBE: Land.UNSPECIFIED,
    Level.SOME: Land.PART,
    Level.ALL: Land.WHOLE,
}
_PEOPLE = {
    Level.NONE: People.NONE,
    Level.MAYBE: People.UNSPECIFIED,
    Level.SOME: People.SOME,
    Level.ALL: People.ALL,
}


def answer(lineage: Lineage, request: Request) -> Resolution:
    """Answers a question about a unit by the definitions alone, forward or backward in time.

    Never raises, never guesses. What evidence decides where these leave a choice: `merger.lineage.guided`.
    """
    version = lineage.version_at(request.kind, request.code, request.at)
    if version is None:
        return _no_version(lineage, request)
    straight = _straight(lineage, version, request)
    if straight is not None:
        return straight
    plain = walk(lineage, version, request)
    return plain_answer(lineage, request, version, plain) or undecided(lineage, request, plain)


def _straight(lineage: Lineage, start: UnitVersion, request: Request) -> Resolution | None:
    """The answer where everything went into one unit at every step, and nothing is in doubt; else None.

    The same as that of the walk, in a quarter of its time; most questions are such.
    """
    if request.to < request.at:
        return None
    version, until = start, (request.to, 0)
    evidence: set[Evidence] = set()
    while True:
        if lineage.doubtful(version):
            return None
        evidence.update(lineage.stays(version, request.at, request.to))
        if version.ends > until or version.ends == END:
            break
        passage = lineage.passage(version, forward=True)
        if len(passage.edges) != 1 or not passage.edges[0].entire or passage.lost:
            return None
        edge = passage.edges[0]
        evidence.update(edge.evidence)
        version = lineage.neighbour(version, edge, forward=True)
    same = version.id == start.id
    name = lineage.called(version, request.to)
    return Resolution(
        outcome=Outcome.UNCHANGED if same else Outcome.UNIQUE,
        reason="same-unit" if same else _reason(request, ""),
        successors=(Successor(version.code, name, share=1.0),),
        evidence=in_order(evidence),
    )


def plain_answer(lineage: Lineage, request: Request, start: UnitVersion, plain: Walk) -> Resolution | None:
    """The answer of a walk on which nothing was chosen, if it decides."""
    found = unique(plain, request)
    if found is None:
        return None
    decided_by = ""
    if request.follow and _unique_of(plain, BOTH) is None:
        decided_by = request.follow.value
    elif plain.by_release:
        decided_by = By.RELEASE
    return decided(lineage, request, start, found, evidence_of(plain), decided_by)


def successor(lineage: Lineage, flow: Flow, day: date) -> Successor:
    """A flow's end as a successor, named as on `day`."""
    version = flow.version
    return Successor(
        code=version.code,
        name=lineage.called(version, day),
        extent=_LAND[flow.levels[Follows.LAND]],
        population=_PEOPLE[flow.levels[Follows.PEOPLE]],
        share=None if flow.share is None else min(flow.share, 1.0),
    )


def in_order(evidence: set[Evidence]) -> tuple[Evidence, ...]:
    """Evidence by day, then by text."""
    if len(evidence) < 2:
        return tuple(evidence)
    return tuple(sorted(evidence, key=lambda why: (why.date or date.min, why.change, why.source)))


def _no_version(lineage: Lineage, request: Request) -> Resolution:
    if not request.code.strip():
        return Resolution(Outcome.UNKNOWN, "code-empty")
    if lineage.versions(request.kind, request.code):
        return Resolution(Outcome.NOT_VALID, "not-valid-then")
    return Resolution(Outcome.UNKNOWN, "code-unknown")


def _dimensions(request: Request) -> tuple[Follows, ...]:
    return (request.follow,) if request.follow else BOTH


def unique(found: Walk, request: Request) -> Flow | None:
    """The one version in which all of what is asked for (land, people, or both) lies, if there is one."""
    return _unique_of(found, _dimensions(request))


def _unique_of(found: Walk, dimensions: tuple[Follows, ...]) -> Flow | None:
    """The one version in which all of every dimension lies; where no people (or no land) came, the other
    dimension tells alone."""
    came = [dimension for dimension in dimensions if found.flaws[dimension] != {"none-came"}]
    ends = [found.only(dimension) for dimension in came or dimensions]
    first = ends[0]
    return first if first is not None and all(end is first for end in ends) else None


def decided(
    lineage: Lineage,
    request: Request,
    start: UnitVersion,
    flow: Flow,
    evidence: tuple[Evidence, ...],
    decided_by: str,
) -> Resolution:
    """The answer that one version is the successor; `decided_by` names the evidence that chose it, if any."""
    same = flow.version.id == start.id
    return Resolution(
        outcome=Outcome.UNCHANGED if same else Outcome.UNIQUE,
        reason="same-unit" if same else _reason(request, decided_by),
        successors=(successor(lineage, flow, request.to),),
        evidence=evidence,
        decided_by=decided_by,
    )


def _reason(request: Request, decided_by: str) -> str:
    if decided_by:
        return f"by-{decided_by}"
    return "one-successor" if request.to >= request.at else "one-predecessor"


def undecided(lineage: Lineage, request: Request, found: Walk, why_not: str = "") -> Resolution:
    """The answer with all that may be the successor; `why_not` is why the evidence given chose none."""
    dimensions = _dimensions(request)
    flaws = set().union(*(found.flaws[dimension] for dimension in dimensions))
    candidates = found.candidates(dimensions)
    if not candidates and flaws in ({"ended"}, {"created"}, {"none-came"}):
        return Resolution(Outcome.ENDED, flaws.pop(), evidence=evidence_of(found))
    return Resolution(
        outcome=Outcome.SPLIT,
        reason=_why_not(request, found, flaws, dimensions, why_not),
        successors=tuple(successor(lineage, flow, request.to) for flow in candidates),
        evidence=evidence_of(found),
    )


def _why_not(
    request: Request, found: Walk, flaws: set[str], dimensions: tuple[Follows, ...], of_clue: str
) -> str:
    if "contradiction" in flaws:
        return "contradiction"
    stated = "extent-unspecified" not in flaws and "successor-unknown" not in flaws
    if stated and any(found.only(dimension) for dimension in dimensions):
        return "follow-missing"
    if of_clue:
        return of_clue
    for flaw in FLAWS:
        if flaw in flaws:
            return flaw
    if flaws:
        return "part-ended"
    if request.to < request.at:
        return "made-of-several"
    return "divided"


def evidence_of(found: Walk) -> tuple[Evidence, ...]:
    """The changes on all ways that were walked, in their order."""
    trails: set[Evidence] = set(found.passed)
    for flow in found.flows:
        trails |= flow.trail
    return in_order(trails)
