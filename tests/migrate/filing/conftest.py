"""Two folders, and a book."""

import pytest

from tests.migrate.filing.world import FileWorld


@pytest.fixture
def world(tmp_path):
    with FileWorld(tmp_path) as one:
        yield one
