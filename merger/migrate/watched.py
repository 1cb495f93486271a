"""What a command tells of itself to whoever started it and watches it: a small file, always whole.

`MERGER_WATCH` names the file. A command that is watched writes there how far it is, twice a second at most,
and its exit code when it ends. A file without one, of a process that is no more, tells of one killed.
"""

import json
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from merger.mapping.models import Model
from merger.migrate.writing import rewrite

VARIABLE = "MERGER_WATCH"
EVERY = 0.5
"""Seconds between two writings."""


class Step(Model):
    """What a command did at one place: `stage` is its word, `what` the dataset or system.

    `first` and `done` are the counts at `began` and at `at` (seconds since 1970), of `total`.
    """

    stage: str
    what: str = ""
    total: int
    first: int
    done: int
    began: float
    at: float


class Watched(Model):
    """How far a command is (`merger/watched/1`); `exit_code` when it has ended."""

    schema_: str = Field("merger/watched/1", alias="schema")
    pid: int
    steps: tuple[Step, ...] = ()
    exit_code: int | None = None


class Watch:
    """Writes the file `path`. That it cannot be written is no reason to stop."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._steps: dict[tuple[str, str], Step] = {}
        self._written = 0.0
        self._last: tuple[str, str] | None = None
        self._write(None)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Notes a step of progress, as commands tell it: the stage's word and what it is at."""
        now = self._clock()
        word, _, what = stage.partition(" ")
        place = (word, what)
        begun = self._steps.get(place) or Step(
            stage=word, what=what, total=total, first=done, done=done, began=now, at=now
        )
        self._steps[place] = begun.model_copy(update={"done": done, "total": total, "at": now})
        if place != self._last or done >= total or now - self._written >= EVERY:
            self._last, self._written = place, now
            self._write(None)

    def ended(self, code: int) -> None:
        """Notes the exit code."""
        self._write(code)

    def _write(self, code: int | None) -> None:
        told = Watched(pid=os.getpid(), steps=tuple(self._steps.values()), exit_code=code)
        try:
            rewrite(self._path, json.dumps(told.model_dump(mode="json", by_alias=True)).encode())
        except OSError:
            return


@cache
def watch() -> Watch | None:
    """The watch of this process, where somebody asked for one."""
    path = os.environ.get(VARIABLE)
    return Watch(Path(path)) if path else None


def read_watched(path: Path) -> Watched | None:
    """What a command told; None where it told nothing yet."""
    try:
        return Watched.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
