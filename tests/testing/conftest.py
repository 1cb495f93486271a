"""How many examples a law is tried on (few; `MERGER_EXAMPLES=500` for many), and runs of the plugin."""

import os
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile(
    "merger",
    settings.get_profile("suite"),
    max_examples=int(os.environ.get("MERGER_EXAMPLES", "4")),
    phases=[Phase.explicit, Phase.generate],  # a job takes too long to be made smaller; its seed is told
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("merger")


@pytest.fixture(autouse=True)
def _settings_as_elsewhere():
    """Gives back what a run of pytest inside of this one sets for all tests."""
    yield
    settings.load_profile("merger")


@pytest.fixture
def tried(pytester, monkeypatch):
    """Runs pytest with the plugin and the given options, in English unless a test says otherwise."""
    from plugin_runs import PLUGIN

    monkeypatch.setenv("MERGER_LANG", "en")

    def run(*given, examples=20):
        return pytester.runpytest_inprocess(*PLUGIN, "--merger-examples", str(examples), *map(str, given))

    return run


@pytest.fixture
def mapping(tmp_path):
    """Writes the made-up mapping with some words of it changed, and answers its folder."""
    from plugin_runs import AGENCIES, UNITS

    def write(*changed, more=""):
        said = {"units.yaml": UNITS + more, "agencies.yaml": AGENCIES}
        folder = tmp_path / "mapping"
        folder.mkdir()
        for old, new in changed:
            assert any(old in one for one in said.values())
            said = {name: one.replace(old, new) for name, one in said.items()}
        for name, one in said.items():
            (folder / name).write_text(one, "utf-8")
        return folder

    return write


@pytest.fixture
def job(tmp_path):
    """A made-up job with its databases."""
    from merger.testing import made_world

    return made_world(Random(1), dossiers=8).write(tmp_path / "job")
