"""Makes the made-up country of these tests importable, and what they share with those of the mapping."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "mapping"))


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory):
    from small_country import mapping

    from merger.recode.knowledge import Knowledge

    return Knowledge([mapping(tmp_path_factory.mktemp("country"))])
