"""Commands given in this process, which loses calls into drivers, and what each of them ends in."""

from __future__ import annotations

import io
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from merger.migrate import going_on
from merger.migrate.batching import Retries
from merger.testing.losses.calls import HIT, NOW, Counted, Loss, lose
from merger.testing.losses.crews import let_workers_lose
from merger.testing.losses.states import States
from merger.testing.pairs.trial import Found, ledger
from merger.testing.runs.tables import PLATFORM, Ground, content

Command = Callable[[Sequence[str]], int]
PATIENCE = 60.0
"""Seconds after which a command counts as hanging."""
HANGING, INTERNAL = -1, 70
"""The exit code of a command that did not end, and that of an error of the toolkit itself."""


class Hanging(BaseException):
    """A command did not end."""


@dataclass(frozen=True)
class Scene:
    """A command in a state of the platform. `writes`: whether it changes the platform or a file."""

    name: str
    state: str
    arguments: tuple[str, ...]
    writes: bool = False
    out: str = ""


@dataclass(frozen=True)
class Ended:
    """How a command ended. `hit`: what was lost, in words; empty where nothing was. `trace`: of an error of
    the toolkit itself."""

    code: int
    printed: str
    hit: str = ""
    trace: str = ""


@dataclass
class Trial:
    """The job in databases of a pair. This process loses calls from now on. `port`: one on which nobody
    listens; `share`: of so many places one is lost; `calls`: how many the last command made here."""

    command: Command
    ground: Ground
    folder: Path
    port: int
    share: int = 1
    calls: int = 0
    states: States = field(init=False)
    counted: Counted = field(init=False)

    def __post_init__(self) -> None:
        self.notes = self.folder / "notes"
        self.notes.mkdir()
        self.states = States(self.ground.urls["platform"], self.ground.folder, self.folder / "states")
        self.counted = lose(Loss("", self.notes, self.port))
        self.loss = self.counted.loss
        let_workers_lose(lambda: self.loss)

    def run(self, scene: Scene, kind: str = "") -> Ended:
        """Gives a command once, and lets it lose a call by a kind of loss."""
        for name in (HIT, NOW):
            (self.notes / name).unlink(missing_ok=True)
        self.loss = Loss(kind, self.notes, self.port, self.share)
        self.counted.begin(self.loss)
        traces: list[str] = []
        out = io.StringIO()
        with _traced(traces), _patience(), redirect_stdout(out), redirect_stderr(out):
            try:
                code = self.command(scene.arguments)
            except Hanging:
                code = HANGING
            except BaseException:
                code = INTERNAL
                traces.append(traceback.format_exc())
        self.calls = self.counted.number
        self.counted.begin(Loss("", self.notes, self.port))
        hit = self.notes / HIT
        return Ended(code, out.getvalue(), hit.read_text("utf-8") if hit.exists() else "", "".join(traces))

    def again(self) -> None:
        """Lets every place be lost once more."""
        shutil.rmtree(self.notes)
        self.notes.mkdir()

    def outcome(self) -> Found:
        """All rows of the platform, and what of the ledger must be the same."""
        with self.counted.uncounted():
            engine = self.ground.engine("platform")
            with engine.connect() as connection:
                found: dict[str, Any] = {
                    name: sorted(rows.items(), key=repr)
                    for name, rows in content(connection, PLATFORM).items()
                }
                found |= ledger(connection)
            engine.dispose()
        return found

    def put_back(self, state: str) -> None:
        with self.counted.uncounted():
            self.states.put_back(state)

    def keep(self, state: str) -> None:
        with self.counted.uncounted():
            self.states.keep(state)


@contextmanager
def impatient(times: int | None) -> Iterator[None]:
    """Nobody pauses before trying again; `times`: how often the whole command is tried again."""
    pause, retries = Retries.pause, getattr(going_on, "Retries")  # noqa: B009
    setattr(Retries, "pause", lambda *_: 0.0)  # noqa: B010
    if times is not None:
        setattr(going_on, "Retries", lambda: Retries(times=times))  # noqa: B010
    try:
        yield
    finally:
        setattr(Retries, "pause", pause)  # noqa: B010
        setattr(going_on, "Retries", retries)  # noqa: B010


@contextmanager
def _traced(traces: list[str]) -> Iterator[None]:
    """Keeps the trace of an error of the toolkit itself."""
    module = sys.modules["merger.cli.run"]
    internal = getattr(module, "_internal")  # noqa: B009

    def kept(error: BaseException) -> int:
        traces.append("".join(traceback.format_exception(error)))
        code: int = internal(error)
        return code

    setattr(module, "_internal", kept)  # noqa: B010
    try:
        yield
    finally:
        setattr(module, "_internal", internal)  # noqa: B010


@contextmanager
def _patience() -> Iterator[None]:
    def give_up(_number: int, _frame: object) -> None:
        raise Hanging

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
