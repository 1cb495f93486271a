"""Rules of the target's own tables: rows that break one are held before anything moves, and what cannot be
tried is told; a batch that one refuses is taken back, and the run goes on when it is mended."""

import pytest

from merger.cli.shapes import plan_lines
from merger.errors import MergerError
from merger.migrate import api
from merger.testing.pairs.kinds import DIALECTS, MARIADB, POSTGRESQL, SQLITE
from tests.pairs.conftest import Pairs
from tests.pairs.small import Small

ITEM = "CREATE TABLE item (id INTEGER PRIMARY KEY, commune VARCHAR(10), number VARCHAR(20), state VARCHAR(9))"
P_ITEM = (
    "CREATE TABLE p_item (id {key}, ward VARCHAR(10), number VARCHAR(20), state VARCHAR(9) DEFAULT 'open'%s)"
)
ROWS = [("a1", "open"), ("A1", "open"), ("a2", "done"), ("A2", "done"), ("a3", "lost"), (None, None)]
BOTH = {"number": "number", "state": "state"}


def given(rows: list[tuple[str | None, str | None]]) -> str:
    def written(value: str | None) -> str:
        return "NULL" if value is None else f"'{value}'"

    values = ", ".join(
        f"({at}, '10002', {written(number)}, {written(state)})" for at, (number, state) in enumerate(rows, 1)
    )
    return f"INSERT INTO item VALUES {values}"


def small(
    pairs: Pairs, target: str, more: str = "", *then: str, source: str = SQLITE,
    rows: list[tuple[str | None, str | None]] = ROWS, columns: dict[str, str] = BOTH,
) -> Small:  # fmt: skip
    return Small(pairs, (source, target), [ITEM, given(rows)], [P_ITEM % more, *then], columns)


def settled(job: Small) -> dict[str, int]:
    """Plans and moves; how many rows were held for which reason."""
    plan = job.plan()
    found = job.apply()
    assert (found.state, found.datasets[0].rows) == ("equal", plan.to_move)
    return plan.held_by_reason


CHECK = ", CONSTRAINT known CHECK (state IN ('open', 'done'))"


@pytest.mark.parametrize("target", DIALECTS)
def test_rows_that_a_check_refuses_are_held_by_its_name(target: str, pairs: Pairs) -> None:
    assert settled(small(pairs, target, CHECK)) == {"refused:known": 1}


def test_a_check_goes_by_the_collations_and_the_defaults_of_its_table(pairs: Pairs) -> None:
    made = ", note TEXT COLLATE NOCASE DEFAULT 'X', CHECK (note IN ('x', 'a1') AND state <> 'lost')"
    assert settled(small(pairs, SQLITE, made)) == {"refused:note IN ('x', 'a1') AND state <> 'lost'": 1}
    made = ", CONSTRAINT known CHECK (number IN ('a1', 'a2') OR state <> 'open')"
    assert settled(small(pairs, MARIADB, made)) == {}


def test_documents_that_are_none_are_held_and_not_looked_at_where_the_source_has_none(pairs: Pairs) -> None:
    into = [P_ITEM % ", CONSTRAINT document CHECK (json_valid(number))"]
    values = "INSERT INTO item VALUES (1, '10002', '{}', 'open'), (2, '10002', %s, 'open')"
    loose = Small(pairs, (MARIADB, MARIADB), [ITEM, values % "'{'"], into, BOTH)
    assert settled(loose) == {"refused:document": 1}
    made = ITEM.replace("number VARCHAR(20)", "number JSON")
    assert settled(Small(pairs, (MARIADB, MARIADB), [made, values % "NULL"], into, BOTH)) == {}


def test_rows_that_the_check_of_a_domain_refuses_are_held(pairs: Pairs) -> None:
    made = [
        "CREATE DOMAIN code AS varchar(20) CONSTRAINT small CHECK (VALUE = lower(VALUE))",
        "CREATE DOMAIN narrow AS code CONSTRAINT early CHECK (VALUE < 'a3')",
        (P_ITEM % "").replace("number VARCHAR(20)", "number narrow"),
    ]
    job = Small(pairs, (MARIADB, POSTGRESQL), [ITEM, given(ROWS)], made, BOTH)
    assert settled(job) == {"refused:small": 2, "refused:early": 1}


