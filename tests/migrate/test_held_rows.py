"""Which rows a plan holds."""

import pytest

from merger.errors import InputError
from merger.migrate import api
from merger.migrate.held_rows import held_rows
from tests.migrate.world import quiet, run_sql


def test_every_hold_of_every_kind_has_exactly_the_rows_that_the_plan_counts(standard):
    plan = api.make_plan(standard / "job.yaml", standard / "held.json", (), False, quiet)
    assert {"divided", "orphan", "parent-held", "collision-number"} <= {one.reason for one in plan.holds}
    for hold in plan.holds:
        rows = held_rows(standard / "job.yaml", plan, [hold], 1000)
        assert len(rows) == hold.rows, hold
        assert {(row.system, row.dataset) for row in rows} == {(hold.system, hold.dataset)}


def test_all_holds_together_give_every_held_row_once(standard):
    plan = api.make_plan(standard / "job.yaml", standard / "held.json", (), False, quiet)
    rows = held_rows(standard / "job.yaml", plan, plan.holds, 10_000)
    held = sum(one.held for one in plan.datasets)
    assert len({(row.system, row.dataset, row.key) for row in rows}) == len(rows) == held
    assert len(held_rows(standard / "job.yaml", plan, plan.holds, 3)) == 3


def test_a_row_is_told_by_key_number_and_address(standard):
    plan = api.make_plan(standard / "job.yaml", standard / "held.json", (), False, quiet)
    hold = next(one for one in plan.holds if one.reason == "divided" and one.system == "two")
    (row,) = held_rows(standard / "job.yaml", plan, [hold], 10)
    assert (row.key, row.number, row.place) == ("d-nowhere", "nowhere", "không rõ")


def test_a_value_that_cannot_be_carried_over_holds_its_row_by_the_name_of_its_column(standard):
    run_sql(standard / "platform.db", "ALTER TABLE p_dossier DROP COLUMN note",
            "ALTER TABLE p_dossier ADD note INTEGER")  # fmt: skip
    run_sql(standard / "one.db", "UPDATE dossier SET note = '012' WHERE id = 'd-works'",
            "UPDATE dossier SET due = 'x', note = '7' WHERE id = 'd-Z01.05-250505-0001'")  # fmt: skip
    plan = api.make_plan(standard / "job.yaml", standard / "held.json", (), False, quiet)
    found = {(one.reason, one.column): one for one in plan.holds if one.column}
    assert {key: one.rows for key, one in found.items()} == {
        ("altered-by-target", "note"): 1, ("unreadable-time", "due"): 2, ("untranslated", "status"): 1,
    }  # fmt: skip
    for one in found.values():
        assert len(held_rows(standard / "job.yaml", plan, [one], 10)) == one.rows
    (part,) = [one for one in plan.datasets if (one.system, one.dataset) == ("one", "dossiers")]
    assert part.held_by_reason["unreadable-time"] == 2


def test_a_job_that_cannot_be_read_is_told(standard):
    plan = api.make_plan(standard / "job.yaml", standard / "held.json", (), False, quiet)
    (standard / "mapping" / "units.yaml").write_text("schema: [")
    with pytest.raises(InputError):
        held_rows(standard / "job.yaml", plan, plan.holds, 10)
