"""Disks that are full: the batch is taken back, the words say what to do, and the same command goes on."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate import api
from merger.systems.stores import sqlite
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.places import world_on
from merger.testing.pairs.trial import PairTrial, entered, quiet
from merger.testing.servers import mariadb
from merger.testing.servers.processes import unprivileged
from tests.faults.conftest import Faulty, Ground, Progress, says_enough, when_moving

pytestmark = pytest.mark.faults
FULL = "the disk is full; what was committed stays"


def told(faulty: Faulty, capfd: pytest.CaptureFixture[str], meanwhile: Progress = quiet) -> None:
    """The command ends with words that say what to do."""
    code, printed = faulty.command(capfd, meanwhile)
    assert code == 1
    assert FULL in printed
    assert says_enough(faulty, printed)


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system of so many bytes, to which servers have access. Skips the test where this machine lets
    nobody mount one."""
    with tempfile.TemporaryDirectory(prefix="merger-small-") as folder:
        Path(folder).chmod(0o711)
        place = Path(folder) / "disk"
        place.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", str(place)]
        if os.geteuid() != 0 or subprocess.run(words, check=False, capture_output=True).returncode:
            pytest.skip("no file system can be mounted here")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> None:
    """Leaves no room on a file system."""
    with (place / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def make_room(place: Path) -> None:
    (place / "ballast").unlink()


def test_postgresql_on_a_full_disk(ground: Ground, capfd: pytest.CaptureFixture[str]) -> None:
    found = ground.world((POSTGRESQL, POSTGRESQL))
    url = found.world.urls["platform"]
    assert found.server is not None
    with small_disk("64m") as place, entered(found.world):
        (place / "data").mkdir()
        shutil.chown(place / "data", unprivileged() or None)
        engine = sa.create_engine(found.server.url(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as server:
            server.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{place / 'data'}'")
            server.exec_driver_sql(f'ALTER DATABASE "{url.database}" SET TABLESPACE small')
            told(found, capfd, when_moving(lambda: fill(place), after=2))
            make_room(place)
            assert found.apply() == "done"
            assert found.different() == []
            found.server.drop(str(url.database))
            server.exec_driver_sql("DROP TABLESPACE small")


@pytest.mark.usefixtures("impatient")
def test_mariadb_on_a_full_disk(capfd: pytest.CaptureFixture[str]) -> None:
    """Its server may end itself there, and is then told as one that does not answer."""
    with small_disk("400m") as place:
        try:
            running = mariadb(place / "server")
        except Refused as refused:
            pytest.skip(str(refused))
        with running as server, tempfile.TemporaryDirectory() as folder:
            world = world_on({MARIADB: server}, Path(folder) / "world", (SQLITE, MARIADB))
            with entered(world):
                trial = PairTrial.of(world)
                assert api.apply(trial.plan_file, 1, quiet).state == "done"
                found = Faulty(trial, server, trial.outcome())
                trial.restore()
                code, printed = found.command(capfd, when_moving(lambda: fill(place), after=2))
                assert code == 1
                assert FULL in printed or (server.pid is None and "does not answer" in printed), printed
                assert says_enough(found, printed)
                make_room(place)
                if server.pid is None:
                    server.start()
                assert found.apply() == "done"
                assert found.different() == []


def test_sqlite_on_a_full_disk(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    found = ground.world((SQLITE, SQLITE))
    attach = sqlite.attach

    def small(connection: sa.Connection, path: Path, schema: str, mode: str) -> None:
        attach(connection, path, schema, mode)
        if schema == sqlite.TARGET:
            pages = connection.exec_driver_sql("PRAGMA tgt.page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA tgt.max_page_count = {pages + 12}")

    with entered(found.world):
        with monkeypatch.context() as patch:
            patch.setattr(sqlite, "attach", small)
            told(found, capfd)
        assert found.apply() == "done"
        assert found.different() == []
