"""A network that passes nothing and cuts nothing."""

import time

import pytest

from merger.errors import Refused
from merger.migrate.lock import holding
from merger.systems.stores import DatabaseFailed, open_source, reaching
from merger.testing.cutting import Wire
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL
from tests.faults.conftest import Faulty

pytestmark = pytest.mark.faults
SOON = 1
GREETINGS = {POSTGRESQL: (0, 100, 400, 700), MARIADB: (0, 20, 100, 700)}
"""Bytes that a server has sent: nothing, within its greeting, and while the session's settings are made."""


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are waited for a second."""
    monkeypatch.setattr(reaching, "WAIT_S", SOON)


@pytest.mark.usefixtures("soon")
def test_a_server_that_lets_in_and_then_says_nothing_is_not_waited_for(faulty: Faulty, wire: Wire) -> None:
    url = wire.through(faulty.world.urls["platform"])
    for passed in GREETINGS[faulty.trial.dialect]:
        wire.stall(passed)
        began = time.monotonic()
        with pytest.raises(DatabaseFailed, match="does not answer"), open_source(url):
            pass
        if faulty.trial.dialect == MARIADB:  # PostgreSQL's driver waits for two seconds at least
            assert time.monotonic() - began < 10 * SOON, passed
        with pytest.raises(DatabaseFailed, match="does not answer"), holding(url):
            pass


@pytest.mark.usefixtures("soon")
def test_a_lock_whose_server_says_nothing_any_more_is_lost(faulty: Faulty, wire: Wire) -> None:
    url = faulty.world.urls["platform"]
    with holding(wire.through(url)) as require:
        require()
        wire.stall()
        with pytest.raises(Refused, match=r"the lock on .* was lost.*run the same command again"):
            require()
    wire.allow()
    with holding(wire.through(url)):
        pass


def test_a_statement_that_takes_long_is_waited_for(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "WAIT_S", SOON)
    asked = {POSTGRESQL: "SELECT pg_sleep(1.5)", MARIADB: "SELECT SLEEP(1.5)"}[faulty.trial.dialect]
    with open_source(faulty.world.urls["platform"]) as source:
        source.run(asked)
        assert source.connection.exec_driver_sql("SELECT 1").scalar() == 1
