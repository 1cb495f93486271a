"""Others who work on the platform meanwhile: locks, deadlocks, another run, changed tables."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from merger import cli
from merger.errors import MergerError, Refused
from merger.migrate import api
from merger.migrate.failpoints import VARIABLE
from merger.migrate.movers import mover
from merger.systems.stores import DatabaseFailed, failure_of, postgresql
from merger.systems.stores import mariadb as mariadb_stores
from merger.testing.campaigns.killing import done
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL
from merger.testing.pairs.trial import quiet
from tests.faults.conftest import Faulty, says_enough, when_moving

pytestmark = pytest.mark.faults
LOCK_WAIT = {
    POSTGRESQL: (postgresql, ("lock_timeout = '30s'", "lock_timeout = '500ms'")),
    "mariadb": (mariadb_stores, ("lock_wait_timeout = 30", "lock_wait_timeout = 1")),
}


@contextmanager
def beside(faulty: Faulty) -> Iterator[sa.Connection]:
    """Somebody else's connection to the platform."""
    engine = faulty.world.engine("platform")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def run_sql(faulty: Faulty, *statements: str) -> None:
    with beside(faulty) as connection:
        for one in statements:
            connection.exec_driver_sql(one)
        connection.commit()


@contextmanager
def locked(faulty: Faulty, table: str) -> Iterator[None]:
    """Somebody holds a table for himself."""
    with beside(faulty) as connection:
        if faulty.trial.dialect == POSTGRESQL:
            connection.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()
        else:
            connection.exec_driver_sql(f"LOCK TABLES {table} WRITE")
            yield
            connection.exec_driver_sql("UNLOCK TABLES")


