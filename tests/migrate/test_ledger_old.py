"""Ledgers that released versions made, kept in `ledgers/<version>/` with the world that they are of."""

import shutil
from pathlib import Path

import pytest

from merger.approval import trail
from merger.errors import Refused
from merger.migrate import api
from merger.migrate.finding import Found
from merger.migrate.ledger import upgrade
from tests.migrate.world import ask_sql, dossier, fill, make_people, planned, quiet, run_sql, unsigned

KEPT = Path(__file__).parent / "ledgers"
VERSIONS = sorted(one.name for one in KEPT.iterdir())
ROWS = "SELECT dataset_id, source_key, target_key, hex(row_hash), merged, run, batch FROM merger_row"


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A world with a ledger of a released version, in a folder of its own."""
    return Path(shutil.copytree(KEPT / request.param, tmp_path / "world"))


def asked(old: Path) -> tuple[object, ...]:
    """What a person asks of a ledger."""
    (run,) = api.runs(old / "job.yaml")
    found = [api.find(old / "job.yaml", key) for key in ("d-east", "east")]
    return run.run, run.kind, run.state, run.started, run.seconds, run.verified, found


def test_every_version_of_the_ledger_is_kept_for_this_test() -> None:
    assert VERSIONS == ["0001"]


def test_an_old_ledger_answers_as_before_when_it_is_upgraded(old: Path) -> None:
    platform = old / "platform.db"
    rows, before = sorted(ask_sql(platform, ROWS)), asked(old)
    assert len(rows) == 87
    upgrade(platform)
    assert sorted(ask_sql(platform, ROWS)) == rows
    assert asked(old) == before
    (found,) = api.find(old / "job.yaml", "d-east")
    assert isinstance(found, Found)
    assert (found.system, found.state, found.holder) == ("two", "moved", "Z01.104")
    assert ask_sql(platform, "SELECT DISTINCT state, changed_by FROM merger_row") == [("moved", None)]
    assert ask_sql(platform, "SELECT DISTINCT typeof(target_key), typeof(source_key) FROM merger_row") == [
        ("integer", "text")
    ]
    assert ask_sql(platform, "PRAGMA foreign_key_check") == []
    assert ask_sql(platform, "PRAGMA foreign_key_list(merger_row)") == []


def test_an_upgraded_ledger_is_verified_by_source_and_target(old: Path) -> None:
    upgrade(old / "platform.db")
    found = api.verify(str(old / "plan.json"), False, False, quiet)
    assert (found.state, found.differences) == ("equal", ())
    records = api.audit_export(old / "job.yaml")
    assert records[-1].action == "verified"
    assert trail.verify(records) is None


def test_a_ledger_that_was_not_upgraded_yet_can_be_verified_and_planned_on(old: Path) -> None:
    assert api.verify(str(old / "plan.json"), False, False, quiet).state == "equal"
    later = unsigned(old, name="later.json")
    assert (later.kind, {one.to_move for one in later.datasets}) == ("catch-up", {0})
    assert sum(one.excluded["already-moved"] for one in later.datasets) == 87
    assert ask_sql(old / "platform.db", "SELECT version_num FROM merger_version") == [("0001",)]


def test_hashes_of_an_earlier_form_are_said_to_be_of_no_more_use(old: Path) -> None:
    with pytest.raises(
        Refused, match=r"hashed by an earlier version.*nothing was changed.*without `--quick`"
    ):
        api.verify(str(old / "plan.json"), True, False, quiet)
    with pytest.raises(Refused, match=r"hashed by an earlier version.*nothing was changed.*backup"):
        api.rollback(str(old / "plan.json"), quiet)


def test_a_run_that_an_earlier_version_began_is_not_gone_on_with(old: Path) -> None:
    run_sql(old / "platform.db", "UPDATE merger_run SET state = 'running'")
    with pytest.raises(Refused, match=r"begun by an earlier version.*nothing was changed.*a new plan"):
        api.apply(old / "plan.json", 1, quiet)


def test_rows_that_an_earlier_version_moved_are_caught_up_with_only_where_both_sides_agree(old: Path) -> None:
    (old / "trust.json").unlink()
    make_people(old)
    run_sql(old / "one.db", "UPDATE dossier SET note = 'later' WHERE id = 'd-works'")
    fill(old / "one.db", "dossier", [dossier("later")])
    path = planned(old, name="later.json")
    api.apply(path, 1, quiet)
    part = next(
        one for one in api.load_plan(path).datasets if (one.system, one.dataset) == ("one", "dossiers")
    )
    assert (part.to_move, part.to_update) == (1, 0)
    assert part.held_by_reason["changed-on-both-sides"] == 1
    assert [(one.key, one.why) for one in part.exceptions if one.why == "changed-on-both-sides"] == [
        ("d-works", "changed-on-both-sides")
    ]
    asked = "SELECT hash_form FROM merger_run ORDER BY started"
    assert ask_sql(old / "platform.db", asked) == [(1,), (2,)]
    assert api.verify(str(path), True, False, quiet).state == "equal"


def test_the_batches_of_an_old_ledger_are_done_and_numbered(old: Path) -> None:
    upgrade(old / "platform.db")
    batches = ask_sql(
        old / "platform.db", "SELECT run, dataset_id, number, state, rows FROM merger_batch ORDER BY id"
    )
    assert {state for _, _, _, state, _ in batches} == {"done"}
    seen: dict[object, int] = {}
    for _, dataset, number, _, rows in batches:
        seen[dataset] = seen.get(dataset, 0) + 1
        assert number == seen[dataset]
        assert rows > 0
    assert max(seen.values()) > 1
