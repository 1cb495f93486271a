import json
from pathlib import Path

import pytest

from merger.approval import trail
from merger.errors import Refused
from merger.migrate import api
from merger.migrate.rolling_back import RollbackResult
from tests.migrate.conftest import Worlds
from tests.migrate.world import ask_sql, dossier, fill, moved_by, planned, platform, quiet, run_sql, sign_by

FILE = "plan.rollback.json"


def signed(folder: Path, name: str = "plan.json") -> None:
    """Asks for the roll-back of a run, which writes its file, and signs that."""
    with pytest.raises(Refused):
        api.rollback(str(folder / name), quiet)
    sign_by(folder, folder / name.replace(".json", ".rollback.json"), "one", "two")


def rolled_back(folder: Path, name: str = "plan.json") -> RollbackResult:
    signed(folder, name)
    return api.rollback(str(folder / name), quiet)


def test_the_platform_is_as_it_was_row_for_row_with_its_counters(worlds: Worlds) -> None:
    before = platform(worlds.restore("planned"))
    here = worlds.restore("moved")
    assert platform(here) != before
    result = rolled_back(here)
    assert (result.state, result.removed, result.kept_rows) == ("done", 85, 0)
    assert platform(here) == before
    assert ask_sql(here / "platform.db", "SELECT count(*) FROM merger_row") == [(0,)]
    sequences = dict(
        ask_sql(here / "platform.db", "SELECT name, seq FROM sqlite_sequence WHERE name LIKE 'p_%'")
    )
    assert sequences == {"p_officer": 1, "p_applicant": 1, "p_file": 1}


def test_the_first_call_writes_what_would_be_taken_out_and_changes_nothing(moved: Path) -> None:
    before = platform(moved)
    with pytest.raises(
        Refused, match=r"plan\.rollback\.json says what would be taken out; nothing was changed"
    ) as told:
        api.rollback(str(moved / "plan.json"), quiet)
    assert "signed by 2 people" in str(told.value)
    assert platform(moved) == before
    written = json.loads((moved / FILE).read_text("utf-8"))
    assert written["rows"]["one/dossiers"] == 27
    assert sum(written["rows"].values()) == 87


def test_one_signature_is_not_enough(moved: Path) -> None:
    with pytest.raises(Refused):
        api.rollback(str(moved / "plan.json"), quiet)
    sign_by(moved, moved / FILE, "one")
    before = platform(moved)
    with pytest.raises(Refused, match="1 of 2 needed signatures count"):
        api.rollback(str(moved / "plan.json"), quiet)
    assert platform(moved) == before


def test_the_approvals_of_the_plan_do_not_allow_its_roll_back(moved: Path) -> None:
    with pytest.raises(Refused):
        api.rollback(str(moved / "plan.json"), quiet)
    for one in moved.glob("plan.json.*.sig.json"):
        (moved / one.name.replace("plan.json", FILE)).write_bytes(one.read_bytes())
    with pytest.raises(Refused, match="0 of 2"):
        api.rollback(str(moved / "plan.json"), quiet)


def test_a_roll_back_file_that_was_changed_is_refused(moved: Path) -> None:
    signed(moved)
    path = moved / FILE
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Refused, match="signed other content"):
        api.rollback(str(moved / "plan.json"), quiet)


def test_the_roll_back_file_of_another_run_is_refused(moved: Path) -> None:
    signed(moved)
    written = json.loads((moved / FILE).read_text("utf-8"))
    (moved / FILE).write_text(json.dumps(written | {"run": "another"}), encoding="utf-8")
    with pytest.raises(Refused, match="allows the roll-back of another run; nothing was changed"):
        api.rollback(str(moved / "plan.json"), quiet)


def test_rolling_back_again_says_already(moved: Path) -> None:
    rolled_back(moved)
    before = platform(moved)
    assert api.rollback(str(moved / "plan.json"), quiet).state == "already"
    assert platform(moved) == before
    assert [one.state for one in api.runs(moved / "job.yaml")] == ["rolled-back"]


def test_a_row_that_someone_changed_is_kept_and_told(moved: Path) -> None:
    run_sql(moved / "platform.db", "UPDATE p_dossier SET note = 'works on it' WHERE number = 'works'")
    result = rolled_back(moved)
    assert [(one.system, one.dataset, one.key, one.kind) for one in result.kept] == [
        ("one", "dossiers", "d-works", "changed")
    ]
    left = ask_sql(moved / "platform.db", "SELECT number, note FROM p_dossier WHERE id > 7")
    assert left == [("works", "works on it")]


def test_a_column_that_the_run_did_not_fill_may_have_changed(moved: Path) -> None:
    run_sql(moved / "platform.db", "UPDATE p_dossier SET remark = 'seen' WHERE number = 'works'")
    assert rolled_back(moved).kept_rows == 0


