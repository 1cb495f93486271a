"""Laws on the units of a mapping: each is asked of one unit, from one day to another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from merger.lineage import Request, Resolution, UnitVersion
from merger.lineage.flows import BOTH, Walk
from merger.lineage.settle import ROUNDING
from merger.lineage.walk import walk
from merger.mapping.models import Follows
from merger.messages import text
from merger.testing.laws.mappings import FOLLOWS, successors_are_in_force, unit_is_answered_for
from merger.testing.suite.own import Own
from merger.testing.suite.search import Law

LOST_OR_DOUBLED = ("contradiction", "rest-unknown")


@dataclass(frozen=True, slots=True)
class Question:
    """What became of a unit of the day `at` by the day `to`, and on the way there on the day `by`?"""

    version: UnitVersion
    at: date
    to: date
    follow: Follows | None
    by: date

    @property
    def request(self) -> Request:
        return Request(self.version.code, self.version.kind, self.at, self.to, self.follow)


def totality(own: Own, asked: Question) -> str | None:
    """Whatever is in force has an answer; where it has no successor, the mapping says so."""
    unit_is_answered_for(own.lineage, asked.request, asked.version.code)
    version = asked.version
    passage = own.lineage.passage(version, forward=True)
    said = passage.edges or passage.ended or passage.evidence
    if version.valid_to < date.max and not said:
        return text("testing.broken.totality", day=version.valid_to)
    return None


def conservation(own: Own, asked: Question) -> str | None:
    """All of a unit goes somewhere, and nothing of it goes twice."""
    if asked.to < asked.at:
        return None
    found = _walk(own, asked)
    for flaw in LOST_OR_DOUBLED:
        if any(flaw in found.flaws[dimension] for dimension in BOTH):
            return text(f"testing.broken.{flaw}", into=_codes(own.lineage.resolve(asked.request)))
    for dimension in BOTH:
        full = [flow for flow in found.flows if found.only(dimension) is flow]
        if full and len(found.candidates((dimension,))) > 1:
            return text("testing.broken.contradiction", into=full[0].version.code)
    return None


def composition(own: Own, asked: Question) -> str | None:
    """What one step finds lies within what two find. By land or by people it is the same where nothing was
    given back on the way, and what both steps decide, one does."""
    lineage, request = own.lineage, asked.request
    whole = lineage.resolve(request)
    first = lineage.resolve(Request(request.code, request.kind, asked.at, asked.by, asked.follow))
    thens = [
        lineage.resolve(Request(middle.code, request.kind, asked.by, asked.to, asked.follow))
        for middle in first.successors
    ]
    found = {one.code for one in whole.successors}
    ends = {one.code for then in thens for one in then.successors}
    fields = {"by": asked.by, "whole": _listed(found), "ends": _listed(ends)}
    if found - ends:
        return text("testing.broken.composition", **fields)
    if asked.follow is not None and found != ends and not _released(own, asked):
        return text("testing.broken.composition", **fields)
    if first.outcome.decided and all(then.outcome.decided for then in thens) and not whole.outcome.decided:
        return text("testing.broken.composition-decided", **fields)
    return None


def inverse(own: Own, asked: Question) -> str | None:
    """The way back from every successor leads to the unit again, where nothing was released on it."""
    request = asked.request
    for one in own.lineage.resolve(request).successors:
        back = own.lineage.resolve(_back(request, one.code))
        if request.code in {before.code for before in back.successors}:
            continue
        version = own.lineage.version_at(request.kind, one.code, asked.to)
        if version is None or not walk(own.lineage, version, _back(request, one.code)).by_release:
            return text("testing.broken.inverse", into=one.code, back=_codes(back))
    return None


def in_force(own: Own, asked: Question) -> str | None:
    """No successor is abolished, or not yet made, on the day asked for."""
    successors_are_in_force(own.lineage, asked.request, asked.version.code)
    return None


def shares(own: Own, asked: Question) -> str | None:
    """Shares add up to at most 1, and to 1 where all of them are stated and nothing else is open."""
    version = asked.version
    written = own.stated_shares.get((version.valid_to, version.kind, version.code), 0.0)
    if written > 1 + ROUNDING:
        return text("testing.broken.shares", total=f"{written:g}")
    found = _walk(own, asked)
    stated = [flow.share for flow in found.flows if flow.share is not None]
    total = sum(stated)
    complete = len(stated) == len(found.flows) > 0 and not any(found.flaws[one] for one in BOTH)
    if total > 1 + ROUNDING or (complete and asked.to >= asked.at and total < 1 - ROUNDING):
        return text("testing.broken.shares", total=f"{total:g}")
    return None


def laws() -> list[Law[Question]]:
    """The laws on units."""
    return [
        _law("totality", totality, _ends),
        _law("conservation", conservation, _ends),
        _law("composition", composition, _ways),
        _law("inverse", inverse, _ends),
        _law("in-force", in_force, _ways),
        _law("shares", shares, _ends),
    ]


def _law(
    key: str, complaint: Callable[[Own, Question], str | None], sweep: Callable[[Own], Iterator[Question]]
) -> Law[Question]:
    return Law(key, sweep, complaint, _told, _drawn)


def _ends(own: Own) -> Iterator[Question]:
    """Every unit that ends, over the night on which it does."""
    for version in own.versions:
        if version.valid_to < date.max and version.valid_from < version.valid_to:
            eve = version.valid_to - timedelta(days=1)
            for follow in FOLLOWS:
                yield Question(version, eve, version.valid_to, follow, version.valid_to)


def _ways(own: Own) -> Iterator[Question]:
    """Every unit that ends, from its last day to the last day of all, by way of the first day after."""
    for asked in _ends(own):
        yield Question(asked.version, asked.at, own.days[-1], asked.follow, asked.to)


def _drawn(own: Own) -> st.SearchStrategy[Question] | None:
    """Any unit, from any of its days to any other, by way of a day between."""
    if not own.versions:
        return None
    days = st.sampled_from(own.days)

    def of(version: UnitVersion) -> st.SearchStrategy[Question]:
        valid = [day for day in own.days if version.valid_from <= day < version.valid_to]
        here = st.sampled_from(
            [day for day in valid if own.lineage.version_at(version.kind, version.code, day)]
        )
        way = st.tuples(here, days, days).map(_in_order)
        return st.builds(
            lambda at_by_to, follow: Question(version, at_by_to[0], at_by_to[2], follow, at_by_to[1]),
            way,
            st.sampled_from(FOLLOWS),
        )

    return st.sampled_from(own.versions).flatmap(of)


def _in_order(days: tuple[date, date, date]) -> tuple[date, date, date]:
    """The first day stays; the other two so that the second lies between it and the third, or on it."""
    at, *others = days
    later = sorted(day for day in others if day >= at)
    if len(later) == 2:
        return at, later[0], later[1]
    if len(later) == 1:
        return at, at, later[0]
    return at, max(others), min(others)


def _walk(own: Own, asked: Question) -> Walk:
    request = Request(asked.version.code, asked.version.kind, asked.at, asked.to)
    version = own.lineage.version_at(request.kind, request.code, request.at) or asked.version
    return walk(own.lineage, version, request)


def _released(own: Own, asked: Question) -> bool:
    """Whether a released unit took its own back on the way, so that one step knows more than two."""
    version = own.lineage.version_at(asked.version.kind, asked.version.code, asked.at)
    return version is not None and walk(own.lineage, version, asked.request).by_release


def _told(own: Own, asked: Question) -> str:
    follow = asked.follow.value if asked.follow else "both"
    return text(f"testing.question.{follow}", unit=own.unit(asked.version), at=asked.at, to=asked.to)


def _back(request: Request, code: str) -> Request:
    """The same question, asked of a successor."""
    return Request(code, request.kind, request.to, request.at, request.follow)


def _codes(answer: Resolution) -> str:
    return _listed({one.code for one in answer.successors})


def _listed(codes: set[str]) -> str:
    return ", ".join(sorted(codes)) or "–"
