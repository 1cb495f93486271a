"""The short ways, where nothing is in doubt, against the walk."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings

from merger.lineage import Lineage, Request, build, lineage_of
from merger.lineage.flows import BOTH
from merger.lineage.resolve import _straight, evidence_of, plain_answer
from merger.lineage.short import short_way_back
from merger.lineage.walk import Walk, _Walker, walk
from merger.mapping import contents_of, shipped
from merger.mapping.models import Follows, Mapping, UnitKind
from merger.testing.histories import chained, steps, wild_lineages
from merger.testing.parcels import land_of

TO = date(2025, 7, 1)


@pytest.mark.parametrize("follow", [None, *Follows])
def test_the_straight_way_answers_what_the_walk_answers(follow):
    lineage = lineage_of(contents_of([shipped()]))
    straight = 0
    for version in lineage.abolished_versions(TO)[::9] + lineage.roster(UnitKind.COMMUNE, TO)[::29]:
        at = TO if version.valid_to > TO else version.valid_to - timedelta(days=1)
        start = lineage.version_at(version.kind, version.code, at)
        if start is None:
            continue
        request = Request(version.code, version.kind, at, TO, follow)
        found = _straight(lineage, start, request)
        if found is not None:
            straight += 1
            assert found == plain_answer(lineage, request, start, walk(lineage, start, request))
    assert straight > 300


def found_in(walked: Walk):
    ends = [(flow.version, flow.levels, flow.share, flow.trail) for flow in walked.flows]
    return ends, {one: walked.only(one) and walked.only(one).version for one in BOTH}, walked.flaws


def same_both_ways(lineage: Lineage, requests: list[Request]) -> int:
    """Compares the short way back with the walk wherever there is one; answers how many these were."""
    short = 0
    for request in requests:
        start = lineage.version_at(request.kind, request.code, request.at)
        found = short_way_back(lineage, start, request) if start else None
        if found is not None:
            walked = _Walker(lineage, request, (request.to, 0), None, forward=False).run(start)
            assert found_in(found) == found_in(walked)
            assert evidence_of(found) == evidence_of(walked)
            short += found.flows[0].version != start
    return short


def test_the_short_way_back_finds_what_the_walk_finds():
    lineage = lineage_of(contents_of([shipped()]))
    communes = lineage.roster(UnitKind.COMMUNE, TO)[::5]
    days = [date(2018, 3, 1), date(2021, 1, 1), date(2025, 6, 30)]
    asked = [Request(one.code, one.kind, TO, day) for one in communes for day in days]
    assert same_both_ways(lineage, asked) > 1000


def every_question_backward(mapping: Mapping) -> tuple[Lineage, list[Request]]:
    lineage = build(mapping)
    kinds = {kind: lineage.codes(kind) for kind in UnitKind}
    days = [date.min, *lineage.change_dates()]
    spans = [(at, to) for at in days for to in days if to < at]
    return lineage, [Request(code, kind, *span) for kind in kinds for code in kinds[kind] for span in spans]


@settings(max_examples=100)
@given(wild_lineages() | steps().map(chained))
def test_the_short_way_back_finds_what_the_walk_finds_in_any_history(mapping: Mapping):
    same_both_ways(*every_question_backward(mapping))


def test_the_short_way_back_finds_what_the_walk_finds_where_units_were_released():
    lands = [land_of(Random(number), 8, 12) for number in range(120)]
    assert sum(same_both_ways(*every_question_backward(land.record())) for land in lands) > 1000