def test_what_an_own_new_row_refers_to_is_kept_up_to_the_person(moved: Path) -> None:
    ((key, person),) = ask_sql(
        moved / "platform.db", "SELECT id, applicantId FROM p_dossier WHERE number = 'Z02.05-250505-0003'"
    )
    assert person is not None
    run_sql(moved / "platform.db", f"INSERT INTO p_file (dossierId, path) VALUES ({key}, 'new.pdf')")
    result = rolled_back(moved)
    kept = {(one.system, one.dataset, one.key) for one in result.kept}
    assert ("two", "dossiers", "d-Z02.05-250505-0003") in kept
    assert {dataset for _, dataset, _ in kept} == {"dossiers", "citizens"}
    assert ask_sql(moved / "platform.db", "SELECT d.id FROM p_file f JOIN p_dossier d ON d.id = f.dossierId"
                   " WHERE f.path = 'new.pdf'") == [(key,)]  # fmt: skip
    there = "SELECT id FROM p_applicant"
    broken = f"SELECT * FROM p_dossier WHERE applicantId IS NOT NULL AND applicantId NOT IN ({there})"
    assert ask_sql(moved / "platform.db", broken) == []


def test_the_platforms_own_rows_and_what_it_gave_out_since_stay(moved: Path) -> None:
    run_sql(
        moved / "platform.db",
        "UPDATE counter SET current = current + 1 WHERE name = 'dossier'",
        "INSERT INTO p_dossier (id, number) SELECT current, 'own-new' FROM counter WHERE name = 'dossier'",
    )
    ((current,),) = ask_sql(moved / "platform.db", "SELECT current FROM counter")
    assert rolled_back(moved).kept_rows == 0
    assert ask_sql(moved / "platform.db", "SELECT current FROM counter") == [(current,)]
    assert ask_sql(moved / "platform.db", "SELECT number FROM p_dossier ORDER BY id") == [
        ("Z01.101-250702-0001",), ("own-new",),
    ]  # fmt: skip


def test_the_rows_can_be_moved_again_by_a_new_plan(worlds: Worlds) -> None:
    whole = platform(worlds.restore("moved"))
    here = worlds.restore("moved")
    rolled_back(here)
    path = planned(here, name="again.json")
    result = api.apply(path, 1, quiet)
    assert sum(one.moved for one in result.datasets) == 87
    assert platform(here) == whole
    assert api.verify(str(path), False, False, quiet).state == "equal"


def test_a_plan_that_was_rolled_back_is_not_run_again(moved: Path) -> None:
    rolled_back(moved)
    before = platform(moved)
    with pytest.raises(Refused, match=r"plan\.json was run before and that run, .*, was rolled back") as told:
        api.apply(moved / "plan.json", 1, quiet)
    assert told.value.exit_code == 3
    sign_by(moved, moved / "plan.json", "one", "two")
    with pytest.raises(Refused, match="the approvals of a plan serve once"):
        api.apply(moved / "plan.json", 1, quiet)
    assert platform(moved) == before


def test_only_the_rows_of_the_run_are_taken_out(moved: Path) -> None:
    first = platform(moved)
    fill(moved / "one.db", "dossier", [dossier("late")])
    fill(moved / "one.db", "file", [{"number": "Z01.05-250505-0001", "path": "late.pdf", "content": None}])
    moved_by(moved, "later.json")
    result = rolled_back(moved, "later.json")
    assert (result.removed, result.kept_rows) == (2, 0)
    assert platform(moved) == first
    told = api.verify(str(moved / "plan.json"), False, False, quiet)
    assert [(one.dataset, one.kind) for one in told.differences] == [
        ("dossiers", "missing"),
        ("files", "missing"),
    ]


def test_rows_of_an_earlier_run_that_a_later_one_refers_to_are_kept(moved: Path) -> None:
    fill(moved / "one.db", "file", [{"number": "Z01.05-250505-0001", "path": "late.pdf", "content": None}])
    moved_by(moved, "later.json")
    result = rolled_back(moved)
    assert ("one", "dossiers", "d-Z01.05-250505-0001") in {
        (one.system, one.dataset, one.key) for one in result.kept
    }


def test_the_trail_tells_of_the_roll_back(moved: Path) -> None:
    rolled_back(moved)
    actions = [one.action for one in api.audit_export(moved / "job.yaml")]
    assert actions == ["run-started", "run-done", "rollback-started", "rollback-done"]
    assert trail.verify(api.audit_export(moved / "job.yaml")) is None
    used = ask_sql(
        moved / "platform.db", "SELECT action, count(*) FROM merger_approval GROUP BY 1 ORDER BY 1"
    )
    assert used == [("apply", 2), ("rollback", 2)]
