"""One suite for all nine pairs of databases: a dry run, a run, its proof and its way back."""

import pytest

from merger.approval import trail
from merger.errors import Refused
from merger.migrate import api
from merger.migrate.model import Verification
from merger.testing.pairs import world as country
from merger.testing.pairs.made import EXCLUDE, HOLD, MERGE, MOVE
from merger.testing.pairs.spoiling import NOT_MOVED, cells, of_every_column, put_back, spoil
from merger.testing.pairs.tables import PLATFORM, Row, insert
from merger.testing.pairs.world import content, everything, expected, figures, platform
from merger.testing.people import sign_by_all
from tests.pairs.conftest import ADDED, PAIRS, State, applied, quiet

pytestmark = pytest.mark.parametrize("pair", PAIRS)

TOTALS = {
    ("one", "citizens"): (12, 8, 4, 0),
    ("one", "officers"): (4, 3, 1, 0),
    ("one", "dossiers"): (113, 78, 32, 3),
    ("one", "files"): (55, 43, 10, 2),
    ("one", "steps"): (37, 30, 6, 1),
    ("two", "accounts"): (2, 2, 0, 0),
    ("two", "people"): (4, 3, 1, 0),
    ("two", "records"): (60, 47, 12, 1),
    ("two", "attachments"): (27, 21, 5, 1),
    ("two", "steps"): (11, 10, 1, 0),
}
"""Rows in scope, to move, held and excluded, by system and dataset."""


SPANS = [0, 0, 0, 77, 0, 48]
"""Rows handed over by when they are due: overdue, within 3, 7 and 30 days, later, without a deadline."""


def verified(state: State, *, quick: bool = False) -> Verification:
    return api.verify(str(state.plan_file), quick, False, quiet)


def found(told: Verification) -> set[tuple[str, str, str, str, str]]:
    return {(one.system, one.dataset, one.key, one.column, one.kind) for one in told.differences}


def test_the_plan_counts_the_same_rows_whatever_the_databases(moved: State) -> None:
    assert {
        (one.system, one.dataset): (one.in_scope, one.to_move, one.held, sum(one.excluded.values()))
        for one in moved.plan.datasets
    } == TOTALS


def test_the_plan_says_why_rows_are_held_and_excluded(moved: State) -> None:
    wanted = figures()
    assert {(one.system, one.dataset): one.held_by_reason for one in moved.plan.datasets} == {
        where: one.held for where, one in wanted.items()
    }
    assert {(one.system, one.dataset): one.excluded for one in moved.plan.datasets} == {
        where: one.excluded for where, one in wanted.items()
    }


def test_every_row_is_moved_held_or_excluded_by_old_unit(moved: State) -> None:
    for one in moved.plan.datasets:
        assert one.in_scope == one.to_move + one.held + sum(one.excluded.values())
        for unit in one.by_unit:
            assert unit.in_scope == unit.moved + unit.held + unit.excluded
        assert sum(unit.in_scope for unit in one.by_unit) == one.in_scope


def test_deadlines_and_agencies_are_counted_the_same_whatever_the_databases(moved: State) -> None:
    plan = moved.plan
    spans = [sum(column) for column in zip(*plan.due, strict=True)]
    assert spans == SPANS
    assert sum(spans) == sum(flow.rows for flow in plan.flows)
    for one in plan.datasets:
        if one.by_agency:
            assert sum(part.moved for part in one.by_agency) == one.to_move
            assert sum(sum(part.held.values()) for part in one.by_agency) == one.held
    assert all(one.expected == one.found for one in moved.proof.datasets)


def test_the_run_moves_what_the_plan_says(moved: State) -> None:
    assert moved.result.state == "done"
    assert {(one.system, one.dataset): one.moved for one in moved.result.datasets} == {
        where: to_move for where, (_, to_move, _, _) in TOTALS.items()
    }


