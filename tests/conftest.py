"""What every test begins with."""

import gc

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
