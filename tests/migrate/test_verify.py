import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from merger.errors import Refused
from merger.migrate import api
from merger.migrate.model import Verification
from tests.migrate.conftest import Worlds
from tests.migrate.world import ask_sql, changed, dossier, fill, moved_by, quiet, run_sql

CHANGES = 30
"""How many random changes the default run makes, each verified on its own."""


@dataclass(frozen=True)
class Cell:
    """One cell of a moved row: where it is in the target, and how a difference names it."""

    table: str
    id: object
    column: str
    system: str
    dataset: str
    key: str


def cells(world: Path) -> list[Cell]:
    """Every cell of every row in the target that was moved (not merged) and that a run filled."""
    columns = {
        "p_officer": ("userName", "fullName"),
        "p_applicant": ("name", "idNo", "birth"),
        "p_dossier": ("number", "ward", "wardName", "province", "agency", "agencyName", "receivedBy",
                      "applicantId", "owner", "address", "due", "status", "handlers", "note", "amount"),
        "p_file": ("dossierId", "path", "content"),
    }  # fmt: skip
    tables = {
        "officers": "p_officer",
        "applicants": "p_applicant",
        "dossiers": "p_dossier",
        "files": "p_file",
    }
    moved = ask_sql(
        world / "platform.db",
        "SELECT system, dataset, target, source_key, target_key FROM merger_row"
        " JOIN merger_dataset d ON d.id = dataset_id WHERE NOT merged ORDER BY 1, 2, 4",
    )
    return [
        Cell(tables[str(target)], target_key, column, str(system), str(dataset), str(key))
        for system, dataset, target, key, target_key in moved
        for column in columns[tables[str(target)]]
    ]


def doctor(world: Path, cell: Cell, rng: random.Random) -> None:
    """Changes one cell: another text, NULL, the empty text, one letter, a mark, a space."""
    connection = sqlite3.connect(world / "platform.db")
    where = f"FROM {cell.table} WHERE id = ?"
    ((before,),) = connection.execute(f"SELECT {cell.column} {where}", (cell.id,))
    choices: list[object] = [None, "", f"{before} ", f"{before}\u0301", "~", 987_654_321, b"\x00"]
    if isinstance(before, str) and before:
        at = rng.randrange(len(before))
        choices += [before[:at] + "§" + before[at + 1 :], before[:at], before.swapcase(), before[::-1]]
    choices = [one for one in choices if one != before and str(one) != str(before)]
    if cell.column == "number":
        choices.remove(None)
    rng.shuffle(choices)
    for after in choices:  # a column's affinity may turn the changed value back into the old one
        connection.execute(f"UPDATE {cell.table} SET {cell.column} = ? WHERE id = ?", (after, cell.id))
        ((now,),) = connection.execute(f"SELECT {cell.column} {where}", (cell.id,))
        if now != before:
            break
    assert now != before
    connection.commit()
    connection.close()


def come_and_go(world: Path, number: int) -> None:
    """The platform's own work: rows come, change and go beside what was moved."""
    run_sql(
        world / "platform.db",
        f"INSERT INTO p_dossier (id, number, ward) VALUES ({10_000 + number}, 'own-{number}', '10001')",
        f"DELETE FROM p_dossier WHERE number = 'own-{number - 2}'",
        f"UPDATE p_dossier SET note = 'own {number}', ward = '10005' WHERE id = 7",
        f"INSERT INTO p_applicant (name) VALUES ('own {number}')",
        f"UPDATE p_dossier SET remark = 'seen {number}'",
    )


def verified(
    world: Path, *, quick: bool = False, values: bool = False, plan: str = "plan.json"
) -> Verification:
    return api.verify(str(world / plan), quick, values, quiet)


def found(told: Verification) -> list[tuple[str, str, str, str, str]]:
    return [(one.system, one.dataset, one.key, one.column, one.kind) for one in told.differences]


def find_changes(world: Path, count: int, seed: int) -> list[Cell]:
    """Doctors `count` random cells one after the other, verifies after each, and restores it.

    Answers the cells that were not found exactly: dataset, key and column, and nothing else.
    """
    rng = random.Random(seed)
    every = cells(world)
    database = world / "platform.db"
    missed = []
    for number in range(count):
        come_and_go(world, number)
        before = database.read_bytes()
        cell = rng.choice(every)
        doctor(world, cell, rng)
        told = verified(world)
        wanted = [(cell.system, cell.dataset, cell.key, cell.column, "changed")]
        if told.state != "different" or found(told) != wanted:
            missed.append(cell)
        database.write_bytes(before)
    return missed


