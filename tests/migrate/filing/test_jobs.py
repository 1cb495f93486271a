"""A job whose rows name files: they are planned, moved, proved and taken out with their rows."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from merger.cli.run import run
from merger.errors import Refused
from merger.migrate import api
from merger.migrate.campaign import Campaign
from merger.migrate.failpoints import FILES
from merger.migrate.filing.model import digest
from merger.migrate.filing.shared import Staying
from merger.migrate.model import FileNote
from merger.migrate.results import RunResult
from merger.migrate.rolling_back import RollbackResult
from merger.report.write import render
from merger.systems.files import StoreFailed
from merger.systems.stores import open_target
from merger.testing import Trial, trial_of_copy
from merger.testing.suite.apart import trial_apart
from tests.migrate.filing.job_world import (
    MISSING,
    SHORT,
    THERE,
    Prepare,
    catch_up,
    content_of,
    files_in,
    key_of,
    moved_files,
    put,
)
from tests.migrate.test_faults import killed_at
from tests.migrate.world import ask_sql, changed, platform, quiet, run_sql, sign_by

COPYING = ["before-file-begun", "after-file-begun:2", "before-file-write:5", "in-file:3",
           "after-file-write:7", "before-file-rename:9", "after-file-rename:4", "before-file-ended",
           "after-file-ended"]  # fmt: skip
REMOVING = ["before-file-removed:3", "after-file-removed:3", "before-file-forgotten", "after-file-forgotten"]
HELD = [("one", "files", "4", "missing"), ("one", "files", "5", "other-size")]


def told(notes: tuple[FileNote, ...]) -> list[tuple[str, str, str, str]]:
    return sorted((one.system, one.dataset, one.key, one.code) for one in notes)


def counts(result: RunResult) -> dict[str, tuple[int, int, int, int]]:
    return {one.system: (one.named, one.copied, one.already, one.held) for one in result.files}


def verified(world: Path, *, quick: bool = False) -> tuple[str, dict[str, str], tuple[FileNote, ...]]:
    """The state, the checks of files by system, and what is told of files."""
    found = api.verify(str(world / "plan.json"), quick, False, quiet)
    checks = {
        one.system: check.detail for one in found.datasets for check in one.checks if check.code == "files"
    }
    return found.state, checks, found.files


def rolled_back(world: Path) -> RollbackResult:
    with pytest.raises(Refused, match="what would be taken out"):
        api.rollback(str(world / "plan.json"), quiet)
    sign_by(world, world / "plan.rollback.json", "one", "two")
    return api.rollback(str(world / "plan.json"), quiet)


def copied_bytes(system: str) -> int:
    """How many bytes a run copies of a system's files."""
    names = [name for name in moved_files() if name.startswith(f"{system}/") and name != f"one/{THERE}"]
    return sum(len(moved_files()[name]) for name in names)


def file_rows(world: Path) -> list[tuple[object, ...]]:
    return ask_sql(
        world / "platform.db",
        "SELECT dataset_id, source_key, path_sha256, target_sha256, size, sha256, copied, state, why"
        " FROM merger_file ORDER BY 1, 2",
    )


def test_every_failpoint_of_files_is_tried() -> None:
    assert {one.partition(":")[0] for one in (*COPYING, *REMOVING)} == set(FILES)


def test_a_plan_counts_the_files_that_its_rows_name(file_world: Prepare) -> None:
    plan = api.load_plan(file_world("planned") / "plan.json")
    counted = {one.system: one.files for one in plan.datasets if one.files}
    assert counted == {"one": 20, "two": 15}
    assert {one.dataset for one in plan.datasets if one.files} == {"files"}


def test_a_run_moves_the_files_of_its_rows_and_names_those_that_it_holds(file_world: Prepare) -> None:
    world = file_world("planned")
    result = api.apply(world / "plan.json", 1, quiet)
    assert counts(result) == {"one": (20, 17, 1, 2), "two": (15, 15, 0, 0)}
    assert told(result.file_notes) == HELD
    assert files_in(world / "new") == moved_files()
    assert [row[7:] for row in file_rows(world) if row[7] != "done"] == [
        ("held", "missing"), ("held", "other-size"), ("there", "")
    ]  # fmt: skip
    assert ask_sql(world / "platform.db", "SELECT count(*) FROM p_file WHERE path LIKE 'one/%'") == [(20,)]