def test_every_cell_of_the_target_is_as_it_should_be(moved: State) -> None:
    got, wanted = content(platform(moved.world)), expected()
    for name, rows in wanted.items():
        assert got[name] == rows


def test_the_sources_are_as_they_were(moved: State) -> None:
    for system, tables in moved.sources.items():
        assert everything(moved.world, system) == tables


def test_the_rows_that_the_platform_had_are_untouched(moved: State) -> None:
    after = platform(moved.world)
    for name, rows in moved.before.items():
        for row in rows:
            if row.get("name") != "dossier":
                assert row in after[name]


def test_keys_are_given_in_one_run_after_the_platforms_own(moved: State) -> None:
    after = platform(moved.world)
    counted = {"p_officer": 2, "p_applicant": 2, "p_file": 3, "p_dossier": 51}
    for name, first in counted.items():
        own = {row["id"] for row in moved.before[name]}
        keys = sorted(row["id"] for row in after[name] if row["id"] not in own)
        assert keys == list(range(first, first + len(keys)))


def test_the_counter_of_the_platform_is_advanced_and_no_other(moved: State) -> None:
    counters = {row["name"]: row["current"] for row in platform(moved.world)["counter"]}
    assert counters == {"dossier": 50 + 78 + 47, "other": 7}


def test_the_platforms_next_rows_get_keys_after_those_that_were_moved(moved: State) -> None:
    rows = {"p_officer": {"userName": "next"}, "p_applicant": {"name": "next"}, "p_file": {"path": "next"}}
    highest = {name: max(row["id"] for row in every) for name, every in platform(moved.world).items()
               if name in rows}  # fmt: skip
    engine = moved.world.engine("platform")
    with engine.connect() as connection:
        for name, row in rows.items():
            insert(connection, PLATFORM[name], [row])
            table = PLATFORM[name].clause()
            asked = table.select().order_by(table.c.id.desc()).limit(1)
            assert connection.execute(asked).one().id == highest[name] + 1
        connection.rollback()
    engine.dispose()


def test_what_was_moved_is_equal_at_full_strength(moved: State) -> None:
    told = moved.proof
    assert (told.state, told.strength, told.differences) == ("equal", "full", ())
    assert {one.state for part in told.datasets for one in part.checks} <= {"ok", "not-run"}
    assert {"conservation", "cells", "references", "unique"} <= {
        one.code for part in told.datasets for one in part.checks
    }


def test_what_was_moved_is_equal_in_a_quick_check(moved: State) -> None:
    told = verified(moved, quick=True)
    assert (told.state, told.strength, told.differences) == ("equal", "quick", ())


def test_a_changed_cell_of_every_column_is_found_to_the_column_and_nothing_else(moved: State) -> None:
    spoilt = of_every_column(cells(moved.world))
    assert {(one.table, one.column) for one in spoilt} == {
        (table.name, column)
        for table in PLATFORM.values()
        for column in table.columns
        if table.name != "counter" and column not in NOT_MOVED
    }
    try:
        spoil(moved.world, spoilt)
        full, quick = verified(moved), verified(moved, quick=True)
    finally:
        put_back(moved.world, spoilt)
    assert found(full) == {(one.system, one.dataset, one.key, one.column, "changed") for one in spoilt}
    assert found(quick) == {(one.system, one.dataset, one.key, "", "changed") for one in spoilt}


def test_rows_that_the_platform_adds_later_are_no_differences(moved: State) -> None:
    engine = moved.world.engine("platform")
    with engine.begin() as connection:
        insert(connection, PLATFORM["p_file"], [{"path": "later", "dossierId": country.OWN}])
        insert(connection, PLATFORM["p_dossier"], [{"id": 10_000, "number": "later", "ward": "10001"}])
    full, quick = verified(moved), verified(moved, quick=True)
    with engine.begin() as connection:
        for name, column in {"p_file": "path", "p_dossier": "number"}.items():
            table = PLATFORM[name].clause()
            connection.execute(table.delete().where(table.c[column] == "later"))
    engine.dispose()
    assert (full.state, quick.state) == ("equal", "equal")


