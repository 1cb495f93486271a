"""One run at a time, on every kind of target."""

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.lock import LOOK, held_for, holding

SERVERS = ("postgresql", "mariadb")
ALL = ("sqlite", *SERVERS)
MakeDatabase = Callable[..., sa.URL]

HOLDER = """
import sys, time
import sqlalchemy as sa
from merger.migrate.lock import holding

with holding(sa.make_url(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("dialect", ALL)
def test_the_second_run_on_a_target_is_refused(database: MakeDatabase, dialect: str) -> None:
    url, other = database(dialect, "one"), database(dialect, "other")
    with holding(url) as require:
        told = pytest.raises(Refused, match=r"another run is working on .*; nothing was changed")
        with told as refused, holding(url):
            pass
        assert str(url.database) in str(refused.value)
        assert url.password is None or url.password not in str(refused.value)
        with holding(other):
            require()
    with holding(url):
        pass


@pytest.mark.parametrize("dialect", ALL)
def test_who_looks_is_told_for_which_plan_a_target_is_held(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    plans = ("c0ffee" * 10, "1f" * 32)
    assert held_for(url, plans) is None
    with holding(url, plan=plans[1]):
        assert held_for(url, plans) == plans[1]
        assert held_for(url, plans[:1]) == ""
        assert held_for(url, plans, "elsewhere") is None or dialect == "sqlite"
    assert held_for(url, plans) is None
    with holding(url):
        assert held_for(url, plans) == ""


def test_a_run_that_begins_while_somebody_looks_is_not_refused(database: MakeDatabase) -> None:
    url = database("sqlite")
    with Path(f"{url.database}.merger-lock").open("a+") as looked:
        fcntl.flock(looked, fcntl.LOCK_SH)
        look = Timer(LOOK / 2, lambda: fcntl.flock(looked, fcntl.LOCK_UN))
        look.start()
        with holding(url, plan="1f" * 32):
            assert held_for(url, ["1f" * 32]) == "1f" * 32
        look.join()


@pytest.mark.faults
@pytest.mark.parametrize("dialect", ALL)
def test_the_lock_goes_when_its_process_is_killed(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    command = [sys.executable, "-c", HOLDER, url.render_as_string(hide_password=False)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Refused, match="another run is working on"), holding(url):
            pass
        holder.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while True:
        try:
            with holding(url):
                return
        except Refused:
            assert time.monotonic() < end, "the lock of a killed process stays"
            time.sleep(0.05)


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_run_whose_lock_was_lost_is_told_before_it_commits(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    with holding(url) as require:
        require()
        _end_the_holder(url)
        for _ in range(2):
            with pytest.raises(Refused, match=r"the lock on .* was lost") as told:
                require()
        assert url.password is None or url.password not in str(told.value)


def _end_the_holder(url: sa.URL) -> None:
    """Ends the session that holds the lock, as a network that breaks or an administrator does."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        if url.get_backend_name() == "postgresql":
            found = connection.exec_driver_sql(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
            ).scalars()
            assert found.all() == [True]
            return
        asked = (
            "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
        )
        (holder,) = connection.exec_driver_sql(asked).scalars()
        connection.exec_driver_sql(f"KILL {holder}")


def test_a_ledger_in_a_schema_of_its_own_has_a_lock_of_its_own(database: MakeDatabase) -> None:
    url = database("postgresql")
    with holding(url, "one"), holding(url, "two"), pytest.raises(Refused), holding(url, "one"):
        pass
