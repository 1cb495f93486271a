"""A ledger that somebody wrote into is told, and hides nothing from a verification."""

from pathlib import Path

import pytest

from merger.errors import Refused
from merger.migrate import api, verifying
from merger.migrate.model import Verification
from tests.migrate.world import ask_sql, dossier, fill, moved_by, quiet, run_sql

DOSSIERS = "dataset_id = (SELECT id FROM merger_dataset WHERE system = 'one' AND dataset = 'dossiers')"
KEY = "d-people-divided"


def verified(world: Path, *, quick: bool = False, plan: str = "plan.json") -> Verification:
    return api.verify(str(world / plan), quick, False, quiet)


def check(told: Verification, code: str, dataset: str = "dossiers") -> str:
    (one,) = [one for one in told.datasets if (one.system, one.dataset) == ("one", dataset)]
    return next(f"{check.state}: {check.detail}" for check in one.checks if check.code == code)


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        (f"UPDATE merger_row SET run = 'other' WHERE {DOSSIERS} AND source_key = '{KEY}'", 2),
        (f"UPDATE merger_row SET merged = 1 WHERE {DOSSIERS} AND source_key = '{KEY}'", 2),
        (f"UPDATE merger_row SET state = 'odd' WHERE {DOSSIERS} AND source_key = '{KEY}'", 1),
        (f"UPDATE merger_row SET state = 'withdrawn' WHERE {DOSSIERS} AND source_key = '{KEY}'", 1),
        (f"DELETE FROM merger_row WHERE {DOSSIERS} AND source_key = '{KEY}'", 1),
        ("INSERT INTO merger_row SELECT dataset_id, 'd-land-divided', target_key, row_hash, merged, run,"
         f" batch, state, changed_by FROM merger_row WHERE {DOSSIERS} AND source_key = '{KEY}'", 1),
        (f"UPDATE merger_batch SET rows = rows - 1 WHERE {DOSSIERS}", 4),
        (f"UPDATE merger_batch SET state = 'planned' WHERE {DOSSIERS}", 27),
    ],
)  # fmt: skip
def test_rows_of_the_ledger_that_its_batches_do_not_tell_of_are_counted(
    moved: Path, statement: str, wrong: int
) -> None:
    run_sql(moved / "platform.db", statement)
    for quick in (False, True):
        told = verified(moved, quick=quick)
        assert told.state == "different"
        assert check(told, "entries").startswith("failed: entries rows=2")
        assert check(told, "entries").endswith(f"wrong={wrong}")


def test_the_ledgers_rows_are_those_of_its_batches(moved: Path) -> None:
    for quick in (False, True):
        assert check(verified(moved, quick=quick), "entries") == "ok: entries rows=27 wrong=0"


def test_a_row_that_the_ledger_gives_to_a_run_that_is_none_is_found_all_the_same(moved: Path) -> None:
    run_sql(
        moved / "platform.db",
        f"UPDATE merger_row SET run = 'other' WHERE {DOSSIERS} AND source_key = '{KEY}'",
        "UPDATE p_dossier SET owner = 'bent' WHERE number = 'people-divided'",
    )
    assert [(one.key, one.column) for one in verified(moved).differences] == [(KEY, "owner")]
    assert [one.key for one in verified(moved, quick=True).differences] == [KEY]


def test_a_plan_that_was_written_into_the_ledger_is_refused(moved: Path) -> None:
    platform = moved / "platform.db"
    ((run, plan),) = ask_sql(platform, "SELECT id, plan FROM merger_run")
    bent = bytes(plan).replace(b"10003", b"10004")  # type: ignore[call-overload]
    assert bent != plan
    run_sql(platform, f"UPDATE merger_run SET plan = x'{bent.hex()}'")
    with pytest.raises(
        Refused, match=f"copy of the plan of run {run} is not the plan that the run was begun"
    ):
        verified(moved)
    digest = "(SELECT hex(zeroblob(32)))"
    run_sql(platform, f"UPDATE merger_run SET plan = x'{bytes(plan).hex()}', plan_sha256 = {digest}")  # type: ignore[call-overload]
    with pytest.raises(Refused, match="is not the plan that the run was begun with"):
        api.verify(str(run), False, False, quiet)


def test_a_ledger_of_a_later_version_is_not_read(moved: Path) -> None:
    run_sql(moved / "platform.db", "UPDATE merger_version SET version_num = '9999'")
    with pytest.raises(Refused, match="made by a later version of this program; nothing was changed"):
        verified(moved)
    with pytest.raises(Refused, match="made by a later version of this program; nothing was changed"):
        api.find(moved / "job.yaml", KEY)


def test_differences_of_a_run_are_told_though_many_more_are_of_another(
    moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "SHOWN", 2)
    fill(moved / "one.db", "dossier", [dossier("late")])
    moved_by(moved, "later.json")
    run_sql(moved / "platform.db", "UPDATE p_dossier SET note = 'x'")
    for quick in (False, True):
        told = verified(moved, quick=quick, plan="later.json")
        assert [one.key for one in told.differences] == ["d-late"]


def test_that_more_rows_differ_than_are_told_is_said(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "SHOWN", 2)
    run_sql(moved / "platform.db", "UPDATE p_dossier SET note = 'x', owner = 'y' WHERE number <> 'platform'")
    told = verified(moved)
    rows = len(ask_sql(moved / "platform.db", f"SELECT 1 FROM merger_row WHERE {DOSSIERS}"))
    assert check(told, "cells") == f"failed: cells-more rows={rows} differences=2 differing={rows}"
    assert check(verified(moved, quick=True), "ledger-hash") == (
        f"failed: quick-more rows={rows} differences=2 differing={rows}"
    )