def test_moved_files_are_proved_and_one_that_was_changed_is_found(file_world: Prepare) -> None:
    world = file_world("moved")
    state, checks, notes = verified(world)
    assert (state, told(notes)) == ("equal", HELD)
    assert checks == {
        "one": "files named=20 equal=18 held=2 differences=0",
        "two": "files named=15 equal=15 held=0 differences=0",
    }
    target = world / "new" / "two" / "a" / "7.pdf"
    target.write_bytes(target.read_bytes()[:-1] + b"!")
    (world / "new" / "two" / "a" / "8.pdf").unlink()
    state, checks, notes = verified(world)
    assert (state, checks["two"]) == ("different", "files named=15 equal=13 held=0 differences=2")
    assert [(one.code, one.what) for one in notes if one.system == "two"] == [
        ("changed-there", "different"), ("gone-there", "different")
    ]  # fmt: skip


def test_a_quick_verification_compares_sizes(file_world: Prepare) -> None:
    world = file_world("moved")
    target = world / "new" / "two" / "a" / "7.pdf"
    target.write_bytes(target.read_bytes()[:-1] + b"!")
    assert verified(world, quick=True)[0] == "equal"
    target.write_bytes(b"short")
    state, checks, _ = verified(world, quick=True)
    assert (state, checks["two"]) == ("different", "files-sizes named=15 equal=14 held=0 differences=1")


def test_a_file_that_was_put_right_is_moved_by_the_same_apply(file_world: Prepare) -> None:
    world = file_world("moved")
    put(world / "old-one", MISSING, content_of("one", MISSING))
    again = api.apply(world / "plan.json", 1, quiet)
    assert again.state == "already"
    assert counts(again) == {"one": (20, 1, 18, 1), "two": (15, 0, 15, 0)}
    assert told(again.file_notes) == HELD[1:]
    put(world / "old-one", SHORT, content_of("one", SHORT))
    assert counts(api.apply(world / "plan.json", 1, quiet))["one"] == (20, 1, 19, 0)
    assert api.apply(world / "plan.json", 1, quiet).files == ()
    assert verified(world)[0] == "equal"


@pytest.mark.faults
@pytest.mark.parametrize("failpoint", COPYING)
def test_a_run_killed_while_it_copies_ends_like_one_that_was_not(file_world: Prepare, failpoint: str) -> None:
    whole = file_rows(file_world("moved"))
    world = file_world("planned")
    killed_at(failpoint, lambda: api.apply(world / "plan.json", 1, quiet))
    assert api.apply(world / "plan.json", 1, quiet).state == "done"
    assert files_in(world / "new") == moved_files()
    assert file_rows(world) == whole


def test_a_roll_back_takes_the_files_out_after_their_rows(file_world: Prepare) -> None:
    before = platform(file_world("planned"))
    world = file_world("moved")
    result = rolled_back(world)
    assert {one.system: (one.removed, one.kept) for one in result.files} == {"one": (17, 0), "two": (15, 0)}
    assert files_in(world / "new") == {f"one/{THERE}": content_of("one", THERE)}
    assert platform(world) == before
    assert file_rows(world) == []


def test_a_roll_back_keeps_files_that_were_changed_and_those_of_rows_that_stay(file_world: Prepare) -> None:
    world = file_world("moved")
    put(world / "new", "two/a/1.pdf", b"somebody else's")
    run_sql(world / "platform.db", "UPDATE p_file SET content = 'x' WHERE path = 'two/a/2.pdf'")
    result = rolled_back(world)
    assert {one.system: (one.removed, one.kept) for one in result.files} == {"one": (17, 0), "two": (13, 1)}
    assert told(result.file_notes) == [("two", "files", key_of(world, "two", "a/1.pdf"), "kept-changed")]
    assert result.kept_files == 1
    assert set(files_in(world / "new")) == {f"one/{THERE}", "two/a/1.pdf", "two/a/2.pdf"}


def test_the_target_is_asked_which_files_its_rows_name(file_world: Prepare) -> None:
    campaign = Campaign(file_world("moved") / "job.yaml")
    own, moved, other = map(digest, ("own/a.pdf", "two/a/1.pdf", "two/a/1.PDF"))
    with open_target(campaign.target.database, write=False) as target, Staying(campaign, target) as staying:
        assert staying.among([own, moved, other]) == {own, moved}


