"""What is answered agrees with what truly happened to every parcel of a made-up land."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.lineage import walk
from merger.testing import laws
from merger.testing.parcels import Land, land_of, lands

quick = settings(max_examples=40, deadline=None)


@quick
@given(lands())
def test_no_answer_is_wrong(land: Land) -> None:
    laws.answers_are_true(land)


@quick
@given(lands())
def test_everything_that_the_record_decides_is_answered(land: Land) -> None:
    laws.all_that_can_be_decided_is(land)


@quick
@given(lands())
def test_the_way_back_from_a_successor_leads_home(land: Land) -> None:
    laws.the_way_back_leads_home(land)


@quick
@given(lands(), st.randoms(use_true_random=False))
def test_what_is_left_out_of_the_record_never_makes_an_answer_wrong(land: Land, chance: Random) -> None:
    laws.answers_are_true(land, land.record(chance))


def try_many() -> None:
    for number in range(200):
        laws.answers_are_true(land_of(Random(number), 6, 6))


def test_most_questions_are_decided_and_some_by_a_release() -> None:
    made = [land_of(Random(number), 6, 6) for number in range(20)]
    assert sum(laws.answers_are_true(land) for land in made) > 1000


def test_a_walk_that_takes_any_way_for_the_only_one_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_first(passage: object, dimension: object) -> object:
        step = true(passage, dimension)  # type: ignore[arg-type]
        first = next((at for at, level in enumerate(step.levels) if level), None)
        step.levels = [level if at == first else walk.Level.NONE for at, level in enumerate(step.levels)]
        return step

    true = walk._forward
    monkeypatch.setattr(walk, "_forward", only_first)
    with pytest.raises(AssertionError, match="but it is in"):
        try_many()


def test_releases_taken_for_divisions_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merger.lineage.released.Releases.gone", lambda _self, marks, *_: marks)
    with pytest.raises(AssertionError, match="but it is in"):
        try_many()
