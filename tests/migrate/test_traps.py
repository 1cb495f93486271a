"""Sources and targets that lay traps: keys that are none, collations, late rows, locks, full disks."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import InputError, MergerError, Refused
from merger.migrate import api
from merger.migrate.campaign import Campaign
from merger.migrate.combination import days_of
from merger.migrate.ledger import places
from merger.migrate.movers import BatchError
from merger.systems.stores import DatabaseFailed, sqlite, sqlite_files
from tests.migrate.world import (
    ask_sql,
    changed,
    dossier,
    fates,
    fill,
    moved_by,
    planned,
    platform,
    quiet,
    run_sql,
    sign_by,
    unsigned,
)

OLD_DOSSIERS = (
    "ALTER TABLE dossier RENAME TO strict",
    "CREATE TABLE dossier AS SELECT * FROM strict",
    "DROP TABLE strict",
)


@pytest.mark.parametrize(("key", "said"), [(None, "1 rows without a key and 0"), ("d-a", "0 rows .* and 1 ")])
def test_rows_that_cannot_be_told_apart_are_refused(empty: Path, key: str | None, said: str) -> None:
    fill(empty / "one.db", "dossier", [dossier("a")])
    run_sql(empty / "one.db", *OLD_DOSSIERS)
    fill(empty / "one.db", "dossier", [dossier("b", id=key)])
    with pytest.raises(Refused, match=f"dossiers of source one has {said}.*nothing was changed"):
        unsigned(empty)
    assert not (empty / "plan.json").exists()


def test_keys_that_differ_in_case_only_are_two_keys(empty: Path) -> None:
    run_sql(
        empty / "one.db",
        *OLD_DOSSIERS,
        "ALTER TABLE dossier RENAME COLUMN id TO old",
        "ALTER TABLE dossier ADD COLUMN id TEXT COLLATE NOCASE",
    )
    fill(empty / "one.db", "dossier", [dossier("a", id="k"), dossier("b", id="K")])
    moved_by(empty)
    assert ask_sql(empty / "platform.db", "SELECT number FROM p_dossier WHERE id <> 7 ORDER BY 1") == [
        ("a",),
        ("b",),
    ]


def test_a_lookup_in_rows_that_share_a_key_is_refused(empty: Path) -> None:
    changed(empty / "source.yaml", "      note: note", "      note: {lookup: note -> files.path}")
    run_sql(
        empty / "one.db", "DROP TABLE file", "CREATE TABLE file (id, number TEXT, path TEXT, content BLOB)"
    )
    fill(empty / "one.db", "file", [{"id": 1, "path": "a"}, {"id": 1, "path": "b"}])
    with pytest.raises(Refused, match="dataset files of source one"):
        unsigned(empty)


def test_rules_and_translations_are_exact_under_a_collation_that_is_not(empty: Path) -> None:
    run_sql(empty / "one.db", *OLD_DOSSIERS, "ALTER TABLE dossier ADD COLUMN mark TEXT COLLATE NOCASE")
    run_sql(empty / "two.db", "ALTER TABLE dossier ADD COLUMN mark TEXT")
    changed(empty / "source.yaml", "      note: note", "      note: {column: mark, values: {ab: known}}")
    changed(
        empty / "job.yaml",
        "collisions:",
        "  - {rule: marked, datasets: [dossiers], column: mark, values: [cd]}\ncollisions:",
    )
    fill(empty / "one.db", "dossier", [dossier(mark, mark=mark) for mark in ("ab", "AB", "cd", "CD")])
    found = fates(empty, unsigned(empty))
    assert {name.rpartition("-")[2]: one[:2] for name, one in found.items()} == {
        "ab": ("move", ""),
        "AB": ("hold", "untranslated"),
        "cd": ("exclude", "marked"),
        "CD": ("hold", "untranslated"),
    }


def test_a_row_that_may_belong_to_several_is_held_as_that(empty: Path) -> None:
    fill(empty / "one.db", "dossier", [dossier("x"), dossier("y", number="x"), dossier("z")])
    fill(empty / "one.db", "file", [{"id": n, "number": name} for n, name in enumerate("xzq")])
    found = fates(empty, unsigned(empty))
    assert [found[f"one/files/{n}"][:2] for n in range(3)] == [
        ("hold", "ambiguous-reference"),
        ("move", ""),
        ("hold", "orphan"),
    ]


def test_a_row_whose_parent_was_moved_and_finished_since_is_held_and_so_is_the_parent(empty: Path) -> None:
    fill(empty / "one.db", "dossier", [dossier("x")])
    moved_by(empty)
    run_sql(empty / "one.db", "UPDATE dossier SET status = '9'")
    fill(empty / "one.db", "file", [{"id": 1, "number": "x", "path": "p"}])
    plan = unsigned(empty, name="later.json")
    parts = {one.dataset: one for one in plan.datasets if one.system == "one"}
    assert (parts["files"].held_by_reason, parts["files"].excluded) == ({"parent-held": 1}, {})
    assert (parts["dossiers"].held_by_reason, parts["dossiers"].excluded) == ({"untranslated": 1}, {})
    assert api.verify(str(empty / "plan.json"), False, False, quiet).state == "equal"
    assert ask_sql(empty / "platform.db", "SELECT status FROM p_dossier WHERE number = 'x'") == [
        ("processing",)
    ]


def test_a_row_may_refer_to_one_that_was_moved_before(empty: Path) -> None:
    changed(
        empty / "job.yaml",
        "collisions:",
        "  - {rule: gone, datasets: [citizens], column: name, values: [gone]}\ncollisions:",
    )
    fill(empty / "one.db", "citizen", [{"id": "c", "name": "A", "idno": "1"}])
    moved_by(empty)
    run_sql(empty / "one.db", "UPDATE citizen SET name = 'gone'")
    fill(empty / "one.db", "dossier", [dossier("x", citizen_id="c")])
    moved_by(empty, "later.json")
    assert ask_sql(
        empty / "platform.db",
        "SELECT a.name FROM p_dossier d JOIN p_applicant a ON a.id = applicantId WHERE number = 'x'",
    ) == [("gone",)]


def test_the_day_of_the_cut_over_is_that_of_the_targets_clocks(standard: Path) -> None:
    before = Campaign(standard / "job.yaml").day
    changed(standard / "job.yaml", "2025-07-10T00:00:00+07:00", "2025-07-09T17:00:00Z")
    assert Campaign(standard / "job.yaml").day == before


def test_a_change_within_the_doubtful_days_is_one_of_the_readings(empty: Path) -> None:
    changed(
        empty / "source.yaml", "first: 2025-07-01, last: 2025-07-01", "first: 2025-06-20, last: 2025-07-05"
    )
    campaign = Campaign(empty / "job.yaml")
    profile = campaign.sources[0].profile
    starts = [date.fromisoformat(day) for day in campaign.days(profile).starts]
    days = days_of(profile, profile.datasets["dossiers"], starts, "2025-06-20")
    assert [str(day) for day in days] == ["2025-06-19", "2025-07-01", "2025-07-06"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: source\n", "id: source\nzone: Asia/Nowhere\n", "there is no time zone Asia/Nowhere"),
        ("      citizen: {to: citizens, ", "      citizen: {to: nobody, ", "no dataset nobody"),
        ("    parent: dossier\n", "    parent: officer\n", "no one reference officer"),
    ],
)
def test_a_profile_that_cannot_be_followed_is_told(empty: Path, old: str, new: str, said: str) -> None:
    changed(empty / "source.yaml", old, new)
    with pytest.raises(InputError) as caught:
        unsigned(empty)
    assert said in "\n".join(f.message for f in caught.value.findings)


def test_a_child_of_rows_that_are_not_moved_is_told(empty: Path) -> None:
    changed(empty / "source.yaml", "    to: dossiers\n", "")
    with pytest.raises(InputError) as caught:
        unsigned(empty)
    assert "unmoved-parent" in {one.code for one in caught.value.findings}


@pytest.mark.parametrize("database", ["one.db", "platform.db"])
def test_a_column_that_is_not_there_is_refused(empty: Path, database: str) -> None:
    table = {"one.db": "file", "platform.db": "p_file"}[database]
    run_sql(empty / database, f"DROP TABLE {table}", f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
    with pytest.raises(InputError, match="path"):
        unsigned(empty)


def test_a_batch_that_the_target_does_not_take_tells_no_value(empty: Path) -> None:
    fill(empty / "one.db", "dossier", [dossier(name) for name in ("a", "secret-number")])
    path = planned(empty)
    run_sql(empty / "platform.db", "INSERT INTO p_dossier (id, number) VALUES (9, 'secret-number')")
    before = platform(empty)
    with pytest.raises(BatchError) as caught:
        api.apply(path, 1, quiet)
    assert "batch 1 of one/dossiers" in str(caught.value)
    shown = repr(caught.value) + str(caught.value.__cause__) + str(caught.value.__context__)
    assert "secret-number" not in shown
    assert {**platform(empty), "counter": before["counter"]} == before
    assert "collision-number" in unsigned(empty, name="rest.json").holds[0].reason


def test_a_foreign_key_of_the_target_keeps_a_row_that_the_profile_knows_nothing_of(moved: Path) -> None:
    ((key,),) = ask_sql(moved / "platform.db", "SELECT max(id) FROM p_dossier")
    run_sql(
        moved / "platform.db",
        "CREATE TABLE remark (dossier INTEGER REFERENCES p_dossier)",
        f"INSERT INTO remark VALUES ({key})",
    )
    with pytest.raises(Refused):
        api.rollback(str(moved / "plan.json"), quiet)
    sign_by(moved, moved / "plan.rollback.json", "one", "two")
    result = api.rollback(str(moved / "plan.json"), quiet)
    assert "dossiers" in {one.dataset for one in result.kept}
    assert ask_sql(moved / "platform.db", f"SELECT id FROM p_dossier WHERE id = {key}") == [(key,)]


@pytest.mark.parametrize("name", ["platform.db", "one.db"])
def test_a_database_that_another_program_keeps_locked_is_told(
    ready: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = platform(ready)
    monkeypatch.setattr(sqlite_files, "WAIT_MS", 50)
    monkeypatch.setattr(places, "WAIT_MS", 50)
    other = sqlite3.connect(ready / name, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE" if name == "one.db" else "BEGIN IMMEDIATE")
    with pytest.raises(MergerError, match="locked") as caught:
        api.apply(ready / "plan.json", 1, quiet)
    other.execute("ROLLBACK")
    other.close()
    assert caught.value.exit_code in (1, 3)
    assert platform(ready) == before
    assert api.apply(ready / "plan.json", 1, quiet).state == "done"


def test_a_source_that_is_gone_is_refused(ready: Path) -> None:
    (ready / "two.db").rename(ready / "elsewhere.db")
    before = platform(ready)
    with pytest.raises(Refused, match=r"no database at .*two\.db; nothing was changed"):
        api.apply(ready / "plan.json", 1, quiet)
    assert platform(ready) == before


def test_a_job_that_is_gone_is_told(ready: Path) -> None:
    (ready / "job.yaml").rename(ready / "elsewhere.yaml")
    with pytest.raises(Refused, match=r"job\.yaml"):
        api.apply(ready / "plan.json", 1, quiet)


def test_a_target_that_may_not_be_written_is_told(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite_files._connect

    def only_reading() -> sqlite3.Connection:
        connection = connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    api.apply(ready / "plan.json", 1, quiet)
    monkeypatch.setattr(sqlite_files, "_connect", only_reading)
    with pytest.raises(DatabaseFailed, match="may not be written"):
        api.verify(str(ready / "plan.json"), False, False, quiet)


def test_a_full_disk_takes_back_the_batch_and_the_run_goes_on_later(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach = sqlite.attach

    def small(connection: sa.Connection, path: Path, schema: str, mode: str) -> None:
        attach(connection, path, schema, mode)
        if schema == sqlite.TARGET:
            pages = connection.exec_driver_sql("PRAGMA tgt.page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA tgt.max_page_count = {pages + 8}")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "attach", small)
        with pytest.raises(DatabaseFailed, match="the disk is full"):
            api.apply(ready / "plan.json", 1, quiet)
    assert api.apply(ready / "plan.json", 1, quiet).state == "done"
    assert api.verify(str(ready / "plan.json"), False, False, quiet).state == "equal"


def test_a_value_that_the_target_would_write_otherwise_holds_its_row(empty: Path) -> None:
    run_sql(
        empty / "platform.db",
        "ALTER TABLE p_dossier ADD COLUMN code INTEGER",
        "ALTER TABLE p_dossier ADD COLUMN words TEXT",
    )
    changed(empty / "source.yaml", "      note: note", "      code: note\n      words: amount")
    notes = {"a": "012", "b": "12", "c": "abc", "d": "1e3", "e": None, "f": " 5", "g": "1.5", "h": ""}
    fill(empty / "one.db", "dossier", [dossier(name, note=note) for name, note in notes.items()])
    fill(empty / "one.db", "dossier", [dossier("real", note=None, amount=12.0)])
    plan = unsigned(empty)
    held = {key for key, (fate, why, _) in fates(empty, plan).items() if why == "altered-by-target"}
    assert held == {f"one/dossiers/d-{name}" for name in ("a", "d", "f")}
    sign_by(empty, empty / "plan.json", "one", "two")
    api.apply(empty / "plan.json", 1, quiet)
    assert api.verify(str(empty / "plan.json"), False, False, quiet).state == "equal"


@pytest.mark.parametrize("column", ["note", "commune"])
def test_a_text_that_is_not_utf_8_is_told(empty: Path, column: str) -> None:
    fill(empty / "one.db", "dossier", [dossier("a")])
    run_sql(empty / "one.db", f"UPDATE dossier SET {column} = CAST(x'ff41' AS TEXT)")
    with pytest.raises(DatabaseFailed, match="not UTF-8"):
        api.apply(planned(empty), 1, quiet)
    assert len(ask_sql(empty / "platform.db", "SELECT * FROM p_dossier")) == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [("'abc'", "something that is no number"), (str(2**63 - 1), "are used up")],
)
def test_a_counter_that_cannot_go_on_is_refused(empty: Path, statement: str, said: str) -> None:
    fill(empty / "one.db", "officer", [{"id": 1, "user_name": "x", "full_name": None}])
    run_sql(empty / "platform.db", f"UPDATE sqlite_sequence SET seq = {statement} WHERE name = 'p_officer'")
    with pytest.raises(Refused, match=said):
        api.apply(planned(empty), 1, quiet)


def test_a_file_in_utf_16_is_refused_with_what_to_do(empty: Path) -> None:
    (empty / "one.db").unlink()
    run_sql(empty / "one.db", "PRAGMA encoding = 'UTF-16le'", "CREATE TABLE officer (id)")
    with pytest.raises(Refused, match="keeps its text in UTF-16"):
        unsigned(empty)


def test_check_finds_a_file_that_was_cut_off(empty: Path) -> None:
    fill(empty / "one.db", "dossier", [dossier(f"{number}") for number in range(50)])
    content = (empty / "one.db").read_bytes()
    (empty / "one.db").write_bytes(content[:-2000])
    told = [one.detail for one in api.check(empty / "job.yaml") if one.state == "failed"]
    assert any("damaged" in one for one in told)
