"""Laws that hold for every history, sound or not."""

from datetime import date
from itertools import pairwise
from random import Random

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.lineage import Lineage, Outcome, Request, Resolution, build, crosswalk
from merger.lineage.graph import in_force
from merger.mapping.models import Follows, Mapping, People, UnitKind
from merger.mapping.models import Land as Extent
from merger.testing import laws
from merger.testing.histories import CODES, DAYS, ROUNDS, Steps, chained, lineages, steps, wild_lineages
from merger.testing.parcels import Land, lands

quick = settings(max_examples=60)
FOLLOWS = (None, Follows.LAND, Follows.PEOPLE)


def everything(lineage: Lineage) -> dict[Request, Resolution]:
    requests = [
        Request(code, UnitKind.COMMUNE, at, to, follow)
        for code in CODES
        for at in DAYS
        for to in DAYS
        for follow in FOLLOWS
    ]
    return {request: lineage.resolve(request) for request in requests}


def check_answers(lineage: Lineage) -> None:
    for request, answer in everything(lineage).items():
        version = lineage.version_at(request.kind, request.code, request.at)
        assert (version is None) == (answer.outcome in (Outcome.UNKNOWN, Outcome.NOT_VALID))
        assert not answer.outcome.decided or len(answer.successors) == 1
        assert (
            answer.outcome not in (Outcome.ENDED, Outcome.UNKNOWN, Outcome.NOT_VALID) or not answer.successors
        )
        if request.at == request.to and version is not None:
            assert answer.outcome is Outcome.UNCHANGED or answer.reason == "contradiction"
        shares = [successor.share for successor in answer.successors if successor.share is not None]
        assert sum(shares) <= 1 + 1e-9
        assert all(0 <= share <= 1 for share in shares)
        for successor in answer.successors:
            there = lineage.version_at(request.kind, successor.code, request.to)
            assert there is not None
            assert there.name == successor.name
        if answer.outcome is Outcome.UNCHANGED:
            assert version is not None
            there = lineage.version_at(request.kind, answer.successor.code, request.to)
            assert there is not None
            assert there.id == version.id


@quick
@given(wild_lineages() | steps().map(chained))
def test_every_question_has_an_answer_and_every_successor_is_in_force(history: Mapping) -> None:
    check_answers(build(history))


@quick
@given(lineages() | steps().map(chained))
def test_sound_histories_have_no_findings_and_keep_the_law(history: Mapping) -> None:
    lineage = build(history)
    assert lineage.findings == ()
    check_answers(lineage)
    assert networkx.is_directed_acyclic_graph(lineage.network())


@quick
@given(wild_lineages() | lineages(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_entries_does_not_matter(history: Mapping, chance: Random) -> None:
    laws.order_does_not_matter(history, chance)


@quick
@given(wild_lineages() | lineages())
def test_versions_of_one_code_follow_each_other_without_overlap(history: Mapping) -> None:
    lineage = build(history)
    for code in CODES:
        versions = lineage.versions(UnitKind.COMMUNE, code)
        assert all(version.begins < version.ends for version in versions)
        assert all(a.ends <= b.begins for a, b in pairwise(versions))
        for day in DAYS:
            assert sum(in_force(version, day) for version in versions) <= 1
    assert set(lineage.change_dates()) <= {*DAYS}


@quick
@given(lineages() | steps().map(chained) | lands().map(Land.record))
def test_what_is_found_in_one_step_lies_within_what_two_find(history: Mapping) -> None:
    laws.one_step_lies_within_two(history)


@quick
@given(steps())
def test_steps_of_one_day_answer_as_if_they_were_days(made: Steps) -> None:
    laws.steps_answer_as_days(made)


@quick
@given(steps(), st.sampled_from(ROUNDS), st.sampled_from(FOLLOWS))
def test_an_unspecified_extent_on_the_way_never_gives_one_answer(
    days: Steps, unsaid: date, follow: Follows | None
) -> None:
    open_ = {"land": Extent.UNSPECIFIED, "people": People.UNSPECIFIED, "share": None}
    history = chained(days)
    files = [
        file.model_copy(update={"changes": tuple(change.model_copy(update=open_) for change in file.changes)})
        if file.effective == unsaid
        else file
        for file in history.units
    ]
    lineage = build(Mapping(units=tuple(files)))
    for code in CODES:
        for at in DAYS:
            for to in DAYS:
                found = lineage.resolve(Request(code, UnitKind.COMMUNE, at, to, follow))
                open_way = any("unspecified" in why.change for why in found.evidence)
                assert not (open_way and found.outcome.decided)


@quick
@given(lineages(ROUNDS[:1]))
def test_a_unit_with_several_successors_by_land_is_never_decided_by_land(history: Mapping) -> None:
    lineage = build(history)
    rows = list(crosswalk(lineage, DAYS[0], DAYS[-1]))
    for code in {row.old_code for row in rows}:
        own = [row for row in rows if row.old_code == code]
        request = Request(code, UnitKind.COMMUNE, DAYS[0], DAYS[-1], Follows.LAND)
        assert lineage.resolve(request).outcome.decided == (len(own) == 1)


@pytest.mark.parametrize("code", CODES)
def test_a_mapping_without_files_knows_nothing(code: str) -> None:
    lineage = build(Mapping())
    assert lineage.resolve(Request(code, UnitKind.COMMUNE, *DAYS[:2])).outcome is Outcome.UNKNOWN
    assert lineage.change_dates() == ()