LOWER = "CREATE UNIQUE INDEX one ON p_item (lower(number))"
INDEXES = {
    "lower": ([SQLITE, POSTGRESQL], [LOWER], 4),
    "some": ([SQLITE, POSTGRESQL], [f"{LOWER} WHERE state = 'open'"], 2),
    "default": (
        DIALECTS,
        ["ALTER TABLE p_item ADD COLUMN kind VARCHAR(3) DEFAULT 'x'",
         "CREATE UNIQUE INDEX one ON p_item (state, kind)"],
        4,
    ),
    "prefix": ([MARIADB], ["CREATE UNIQUE INDEX one ON p_item (number(1), state)"], 4),
    "made": ([MARIADB], ["ALTER TABLE p_item ADD COLUMN one VARCHAR(20) AS (lower(number)) UNIQUE KEY"], 4),
    "nocase": (
        [SQLITE], ["CREATE UNIQUE INDEX one ON p_item (number COLLATE NOCASE) WHERE state IN ('done')"], 2
    ),
    "stored": (
        [POSTGRESQL],
        ["ALTER TABLE p_item ADD small text GENERATED ALWAYS AS (lower(number)) STORED",
         "CREATE UNIQUE INDEX one ON p_item (small)"],
        4,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("target", "then", "stay"),
    [
        pytest.param(target, then, stay, id=f"{name}-{target}")
        for name, (targets, then, stay) in INDEXES.items()
        for target in targets
    ],
)
def test_rows_that_an_index_of_any_kind_takes_for_one_are_held(
    target: str, then: list[str], stay: int, pairs: Pairs
) -> None:
    held = settled(small(pairs, target, "", *then, source=SQLITE if target != SQLITE else POSTGRESQL))
    assert held == {"collision-one": stay}


def test_a_unique_index_that_takes_null_for_a_value_lets_one_move(pairs: Pairs) -> None:
    index = "CREATE UNIQUE INDEX one ON p_item (number) NULLS NOT DISTINCT"
    rows = [("a", "open"), (None, "open"), (None, "done")]
    assert settled(small(pairs, POSTGRESQL, "", index, rows=rows)) == {"collision-one": 2}


@pytest.mark.parametrize("target", [SQLITE, POSTGRESQL])
def test_rows_meet_those_that_the_target_has_and_those_of_runs_before(target: str, pairs: Pairs) -> None:
    index = "CREATE UNIQUE INDEX one ON p_item (lower(number)) WHERE state = 'open'"
    own = "INSERT INTO p_item (ward, number, state) VALUES ('x', 'B1', 'open'), ('x', 'B2', 'done')"
    job = small(pairs, target, CHECK, index, own, rows=[("b1", "open"), ("b2", "open"), ("b3", "open")])
    assert settled(job) == {"collision-one": 1}
    job.run(
        "one",
        "INSERT INTO item VALUES (9, '10002', 'B3', 'open')",
        "UPDATE item SET state = 'lost' WHERE id = 2",
    )
    plan = job.plan("later")
    assert plan.held_by_reason == {"collision-one": 2, "refused:known": 1}
    assert job.apply("later").state == "equal"


def test_what_cannot_be_tried_is_told_and_the_same_command_goes_on_when_it_is_mended(
    pairs: Pairs, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = ", CONSTRAINT apart EXCLUDE USING gist (int4range(length(number), 9) WITH &&) WHERE (id > 5)"
    job = small(pairs, POSTGRESQL, alone, rows=[(f"a{at}", "open") for at in range(8)])
    assert job.plan().to_move == 8
    plan_lines(api.load_plan(job.folder / "plan.json"))
    assert "target's table items that could not be tried beforehand: apart." in capsys.readouterr().out
    (told,) = [one for one in api.check(job.folder / "job.yaml") if one.code == "rules"]
    assert told.state == "not-run"
    assert "nobody can try apart of table p_item" in told.detail
    with pytest.raises(MergerError, match=r"did not take batch 2 of one/items \(apart\)"):
        job.apply()
    assert job.run("platform", "SELECT count(*) FROM p_item") == [(5,)]
    job.run("platform", "ALTER TABLE p_item DROP CONSTRAINT apart")
    assert job.apply().state == "equal"


@pytest.mark.parametrize("target", DIALECTS)
def test_a_new_plan_moves_the_rest_of_a_refused_run_when_the_rows_are_mended(
    target: str, pairs: Pairs
) -> None:
    job = small(pairs, target, CHECK, rows=[(f"a{at}", "open") for at in range(8)])
    assert job.plan().held == 0
    job.run("one", "UPDATE item SET state = 'lost' WHERE id = 7")
    with pytest.raises(MergerError, match=r"did not take batch 2 of one/items \(known\)"):
        job.apply()
    plan = job.plan("later")
    assert (plan.to_move, plan.held_by_reason) == (2, {"refused:known": 1})
    assert job.apply("later").state == "equal"
    job.run("one", "UPDATE item SET state = 'done' WHERE id = 7")
    assert job.plan("last").to_move == 1
    assert job.apply("last").state == "equal"


def test_a_rule_that_needs_a_key_of_the_target_is_told(pairs: Pairs) -> None:
    job = small(pairs, SQLITE, ", CONSTRAINT early CHECK (id < 5 OR state <> 'lost')")
    assert job.plan().held == 0
    assert api.load_plan(job.folder / "plan.json").untried == {"items": ("early",)}
    with pytest.raises(MergerError, match=r"\(early\)"):
        job.apply()
