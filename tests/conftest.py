"""What every test begins with."""

import pytest

from merger import messages

pytest_plugins = ("merger.testing.servers.fixtures",)


@pytest.fixture(autouse=True)
def _messages_in_english() -> None:
    messages.use("en")


@pytest.fixture(autouse=True)
def _nothing_kept_for_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGER_CACHE", "off")
