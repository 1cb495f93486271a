import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.migrate import api
from tests.migrate.world import make_world, planned, quiet, standard_rows


class Worlds:
    """The small world in several states, each restored at one path, since a plan names its job's path.

    `empty`: no rows. `standard`: rows of every kind. `planned`: with a signed plan. `moved`: applied.
    """

    def __init__(self, base: Path) -> None:
        self.here = base / "world"
        self._kept = base / "kept"

    def restore(self, state: str) -> Path:
        """The world's folder, as `state` says. Its runs are known by their ids, whatever other tests left
        in the environment."""
        os.environ["MERGER_STATE"] = str(self.here / "state")
        kept = self._kept / state
        if not kept.exists():
            getattr(self, f"_{state}")()
            shutil.copytree(self.here, kept)
        self._copy(kept)
        return self.here

    def _copy(self, kept: Path) -> None:
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.copytree(kept, self.here)

    def _empty(self) -> None:
        shutil.rmtree(self.here, ignore_errors=True)
        make_world(self.here)

    def _standard(self) -> None:
        self.restore("empty")
        standard_rows(self.here)

    def _planned(self) -> None:
        self.restore("standard")
        planned(self.here)

    def _moved(self) -> None:
        self.restore("planned")
        api.apply(self.here / "plan.json", 1, quiet)


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    base = tmp_path_factory.mktemp("worlds")
    before = os.environ.get("MERGER_STATE")
    yield Worlds(base)
    if before is None:
        os.environ.pop("MERGER_STATE", None)
    else:
        os.environ["MERGER_STATE"] = before


@pytest.fixture
def empty(worlds: Worlds) -> Path:
    """The world without rows."""
    return worlds.restore("empty")


@pytest.fixture
def standard(worlds: Worlds) -> Path:
    """The world with rows of every kind."""
    return worlds.restore("standard")


@pytest.fixture
def ready(worlds: Worlds) -> Path:
    """The world with a plan that two people have signed."""
    return worlds.restore("planned")


@pytest.fixture
def moved(worlds: Worlds) -> Path:
    """The world after its plan was run."""
    return worlds.restore("moved")


if find_spec("merger.testing.servers") is None:

    @pytest.fixture
    def database(tmp_path: Path) -> Callable[..., sa.URL]:
        """`database(dialect, name="db") -> URL`: an empty database, of SQLite only."""

        def make(dialect: str, name: str = "db") -> sa.URL:
            if dialect != "sqlite":
                pytest.skip("there are no private servers here")
            return sa.URL.create("sqlite", database=str(tmp_path / f"{name}.sqlite"))

        return make
