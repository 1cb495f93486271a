"""What every test begins with."""

import pytest

from merger import messages


@pytest.fixture(autouse=True)
def _messages_in_english() -> None:
    messages.use("en")
