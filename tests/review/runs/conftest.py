"""A folder with a signed plan, and one whose plan was run, each made once."""

import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import merger
from merger.migrate import api
from merger.review.web.desk import Desk
from merger.review.web.settings import Settings
from tests.conftest import Once
from tests.review.conftest import PASSPHRASE

KEYS = ("first.key", "second.key")


def quiet(_what: str, _done: int, _all: int) -> None:
    return


def sign(path: Path) -> None:
    for key in KEYS:
        api.sign(path, path.parent / key, PASSPHRASE, datetime.now(UTC))


@pytest.fixture(scope="session")
def made_run(made_folder: Path, once: Once) -> Path:
    def make(copy: Path) -> None:
        shutil.copytree(made_folder, copy)
        sign(copy / "plan.json")
        api.apply(copy / "plan.json", 1, quiet)

    return once("run", make)


@pytest.fixture
def signed(folder: Path) -> Path:
    """The folder with a plan that two people signed."""
    sign(folder / "plan.json")
    return folder


@pytest.fixture
def ran(folder: Path, made_run: Path) -> Path:
    """The folder with a plan that was run."""
    shutil.rmtree(folder)
    shutil.copytree(made_run, folder)
    return folder


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(Settings(folder))


@pytest.fixture
def plan(desk: Desk, folder: Path) -> str:
    """The identifier of the plan."""
    return desk.identifier(folder / "plan.json")


def until(asked: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not asked():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


_SLOW = """
import pathlib, time
from merger.migrate import failpoints

here = pathlib.Path(__file__).parent
reach, batches = failpoints.reach, 0

def slowly(name):
    global batches
    reach(name)
    batches += name == "after-batch-commit"
    if batches == 3:
        (here / "slow").touch()
        while not (here / "fast").exists():
            time.sleep(0.05)

failpoints.reach = slowly
"""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs stop after their third batch until a file `fast` is beside the answered one, which says that they
    have come there."""
    place = tmp_path / "slow"
    place.mkdir()
    (place / "sitecustomize.py").write_text(_SLOW)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(place), str(Path(merger.__file__).parents[1])]))
    return place / "slow"
