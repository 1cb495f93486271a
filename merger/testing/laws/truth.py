"""What is answered from a record, against what truly happened (`merger.testing.parcels`)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

from merger.lineage import Outcome, Request, Resolution, Successor, build
from merger.mapping.models import Follows, Mapping, UnitKind
from merger.mapping.models import Land as Extent
from merger.testing.laws.mappings import FOLLOWS, hold
from merger.testing.parcels import DAYS, Land

ASKED = (DAYS[0] - timedelta(days=1), *DAYS)
"""The days asked about: before everything, and each day of change."""


def answers_are_true(land: Land, record: Mapping | None = None) -> int:
    """A decided answer is where all parcels are; an undecided one has all of these places among its
    candidates; an extent that is stated is so. Answers how many questions were decided.

    `record`: what was written of the history, if it is not all that can be.
    """
    lineage, decided = build(record or land.record()), 0
    for request in _requests(land):
        if lineage.version_at(request.kind, request.code, request.at) is None:
            continue
        found = lineage.resolve(request)
        there, words = land.went(request.code, request.at, request.to, request.follow), _words(request, found)
        named = {one.code for one in found.successors}
        decided += found.outcome.decided
        if there and found.outcome.decided:
            hold(named == there, f"{words}, but it is in {sorted(there)}")
        if there and found.outcome is Outcome.SPLIT:
            hold(there <= named, f"{words}, but it is in {sorted(there)}")
        for one in found.successors:
            _check_extents(land, request, one, words)
    return decided


def all_that_can_be_decided_is(land: Land) -> None:
    """Where every way that was recorded leads to one unit, this is the answer; and where nothing was given
    back, the candidates are just the units that can be reached."""
    lineage = build(land.record())
    hold(not lineage.findings, f"findings: {[str(one) for one in lineage.findings]}")
    for request in _requests(land):
        if lineage.version_at(request.kind, request.code, request.at) is None:
            continue
        found = lineage.resolve(request)
        asked = [request.follow] if request.follow else list(Follows)
        reached = frozenset[str]().union(
            *(land.possible(request.code, request.at, request.to, by) for by in asked)
        )
        words = _words(request, found)
        some = land.went(request.code, request.at, request.to, request.follow)
        hold(
            len(reached) != 1 or found.outcome.decided or not some,
            f"{words}, but only {sorted(reached)} can be reached",
        )
        if not lineage.releases.given:
            named = {one.code for one in found.successors}
            hold(named == reached, f"{words}, but {sorted(reached)} can be reached")


def the_way_back_leads_home(land: Land) -> None:
    """A unit is among those that its successor was made of, where nothing was given back."""
    lineage = build(land.record())
    if lineage.releases.given:
        return
    for request in _requests(land):
        for one in lineage.resolve(request).successors:
            back = lineage.resolve(Request(one.code, request.kind, request.to, request.at, request.follow))
            hold(
                request.code in {before.code for before in back.successors},
                f"{_words(request, back)}: not the way back from {one.code}",
            )


def _requests(land: Land) -> Iterator[Request]:
    for at in ASKED:
        for code, to, follow in product(sorted(set(land.on(at))), ASKED, FOLLOWS):
            yield Request(code, UnitKind.COMMUNE, at, to, follow)


def _check_extents(land: Land, request: Request, one: Successor, words: str) -> None:
    went = land.went(request.code, request.at, request.to, Follows.LAND)
    if request.follow is Follows.PEOPLE:
        return
    true = {
        Extent.WHOLE: went == {one.code},
        Extent.PART: one.code in went and len(went) > 1,
        Extent.NONE: one.code not in went,
        Extent.UNSPECIFIED: True,
    }
    hold(true[one.extent], f"{words}: land {one.extent} to {one.code}, but it is in {sorted(went)}")


def _words(request: Request, found: Resolution) -> str:
    named = ", ".join(one.code for one in found.successors)
    by = request.follow.value if request.follow else "land and people"
    return (
        f"{request.code} of {request.at} on {request.to}, by {by}: {found.outcome} {named} ({found.reason})"
    )