def test_records_are_found_by_their_keys(moved: State) -> None:
    words = {MOVE: "moved", MERGE: "merged", HOLD: "held", EXCLUDE: "excluded"}
    asked = [("one", "files", HOLD), ("one", "dossiers", EXCLUDE), ("two", "records", MOVE),
             ("two", "people", MERGE)]  # fmt: skip
    for system, dataset, fate in asked:
        one = next(one for one in country.made()[system, dataset] if one.fate == fate)
        told = [each for each in api.find(moved.world.job, one.key) if each.dataset == dataset]
        assert [(each.system, each.key, each.state, each.reason) for each in told] == [
            (system, one.key, words[fate], one.why)
        ]


def test_a_dossier_is_found_by_its_number(moved: State) -> None:
    (told,) = api.find(moved.world.job, "Z01.05-250505-0007")
    (row,) = [row for row in platform(moved.world)["p_dossier"] if row["number"] == "Z01.05-250505-0007"]
    assert (told.state, told.target, told.target_key, told.run) == (
        "moved", "dossiers", str(row["id"]), moved.result.run,
    )  # fmt: skip
    assert (told.holder, told.place) == ("Z01.05", "10001")


def test_a_number_that_only_a_collation_takes_for_another_finds_nothing(moved: State) -> None:
    assert api.find(moved.world.job, "ngan-hoa") == []


def test_a_run_that_is_done_is_not_done_again(moved: State) -> None:
    before = platform(moved.world)
    assert applied(moved.world).state == "already"
    assert platform(moved.world) == before


def test_a_later_plan_moves_nothing_twice(moved: State) -> None:
    plan = api.make_plan(moved.world.job, moved.world.folder / "again.json", (), False, quiet)
    assert plan.kind == "catch-up"
    assert {one.dataset: one.to_move for one in plan.datasets if one.to_move} == {}
    assert {(one.system, one.dataset): one.excluded.get("already-moved", 0) for one in plan.datasets} == {
        where: to_move for where, (_, to_move, _, _) in TOTALS.items()
    }


def test_the_trail_holds_what_was_done_and_is_whole(moved: State) -> None:
    records = api.audit_export(moved.world.job)
    assert [one.action for one in records][:2] == ["run-started", "run-done"]
    trail.verify(records)


def test_rows_that_the_platform_adds_during_the_run_stand_beside_the_moved_ones(busy: State) -> None:
    got, wanted = content(platform(busy.world)), expected()
    added = without(wanted, got)
    assert {name: len(rows) for name, rows in added.items() if rows} == {
        "p_applicant": ADDED,
        "p_file": ADDED,
    }
    assert verified(busy).state == "equal"


def test_a_run_is_taken_out_again_and_leaves_what_the_platform_had_and_got(busy: State) -> None:
    moved = sum(one.moved for one in busy.result.datasets)
    merged = sum(one.fate == MERGE for rows in country.made().values() for one in rows)
    after = platform(busy.world)
    with pytest.raises(Refused, match="says what would be taken out"):
        api.rollback(str(busy.plan_file), quiet)
    assert platform(busy.world) == after
    sign_by_all(busy.world.folder / "plan.rollback.json")
    told = api.rollback(str(busy.plan_file), quiet)
    assert (told.state, told.removed, told.kept_rows) == ("done", moved - merged, 0)
    left = platform(busy.world)
    assert {name: len(rows) for name, rows in without(busy.before, left).items() if rows} == {
        "p_applicant": ADDED, "p_file": ADDED,
    }  # fmt: skip


def without(known: dict[str, list[Row]], found: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The rows that were found besides those that are known, each of which must be there."""
    for name, rows in known.items():
        assert [row for row in rows if row not in found[name]] == []
    return {name: [row for row in found[name] if row not in rows] for name, rows in known.items()}
