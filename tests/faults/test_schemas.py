"""Tables that change: between the plan and its run, under way, and between a run that stopped and the same
command."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest

from merger import cli
from merger.errors import MergerError, Refused
from merger.migrate import api
from merger.migrate.failpoints import VARIABLE
from merger.testing.campaigns.killing import done
from merger.testing.pairs.kinds import POSTGRESQL, Kind
from merger.testing.pairs.world import SCHEMAS, platform
from tests.faults.conftest import Faulty, says_enough, when_moving

pytestmark = pytest.mark.faults

Change = Callable[[Faulty], AbstractContextManager[None]]
KEPT = ("CREATE TABLE kept AS SELECT id, note FROM step", "ALTER TABLE step DROP COLUMN note")


def run_sql(faulty: Faulty, name: str, *statements: str) -> None:
    """Somebody changes one of the databases."""
    engine = faulty.world.engine(name)
    with engine.begin() as connection:
        for one in statements:
            connection.exec_driver_sql(one)
    engine.dispose()


def retype(faulty: Faulty, name: str, table: str, column: str, to: str = "") -> None:
    """Gives a column another type, or its own again."""
    kind: Kind = SCHEMAS[name][table].columns[column]
    declared = to or kind.declared(faulty.trial.dialect)
    if faulty.trial.dialect == POSTGRESQL:
        words = f'ALTER COLUMN "{column}" TYPE {declared} USING CAST("{column}" AS {declared})'
    else:
        words = f"MODIFY COLUMN `{column}` {declared}"
    run_sql(faulty, name, f"ALTER TABLE {table} {words}")


@contextmanager
def dropped(faulty: Faulty) -> Iterator[None]:
    note = SCHEMAS["two"]["step"].columns["note"].declared(faulty.trial.dialect)
    run_sql(faulty, "two", *KEPT)
    try:
        yield
    finally:
        filled = "UPDATE step SET note = (SELECT note FROM kept WHERE kept.id = step.id)"
        run_sql(faulty, "two", f"ALTER TABLE step ADD COLUMN note {note}", filled, "DROP TABLE kept")


@contextmanager
def renamed(faulty: Faulty, name: str = "two", table: str = "record", column: str = "note") -> Iterator[None]:
    run_sql(faulty, name, f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
    try:
        yield
    finally:
        run_sql(faulty, name, f"ALTER TABLE {table} RENAME COLUMN other TO {column}")


@contextmanager
def retyped(faulty: Faulty, name: str = "two", table: str = "record", column: str = "due") -> Iterator[None]:
    retype(faulty, name, table, column, "varchar(40)")
    try:
        yield
    finally:
        retype(faulty, name, table, column)


@pytest.mark.parametrize("change", [dropped, renamed, retyped])
def test_a_source_whose_tables_changed_since_the_plan_is_refused(
    faulty: Faulty, change: Change, capfd: pytest.CaptureFixture[str]
) -> None:
    before = platform(faulty.world)
    with change(faulty):
        code, printed = faulty.command(capfd)
    assert code == Refused.exit_code
    assert "tables or columns of source two are no longer those that the plan saw" in printed
    assert says_enough(faulty, printed)
    assert platform(faulty.world) == before


def test_a_target_whose_tables_changed_since_the_plan_is_refused(
    faulty: Faulty, capfd: pytest.CaptureFixture[str]
) -> None:
    before = platform(faulty.world)
    for change in (
        renamed(faulty, "platform", "p_dossier", "remark"),
        retyped(faulty, "platform", "p_step", "order"),
    ):
        with change:
            code, printed = faulty.command(capfd)
        assert code == Refused.exit_code
        assert "tables or columns of the target are no longer those that the plan saw" in printed
        assert says_enough(faulty, printed)
    assert platform(faulty.world) == before
    assert faulty.apply() == "done"
    assert faulty.different() == []


@pytest.mark.parametrize("change", [dropped, retyped])
def test_a_source_whose_tables_change_under_way_ends_the_run_and_the_same_command_goes_on_when_they_are_back(
    faulty: Faulty, change: Change, capfd: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as changed:
        code, printed = faulty.command(capfd, when_moving(lambda: changed.enter_context(change(faulty))))
    assert code == MergerError.exit_code, printed
    assert "tables or columns changed while rows were moved, in: two" in printed
    assert says_enough(faulty, printed)
    assert faulty.apply() == "done"
    assert faulty.different() == []


def test_a_column_of_the_target_that_gets_another_type_under_way_is_told_though_it_takes_the_rows(
    faulty: Faulty, capfd: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as changed:
        change = retyped(faulty, "platform", "p_step", "order")
        code, printed = faulty.command(capfd, when_moving(lambda: changed.enter_context(change)))
    assert code == MergerError.exit_code, printed
    assert "tables or columns changed while rows were moved, in: platform" in printed
    assert says_enough(faulty, printed)
    assert faulty.apply() == "done"
    assert faulty.different() == []


def test_a_run_that_was_killed_does_not_go_on_over_tables_that_changed_meanwhile(
    faulty: Faulty, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["apply", str(faulty.plan), "--workers", "1"]
    assert done(cli.run, command, {VARIABLE: "after-batch-commit:3"}).code == -signal.SIGKILL
    before = platform(faulty.world)
    with renamed(faulty, "two", "record", "note"):
        code, printed = faulty.command(capfd)
    assert code == MergerError.exit_code, printed
    assert "tables or columns changed while rows were moved, in: two" in printed
    assert platform(faulty.world) == before
    assert faulty.apply() == "done"
    assert faulty.different() == []


def test_a_table_that_changed_since_it_was_moved_is_told_by_verify(
    faulty: Faulty, capfd: pytest.CaptureFixture[str]
) -> None:
    assert faulty.apply() == "done"
    for name, change in (
        ("two", renamed(faulty, "two", "record", "note")),
        ("platform", renamed(faulty, "platform", "p_step", "note")),
    ):
        capfd.readouterr()
        with change:
            assert cli.run(["verify", str(faulty.plan), "--lang", "en"]) == MergerError.exit_code
        printed = capfd.readouterr().err
        assert f"tables or columns are no longer those that the plan saw, in: {name};" in printed
        assert says_enough(faulty, printed)
    assert cli.run(["verify", str(faulty.plan)]) == 0


def test_a_table_that_changes_while_a_plan_is_made_is_told(faulty: Faulty) -> None:
    def change(_stage: str, _done: int, _total: int) -> None:
        if not changed:
            changed.append(under_way.enter_context(renamed(faulty, "two", "record", "note")))

    assert faulty.apply() == "done"  # a catch-up reads what was moved
    changed: list[None] = []
    out = faulty.plan.with_name("other.json")
    told = "tables or columns changed while they were read, in: two"
    with ExitStack() as under_way, pytest.raises(MergerError, match=told):
        api.make_plan(faulty.world.job, out, (), False, change)
    assert not out.exists()
