"""Connections that are lost under way, and servers that restart or die."""

import pytest

from merger import cli
from merger.testing.cutting import Wire
from tests.faults.conftest import Faulty, says_enough, when_moving

pytestmark = pytest.mark.faults
COUNTER = {"postgresql": b"setval", "mariadb": b"AUTO_INCREMENT = "}
LOCK = {"postgresql": b"pg_try_advisory_lock", "mariadb": b"SET AUTOCOMMIT = 1"}
ASKED = {"postgresql": b"last_value", "mariadb": b"SHOW CREATE TABLE"}
COMMIT = {"postgresql": b"COMMIT", "mariadb": b"\x03COMMIT"}


def test_a_connection_lost_in_the_middle_of_a_batch_is_opened_anew(faulty: Faulty, wire: Wire) -> None:
    lose = when_moving(lambda: wire.cut_at(b"merger_landing", answered=False))
    assert faulty.apply(lose) == "done"
    assert wire.cuts == 1
    assert faulty.different() == []


@pytest.mark.parametrize("answered", [False, True], ids=["not-committed", "committed-untold"])
def test_a_connection_lost_during_a_commit_loses_and_doubles_nothing(
    faulty: Faulty, wire: Wire, answered: bool
) -> None:
    lose = when_moving(lambda: wire.cut_at(COMMIT[faulty.trial.dialect], answered=answered), after=3)
    assert faulty.apply(lose) == "done"
    assert wire.cuts == 1
    assert faulty.different() == []


def test_a_connection_lost_while_the_lock_of_the_run_is_taken_is_opened_anew(
    faulty: Faulty, wire: Wire
) -> None:
    wire.cut_at(LOCK[faulty.trial.dialect], answered=False)
    assert faulty.apply() == "done"
    assert wire.cuts == 1
    assert faulty.different() == []


def test_a_connection_lost_while_the_ledger_is_made_is_opened_anew(faulty: Faulty, wire: Wire) -> None:
    wire.cut_at(b"CREATE TABLE IF NOT EXISTS merger_approval", answered=False)
    assert faulty.apply() == "done"
    assert wire.cuts == 1
    assert faulty.different() == []


@pytest.mark.parametrize("answered", [False, True], ids=["not-done", "done-untold"])
def test_a_connection_lost_while_keys_are_reserved_loses_none(
    faulty: Faulty, wire: Wire, answered: bool
) -> None:
    wire.cut_at(COUNTER[faulty.trial.dialect], answered=answered)
    assert faulty.apply() == "done"
    assert wire.cuts == 1
    assert faulty.different() == []


def test_a_connection_lost_while_a_check_asks_for_counters_is_told(
    faulty: Faulty, wire: Wire, capfd: pytest.CaptureFixture[str]
) -> None:
    wire.cut_at(ASKED[faulty.trial.dialect], answered=False)
    assert cli.run(["check", str(faulty.world.job), "--lang", "en"]) == 1
    printed = capfd.readouterr()
    assert wire.cuts == 1
    assert printed.err.startswith("the connection to a database was lost; what was committed stays")
    assert says_enough(faulty, printed.out + printed.err)


def test_connections_that_are_lost_again_and_again_do_not_keep_a_run_from_its_end(
    faulty: Faulty, wire: Wire
) -> None:
    seen = 0

    def lose(stage: str, _done: int, _total: int) -> None:
        nonlocal seen
        seen += stage.startswith("apply")
        if stage.startswith("apply") and seen % 6 == 0 and seen < 20:
            wire.cut()

    assert faulty.apply(lose) == "done"
    assert wire.cuts >= 3
    assert faulty.different() == []


@pytest.mark.usefixtures("impatient")
def test_a_server_out_of_reach_is_told_and_the_same_command_goes_on_later(
    faulty: Faulty, wire: Wire, capfd: pytest.CaptureFixture[str]
) -> None:
    wire.refuse()
    code, printed = faulty.command(capfd)
    assert code == 1
    assert "does not answer" in printed
    assert says_enough(faulty, printed)
    wire.allow()
    assert faulty.apply() == "done"
    assert faulty.different() == []


def test_a_run_goes_on_when_the_server_was_restarted(faulty: Faulty) -> None:
    assert faulty.server is not None
    assert faulty.apply(when_moving(faulty.server.restart, after=2)) == "done"
    assert faulty.different() == []


def test_a_run_goes_on_when_the_server_was_killed_and_started_again(faulty: Faulty) -> None:
    server = faulty.server
    assert server is not None

    def die() -> None:
        server.kill()
        server.start()

    assert faulty.apply(when_moving(die, after=2)) == "done"
    assert faulty.different() == []


@pytest.mark.usefixtures("impatient")
def test_a_server_that_stays_dead_is_told_and_the_same_command_goes_on_later(faulty: Faulty) -> None:
    from merger.systems.stores import DatabaseFailed

    server = faulty.server
    assert server is not None
    with pytest.raises(DatabaseFailed, match=r"does not answer.*run the same command again"):
        faulty.apply(when_moving(server.kill, after=2))
    server.start()
    assert faulty.apply() == "done"
    assert faulty.different() == []