def test_a_lock_that_is_not_given_in_time_is_told_and_the_same_command_goes_on_later(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    module, (before, after) = LOCK_WAIT[faulty.trial.dialect]
    assert any(before in one for one in module.SESSION)
    monkeypatch.setattr(module, "SESSION", tuple(one.replace(before, after) for one in module.SESSION))
    monkeypatch.setattr("merger.migrate.counters.mariadb.WAIT_SECONDS", 1)
    monkeypatch.setattr("merger.migrate.batching.retries.Retries.pause", lambda *_: 0.01)
    with locked(faulty, "p_officer"):
        code, printed = faulty.command(capfd)
    assert code == 1
    assert "another program is keeping the database locked" in printed
    assert says_enough(faulty, printed)
    assert faulty.apply() == "done"
    assert faulty.different() == []


def test_keys_that_were_reserved_are_given_back_when_the_run_is_killed_before_it_could_use_them(
    faulty: Faulty,
) -> None:
    command = ["apply", str(faulty.plan), "--workers", "1"]
    for failpoint in ("before-keys-commit", "before-keys-commit", "before-keys-commit:2"):
        assert done(cli.run, command, {VARIABLE: failpoint}).code == -signal.SIGKILL
    assert faulty.apply() == "done"
    assert faulty.different() == []


def test_keys_that_the_platform_drew_meanwhile_are_given_to_nobody_else(faulty: Faulty) -> None:
    command = ["apply", str(faulty.plan), "--workers", "1"]
    assert done(cli.run, command, {VARIABLE: "before-keys-commit"}).code == -signal.SIGKILL
    run_sql(faulty, "INSERT INTO p_applicant (name) VALUES ('meanwhile')")
    assert faulty.apply() == "done"
    with beside(faulty) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM p_applicant").scalar() == 10
        assert connection.exec_driver_sql("SELECT count(DISTINCT id) FROM p_applicant").scalar() == 10
    assert api.verify(str(faulty.plan), False, False, quiet).state == "equal"


def test_a_deadlock_is_tried_again(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    run_sql(faulty, "CREATE TABLE theirs (id integer)")
    deadlocks: list[DatabaseFailed | None] = []
    theirs = threading.Event()
    ends: list[threading.Thread] = []
    reached = mover.reach

    def hold() -> None:
        """Holds what the batch will want, and then wants what the batch holds."""
        with beside(faulty) as connection:
            if faulty.trial.dialect == POSTGRESQL:
                connection.exec_driver_sql("SET LOCAL deadlock_timeout = '60s'")
            connection.exec_driver_sql(f"INSERT INTO theirs VALUES {', '.join(['(1)'] * 5000)}")
            connection.exec_driver_sql("UPDATE counter SET current = current WHERE name = 'other'")
            if faulty.trial.dialect == MARIADB:
                # it spares who wrote what cannot be taken back, as merger did; of two the smaller one goes
                connection.exec_driver_sql("CREATE TEMPORARY TABLE passing (id integer) ENGINE=Aria")
                connection.exec_driver_sql("INSERT INTO passing VALUES (1)")
            theirs.set()
            connection.exec_driver_sql("UPDATE merger_batch SET worker = worker WHERE number = 1")
            connection.rollback()

    def reach(name: str) -> None:
        reached(name)
        if name == "in-batch" and not ends:
            ends.append(threading.Thread(target=hold))
            ends[0].start()
            theirs.wait(10)
            time.sleep(0.5)
            try:
                moving[0].connection.exec_driver_sql(
                    "UPDATE counter SET current = current WHERE name = 'other'"
                )
            except (DatabaseFailed, sa.exc.OperationalError) as error:
                deadlocks.append(failure_of(error))
                raise

    moving: list[mover.TargetStore] = []
    run = mover.Mover.run

    def watched(self: mover.Mover, *given: object, **more: object) -> int:
        moving[:] = [self.target]
        return run(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(mover, "reach", reach)
    monkeypatch.setattr(mover.Mover, "run", watched)
    assert faulty.apply() == "done"
    ends[0].join()
    assert [one and one.key for one in deadlocks] == ["systems.failed.deadlock"]
    run_sql(faulty, "DROP TABLE theirs")
    assert faulty.different() == []


def test_a_second_run_is_refused_while_the_first_goes_on(
    faulty: Faulty, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[int, str]] = []
    assert faulty.apply(when_moving(lambda: told.append(faulty.command(capfd)))) == "done"
    ((code, printed),) = told
    assert code == Refused.exit_code
    assert "another run is working on" in printed
    assert says_enough(faulty, printed)
    assert faulty.different() == []


def test_a_run_whose_lock_went_with_its_connection_takes_it_again(faulty: Faulty) -> None:
    kill = {
        POSTGRESQL: "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'",
        "mariadb": "SELECT id FROM information_schema.processlist WHERE db = DATABASE() ORDER BY id LIMIT 1",
    }

    def lose() -> None:
        with beside(faulty) as connection:
            found = connection.exec_driver_sql(kill[faulty.trial.dialect]).scalars().all()
            if faulty.trial.dialect != POSTGRESQL:
                connection.exec_driver_sql(f"KILL {found[0]}")

    assert faulty.apply(when_moving(lose)) == "done"
    assert faulty.different() == []


def test_a_column_that_goes_under_way_ends_the_run_and_the_same_command_goes_on_when_it_is_back(
    faulty: Faulty, capfd: pytest.CaptureFixture[str]
) -> None:
    away = "ALTER TABLE p_dossier RENAME COLUMN note TO notes"
    back = "ALTER TABLE p_dossier RENAME COLUMN notes TO note"
    code, printed = faulty.command(capfd, when_moving(lambda: run_sql(faulty, away)))
    assert code == MergerError.exit_code
    assert "tables or columns changed while rows were moved" in printed
    assert says_enough(faulty, printed)
    run_sql(faulty, back)
    assert faulty.apply() == "done"
    assert faulty.different() == []


def test_a_rule_that_the_target_has_from_now_on_takes_the_batch_back(faulty: Faulty) -> None:
    require = "ALTER TABLE p_step ADD CONSTRAINT few CHECK (id IS NULL)"
    add = require if faulty.trial.dialect != POSTGRESQL else f"{require} NOT VALID"

    def rule() -> None:
        run_sql(faulty, *(["SET check_constraint_checks = 0"] if add is require else []), add)

    with pytest.raises(MergerError, match=r"did not take batch .*; the batch was taken back"):
        faulty.apply(when_moving(rule))
    run_sql(faulty, "ALTER TABLE p_step DROP CONSTRAINT few")
    assert faulty.apply() == "done"
    assert faulty.different() == []
