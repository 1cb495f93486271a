"""Long work in processes of their own, which outlive the server that began them.

`<folder>/.merger/work/<id>/` holds what was ordered (`order.json`), how far it is (`watched.json`), what it
said (`messages.txt`) and what came out (`out`). The process holds a lock on `alive` as long as it lives,
so whoever comes later, also another server, is told truly whether it still works, ended, or was killed.
"""

import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Thread

from pydantic import Field, JsonValue, ValidationError

from merger.errors import Refused
from merger.mapping.models import Model
from merger.migrate.auditing import VARIABLE as ANCHOR
from merger.migrate.watched import VARIABLE as WATCH
from merger.migrate.watched import Watched, read_watched
from merger.migrate.writing import write_whole, written
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing

KEPT = 12
"""So many works of a plan, or dry runs of a job, are kept; of older ones everything is removed."""
SAID = 20_000
"""So many bytes of what a command said last are read."""

_FOLDER = "work"
_ID = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")
_SECRETS = ("MERGER_PASSPHRASE", "MERGER_PASSPHRASE_FILE", "MERGER_FAILPOINT")


class Kind(StrEnum):
    """What is done: the word of the command."""

    PLAN = "plan"
    APPLY = "apply"
    VERIFY = "verify"
    ROLLBACK = "rollback"


class State(StrEnum):
    """How a work stands. `attention`: it ended, and something needs a person. `killed`: it ended without a
    word."""

    RUNNING = "running"
    PAUSING = "pausing"
    DONE = "done"
    ATTENTION = "attention"
    PAUSED = "paused"
    REFUSED = "refused"
    UNUSABLE = "unusable"
    FAILED = "failed"
    KILLED = "killed"


_BY_CODE = {0: State.DONE, 2: State.UNUSABLE, 3: State.REFUSED, 130: State.PAUSED}


class Part(Model):
    """A dataset of the plan, with the rows that are to be moved."""

    system: str
    dataset: str
    rows: int


class Order(Model):
    """What was ordered (`merger/order/1`).

    `subject` is the desk's identifier of what is worked on: a plan, or for a dry run its job; `sha256` is its
    digest. `asked` is what else the part that ordered it keeps of it.
    """

    schema_: str = Field("merger/order/1", alias="schema")
    id: str
    kind: Kind
    subject: str
    sha256: str
    by: str
    at: datetime
    lang: str
    quick: bool = False
    values: bool = False
    parts: tuple[Part, ...] = ()
    asked: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """One work as it stands now. `messages` is what the command said, in the language of who ordered it."""

    order: Order
    state: State
    watched: Watched | None
    messages: tuple[str, ...]
    out: Path

    @property
    def alive(self) -> bool:
        return self.state in (State.RUNNING, State.PAUSING)

    @property
    def said(self) -> str:
        """The end of what came out, as text."""
        return _tail(self.out)


