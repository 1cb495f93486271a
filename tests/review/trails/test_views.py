"""The trails of pages and ledgers, side by side, and whether they are whole."""

import csv
import random
import sqlite3
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from merger.approval import trail_text
from merger.approval.trail import Anchor, Bend, Bent
from merger.migrate import api
from merger.migrate.auditing import VARIABLE
from merger.review.runs.ordering import note_ledger_end
from merger.review.runs.views import plan_file
from merger.review.trails.views import (
    PAGES,
    Asked,
    actions,
    as_csv,
    checked,
    entries,
    pages_trail,
    people,
    sources,
)
from merger.review.web.desk import Desk
from merger.testing.campaigns.trail_tampering import single_changes
from tests.review.runs.conftest import quiet


@pytest.fixture
def told(ran: Path, desk: Desk, plan: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The folder after people read, and verified, each trail anchored in the other."""
    desk.trail.note("Trần Thị Bình", "plan-seen", "plan.json", "ab" * 32)
    noted = desk.trail.note("Lê Văn Cường", "verify-begun", plan, "cd" * 32)
    monkeypatch.setenv(VARIABLE, f"{noted.seq}:{noted.hash}")
    api.verify(str(ran / "plan.json"), True, False, quiet)
    note_ledger_end(desk, plan_file(desk, plan), "Lê Văn Cường")
    return desk


def bents(desk: Desk, **printed: Anchor) -> list[Bent | None]:
    return [one.bent for one in checked(desk, sources(desk), printed)]


def run_sql(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "databases" / "platform.db") as connection:
        connection.execute(statement)
    connection.close()


def test_both_trails_stand_in_the_order_of_time(told: Desk) -> None:
    found = sources(told)
    assert [one.name for one in found] == ["", "job.yaml"]
    every = entries(found, Asked())
    assert sorted({one.record.action for one in every}) == actions(found) == [
        "ledger-end", "plan-seen", "run-done", "run-started", "verified", "verify-begun",
    ]  # fmt: skip
    assert [one.record.at for one in every] == sorted((one.record.at for one in every), reverse=True)
    assert {"Trần Thị Bình", "Lê Văn Cường"} < set(people(found))


@pytest.mark.parametrize(
    ("asked", "actions_of"),
    [
        (Asked(who="trần thị"), ["plan-seen"]),
        (Asked(what="verified"), ["verified"]),
        (Asked(content="ABAB"), ["plan-seen"]),
        (Asked(source=PAGES), ["ledger-end", "verify-begun", "plan-seen"]),
        (Asked(who="nobody"), []),
    ],
)
def test_entries_are_chosen_by_person_deed_and_content(
    told: Desk, asked: Asked, actions_of: list[str]
) -> None:
    assert [one.record.action for one in entries(sources(told), asked)] == actions_of


def test_whole_trails_hold_one_anothers_ends(told: Desk) -> None:
    pages, ledger = checked(told, sources(told), {})
    assert (pages.bent, ledger.bent) == (None, None)
    assert [one.seq for one in pages.anchors] == [2]
    assert [one.seq for one in ledger.anchors] == [3]


def test_an_end_that_was_cut_off_is_noticed_by_the_other_trail(told: Desk, ran: Path) -> None:
    run_sql(ran, "DELETE FROM merger_trail WHERE seq = 3")
    run_sql(ran, "UPDATE merger_run SET verification = NULL")
    assert bents(told) == [None, Bent(3, Bend.TRUNCATED)]


def test_the_end_of_the_pages_trail_is_noticed_by_the_ledgers(told: Desk) -> None:
    lines = told.trail.path.read_bytes().splitlines(keepends=True)
    told.trail.path.write_bytes(lines[0])
    assert bents(told) == [Bent(2, Bend.TRUNCATED), None]
    told.trail.path.unlink()
    assert bents(told) == [Bent(1, Bend.TRUNCATED), None]


def test_a_printed_anchor_lies_in_its_trail_or_not(told: Desk) -> None:
    end = pages_trail(told).end
    assert bents(told, pages=end) == [None, None]
    assert bents(told, pages=replace(end, hash="0" * 64)) == [Bent(3, Bend.REPLACED), None]
    assert bents(told, pages=Anchor(9, end.hash)) == [Bent(4, Bend.TRUNCATED), None]


def test_500_changes_of_single_bytes_of_the_pages_trail_are_all_named(told: Desk) -> None:
    for number in range(12):
        told.trail.note("Trần Thị Bình", "plan-seen", f"plan-{number}.json", "ab" * 32)
    content = told.trail.path.read_bytes()
    found = sources(told)
    kept = found[0].end
    unnamed = []
    for offset, value in single_changes(content, 500, random.Random(20250701)):
        told.trail.path.write_bytes(content[:offset] + bytes([value]) + content[offset + 1 :])
        pages = pages_trail(told)
        bent = checked(told, [pages], {PAGES: kept})[0].bent
        place = content.count(b"\n", 0, offset) + 1
        if bent is None or bent.seq not in (place, place + 1):
            unnamed.append((offset, value, bent))
    assert unnamed == []


def test_an_exported_trail_is_verified_without_the_folder(told: Desk) -> None:
    for source in sources(told):
        assert trail_text.verify_lines(source.lines, source.end) is None
        assert trail_text.read_anchor(source.end_text) == source.end
        assert len(source.lines.splitlines()) == len(source.records)


def test_no_cell_of_the_table_is_a_formula(told: Desk) -> None:
    told.trail.note('=HYPERLINK("x")', "plan-seen", "+1+1", "@SUM(A1)")
    (row,) = csv.DictReader(StringIO(as_csv(entries(sources(told), Asked(who="=HYPER")))))
    assert (row["actor"], row["subject"], row["digest"]) == ('\'=HYPERLINK("x")', "'+1+1", "'@SUM(A1)")
    assert row["trail"] == "pages"


def test_a_ledger_that_cannot_be_asked_is_a_problem_of_its_own(told: Desk, ran: Path) -> None:
    (ran / "databases" / "platform.db").unlink()
    pages, ledger = checked(told, sources(told), {})
    assert pages.bent is None
    assert ledger.source.problem
    assert ledger.bent is None
