"""A command run to its end, with its time, the processor's time and the memory of all its processes."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import IO

EVERY = 0.05
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Watched:
    """How a command went.

    seconds: from start to end. processor: user and system seconds of all its processes. peak_mb: the
    highest sum of their resident memory, what they share counted once. load: the machine's load average
    of the last minute, afterwards. failure: why it does not count, in a few words; else empty.
    """

    seconds: float
    processor: float
    peak_mb: float
    load: float
    failure: str


def watched(
    command: list[str],
    environment: dict[str, str] | None = None,
    limit: float = 3600,
    good: tuple[int, ...] = (0,),
    said: Path | None = None,
) -> Watched:
    """Runs a command; after `limit` seconds it is ended. Exit codes other than `good` are failures.

    What it prints on its standard output goes to `said`, if given.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complained,
            start_new_session=True,
        )
        peak, ended, late = [0], Event(), Event()
        watcher = Thread(target=_watch, args=(process.pid, began + limit, peak, ended, late))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        ended.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        text, complaints = (_read(one) for one in (printed, complained))
    if said is not None:
        said.write_text(text, "utf-8")
    failure = ""
    if late.is_set():
        failure = f"ended after {limit:,.0f} s"
    elif process.returncode not in good:
        failure = f"ended with {process.returncode}: {last_words(complaints or text)}"
    used = usage.ru_utime + usage.ru_stime
    return Watched(seconds, used, peak[0] / 1e6, os.getloadavg()[0], failure)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def last_words(text: str) -> str:
    """The last line that says something, cut short, fit for a cell of a table."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].replace("|", "/")[:160] if lines else "without a word"


def _watch(pid: int, until: float, peak: list[int], ended: Event, late: Event) -> None:
    while not ended.wait(EVERY):
        peak[0] = max(peak[0], sum(map(_memory, _family(pid))))
        if time.perf_counter() > until and not late.is_set():
            late.set()
            os.killpg(pid, 9)


def _family(pid: int) -> list[int]:
    """A process and all that came from it."""
    found, open_ = [], [pid]
    while open_:
        one = open_.pop()
        found.append(one)
        try:
            for task in os.scandir(f"/proc/{one}/task"):
                open_ += map(int, Path(task.path, "children").read_text("ascii").split())
        except OSError:
            continue
    return found


def _memory(pid: int) -> int:
    """Resident bytes of a process; of a page that several processes share, its share."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)
