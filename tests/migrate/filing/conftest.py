"""Two folders, and a book."""

import pytest

from tests.migrate.filing.job_world import FileWorlds
from tests.migrate.filing.world import FileWorld


@pytest.fixture
def world(tmp_path):
    with FileWorld(tmp_path) as one:
        yield one


@pytest.fixture(scope="session")
def file_worlds(tmp_path_factory):
    return FileWorlds(tmp_path_factory.mktemp("file-worlds"))


@pytest.fixture
def file_world(file_worlds, monkeypatch):
    """`file_world(state)`: the folder of the small world whose rows name files, as `state` says."""
    monkeypatch.setenv("MERGER_STATE", str(file_worlds.here / "state"))
    return file_worlds.restore
