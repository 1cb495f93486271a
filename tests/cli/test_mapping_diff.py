"""`merger mapping diff`: for people, for programs, and as git's diff driver, with a real git."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from merger.cli.run import run

ROOT = Path(__file__).parents[2]

UNITS = """\
schema: merger/units/1
id: made-up
effective: 2025-07-01
communes:
  - {clause: 1, into: 00001 Xã Một, from: [00001 Xã Một, 00002 Xã Hai]}
  - {clause: 2, into: 00003 Xã Ba, from: [00003 Xã Ba]}
  - {clause: 3, keep: 00006 Xã Sáu}
"""
EDITED = UNITS.replace(", 00002 Xã Hai", "").replace("[00003 Xã Ba]", "[00003 Xã Ba, 00002 Xã Hai]")


@pytest.fixture
def sides(tmp_path):
    (tmp_path / "old.yaml").write_text(UNITS, "utf-8")
    (tmp_path / "new.yaml").write_text(EDITED, "utf-8")
    return str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")


def test_differences_end_with_1_and_are_counted_and_placed(sides, capsys):
    assert run(["--lang", "en", "mapping", "diff", *sides]) == 1
    assert capsys.readouterr().out == (
        f"1 unit goes elsewhere\n  {sides[1]}:6:56: 00002 Xã Hai: until now 00001 Xã Một; now 00003 Xã Ba\n"
    )


def test_they_are_said_in_vietnamese_too(sides, capsys):
    assert run(["mapping", "diff", *sides, "--lang", "vi"]) == 1
    assert "00002 Xã Hai: trước đây vào 00001 Xã Một; nay vào 00003 Xã Ba" in capsys.readouterr().out


def test_a_mapping_that_differs_in_its_layout_only_ends_with_0(sides, capsys):
    old, new = map(Path, sides)
    new.write_text("# a comment\n" + UNITS.replace(", 00002", ",\n    00002"), "utf-8")
    assert run(["--lang", "en", "mapping", "diff", str(old), str(new)]) == 0
    assert capsys.readouterr().out == "nothing differs but order, comments or layout, if anything\n"


def test_json_holds_the_successors_of_both_sides(sides, capsys):
    assert run(["mapping", "diff", *sides, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["old"], found["new"], found["differences"]) == (*sides, 1)
    (group,) = found["groups"]
    (difference,) = group.pop("differences")
    assert group == {"group": "goes-elsewhere", "count": 1}
    assert difference.pop("message")
    assert difference == {
        "change": "changed",
        "subject": "00002 Xã Hai",
        "kind": "commune",
        "code": "00002",
        "aspect": "both",
        "until": [successor("00001", "Xã Một")],
        "now": [successor("00003", "Xã Ba")],
        "side": "new",
        "file": sides[1],
        "line": 6,
        "column": 56,
    }


def successor(code, name):
    return {"code": code, "name": name, "extent": "whole", "population": "all", "share": None}


def test_what_was_taken_out_is_placed_in_the_old_file(sides, capsys):
    Path(sides[1]).write_text(UNITS.replace("  - {clause: 3, keep: 00006 Xã Sáu}\n", ""), "utf-8")
    assert run(["--lang", "en", "mapping", "diff", *sides]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 unit taken out"
    assert lines[1] == f"  {sides[0]}:7:5 (old): 00006 Xã Sáu of the time before: went to 00006 Xã Sáu"


def test_every_problem_of_both_sides_ends_with_2(sides, capsys):
    old, new = map(Path, sides)
    old.write_text(UNITS.replace("2025-07-01", "soon"), "utf-8")
    new.unlink()
    assert run(["--lang", "en", "mapping", "diff", *sides]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{old}:3:12: DOC112 ")
    assert f"{new}: " in err


@pytest.mark.parametrize("given", [[], ["a"], ["a", "b", "c"], ["--git", "a", "b"]])
def test_a_wrong_number_of_sides_is_refused(given, capsys):
    assert run(["--lang", "en", "mapping", "diff", *given]) == 2
    assert capsys.readouterr().err.endswith("try: merger mapping diff --help\n")


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class Repository:
    """A repository set up as docs/comparing.md says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "mappings" / "made-up.yaml"
        self.file.parent.mkdir()
        self.git("init", "--quiet")
        page = (ROOT / "docs" / "comparing.md").read_text("utf-8")
        attributes = next(line for line in page.splitlines() if line.endswith("diff=merger"))
        (folder / ".gitattributes").write_text(attributes + "\n", "utf-8")
        setting = next(
            line for line in page.splitlines() if line.startswith("git config diff.merger.command")
        )
        command = setting.split('"')[1]
        assert command.startswith("merger ")
        start = f"{sys.executable} -c 'from merger.cli import main; main()'"
        self.git("config", "diff.merger.command", command.replace("merger", start, 1))

    def git(self, *arguments: str) -> str:
        names = {
            f"GIT_{who}_{what}": "t@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        environment = (
            os.environ
            | names
            | {
                "PYTHONPATH": str(ROOT),
                "MERGER_LANG": "en",
                "GIT_CONFIG_NOSYSTEM": "1",
                "HOME": str(self.folder),
            }
        )
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, text: str) -> None:
        self.file.write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "edit")


@needs_git
def test_git_shows_an_edit_an_addition_a_renaming_and_a_removal(tmp_path):
    repository = Repository(tmp_path)
    repository.commit(UNITS)
    said = "  {}:6:56: 00002 Xã Hai: until now 00001 Xã Một; now 00003 Xã Ba\n"
    repository.file.write_text(EDITED, "utf-8")
    name = "mappings/made-up.yaml"
    assert repository.git("diff") == f"{name}\n1 unit goes elsewhere\n" + said.format(name)
    repository.git("mv", name, "mappings/renamed.yaml")
    renamed = repository.git("diff", "HEAD", "-M20%")
    assert renamed.startswith(f"{name} → mappings/renamed.yaml\n")
    assert renamed.endswith("1 unit goes elsewhere\n" + said.format("mappings/renamed.yaml"))
    repository.git("rm", "--quiet", "--force", "mappings/renamed.yaml")
    removed = repository.git("diff", "HEAD")
    assert removed.startswith(f"{name}\n4 units taken out\n")
    assert removed.endswith(f"1 file changed as a whole\n  {name}:1:1 (old): made-up: taken out\n")
    added = repository.git("show", "--ext-diff", "--format=")
    assert f"1 file changed as a whole\n  {name}:1:1: made-up: added\n" in added


@needs_git
def test_git_goes_on_where_a_version_cannot_be_read(tmp_path):
    repository = Repository(tmp_path)
    repository.commit(UNITS)
    repository.commit(UNITS.replace("2025-07-01", "soon"))
    repository.commit(EDITED)
    log = repository.git("log", "-p", "--ext-diff", "--format=%s")
    assert log.count("mappings/made-up.yaml:3:12: DOC112 ") == 2
    assert log.count("edit") == 3


@needs_git
def test_git_shows_an_unmerged_file_as_such(tmp_path):
    repository = Repository(tmp_path)
    repository.commit(UNITS)
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit(EDITED)
    repository.git("checkout", "--quiet", "-")
    repository.commit(UNITS.replace("00002", "00009"))
    with pytest.raises(AssertionError):
        repository.git("merge", "other")
    assert "mappings/made-up.yaml: unmerged; resolve the conflict first\n" in repository.git(
        "diff", "--cached"
    )
