"""Makes the small made-up country of the engine's tests importable, and replays the examples of a page."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from merger.cli.run import run

sys.path.insert(0, str(Path(__file__).parents[1] / "migrate"))

_BLOCK = re.compile(r"^```(csv|console) ?(\S*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def replay(tmp_path, monkeypatch, capsys):
    """Does what the examples of a page say in an empty folder, and compares what is printed and written.

    Answers how many commands were run.
    """

    def through(page):
        monkeypatch.chdir(tmp_path)
        done = 0
        for kind, name, body in _BLOCK.findall(page.read_text("utf-8")):
            if kind == "csv":
                Path(name).write_text(body, "utf-8")
                continue
            for entry in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                line, _, output = entry.partition("\n")
                words = shlex.split(line)
                if words[0] == "cat":
                    assert Path(words[1]).read_text("utf-8") == output
                else:
                    run(words[1:])
                    assert capsys.readouterr().out == output
                done += 1
        return done

    return through
