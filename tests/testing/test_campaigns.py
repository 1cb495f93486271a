"""The long campaigns over definitions and files in short, and that each of them can fail."""

import time
from dataclasses import replace
from random import Random

import pytest

from merger.cli import run
from merger.mapping import shipped
from merger.quality import Linted
from merger.testing.campaigns import (
    addresses,
    archives,
    csvs,
    imports,
    inputs,
    laws,
    mapping_corruptions,
    resolutions,
    rounds,
    tampering,
)
from merger.testing.campaigns import watched as watching
from merger.testing.campaigns.lanes import in_lanes
from merger.testing.campaigns.outcome import Outcome
from merger.testing.campaigns.watched import watched
from merger.testing.spoiling import kinds


def quiet(_text):
    """No progress."""


def test_laws_are_counted():
    outcome = laws.run(2, 3, quiet)
    assert outcome.failures == []
    assert outcome.counts["sound histories"] == 2
    assert outcome.counts["conservation"] == 1


def test_every_commune_of_the_first_day_on_record_is_answered_for_and_counted():
    outcome = rounds.run(quiet)
    assert outcome.failures == []
    assert outcome.counts["2019-01-09 to 2025-07-01"] > 11_000
    assert any(line.endswith("split (successor-unknown)") for line in outcome.notes)


def test_every_changed_byte_is_refused():
    outcome = tampering.run(25, 3, quiet)
    assert outcome.failures == []
    assert sum(outcome.counts.values()) == 7 * 25
    assert outcome.counts["trail"] == 25


def test_the_trial_of_tampering_notices_a_check_that_looks_away(tmp_path):
    target = next(one for one in tampering.targets(tmp_path, 3) if one.name == "envelope")
    settled = target.asked()
    outcome = Outcome("tampering")
    tampering.try_changes(replace(target, asked=lambda: settled), 5, Random(1), outcome)
    assert len(outcome.failures) == 5


def test_unusable_files_are_refused_with_their_place(monkeypatch):
    monkeypatch.setattr(inputs, "large", list)
    outcome = inputs.run(run, 16, 3, quiet)
    assert outcome.failures == []
    assert sum(outcome.counts.values()) >= 14


def test_a_file_that_is_taken_for_usable_is_a_failure(monkeypatch):
    monkeypatch.setattr(inputs, "large", list)
    outcome = inputs.run(lambda _arguments: 0, 2, 3, quiet)
    assert any("exit 0" in failure for failure in outcome.failures)


def test_files_to_import_are_answered_with_their_place(monkeypatch):
    for module, name in [
        (inputs, "large"),
        (csvs, "large"),
        (resolutions, "large"),
        (resolutions, "large_docx"),
    ]:
        monkeypatch.setattr(module, name, lambda *_given: [])
    monkeypatch.setattr(archives, "large_books", lambda _sound: [])
    outcome = imports.run(run, 30, 3, quiet)
    assert outcome.failures == []
    assert sum(outcome.counts.values()) == 30
    assert len({count.partition(",")[0] for count in outcome.counts}) >= 5


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (lambda _given: 0, ["exit 0, ''"]),
        (lambda _given: print("Traceback") or 2, ["a traceback"]),
        (lambda _given: len(bytearray(700_000_000)) and 2, ["MB"]),
    ],
)
def test_a_command_that_does_what_none_may_do_is_a_failure(command, wrong):
    found = watched(command, []).wrong([2])
    assert len(found) == 1
    assert wrong[0] in found[0]


def test_a_command_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(watching, "PATIENCE", 0.3)
    assert watched(lambda _given: time.sleep(60), []).wrong([2]) == ["no answer in 5 s"]


def test_mistakes_in_mapping_files_are_found(tmp_path):
    for name in ("68-lam-dong", "68-lam-dong-earlier"):
        path = shipped() / "vn-2025" / f"{name}.yaml"
        (tmp_path / path.name).write_bytes(path.read_bytes())
    outcome = mapping_corruptions.run(len(kinds()), 4, quiet, tmp_path)
    assert outcome.counts["mistakes"] >= 25
    assert outcome.counts["found"] >= outcome.counts["mistakes"] - 3
    assert any(line.startswith("drop an entry: 1 of 1") for line in outcome.notes)


def test_mistakes_that_lint_does_not_find_are_a_failure(tmp_path, monkeypatch):
    path = shipped() / "vn-2025" / "68-lam-dong.yaml"
    (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(mapping_corruptions, "lint", lambda _loaded: Linted((), ()))
    monkeypatch.setattr(mapping_corruptions, "kinds", lambda: kinds()[:2])
    outcome = mapping_corruptions.run(4, 4, quiet, tmp_path)
    assert outcome.failures == ["0 of 4 found, fewer than 99%"]
    assert outcome.notes[-1] == "not found: drop a predecessor, in vn-2025-68"


def test_addresses_are_counted_by_kind_of_dirt_and_by_confidence():
    outcome = addresses.run(600, 3, quiet)
    assert outcome.failures == []
    assert outcome.counts["addresses"] == 600
    assert outcome.counts["decided"] > 450
    assert any(line.startswith("| typo |") for line in outcome.notes)
    assert "| confidence below | answers | mean confidence | right |" in outcome.notes


def test_a_part_of_a_campaign_that_fails_is_a_failure():
    def part(at: int) -> Outcome:
        if at == 1:
            raise ValueError("wrong")
        return Outcome("right")

    found = list(in_lanes(2, part, 2))
    assert sorted(len(one.failures) for one in found) == [0, 1]
    assert "ValueError: wrong" in "".join(failure for one in found for failure in one.failures)