def test_what_was_held_is_forgotten_once_no_row_names_it(file_world: Prepare) -> None:
    world = file_world("moved")
    put(world / "old-one", "b/3.pdf", content_of("one", "b/3.pdf"))
    run_sql(world / "one.db", f"UPDATE file SET path = 'b/3.pdf', size = NULL WHERE path = '{MISSING}'")
    run_sql(world / "one.db", f"DELETE FROM file WHERE path = '{SHORT}'")
    result = catch_up(world)
    assert counts(result)["one"] == (1, 1, 0, 0)
    assert [row for row in file_rows(world) if row[7] == "held"] == []
    assert api.apply(world / "plan.json", 1, quiet).files == ()


def test_a_roll_back_looks_for_its_stores_before_it_takes_rows_out(file_world: Prepare) -> None:
    world = file_world("moved")
    with pytest.raises(Refused):
        api.rollback(str(world / "plan.json"), quiet)
    sign_by(world, world / "plan.rollback.json", "one", "two")
    (world / "old-one").rename(world / "elsewhere")
    before = platform(world)
    with pytest.raises(StoreFailed, match="the place where the files of one should be is not there"):
        api.rollback(str(world / "plan.json"), quiet)
    assert platform(world) == before


def test_a_roll_back_tells_of_files_that_the_source_no_longer_names(file_world: Prepare) -> None:
    world = file_world("moved")
    key = key_of(world, "two", "a/1.pdf")
    run_sql(world / "two.db", "DELETE FROM file WHERE path = 'a/1.pdf'")
    result = rolled_back(world)
    assert told(result.file_notes) == [("two", "files", key, "kept-unnamed")]
    assert set(files_in(world / "new")) == {f"one/{THERE}", "two/a/1.pdf"}


@pytest.mark.faults
@pytest.mark.parametrize("failpoint", REMOVING)
def test_a_roll_back_killed_while_it_takes_files_out_is_gone_on_with(
    file_world: Prepare, failpoint: str
) -> None:
    world = file_world("moved")
    with pytest.raises(Refused):
        api.rollback(str(world / "plan.json"), quiet)
    sign_by(world, world / "plan.rollback.json", "one", "two")
    killed_at(failpoint, lambda: api.rollback(str(world / "plan.json"), quiet))
    assert api.rollback(str(world / "plan.json"), quiet).state == "done"
    assert files_in(world / "new") == {f"one/{THERE}": content_of("one", THERE)}
    assert file_rows(world) == []


def test_a_catch_up_moves_the_files_of_new_and_changed_rows_and_tells_what_is_left(
    file_world: Prepare,
) -> None:
    world = file_world("moved")
    for name in ("b/new.pdf", "b/other.pdf"):
        put(world / "old-two", name, content_of("two", name))
    renamed, gone = key_of(world, "two", "a/1.pdf"), key_of(world, "two", "a/2.pdf")
    run_sql(
        world / "two.db",
        "INSERT INTO file (number, path) VALUES ('Z02.05-250505-0003', 'b/new.pdf')",
        "UPDATE file SET path = 'b/other.pdf', size = NULL WHERE path = 'a/1.pdf'",
        "DELETE FROM file WHERE path = 'a/2.pdf'",
    )
    result = catch_up(world)
    plan = api.load_plan(world / "later.json")
    assert {one.system: one.files for one in plan.datasets if one.dataset == "files"} == {"one": 0, "two": 2}
    assert counts(result)["two"] == (2, 2, 0, 0)
    assert told(result.file_notes) == sorted(
        [("two", "files", renamed, "left"), ("two", "files", gone, "left")]
    )
    new = {f"two/{name}": content_of("two", name) for name in ("b/new.pdf", "b/other.pdf")}
    assert files_in(world / "new") == moved_files() | new
    found = api.verify(str(world / "later.json"), False, False, quiet)
    assert (found.state, found.files) == ("equal", ())


