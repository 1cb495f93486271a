"""Servers of one's own: restarted, killed, kept, and ended with their owner."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc, pool

from merger.errors import Refused
from merger.testing.servers import mariadb, postgresql, programs
from merger.testing.servers.processes import is_free

STARTING = {"postgresql": postgresql, "mariadb": mariadb}
servers = pytest.mark.parametrize("dialect", sorted(STARTING))

OWNER = """
import sys, time
from merger.testing import servers
with getattr(servers, sys.argv[1])() as server:
    print(server.pid, server.folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def starting(dialect):
    try:
        programs.needed(dialect)
    except Refused as refused:
        pytest.skip(str(refused))
    return STARTING[dialect]


@pytest.fixture
def open_folder():
    """A folder that the servers' user can enter, which pytest's own are not when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="merger-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def connect(url):
    return sa.create_engine(url, poolclass=pool.NullPool).connect()


def write(url):
    with connect(url) as connection:
        connection.execute(sa.text("CREATE TABLE t (a int)"))
        connection.execute(sa.text("INSERT INTO t VALUES (7)"))
        connection.commit()


def read(url):
    with connect(url) as connection:
        return connection.scalar(sa.text("SELECT a FROM t"))


def gone(pid):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@servers
def test_a_restarted_server_is_where_it_was_with_what_it_had(private_server, dialect):
    server = private_server(dialect)
    url, pid = server.create("kept"), server.pid
    write(url)
    server.restart()
    assert server.pid != pid
    assert read(url) == 7


@servers
def test_a_killed_server_cuts_its_connections_and_recovers(private_server, dialect):
    server = private_server(dialect)
    url, pid = server.create("kept"), server.pid
    write(url)
    with connect(url) as connection:
        connection.execute(sa.text("SELECT 1"))
        server.kill()
        assert server.pid is None
        assert gone(pid)
        with pytest.raises(exc.DBAPIError):
            connection.execute(sa.text("SELECT 1"))
    with pytest.raises(exc.DBAPIError):
        connect(url)
    server.start()
    assert read(url) == 7


@servers
def test_a_server_ends_with_its_context_and_leaves_nothing(starting):
    with starting() as server:
        pid, folder, port = server.pid, server.folder, server.port
        assert not is_free(port)
    assert gone(pid)
    assert is_free(port)
    assert not folder.exists()


@servers
@pytest.mark.usefixtures("starting")
def test_a_server_ends_with_its_owner_even_when_that_is_killed(dialect):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, dialect], stdout=subprocess.PIPE, text=True)
    pid, folder = owner.stdout.readline().split()
    os.kill(int(pid), 0)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert gone(int(pid))
    end = time.monotonic() + 10
    while Path(folder).exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(folder).exists()


@servers
def test_a_folder_that_is_named_is_kept(starting, open_folder):
    with starting(open_folder / "server") as server:
        write(server.create("kept"))
    with starting(open_folder / "server") as server:
        assert read(server.url("kept")) == 7


@servers
def test_a_server_is_made_anew_where_its_making_was_cut_short(starting, open_folder):
    (open_folder / "server" / "data").mkdir(parents=True)
    (open_folder / "server" / "data" / "half").touch()
    with starting(open_folder / "server") as server:
        write(server.create("kept"))


def test_settings_reach_postgresql(private_server):
    private_server("postgresql")
    with postgresql(settings={"work_mem": "5MB"}) as server, connect(server.url()) as connection:
        assert connection.scalar(sa.text("SHOW work_mem")) == "5MB"


def test_settings_reach_mariadb(private_server):
    private_server("mariadb")
    with mariadb(settings={"max-connections": "33"}) as server, connect(server.url()) as connection:
        assert connection.scalar(sa.text("SELECT @@max_connections")) == 33


def test_a_server_that_does_not_start_is_refused_with_its_last_words(private_server):
    private_server("postgresql")
    said = r"(?s)postgres does not run:\n.*work_mem"
    with pytest.raises(Refused, match=said), postgresql(settings={"work_mem": "much"}):
        pass


@servers
def test_a_folder_that_the_servers_user_cannot_enter_is_refused(starting, open_folder):
    if os.geteuid() != 0:
        pytest.skip("only root starts servers as another user")
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    said = "closed: the user daemon, who runs the servers, cannot enter this folder"
    with pytest.raises(Refused, match=said), starting(closed / "server"):
        pass
