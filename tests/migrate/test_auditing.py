"""Whether the trail in the ledger was bent, cut off or written anew."""

import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from merger.approval import trail, trail_text
from merger.approval.trail import Bend, Bent, Record, anchor, next_record
from merger.migrate import api, auditing
from merger.migrate.campaign import Campaign
from merger.migrate.workbench import Workbench
from merger.testing.campaigns.trail_tampering import single_changes
from tests.migrate.world import ask_sql, quiet, run_sql


def test_a_whole_trail_holds_its_anchors(moved: Path) -> None:
    kept = api.anchor(moved / "job.yaml")
    assert kept == anchor(api.audit_export(moved / "job.yaml"))
    api.verify(str(moved / "plan.json"), False, False, quiet)
    assert api.anchor(moved / "job.yaml").seq == kept.seq + 1
    assert api.audit(moved / "job.yaml") is None
    assert api.audit(moved / "job.yaml", kept, api.anchor(moved / "job.yaml")) is None


def test_a_job_without_a_ledger_has_an_empty_trail(standard: Path) -> None:
    assert api.audit(standard / "job.yaml") is None
    assert api.anchor(standard / "job.yaml").seq == 0


def test_records_cut_off_are_noticed_by_an_anchor(moved: Path) -> None:
    api.verify(str(moved / "plan.json"), False, False, quiet)
    kept = api.anchor(moved / "job.yaml")
    run_sql(moved / "platform.db", "DELETE FROM merger_trail WHERE seq = 3")
    run_sql(moved / "platform.db", "UPDATE merger_run SET verification = NULL")
    assert api.audit(moved / "job.yaml") is None
    assert api.audit(moved / "job.yaml", kept) == Bent(3, Bend.TRUNCATED)


@pytest.mark.parametrize("last", [1, 2])
def test_records_cut_off_are_noticed_by_what_the_runs_say_of_themselves(moved: Path, last: int) -> None:
    run_sql(moved / "platform.db", f"DELETE FROM merger_trail WHERE seq >= {last}")
    assert api.audit(moved / "job.yaml") == Bent(last, Bend.TRUNCATED)


def test_a_verification_that_the_trail_does_not_tell_is_noticed(moved: Path) -> None:
    api.verify(str(moved / "plan.json"), False, False, quiet)
    run_sql(moved / "platform.db", "DELETE FROM merger_trail WHERE seq = 3")
    assert api.audit(moved / "job.yaml") == Bent(3, Bend.TRUNCATED)


def test_a_trail_written_anew_is_noticed_by_an_anchor(moved: Path) -> None:
    kept = api.anchor(moved / "job.yaml")
    records = api.audit_export(moved / "job.yaml")
    anew: Record | None = None
    for one in records:
        anew = next_record(anew, datetime.fromisoformat(one.at), "nobody", one.action, one.detail)
        run_sql(
            moved / "platform.db",
            f"UPDATE merger_trail SET actor = 'nobody', previous = '{anew.previous}', hash = '{anew.hash}'"
            f" WHERE seq = {anew.seq}",
        )
    assert api.audit(moved / "job.yaml") is None
    assert api.audit(moved / "job.yaml", kept) == Bent(2, Bend.REPLACED)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE merger_trail SET detail = replace(detail, ': ', ':' || char(9)) WHERE seq = 2",
        "UPDATE merger_trail SET detail = '[' WHERE seq = 2",
        "UPDATE merger_trail SET detail = '[1]' WHERE seq = 2",
        "UPDATE merger_trail SET actor = CAST(x'ff41' AS TEXT) WHERE seq = 2",
        "UPDATE merger_trail SET action = x'00' WHERE seq = 2",
    ],
)
def test_what_cannot_be_read_is_named_too(moved: Path, statement: str) -> None:
    run_sql(moved / "platform.db", statement)
    assert api.audit(moved / "job.yaml") == Bent(2, Bend.HASH)
    assert len(api.audit_export(moved / "job.yaml")) == 2


def test_a_record_tells_where_the_trail_of_the_pages_ended(
    moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = anchor([next_record(None, datetime(2026, 3, 2, tzinfo=UTC), "Bình", "signed-in", {})])
    monkeypatch.setenv(auditing.VARIABLE, trail_text.shown(pages))
    api.verify(str(moved / "plan.json"), True, False, quiet)
    records = api.audit_export(moved / "job.yaml")
    assert records[-1].detail["review"] == f"1:{pages.hash}"
    assert auditing.anchors_in(records, auditing.REVIEW) == [pages]
    assert api.audit(moved / "job.yaml") is None
    assert ask_sql(moved / "platform.db", "SELECT count(*) FROM merger_trail") == [(3,)]


def test_500_changes_of_single_bytes_of_the_ledgers_records_are_all_named(moved: Path) -> None:
    job, database = moved / "job.yaml", moved / "platform.db"
    for quick in (True, False):
        api.verify(str(moved / "plan.json"), quick, False, quiet)
    chance = random.Random(20250701)
    names = ("at", "actor", "action", "detail", "previous", "hash")
    records = ask_sql(database, f"SELECT seq, {', '.join(names)} FROM merger_trail ORDER BY seq")
    places = [
        (row[0], name, value.encode()) for row in records for name, value in zip(names, row[1:], strict=True)
    ]
    unnamed = []
    with Workbench(Campaign(job)) as bench, sqlite3.connect(database, isolation_level=None) as connection:
        assert trail.verify(bench.ledger.records()) is None
        for _ in range(500):
            (seq, name, value) = chance.choices(places, [len(one[2]) for one in places])[0]
            ((offset, byte),) = single_changes(value, 1, chance)
            bent = value[:offset] + bytes([byte]) + value[offset + 1 :]
            change = f"UPDATE merger_trail SET {name} = CAST(? AS TEXT) WHERE seq = ?"
            connection.execute(change, (bent, seq))
            found = trail.verify(bench.ledger.records())
            if found is None or found.seq not in (seq, seq + 1):
                unnamed.append((seq, name, offset, byte, found))
            connection.execute(change, (value, seq))
    connection.close()
    assert unnamed == []
