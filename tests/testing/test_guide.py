"""The examples of the testing guide run as they stand, on files as a user would have them."""

import re
import shutil
from importlib import resources
from pathlib import Path
from random import Random

import pytest
import yaml

from merger.cli.run import run
from merger.demo.masking.model import Check
from merger.testing import WAYS, made_world

pytest_plugins = ["pytester"]

GUIDE = (Path(__file__).parents[2] / "docs" / "testing-guide.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
PROFILES = Path(str(resources.files("merger.demo") / "data" / "profiles"))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_guide_runs(pytester, number):
    job = made_world(Random(5), dossiers=6).write(pytester.path / "job")
    shutil.copytree(job.parent / "mapping", pytester.path / "mapping")
    (pytester.path / "profiles").mkdir()
    shutil.copyfile(PROFILES / "onestop-68.yaml", pytester.path / "profiles" / "onestop.yaml")
    shutil.copyfile(PROFILES / "docs-60.yaml", pytester.path / "profiles" / "documents.yaml")
    pytester.makepyfile(test_example=EXAMPLES[number])
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-q")
    tests = len(re.findall(r"^def test_", EXAMPLES[number], re.MULTILINE))
    assert tests
    result.assert_outcomes(passed=tests)


def test_the_guide_shows_every_strategy_in_an_example():
    listed = re.findall(
        r"^\| `([a-z_]+)\(", GUIDE.partition("## Strategies")[2].partition("###")[0], re.MULTILINE
    )
    of_mappings = ["lineages", "lands", "wild_lineages", "mappings", "agencies"]
    assert listed == [*of_mappings, "dossiers", "documents", "dirt", "worlds"]
    for name in set(listed) - {"worlds"}:
        assert any(re.search(rf"\b{name}\b", example) for example in EXAMPLES)


def test_the_guide_names_every_way_of_spoiling_and_every_check():
    for way in WAYS:
        assert f"`{way}`" in GUIDE
    codes = Check.model_fields["code"].annotation.__args__
    assert re.findall(
        r"^\| `([a-z-]+)` \|", GUIDE.partition("| check | what it asks |")[2], re.MULTILINE
    ) == [*codes]


def test_the_commands_of_the_masked_copy_run(tmp_path, monkeypatch, capsys):
    job = made_world(Random(5), dossiers=30).write(tmp_path / "work")
    commands = re.findall(r"^merger (demo --like .*)$", GUIDE, re.MULTILINE)
    assert len(commands) == 3
    monkeypatch.chdir(job.parent)
    source = yaml.safe_load(job.read_text("utf-8"))["sources"][0]
    for number, command in enumerate(commands):
        words = command.split()
        if "--database" in words:
            words[2], words[4] = source["profile"], source["database"]["path"]
        words[words.index("--dir") + 1] = str(tmp_path / str(number))
        assert run(["--lang", "en", *words]) == 0
        assert "passed: none of" in capsys.readouterr().out
