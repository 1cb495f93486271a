"""Runs over one small job do what the book says, whatever happens between them."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from merger.testing.runs import Wrong, drawn, tried
from merger.testing.runs.oracle import ALREADY, MOVE
from merger.testing.runs.tables import OLD, make_ground, put
from merger.testing.runs.trial import Trial


def databases(folder: Path) -> dict[str, sa.URL]:
    return {
        name: sa.URL.create("sqlite", database=str(folder / f"{name}.db")) for name in ("old", "platform")
    }


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    ground = make_ground(tmp_path / "job", databases(tmp_path))
    before = dict(os.environ)
    os.environ.update(ground.environment)
    one = Trial(ground)
    yield one
    one.close()
    os.environ.clear()
    os.environ.update(before)


def citizen(key: int, idno: str | None, name: str = "An") -> dict[str, Any]:
    return {"id": key, "name": name, "idno": idno}


def dossier(key: int, **fields: Any) -> dict[str, Any]:
    row = {"id": key, "number": f"N{key}", "commune": "10002", "citizen_id": None, "status": "open",
           "note": None}  # fmt: skip
    return row | fields


def ran(trial: Trial) -> dict[str, dict[tuple[str, str], int]]:
    """What a run planned, by dataset; it was applied, compared and verified."""
    name, planned = trial.plan()
    trial.apply(name, planned)
    trial.verify(trial.done[-1])
    return {dataset: dict(counts) for dataset, counts in planned.counts.items()}


def test_what_both_sides_did_to_a_row_is_settled_where_they_agree_and_held_where_they_do_not(
    trial: Trial,
) -> None:
    for key in range(1, 6):
        trial.write("dossiers", dossier(key))
    ran(trial)
    target = {key: entry.target for key, entry in trial.book.ledger["dossiers"].items()}
    trial.delete("dossiers", 1)
    trial.delete_own("p_dossier", target[1])
    for key, theirs in ((2, "sửa"), (3, "khác")):
        trial.write("dossiers", dossier(key, note="sửa"))
        trial.write_own("p_dossier", trial.book.target["p_dossier"][target[key]] | {"note": theirs})
    trial.delete_own("p_dossier", target[4])
    trial.write("steps", {"id": "s1", "dossier_id": 4, "note": None})

    found = ran(trial)
    assert found["dossiers"] == {
        ALREADY: 2, ("hold", "changed-on-both-sides"): 1, ("hold", "deleted-in-target"): 1
    }  # fmt: skip
    assert found["steps"] == {("hold", "parent-held"): 1}
    assert trial.book.ledger["dossiers"][1].state == "withdrawn"
    assert trial.book.ledger["dossiers"][2].state == "updated"


def test_a_moved_row_that_would_take_a_value_which_is_taken_is_held_before_it_breaks_the_run(
    trial: Trial,
) -> None:
    for key in (1, 2):
        trial.write("dossiers", dossier(key))
        trial.write("citizens", citizen(key, f"0{key}"))
    ran(trial)
    trial.write("dossiers", dossier(1, number="N2"))
    trial.write("citizens", citizen(1, "02"))
    found = ran(trial)
    assert found["dossiers"] == {ALREADY: 1, ("hold", "collision-number"): 1}
    assert found["citizens"] == {ALREADY: 1, ("hold", "same-number-other-person"): 1}


def test_a_person_merged_into_one_of_an_earlier_run_is_neither_a_difference_nor_another_person_later(
    trial: Trial,
) -> None:
    trial.write("citizens", citizen(1, "011"))
    ran(trial)
    trial.write("citizens", citizen(2, "011"))
    trial.write("dossiers", dossier(1, citizen_id=2))
    ran(trial)
    (person,) = trial.book.target["p_applicant"]
    assert trial.book.target["p_dossier"][101]["applicantId"] == person
    assert ran(trial)["dossiers"] == {ALREADY: 1}
    trial.delete("citizens", 2)
    trial.delete("dossiers", 1)
    ran(trial)
    trial.write("citizens", citizen(2, "022", "Bình"))
    assert ran(trial)["citizens"] == {ALREADY: 1, MOVE: 1}


def test_a_roll_back_forgets_what_was_withdrawn_and_tells_what_its_run_changed(trial: Trial) -> None:
    for key in (1, 2, 3):
        trial.write("dossiers", dossier(key))
    ran(trial)
    trial.delete("dossiers", 1)
    trial.write("dossiers", dossier(2, note="sửa"))
    ran(trial)
    trial.roll_back(trial.done[1])
    trial.roll_back(trial.done[0])
    assert trial.book.ledger["dossiers"] == {}
    assert trial.book.target["p_dossier"] == {}


def test_a_random_campaign_does_what_the_book_says(tmp_path: Path) -> None:
    told = tried(drawn(Random(3), 10), tmp_path / "job", databases(tmp_path))
    assert told["run"] + told["pilot"] + told["final"] + told["late"] > 1


def test_what_the_book_does_not_know_of_is_told(trial: Trial) -> None:
    with trial.engines["old"].begin() as connection:
        put(connection, OLD["dossier"], dossier(1))
    with pytest.raises(Wrong, match="plan dossiers"):
        trial.plan()
