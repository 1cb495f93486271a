"""pytest fixtures: databases on servers that a whole test run shares, and private servers for faults.

A server is started when the first test asks for it, by whichever worker, and ends with the process that
runs the tests, however that ends. A test whose server is missing here is skipped, and says why.
"""

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.testing.servers.databases import DatabaseServer
from merger.testing.servers.files import S3, Sftp
from merger.testing.servers.private import SERVERS, mariadb, postgresql
from merger.testing.servers.processes import PATIENCE, owned
from merger.testing.servers.programs import needed
from merger.testing.servers.server import Server

DIALECTS = ("sqlite", "postgresql", "mariadb")
_FOLDER = "MERGER_SERVERS_FOLDER"
_numbers = count(1)

MakeDatabase = Callable[..., sa.URL]
MakeServer = Callable[[str], DatabaseServer]


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    """The process that runs the tests owns the servers; its workers find them by the environment."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="merger-servers-"))
    folder.chmod(0o711)
    before = os.environ.get(_FOLDER)
    os.environ[_FOLDER] = str(folder)
    ownership = ExitStack()
    ownership.enter_context(owned(folder / "owner"))
    config.add_cleanup(lambda: _end(ownership, folder, before))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[MakeDatabase]:
    """`database(dialect, name="db") -> URL`: an empty database for the test, dropped after it.

    Dialects: sqlite, postgresql, mariadb. The account of the URL may do everything.
    """
    with ExitStack() as drops:

        def make(dialect: str, name: str = "db") -> sa.URL:
            if dialect == "sqlite":
                file = tmp_path / f"{name}.sqlite"
                file.touch(exist_ok=False)
                return sa.URL.create("sqlite", database=str(file))
            server = cast(DatabaseServer, _shared(dialect))
            worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
            unique = f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}_{worker}_{os.getpid()}_{next(_numbers)}"
            drops.callback(server.drop, unique)
            return server.create(unique)

        yield make


@pytest.fixture
def private_server() -> Iterator[MakeServer]:
    """`private_server(dialect) -> DatabaseServer`: a server for this test alone, to be killed at will."""
    with ExitStack() as servers:

        def make(dialect: str) -> DatabaseServer:
            _skip_without(dialect)
            starting = {"postgresql": postgresql, "mariadb": mariadb}[dialect]
            return servers.enter_context(starting())

        yield make


@pytest.fixture
def sftp_server() -> Sftp:
    """The SFTP server of this test run."""
    return cast(Sftp, _shared("sftp"))


@pytest.fixture
def s3_endpoint() -> S3:
    """The S3 endpoint of this test run; a test makes its own bucket."""
    return cast(S3, _shared("s3"))


def _skip_without(kind: str) -> None:
    try:
        needed(kind)
    except Refused as refused:
        pytest.skip(str(refused))


def _shared(kind: str) -> Server:
    """The server of this test run, started if no worker did it before."""
    _skip_without(kind)
    root = Path(os.environ[_FOLDER])
    with _alone(root / f"{kind}.starting"):
        server = SERVERS[kind](root / kind, root / "owner", temporary=True)
        if server.pid is None:
            server.start()
    return server


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _end(ownership: ExitStack, folder: Path, before: str | None) -> None:
    """Lets go of the servers and waits until their guards have ended them. `before`: the folder of a run
    within which this one ran."""
    ownership.close()
    end = time.monotonic() + PATIENCE
    while any((folder / kind / "pid").exists() for kind in SERVERS) and time.monotonic() < end:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
    if before is None:
        os.environ.pop(_FOLDER, None)
    else:
        os.environ[_FOLDER] = before
