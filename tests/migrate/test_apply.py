import sqlite3
from pathlib import Path

import pytest

from merger.errors import MergerError, Refused
from merger.migrate import api
from tests.migrate.conftest import Worlds
from tests.migrate.test_plan import NOT_MOVED, TABLES, files
from tests.migrate.world import (
    ask_sql,
    changed,
    dossier,
    fill,
    moved_by,
    planned,
    platform,
    quiet,
    rows_of,
    run_sql,
)


class WorkingPlatform:
    """Stands in for progress: whenever a batch of dossiers was moved, the platform's people add a dossier."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "platform.db"
        self.added: list[int] = []

    def __call__(self, stage: str, _done: int, _total: int) -> None:
        if stage.startswith("apply") and stage.endswith("dossiers"):
            connection = sqlite3.connect(self.path, isolation_level="IMMEDIATE")
            connection.execute("UPDATE counter SET current = current + 1 WHERE name = 'dossier'")
            ((key,),) = connection.execute("SELECT current FROM counter WHERE name = 'dossier'")
            connection.execute("INSERT INTO p_dossier (id, number) VALUES (?, ?)", (key, f"own-{key}"))
            connection.execute("INSERT INTO p_applicant (name) VALUES (?)", (f"own-{key}",))
            connection.commit()
            connection.close()
            self.added.append(key)


class Stopped(Exception):
    """A run is interrupted."""


def stop_after(batches: int) -> object:
    """A progress callback that stops a run after some batches."""
    seen = 0

    def progress(stage: str, _done: int, _total: int) -> None:
        nonlocal seen
        if stage.startswith("apply"):
            seen += 1
            if seen == batches:
                raise Stopped

    return progress


def half(folder: Path, batches: int = 4) -> Path:
    """A signed plan that was run and stopped after some batches."""
    path = planned(folder)
    with pytest.raises(Stopped):
        api.apply(path, 1, stop_after(batches))  # type: ignore[arg-type]
    return path


def test_every_planned_row_and_no_other_is_in_the_ledger(moved: Path) -> None:
    settled = {
        f"{system}/{dataset}/{key}"
        for system, dataset, key in ask_sql(
            moved / "platform.db",
            "SELECT system, dataset, source_key FROM merger_row JOIN merger_dataset d ON d.id = dataset_id",
        )
    }
    every = {
        f"{system}/{dataset}/{row[0]}"
        for system in ("one", "two")
        for dataset, table in TABLES.items()
        for row in rows_of(moved / f"{system}.db", table)
    }
    assert settled == every - {key for key, (fate, _) in NOT_MOVED.items() if fate != "merge"}


def test_a_moved_dossier_has_its_new_codes_and_all_else_as_it_was(moved: Path) -> None:
    columns = (
        "number, ward, wardName, province, agency, agencyName, receivedBy, owner, address, due, status,"
        " handlers, note, amount, remark"
    )
    (row,) = ask_sql(
        moved / "platform.db", f"SELECT {columns} FROM p_dossier WHERE number = 'people-divided'"
    )
    assert row == (
        "people-divided", "10003", "Commune Middle", "01", "Z01.103", "Committee Middle", "Z01.05",
        "Nguyễn Văn A", "12 đường Chợ", "2025-08-01 17:00:00", "processing", "an@one##anh@one", "ghi chú 🙂",
        12.5, None,
    )  # fmt: skip


def test_a_file_follows_its_dossier(moved: Path) -> None:
    found = ask_sql(
        moved / "platform.db",
        "SELECT d.number, f.content FROM p_file f JOIN p_dossier d ON d.id = f.dossierId WHERE f.path = ?",
        "two/a/3.pdf",
    )
    assert found == [("Z02.05-250505-0003", bytes([3, 0, 255]))]


def test_the_sources_are_left_as_they_were(ready: Path) -> None:
    before = files(ready)
    api.apply(ready / "plan.json", 1, quiet)
    after = files(ready)
    assert [after[name] for name in ("one.db", "two.db")] == [before[name] for name in ("one.db", "two.db")]
    assert after.keys() - before.keys() == {"plan.run.json", "platform.db.merger-lock"}


def test_keys_lie_in_the_reserved_blocks_and_the_counters_are_past_them(moved: Path) -> None:
    db = moved / "platform.db"
    blocks = ask_sql(
        db,
        "SELECT d.target, d.id, first, first + size - 1, counter_after FROM merger_block"
        " JOIN merger_dataset d ON d.id = dataset_id ORDER BY d.target, first",
    )
    tables = {
        "officers": "p_officer",
        "applicants": "p_applicant",
        "dossiers": "p_dossier",
        "files": "p_file",
    }
    ends: dict[object, int] = {}
    for target, number, first, last, after in blocks:
        keys = ask_sql(db, "SELECT target_key FROM merger_row WHERE dataset_id = ? AND NOT merged", number)
        assert sorted(key for (key,) in keys) == list(range(int(str(first)), int(str(last)) + 1))
        assert int(str(first)) > ends.get(target, 0)
        assert after == last
        ends[target] = int(str(last))
    assert ask_sql(db, "SELECT current FROM counter WHERE name = 'dossier'") == [(ends["dossiers"],)]
    for target in ("officers", "applicants", "files"):
        assert ask_sql(db, "SELECT seq FROM sqlite_sequence WHERE name = ?", tables[target]) == [
            (ends[target],)
        ]


def test_the_first_key_is_after_the_counter_even_where_no_row_bears_it(moved: Path) -> None:
    ((first,),) = ask_sql(moved / "platform.db", "SELECT min(id) FROM p_dossier WHERE id > 7")
    assert first == 51


def test_the_platform_goes_on_working_between_batches(ready: Path) -> None:
    people = WorkingPlatform(ready)
    result = api.apply(ready / "plan.json", 1, people)
    assert len(people.added) >= 6
    own = ask_sql(ready / "platform.db", "SELECT id FROM p_dossier WHERE number LIKE 'own-%' ORDER BY id")
    assert [key for (key,) in own] == sorted(people.added)
    assert sum(one.moved for one in result.datasets if one.dataset == "dossiers") == 44
    assert api.verify(str(ready / "plan.json"), False, False, quiet).state == "equal"


def test_running_a_plan_again_says_already_and_changes_nothing(moved: Path) -> None:
    before = files(moved)
    result = api.apply(moved / "plan.json", 1, quiet)
    assert result.state == "already"
    assert sum(one.moved for one in result.datasets) == 0
    assert sum(one.already for one in result.datasets) == 87
    assert files(moved) == before


def test_a_run_goes_on_where_it_was_stopped(worlds: Worlds) -> None:
    whole = platform(worlds.restore("moved"))
    here = worlds.restore("standard")
    path = half(here)
    assert api.runs(here / "job.yaml")[0].state == "running"
    result = api.apply(path, 1, quiet)
    assert result.state == "done"
    assert sum(one.already for one in result.datasets) > 0
    assert sum(one.already + one.moved for one in result.datasets) == 87
    assert platform(here) == whole


def test_an_interrupted_run_goes_on_though_the_platform_and_the_source_have_gone_on(standard: Path) -> None:
    path = half(standard, 3)
    people = WorkingPlatform(standard)
    fill(standard / "two.db", "dossier", [dossier("late", commune="10005", agency="Z02.05")])
    api.apply(path, 1, people)
    assert api.verify(str(path), False, False, quiet).state == "equal"
    assert ask_sql(standard / "platform.db", "SELECT count(*) FROM p_dossier WHERE number = 'late'") == [(1,)]


def test_rows_that_came_after_the_plan_are_moved_where_their_combination_is_known(ready: Path) -> None:
    fill(ready / "one.db", "dossier", [dossier("late-1"), dossier("late-2")])
    result = api.apply(ready / "plan.json", 1, quiet)
    assert sum(one.moved for one in result.datasets if one.dataset == "dossiers") == 46
    found = ask_sql(ready / "platform.db", "SELECT number, ward FROM p_dossier WHERE number LIKE 'late%'")
    assert sorted(found) == [("late-1", "10001"), ("late-2", "10001")]


def test_a_combination_that_the_plan_has_not_seen_is_refused_before_anything_is_written(ready: Path) -> None:
    fill(ready / "one.db", "dossier", [dossier("new", commune="10005")])
    before = platform(ready)
    with pytest.raises(Refused, match="source one holds combinations of codes that the plan has not seen"):
        api.apply(ready / "plan.json", 1, quiet)
    assert platform(ready) == before
    assert api.runs(ready / "job.yaml") == []


def test_a_combination_that_comes_while_a_run_is_stopped_is_held(standard: Path) -> None:
    path = half(standard, 2)
    fill(
        standard / "two.db", "dossier", [dossier("new", commune="10005", agency="Z02.05", service="1.000003")]
    )
    result = api.apply(path, 1, quiet)
    assert result.state == "done"
    assert ask_sql(standard / "platform.db", "SELECT * FROM p_dossier WHERE number = 'new'") == []
    (found,) = api.find(standard / "job.yaml", "new")
    assert (found.state, found.reason) == ("held", "not-in-plan")


def test_a_later_plan_catches_up(moved: Path) -> None:
    fill(moved / "one.db", "dossier", [dossier("late")])
    run_sql(moved / "one.db", "UPDATE dossier SET status = '4' WHERE id = 'd-untranslated'")
    path = planned(moved, name="later.json")
    plan = api.load_plan(path)
    part = next(one for one in plan.datasets if (one.system, one.dataset) == ("one", "dossiers"))
    assert (plan.kind, part.to_move, part.excluded["already-moved"]) == ("catch-up", 2, 27)
    assert part.in_scope == part.to_move + part.held + sum(part.excluded.values())
    result = api.apply(path, 1, quiet)
    assert sum(one.moved for one in result.datasets) == 2
    assert api.verify(str(path), False, False, quiet).state == "equal"


def test_a_later_file_finds_the_dossier_that_was_moved_before(moved: Path) -> None:
    fill(moved / "one.db", "file", [{"number": "Z01.05-250505-0001", "path": "late.pdf", "content": None}])
    moved_by(moved, "later.json")
    found = ask_sql(
        moved / "platform.db",
        "SELECT d.number FROM p_file f JOIN p_dossier d ON d.id = f.dossierId WHERE f.path = 'one/late.pdf'",
    )
    assert found == [("Z01.05-250505-0001",)]


def test_a_moved_row_that_is_finished_in_the_source_later_is_brought_over(worlds: Worlds) -> None:
    here = worlds.restore("standard")
    changed(here / "source.yaml", '"4": processing}', '"4": processing, "9": done}')
    moved_by(here)
    run_sql(here / "one.db", "UPDATE dossier SET status = '9' WHERE number = 'Z01.05-250505-0001'")
    plan = api.load_plan(planned(here, name="later.json"))
    part = next(one for one in plan.datasets if (one.system, one.dataset) == ("one", "dossiers"))
    assert (part.excluded["already-moved"], part.to_update, part.in_scope) == (27, 1, 38)
    result = api.apply(here / "later.json", 1, quiet)
    assert [(one.system, one.dataset) for one in result.datasets if one.updated] == [("one", "dossiers")]
    status = "SELECT status FROM p_dossier WHERE number = 'Z01.05-250505-0001'"
    assert ask_sql(here / "platform.db", status) == [("done",)]
    assert api.verify(str(here / "later.json"), False, False, quiet).state == "equal"


def test_a_moved_row_whose_new_state_cannot_be_translated_is_held_and_stays_as_it_was(moved: Path) -> None:
    run_sql(moved / "one.db", "UPDATE dossier SET status = '9' WHERE number = 'Z01.05-250505-0001'")
    before = platform(moved)
    plan = api.load_plan(planned(moved, name="later.json"))
    part = next(one for one in plan.datasets if (one.system, one.dataset) == ("one", "dossiers"))
    assert (part.excluded["already-moved"], part.to_update, part.in_scope) == (26, 0, 38)
    api.apply(moved / "later.json", 1, quiet)
    assert platform(moved) == before


def test_a_batch_that_the_target_does_not_take_whole_is_taken_back(ready: Path) -> None:
    run_sql(
        ready / "platform.db",
        "CREATE TRIGGER lose BEFORE INSERT ON p_dossier WHEN new.number LIKE '%-0005'"
        " BEGIN SELECT RAISE(IGNORE); END",
    )
    with pytest.raises(
        MergerError, match=r"a batch of one/dossiers should have settled 7 rows and settled 6"
    ):
        api.apply(ready / "plan.json", 1, quiet)
    count = "SELECT count(*) FROM p_dossier WHERE id > 50"
    ((rows,),) = ask_sql(ready / "platform.db", count)
    in_ledger = (
        "SELECT count(*) FROM merger_row JOIN merger_dataset d ON d.id = dataset_id WHERE target = 'dossiers'"
    )
    assert ask_sql(ready / "platform.db", in_ledger) == [(rows,)]
    run_sql(ready / "platform.db", "DROP TRIGGER lose")
    assert api.apply(ready / "plan.json", 1, quiet).state == "done"
    assert api.verify(str(ready / "plan.json"), False, False, quiet).state == "equal"


def test_a_missing_counter_is_refused(ready: Path) -> None:
    run_sql(ready / "platform.db", "DELETE FROM counter")
    with pytest.raises(
        Refused, match="the target has no counter for the keys of table p_dossier; nothing was moved"
    ):
        api.apply(ready / "plan.json", 1, quiet)
    assert ask_sql(ready / "platform.db", "SELECT count(*) FROM merger_row") == [(0,)]


def test_text_that_is_hard_to_carry_arrives_byte_for_byte(empty: Path) -> None:
    hard = [
        "",
        None,
        "Ho\u0300a",
        "a\nb\r\n\t",
        "'); DROP TABLE x; --",
        "\u202eabc",
        "x" * 100_000,
        "🙂",
        "\x00z",
    ]
    fill(empty / "one.db", "dossier", [dossier(f"n{n}", note=text) for n, text in enumerate(hard)])
    moved_by(empty)
    found = ask_sql(empty / "platform.db", "SELECT note FROM p_dossier WHERE id > 50 ORDER BY number")
    assert [note for (note,) in found] == hard
    assert api.verify(str(empty / "plan.json"), False, False, quiet).state == "equal"


def test_numbers_keep_their_value(empty: Path) -> None:
    amounts = [0, -1, 12.5, 0.1, 1e308, 2**53 + 1, None]
    fill(empty / "one.db", "dossier", [dossier(f"n{n}", amount=one) for n, one in enumerate(amounts)])
    moved_by(empty)
    found = ask_sql(empty / "platform.db", "SELECT amount FROM p_dossier WHERE id > 50 ORDER BY number")
    wanted = ask_sql(empty / "one.db", "SELECT amount FROM dossier ORDER BY number")
    assert found == wanted


def test_a_world_without_rows_is_moved_too(empty: Path) -> None:
    before = platform(empty)
    moved_by(empty)
    assert platform(empty) == before
    assert api.verify(str(empty / "plan.json"), False, False, quiet).state == "equal"


def test_a_pilot_and_then_the_rest_give_what_one_run_gives(worlds: Worlds) -> None:
    whole = {row[1] for row in platform(worlds.restore("moved"))["p_dossier"]}
    here = worlds.restore("standard")
    run_sql(here / "two.db", "DELETE FROM dossier WHERE number = 'same-number'")
    run_sql(here / "one.db", "DELETE FROM dossier WHERE number = 'same-number'")
    changed(here / "job.yaml", "approvals: 2", "approvals: 0")
    api.make_plan(here / "job.yaml", here / "pilot.json", ("10001",), False, quiet)
    first = api.apply(here / "pilot.json", 1, quiet)
    api.make_plan(here / "job.yaml", here / "rest.json", (), False, quiet)
    rest = api.apply(here / "rest.json", 1, quiet)
    assert 0 < sum(one.moved for one in first.datasets) < 87
    assert sum(one.moved for one in (*first.datasets, *rest.datasets)) == 87
    assert {row[1] for row in platform(here)["p_dossier"]} == whole
    assert [
        api.verify(str(here / name), False, False, quiet).state for name in ("pilot.json", "rest.json")
    ] == ["equal"] * 2


def test_keys_are_allotted_in_the_order_of_the_sources_keys(moved: Path) -> None:
    pairs = ask_sql(
        moved / "platform.db",
        "SELECT CAST(source_key AS INTEGER), target_key FROM merger_row"
        " JOIN merger_dataset d ON d.id = dataset_id"
        " WHERE system = 'one' AND dataset = 'files' ORDER BY 1",
    )
    keys = [key for _, key in pairs]
    assert keys == sorted(keys)
