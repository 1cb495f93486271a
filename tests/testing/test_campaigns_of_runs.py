"""The long campaigns over runs in short, and that each of them can fail."""

import pytest

from merger.cli import run
from merger.testing.campaigns import corruptions, kills, leaks, pairs_corruptions, pairs_kills
from merger.testing.campaigns.outcome import Ground
from merger.testing.corrupting import Corruptor

SMALL = Ground(dossiers=60)


def quiet(_text):
    """No progress."""


@pytest.mark.faults
def test_a_killed_apply_ends_as_an_uninterrupted_one():
    outcome = kills.run(SMALL, 2, 3, quiet)
    assert outcome.failures == []
    assert outcome.counts["equal, row for row, after the same command"] == outcome.counts["kills"] == 2


def test_every_corruption_is_found_and_nothing_else():
    outcome = corruptions.run(SMALL, 8, 3, quiet)
    assert outcome.failures == []
    assert (outcome.counts["cells"], outcome.counts["deleted"], outcome.counts["doctored"]) == (8, 2, 2)
    found = outcome.counts["found by dataset, key and column"]
    assert found == outcome.counts["differences to find"] >= 12
    assert outcome.counts["false findings"] == 0


def test_a_corruption_that_verification_does_not_name_is_a_failure(monkeypatch):
    def pretended(self):
        self.expected.add(("one", "dossiers", "no such key", "owner", "changed"))

    monkeypatch.setattr(Corruptor, "change_cell", pretended)
    outcome = corruptions.run(SMALL, 4, 3, quiet)
    assert "not found: one/dossiers/no such key/owner/changed" in outcome.failures


@pytest.mark.slow
def test_nothing_that_a_run_writes_or_prints_names_a_person():
    outcome = leaks.run(SMALL, 3, quiet)
    assert outcome.failures == []
    assert outcome.counts["personal values"] > 100


@pytest.mark.parametrize(
    "text",
    [
        "x Trần Thị Hoà x",
        "TRẦN THỊ HOÀ",
        "Tra\u0302\u0300n Thi\u0323 Hoa\u0300",
        '"Tr\\u1ea7n Th\\u1ecb Ho\\u00e0"',
        "Tr&#7847;n Th&#7883; Ho&agrave;",
    ],
)
def test_a_name_is_found_however_it_is_written(text):
    assert list(leaks.find({"Trần Thị Hoà"}, {"a.json": text})) == [("a.json", "words")]


def test_other_names_are_not_found():
    assert list(leaks.find({"Trần Thị Hoà", "012345678901"}, {"a": "Trần Thị Hòe 01234567890"})) == []


@pytest.mark.faults
def test_a_killed_apply_over_a_pair_of_databases_ends_as_an_uninterrupted_one():
    outcome = pairs_kills.run(run, 1, 3, quiet, pairs=(("sqlite", "sqlite"),), failpoints=("in-batch",))
    assert outcome.failures == []
    assert outcome.counts["kills"] == outcome.counts["failpoints"] == 1
    assert sum(outcome.counts[when] for when in pairs_kills.WHEN) == 1
    assert outcome.counts["equal after the same command"] == 2


def test_every_changed_cell_of_a_platform_is_found_and_nothing_else():
    outcome = pairs_corruptions.run(20, 3, quiet, pairs=(("sqlite", "sqlite"),))
    assert outcome.failures == []
    assert outcome.counts["cells"] == outcome.counts["found to the column"] == 20
    assert outcome.counts["false findings"] == 0