def test_a_store_that_does_not_answer_is_told_before_anything_is_moved(file_world: Prepare) -> None:
    world = file_world("planned")
    (world / "new").rename(world / "elsewhere")
    with pytest.raises(StoreFailed, match="the place where the files of platform should be is not there"):
        api.apply(world / "plan.json", 1, quiet)
    assert ask_sql(world / "platform.db", "SELECT count(*) FROM p_file") == [(1,)]
    failed = [
        one.detail for one in api.check(world / "job.yaml") if one.code == "files" and one.state == "failed"
    ]
    assert [one.partition(":")[0] for one in failed] == ["platform"]
    (world / "elsewhere").rename(world / "new")
    assert api.apply(world / "plan.json", 1, quiet).state == "done"


def test_a_check_says_which_stores_answer_and_what_nobody_moves(file_world: Prepare) -> None:
    world = file_world("standard")
    found = [(one.state, one.detail) for one in api.check(world / "job.yaml") if one.code == "files"]
    assert found == [("ok", "one"), ("ok", "two"), ("ok", "platform")]
    changed(
        world / "job.yaml", "database: {path: two.db}, files: {path: 'old-two'}", "database: {path: two.db}"
    )
    found = [(one.state, one.detail) for one in api.check(world / "job.yaml") if one.code == "files"]
    assert found[:2] == [("ok", "one"), ("ok", "platform")]
    assert found[2] == (
        "not-run",
        "the rows of two name files, but the job does not say where the files of two are; only rows are"
        " moved",
    )


def test_the_command_line_tells_of_files(file_world: Prepare, capsys: pytest.CaptureFixture[str]) -> None:
    world = file_world("planned")
    plan = str(world / "plan.json")
    assert run(["--lang", "en", "show", plan]) == 0
    assert "files to copy: 35, named by 2 datasets" in capsys.readouterr().out
    assert run(["--lang", "en", "apply", plan, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"][0] == {
        "system": "one", "dataset": "files", "named": 20, "copied": 17, "bytes": copied_bytes("one"),
        "already": 1, "held": 2, "left": 0, "unguarded": 0,
    }  # fmt: skip
    assert told["file_notes"][0] == {"system": "one", "dataset": "files", "key": "4", "code": "missing",
                                     "fields": {}, "what": "held"}  # fmt: skip
    assert run(["--lang", "en", "apply", plan]) == 0
    out = capsys.readouterr().out
    assert "one/files/4: the file is not there" in out
    assert "one/files/5: the file is not as large as the database says" in out
    (world / "new" / "two" / "a" / "7.pdf").unlink()
    assert run(["--lang", "en", "verify", plan]) == 1
    out = capsys.readouterr().out
    assert "two/files/8: the file is no longer in the target" in out
    assert "15 files named, 14 equal by size and SHA-256, 0 held, 1 differ" in out
    assert "source and target differ in 1 places" in out
    assert run(["--lang", "en", "report", plan, "--out", str(world / "report.json")]) == 0
    assert json.loads((world / "report.json").read_text("utf-8"))["files"][0] == {
        "system": "one", "dataset": "files", "copied": 17, "bytes": copied_bytes("one"),
        "there": 1, "held": 2, "waiting": 0,
        "held_by_reason": {"missing": 1, "other-size": 1},
    }  # fmt: skip


@pytest.mark.parametrize("suffix", [".html", ".xlsx"])
def test_a_report_shows_the_files(file_world: Prepare, suffix: str) -> None:
    world = file_world("moved")
    content = render(api.summary(str(world / "plan.json")), suffix, "en")
    if suffix == ".html":
        text = content.decode()
        assert "These rows name 35 files that are copied with them." in text
        assert (
            "<td>the file is not as large as the database says: 1; the file is not there: 1</td>" in text
            or ("<td>the file is not there: 1; the file is not as large as the database says: 1</td>" in text)
        )
        return
    sheet = load_workbook(BytesIO(content))["Files"]
    assert [cell.value for cell in list(sheet.rows)[2]][:7] == [
        "two",
        "files",
        15,
        copied_bytes("two"),
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("copied", [trial_of_copy, trial_apart])
def test_a_trial_names_no_file_stores(
    file_world: Prepare, copied: Callable[[Path], AbstractContextManager[Trial]]
) -> None:
    with copied(file_world("standard") / "job.yaml") as trial:
        job = trial.campaign.job
        assert [one.files for one in (job.target, *job.sources)] == [None, None, None]
