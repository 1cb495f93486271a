"""The options of the pytest plugin: what they collect, how a law is chosen, and the guide to them."""

import os
import re
import shlex
import subprocess
import sys

import pytest
from plugin_runs import GUIDE, LAWS, ROOT

from merger.messages import catalogue
from merger.testing.suite import agencies, files, jobs, units

pytest_plugins = ["pytester"]
COMMANDS = [shlex.split(line)[1:] for line in re.findall(r"^\$ (pytest .*)$", GUIDE, re.MULTILINE)]


def test_without_the_options_nothing_is_collected(tried, pytester):
    tried().assert_outcomes()
    pytester.makepyfile("def test_own(): pass")
    result = tried()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*merger:*")


def test_without_the_options_nothing_is_imported():
    asked = (
        "import sys, merger.testing.plugin; print(*sorted(m for m in sys.modules if m.startswith('merger')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split() == ["merger", "merger.testing", "merger.testing.plugin"]


def test_the_suite_runs_alone_unless_paths_are_given(tried, mapping, pytester):
    pytester.makepyfile(test_mine="def test_own(): pass")
    folder = mapping()
    tried("--merger-mapping", folder).assert_outcomes(passed=LAWS)
    tried("--merger-mapping", folder, "test_mine.py").assert_outcomes(passed=LAWS + 1)


def test_what_is_not_there_is_one_mistake_of_the_command_and_no_law_is_tried(tried, mapping, monkeypatch):
    given = ("--merger-mapping", mapping(), "--merger-mapping", "nothere", "--merger-job", "nothere.yaml")
    result = tried(*given)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.stderr.lines if line] == [
        "ERROR: --merger-mapping nothere: there is no such file or folder",
        "ERROR: --merger-job nothere.yaml: there is no such file",
    ]
    result.stdout.no_fnmatch_line("*passed*")
    monkeypatch.setenv("MERGER_LANG", "vi")
    vietnamese = tried("--merger-job", "nothere.yaml")
    vietnamese.stderr.fnmatch_lines(["ERROR: --merger-job nothere.yaml: không có tệp này"])


def test_every_law_is_chosen_by_its_word_alone():
    for suite in ([*files.laws(), *units.laws(), *agencies.laws()], jobs.job_laws()):
        names = {law.key: f"{catalogue('en', 'testing')[f'law.{law.key}']} {law.key}" for law in suite}
        assert len(names) == len(suite)
        for key in names:
            assert [other for other, name in names.items() if key in name] == [key]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_commands_of_the_guide_run(tried, words, monkeypatch):
    monkeypatch.chdir(ROOT)
    more = ["--collect-only"] if "--merger-job" in words else []
    result = tried("-p", "no:cacheprovider", *words, *more)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*5 tests collected*" if more else "*passed*"])


def test_the_guide_names_every_law_by_its_word():
    laws = [*files.laws(), *units.laws(), *agencies.laws(), *jobs.job_laws()]
    assert re.findall(
        r"^\| `([a-z][a-z-]+)` \| [^|]*\|$", GUIDE.partition("## The laws in")[0], re.MULTILINE
    ) == [law.key for law in laws]
