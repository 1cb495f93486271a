"""What the workers of these tests do; a module of its own, so that processes can import it."""

import os
import signal
import time
from pathlib import Path

from merger.errors import MergerError


class Deadlock(MergerError):
    transient = True


def note(folder: Path, task: int) -> int:
    """Leaves one file for every execution; answers how many there were of the task."""
    (folder / f"{task}-{os.getpid()}-{time.monotonic_ns()}").touch()
    return executions(folder, task)


def executions(folder: Path, task: int) -> int:
    return sum(1 for _ in folder.glob(f"{task}-*"))


def double(folder: Path, task: int) -> int:
    note(folder, task)
    return task * 2


def slowly(folder: Path, task: int) -> int:
    note(folder, task)
    time.sleep(0.02)
    return task * 2


def killed_once(folder: Path, task: int) -> int:
    """The worker of every seventh task is killed the first time."""
    if note(folder, task) == 1 and task % 7 == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task * 2


def poison(folder: Path, task: int) -> int:
    note(folder, task)
    if task == 5:
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return task * 2


def deadlocked_twice(folder: Path, task: int) -> int:
    if note(folder, task) < 3 and task % 3 == 0:
        raise Deadlock("systems.failed.busy")
    return task * 2


def always_deadlocked(folder: Path, task: int) -> int:
    note(folder, task)
    if task == 4:
        raise Deadlock("systems.failed.busy")
    return task * 2


def wrong(folder: Path, task: int) -> int:
    note(folder, task)
    if task == 4:
        raise MergerError("systems.failed.damaged")
    time.sleep(0.05)
    return task * 2


def setting(task: str) -> str | None:
    return os.environ.get(task)


def forever(folder: Path, task: int) -> int:
    note(folder, task)
    time.sleep(60)
    return task
