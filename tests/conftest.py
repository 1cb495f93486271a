"""What every test begins with."""

import fcntl
import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from merger import messages

pytest_plugins = ("merger.testing.servers.fixtures",)

settings.register_profile(
    "suite",
    database=None,
    deadline=None,
    derandomize=True,  # the same examples in every run; those drawn by chance are tried by scripts/measure
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no fault of a test
)
settings.load_profile("suite")

Once = Callable[[str, Callable[[Path], object]], Path]

gc.set_threshold(100_000, 50, 50)  # a tenth of the processor's time less: every connection compiles anew


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-screenshots", action="store_true", help="make what pages look like now the reference"
    )
    parser.addoption("--all-looks", action="store_true", help="pictures in light and dark on both sizes")
    parser.addoption("--all-pairs", action="store_true", help="catch up over all nine pairs of databases")
    parser.addoption("--screenshots", metavar="FOLDER", help="keep pictures of all pages in full size there")


@pytest.fixture(autouse=True)
def _messages_in_english() -> None:
    messages.use("en")


@pytest.fixture(autouse=True)
def _nothing_kept_for_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGER_CACHE", "off")


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """`once(name, make) -> Path`: a folder that `make` filled in whichever process of the test run asked
    first. Tests read it and take copies; none changes it."""
    own = tmp_path_factory.getbasetemp()
    together = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, whole = together / f"once-{name}", together / f"once-{name}.whole"
        with (together / f"once-{name}.making").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                whole.touch()
        return folder

    return made
