"""What holds for every text, and what made-up addresses show."""

import unicodedata
from datetime import date
from itertools import islice
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merger.addresses.words import vocabulary
from merger.codes.names import split_type
from merger.mapping.models import UnitKind
from merger.testing.addresses import DIRT, FIT, HELD_OUT, Mix, samples
from merger.testing.calibrating import calibrate, is_right, reliability, score

TO = date(2025, 7, 1)

QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def made(lineage):
    return list(islice(samples(lineage, TO, Random(20), HELD_OUT), 1500))


@pytest.fixture(scope="module")
def in_force(lineage):
    return {unit.code for unit in lineage.roster(UnitKind.COMMUNE, TO)}


def pieces(lineage):
    """Words that addresses are made of, and signs, in any order."""
    units = [unit.name for kind in UnitKind for unit in lineage.roster(kind, TO)][::40]
    words = [
        *vocabulary().before,
        *vocabulary().below,
        *units,
        "đường",
        "Q.",
        "P5",
        ",",
        " - ",
        "\n",
        "12/5",
        "'",
    ]
    return st.lists(st.one_of(st.sampled_from(words), st.text(max_size=8)), max_size=12).map(" ".join)


@QUICK
@given(data=st.data())
def test_no_text_is_an_error_and_only_units_in_force_are_told(addresses, lineage, in_force, data):
    text = data.draw(st.one_of(st.text(max_size=60), pieces(lineage)))
    answer = addresses.find(text, to=TO)
    told = {one.code for one in answer.successors}
    assert told <= in_force
    assert len(told) == len(answer.successors)
    assert 0 <= answer.confidence <= 1
    assert not answer.outcome.decided or len(told) == 1
    for part in answer.parts:
        assert text[part.start : part.end] == part.text != ""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: unicodedata.normalize("NFD", text), id="decomposed"),
        pytest.param(str.upper, id="capitals"),
        pytest.param(str.lower, id="small letters"),
        pytest.param(lambda text: "  " + text.replace(" ", "   ") + " ", id="spaces"),
    ],
)
def test_ways_of_writing_change_no_answer(addresses, made, change):
    for sample in made[:600]:
        if "glued" in sample.dirt:
            continue
        plain = addresses.find(sample.text, to=TO)
        other = addresses.find(change(sample.text), to=TO)
        assert (other.outcome, other.successors) == (plain.outcome, plain.successors), sample.dirt


def test_the_province_added_turns_nothing_right_into_wrong(addresses, lineage, made):
    tried = 0
    for sample in made:
        if "no-province" not in sample.dirt or sample.dirt & {"elsewhere", "english", "mixed", "reversed"}:
            continue
        before = addresses.find(sample.text, to=TO, at=sample.at)
        if not (before.outcome.decided and is_right(sample, before)):
            continue
        tried += 1
        after = addresses.find(f"{sample.text}, {province(lineage, sample)}", to=TO, at=sample.at)
        assert is_right(sample, after) or not after.outcome.decided
    assert tried > 20


def province(lineage, sample):
    parent = sample.unit.parent
    district = lineage.version_at(UnitKind.DISTRICT, parent, sample.day)
    return lineage.version_at(UnitKind.PROVINCE, district.parent if district else parent, sample.day).name


def test_clean_addresses_are_read_rightly(addresses, lineage):
    clean = Mix((0,), {"upper": 1.0}, earlier=0.0)
    judged = [
        (sample, addresses.find(sample.text, to=TO, at=sample.at))
        for sample in islice(samples(lineage, TO, Random(4), clean), 1500)
    ]
    found = score(judged)
    assert found.precision == 1.0
    assert found.recall > 0.96


def test_dirty_addresses_are_read_rightly_and_confidence_says_how_often(addresses, made):
    judged = [(sample, addresses.find(sample.text, to=TO, at=sample.at)) for sample in made]
    found = score(judged)
    assert found.precision > 0.99
    assert found.recall > 0.85
    assert found.error < 0.02
    steps = reliability(judged)
    assert sum(count for _, count, _, _ in steps) == sum(1 for _, answer in judged if answer.successors)
    assert steps[-1][3] > 0.99


def test_made_up_addresses_are_the_same_for_one_seed_and_suffer_everything(lineage):
    one = list(islice(samples(lineage, TO, Random(7), FIT), 3000))
    assert one == list(islice(samples(lineage, TO, Random(7), FIT), 3000))
    assert {kind for sample in one for kind in sample.dirt} == {*DIRT, "before", "after", "earlier"}
    assert all(sample.truth for sample in one[:300] if "earlier" not in sample.dirt)


def test_a_calibration_is_the_same_for_one_seed_and_rises(lineage):
    one = calibrate(lineage, TO, 3, 1500)
    assert one == calibrate(lineage, TO, 3, 1500)
    assert sum(one.counts) > 1300
    for curve in (one.decided, one.undecided):
        assert list(curve.shares) == sorted(curve.shares)
        assert list(curve.limits) == sorted(curve.limits)
        assert len(curve.shares) == len(curve.limits) + 1


def test_no_word_of_the_language_is_given_twice_before_names():
    words = vocabulary()
    assert not set(words.before) & set(words.below)
    assert {"phuong", "p", "tp", "thi xa"} < set(words.before)
    assert split_type("Phường 5")[0] in words.before["phuong"]
