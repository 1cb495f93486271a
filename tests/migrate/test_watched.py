"""What a command tells whoever watches it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from merger.migrate.watched import Step, Watch, read_watched


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_watch_tells_every_place_and_how_far_it_came(tmp_path: Path) -> None:
    file, clock = tmp_path / "watched.json", Clock()
    watch = Watch(file, clock)
    watch("apply one/citizens", 10, 100)
    clock.now += 2
    watch("apply one/citizens", 40, 100)
    watch("apply one/dossiers", 60, 100)
    told = read_watched(file)
    assert told is not None
    assert told.steps == (
        Step(stage="apply", what="one/citizens", total=100, first=10, done=40, began=1000, at=1002),
        Step(stage="apply", what="one/dossiers", total=100, first=60, done=60, began=1002, at=1002),
    )
    assert (told.pid, told.exit_code) == (os.getpid(), None)
    watch.ended(130)
    ended = read_watched(file)
    assert ended is not None
    assert (ended.exit_code, ended.steps) == (130, told.steps)
    assert [one.name for one in tmp_path.iterdir()] == ["watched.json"]


def test_a_watch_writes_at_most_twice_a_second_unless_the_place_changes(tmp_path: Path) -> None:
    file, clock = tmp_path / "watched.json", Clock()
    watch = Watch(file, clock)
    watch("verify one/a", 0, 10)
    clock.now += 0.1
    watch("verify one/a", 1, 10)
    told = read_watched(file)
    assert told is not None
    assert told.steps[0].done == 0
    clock.now += 0.5
    watch("verify one/a", 2, 10)
    told = read_watched(file)
    assert told is not None
    assert told.steps[0].done == 2


def test_a_watch_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "gone" / "watched.json")
    watch("apply x", 1, 2)
    watch.ended(0)
    assert read_watched(tmp_path / "gone" / "watched.json") is None
    (tmp_path / "half.json").write_text('{"schema": ')
    assert read_watched(tmp_path / "half.json") is None


def test_a_command_leaves_its_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "watched.json"
    environment = {**os.environ, "MERGER_WATCH": str(file)}
    ended = subprocess.run(
        [sys.executable, "-m", "merger", "apply", str(tmp_path / "no-plan.json")],
        env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    told = json.loads(file.read_text())
    assert told["exit_code"] == ended.returncode == 2