def test_what_was_moved_is_equal(moved: Path) -> None:
    told = verified(moved)
    assert (told.state, told.strength, told.differences) == ("equal", "full", ())
    assert {one.state for part in told.datasets for one in part.checks} == {"ok", "not-run"}
    assert {one.code for part in told.datasets for one in part.checks} == {
        "conservation", "cells", "entries", "references", "unique", "no-abolished", "number-unchanged",
        "deadline-unchanged",
        "history-unchanged",
    }  # fmt: skip


def test_each_changed_cell_is_found_and_nothing_else(moved: Path) -> None:
    assert find_changes(moved, CHANGES, seed=1) == []


def test_the_targets_own_rows_are_no_differences(moved: Path) -> None:
    for number in range(5):
        come_and_go(moved, number)
    run_sql(moved / "platform.db", "DELETE FROM p_file WHERE id = 1", "DELETE FROM p_dossier WHERE id = 7")
    assert verified(moved).state == "equal"
    assert verified(moved, quick=True).state == "equal"


def test_deleted_rows_are_found_one_by_one(moved: Path) -> None:
    run_sql(moved / "platform.db", "DELETE FROM p_file WHERE path IN ('one/a/3.pdf', 'two/a/4.pdf')")
    for quick in (False, True):
        assert found(verified(moved, quick=quick)) == [
            ("one", "files", "4", "", "missing"),
            ("two", "files", "5", "", "missing"),
        ]


def test_a_deleted_parent_breaks_the_references_to_it(moved: Path) -> None:
    run_sql(moved / "platform.db", "DELETE FROM p_dossier WHERE number = 'Z01.05-250505-0003'")
    told = verified(moved)
    assert found(told) == [("one", "dossiers", "d-Z01.05-250505-0003", "", "missing")]
    (files,) = [one for one in told.datasets if (one.system, one.dataset) == ("one", "files")]
    assert [(one.state, one.detail) for one in files.checks if one.code == "references"] == [
        ("failed", "broken rows=1")
    ]


def test_two_values_that_changed_places_are_found(moved: Path) -> None:
    run_sql(
        moved / "platform.db",
        "UPDATE p_file SET content = CASE path WHEN 'one/a/1.pdf' THEN x'0200ff' ELSE x'0100ff' END"
        " WHERE path IN ('one/a/1.pdf', 'one/a/2.pdf')",
    )
    assert [(key, column) for _, _, key, column, _ in found(verified(moved))] == [
        ("2", "content"),
        ("3", "content"),
    ]


def test_an_abolished_holder_is_told_by_its_own_check(moved: Path) -> None:
    run_sql(
        moved / "platform.db", "UPDATE p_dossier SET agency = 'Z01.30', ward = '10002' WHERE number = 'works'"
    )
    told = verified(moved)
    (part,) = [one for one in told.datasets if (one.system, one.dataset) == ("one", "dossiers")]
    assert [(one.state, one.detail) for one in part.checks if one.code == "no-abolished"] == [
        ("failed", "wrong rows=2")
    ]


def test_a_code_that_is_no_text_is_told_and_stops_nothing(moved: Path) -> None:
    run_sql(moved / "platform.db", "UPDATE p_dossier SET agency = x'00' WHERE number = 'works'")
    assert found(verified(moved)) == [("one", "dossiers", "d-works", "agency", "changed")]


def test_changed_numbers_deadlines_and_history_have_checks_of_their_own(moved: Path) -> None:
    run_sql(
        moved / "platform.db",
        "UPDATE p_dossier SET due = '2026-01-01', receivedBy = 'Z01.06', number = 'x' WHERE number = 'works'",
    )
    (part,) = [one for one in verified(moved).datasets if (one.system, one.dataset) == ("one", "dossiers")]
    failed = {one.code for one in part.checks if one.state == "failed"}
    assert failed == {"cells", "number-unchanged", "deadline-unchanged", "history-unchanged"}


def test_a_value_that_is_there_twice_is_found_where_the_target_does_not_guard_it(moved: Path) -> None:
    run_sql(
        moved / "platform.db",
        "CREATE TABLE other AS SELECT * FROM p_file",
        "DROP TABLE p_file",
        "ALTER TABLE other RENAME TO p_file",
        "INSERT INTO p_file (id, path) VALUES (999, 'one/a/3.pdf')",
    )
    told = verified(moved)
    assert told.differences == ()
    failed = {(part.dataset, one.code, one.detail) for part in told.datasets for one in part.checks
              if one.state == "failed"}  # fmt: skip
    assert failed == {("files", "unique", "twice values=1")}