class Works:
    """The works of a folder, kept in `place`."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def begin(
        self,
        order: Order,
        arguments: Sequence[str],
        busy: Refused,
        noted: Callable[[], str] = str,
        extra: Mapping[str, str] | None = None,
    ) -> Work:
        """Begins `merger <arguments>` in a process of its own. `noted` enters it into the trail of the pages
        just before, and answers where that ends.

        Raises `busy` while a work on the same subject is under way; whether another run holds the target, the
        command itself finds out.
        """
        with self._alone():
            if any(other.alive for other in self.of(order.subject)):
                raise busy
            anchor = noted()
            folder = self.place / order.id
            folder.mkdir(mode=0o700)
            self._start(folder, order, arguments, anchor, extra or {})
        self._prune(order.subject)
        return self.get(order.id)

    def of(self, subject: str) -> list[Work]:
        """The works on a plan, or the dry runs of a job, newest first."""
        return [one for one in self.all() if one.order.subject == subject]

    def all(self) -> list[Work]:
        """All works, newest first."""
        if not self.place.is_dir():
            return []
        names = sorted((one.name for one in self.place.iterdir() if _ID.fullmatch(one.name)), reverse=True)
        return [work for work in map(self._read, names) if work is not None]

    def get(self, name: str) -> Work:
        """The work of this id. Raises Missing."""
        work = self._read(name) if _ID.fullmatch(name) else None
        if work is None:
            raise Missing(name)
        return work

    def pause(self, work: Work) -> bool:
        """Interrupts a work as Ctrl-C does: what is committed stays, and the same command goes on. Answers
        whether there was a process to be interrupted."""
        folder = self.place / work.order.id
        number = work.watched.pid if work.watched is not None else _number(folder / "pid")
        if not work.alive or number is None:
            return False
        (folder / "pause").touch()
        if _held(folder / "alive"):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGINT)
        return True

    def forget(self, work: Work) -> None:
        """Removes what came out of a work: the values that somebody asked to see."""
        if not work.alive:
            work.out.unlink(missing_ok=True)

    def wait(self, work: Work) -> None:
        """Waits until the process is no more."""
        with suppress(OSError), (self.place / work.order.id / "alive").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)

    @contextmanager
    def once(self, work: Work, name: str) -> Iterator[bool]:
        """Whether `name` is still to be done for a work; it counts as done when the block ends well."""
        marker = self.place / work.order.id / f"once-{name}"
        if marker.exists():
            yield False
            return
        with self._alone():
            first = marker.parent.is_dir() and not marker.exists()
            yield first
            if first:
                marker.touch()

    def _start(
        self, folder: Path, order: Order, arguments: Sequence[str], anchor: str, extra: Mapping[str, str]
    ) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
        environment |= {WATCH: str(folder / "watched.json"), "MERGER_LANG": order.lang, **extra}
        if anchor:
            environment[ANCHOR] = anchor
        command = [sys.executable, "-m", "merger", *arguments]
        with _new(folder / "alive") as alive, _new(folder / "out") as out:
            fcntl.flock(alive, fcntl.LOCK_EX)
            write_whole(folder / "order.json", written(order))
            with _new(folder / "messages.txt") as messages:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=out, stderr=messages, env=environment,
                    pass_fds=(alive,), start_new_session=True,
                )  # fmt: skip
        (folder / "pid").write_text(str(process.pid))
        Thread(target=process.wait, daemon=True).start()

    def _read(self, name: str) -> Work | None:
        folder = self.place / name
        try:
            order = Order.model_validate_json((folder / "order.json").read_bytes())
        except (OSError, ValidationError):
            return None
        alive = _held(folder / "alive")  # before the rest is read: what ends meanwhile is told next time
        watched = read_watched(folder / "watched.json")
        out = folder / "out"
        state = _state(folder, alive, watched, out)
        lines = _tail(folder / "messages.txt").splitlines()
        return Work(order, state, watched, tuple(one for one in lines if one.strip()), out)

    def _prune(self, subject: str) -> None:
        for old in self.of(subject)[KEPT:]:
            if not old.alive:
                shutil.rmtree(self.place / old.order.id, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.place / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def works(desk: Desk) -> Works:
    """The works of the folder, kept beside the trail of the pages."""
    return Works(desk.trail.path.parent / _FOLDER)


def new_id(at: datetime) -> str:
    """An id for a work that is ordered at `at`; ids are in the order of time."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def _state(folder: Path, alive: bool, watched: Watched | None, out: Path) -> State:
    asked = (folder / "pause").exists()
    if alive:
        return State.PAUSING if asked else State.RUNNING
    code = None if watched is None else watched.exit_code
    if code is None:
        return State.PAUSED if asked else State.KILLED
    if code == 1 and out.exists() and out.stat().st_size:
        return State.ATTENTION
    return _BY_CODE.get(code, State.FAILED)


@contextmanager
def _new(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _held(path: Path) -> bool:
    """Whether a process holds the lock."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - SAID))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
