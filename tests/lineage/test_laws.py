"""Laws that hold for every history, sound or not."""

from datetime import date
from itertools import pairwise

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merger.lineage import Lineage, Outcome, Request, Resolution, build, crosswalk
from merger.mapping.models import Follows, Mapping, UnitKind
from merger.testing.histories import CODES, DAYS, ROUNDS, lineages, wild_lineages

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
@given(wild_lineages())
def test_every_question_has_an_answer_and_every_successor_is_in_force(history: Mapping) -> None:
    check_answers(build(history))


@quick
@given(lineages())
def test_sound_histories_have_no_findings_and_keep_the_law(history: Mapping) -> None:
    lineage = build(history)
    assert lineage.findings == ()
    check_answers(lineage)
    assert networkx.is_directed_acyclic_graph(lineage.network())


@quick
@given(wild_lineages() | lineages(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_entries_does_not_matter(history: Mapping, random: object) -> None:
    def shuffled(items: tuple[object, ...]) -> tuple[object, ...]:
        out = list(items)
        random.shuffle(out)  # type: ignore[attr-defined]
        return tuple(out)

    files = [
        file.model_copy(update={"communes": shuffled(file.communes), "changes": shuffled(file.changes)})
        for file in history.units
    ]
    other = build(history.model_copy(update={"units": shuffled(tuple(files))}))
    lineage = build(history)
    assert everything(other) == everything(lineage)
    assert [str(finding) for finding in other.findings] == [str(finding) for finding in lineage.findings]
    assert list(crosswalk(other, DAYS[0], DAYS[-1])) == list(crosswalk(lineage, DAYS[0], DAYS[-1]))


@quick
@given(wild_lineages() | lineages())
def test_versions_of_one_code_follow_each_other_without_overlap(history: Mapping) -> None:
    lineage = build(history)
    for code in CODES:
        versions = lineage.versions(UnitKind.COMMUNE, code)
        assert all(version.valid_from < version.valid_to for version in versions)
        assert all(a.valid_to <= b.valid_from for a, b in pairwise(versions))
    assert set(lineage.change_dates()) <= {*DAYS}


@quick
@given(lineages(), st.sampled_from(FOLLOWS), st.sampled_from(CODES))
def test_what_holds_in_two_steps_holds_in_one(history: Mapping, follow: Follows | None, code: str) -> None:
    lineage = build(history)

    def ask(code: str, at: date, to: date) -> Resolution:
        return lineage.resolve(Request(code, UnitKind.COMMUNE, at, to, follow))

    for middle in DAYS[1:-1]:
        first = ask(code, DAYS[0], middle)
        whole = ask(code, DAYS[0], DAYS[-1])
        thens = [ask(one.code, middle, DAYS[-1]) for one in first.successors]
        ends = {one.code for then in thens for one in then.successors}
        assert {one.code for one in whole.successors} <= ends
        if first.outcome.decided and thens[0].outcome.decided:
            assert whole.outcome.decided
            assert whole.successor.code == thens[0].successor.code


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