def test_a_row_that_the_run_left_behind_is_missing(moved: Path) -> None:
    fill(moved / "one.db", "dossier", [dossier("late")])
    told = verified(moved)
    assert found(told) == [("one", "dossiers", "d-late", "", "missing")]


def test_a_row_that_is_gone_from_the_source_is_told(moved: Path) -> None:
    run_sql(moved / "one.db", "DELETE FROM file WHERE id = 5")
    assert found(verified(moved)) == [("one", "files", "5", "", "extra")]


def test_a_row_that_changed_in_the_source_later_is_told(moved: Path) -> None:
    run_sql(moved / "one.db", "UPDATE dossier SET note = 'later' WHERE number = 'works'")
    assert found(verified(moved)) == [("one", "dossiers", "d-works", "note", "changed")]
    assert verified(moved, quick=True).state == "equal"


def test_a_ledger_row_that_is_gone_is_told(moved: Path) -> None:
    run_sql(moved / "platform.db", "DELETE FROM merger_row WHERE source_key = 'd-works'")
    told = verified(moved)
    assert ("one", "dossiers", "d-works", "", "missing") in found(told)


def test_values_are_shown_only_when_asked(moved: Path) -> None:
    run_sql(moved / "platform.db", "UPDATE p_dossier SET owner = 'Ai Đó' WHERE number = 'works'")
    (hidden,) = verified(moved).differences
    assert (hidden.expected, hidden.found) == (None, None)
    (shown,) = verified(moved, values=True).differences
    assert (shown.expected, shown.found) == ("Nguyễn Văn A", "Ai Đó")
    assert "Nguyễn Văn A" not in verified(moved).model_dump_json()


def test_null_and_the_empty_text_are_different(moved: Path) -> None:
    run_sql(moved / "platform.db", "UPDATE p_dossier SET note = '' WHERE number = 'former-agency'")
    (one,) = verified(moved, values=True).differences
    assert (one.column, one.expected, one.found) == ("note", None, "")


@pytest.mark.parametrize("seed", range(3))
def test_the_quick_check_finds_the_row_and_says_that_it_is_quick(moved: Path, seed: int) -> None:
    rng = random.Random(seed)
    cell = rng.choice(cells(moved))
    doctor(moved, cell, rng)
    told = verified(moved, quick=True)
    assert (told.state, told.strength) == ("different", "quick")
    assert found(told) == [(cell.system, cell.dataset, cell.key, "", "changed")]
    (part,) = [one for one in told.datasets if (one.system, one.dataset) == (cell.system, cell.dataset)]
    assert part.checks[0].detail.startswith("quick rows=")


def test_each_run_is_verified_on_its_own(moved: Path) -> None:
    fill(moved / "one.db", "dossier", [dossier("late")])
    moved_by(moved, "later.json")
    assert [verified(moved, plan=name).state for name in ("plan.json", "later.json")] == ["equal", "equal"]
    run_sql(moved / "platform.db", "UPDATE p_dossier SET note = 'x' WHERE number = 'late'")
    assert verified(moved).state == "equal"
    assert found(verified(moved, plan="later.json")) == [("one", "dossiers", "d-late", "note", "changed")]


def test_the_result_is_kept_with_the_run(moved: Path) -> None:
    (run,) = api.runs(moved / "job.yaml")
    assert run.verified == ""
    verified(moved)
    (run,) = api.runs(moved / "job.yaml")
    assert run.verified == "equal"
    assert api.audit_export(moved / "job.yaml")[-1].action == "verified"


def test_a_plan_that_was_not_run_cannot_be_verified(ready: Path) -> None:
    with pytest.raises(Refused, match=r"the plan .*plan\.json has not been run; nothing was changed"):
        verified(ready)


@pytest.mark.usefixtures("moved")
def test_a_run_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="nowhere is neither a file nor a run known on this machine"):
        api.verify("nowhere", False, False, quiet)


def test_a_run_is_found_by_plan_run_file_and_id(moved: Path) -> None:
    (run,) = api.runs(moved / "job.yaml")
    for given in (moved / "plan.json", moved / "plan.run.json", run.run):
        assert api.verify(str(given), True, False, quiet).state == "equal"


def test_columns_of_the_target_that_keep_numbers_as_text_are_equal(worlds: Worlds) -> None:
    here = worlds.restore("standard")
    changed(here / "source.yaml", "      amount: amount\n", "      remark: amount\n")
    moved_by(here)
    assert ask_sql(here / "platform.db", "SELECT remark FROM p_dossier WHERE number = 'works'") == [("12.5",)]
    assert verified(here).state == "equal"
