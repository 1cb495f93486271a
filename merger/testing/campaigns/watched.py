"""Commands run in a child of this process, which has imported everything already, and watched."""

import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from re import escape, findall, finditer

Command = Callable[[Sequence[str]], int]
"""Runs the command line in this process and answers with its exit code."""

LIMIT = 5
"""Seconds of processor time that any answer may take, so that other work on the machine changes nothing."""
PATIENCE = 30.0
"""Seconds by the clock after which an answer is not waited for."""
MEMORY = 500
"""Megabytes that any answer may take."""

BEGINNING = 100
"""Megabytes that a process holds which has imported what the command line needs."""

_MOST = 3_000_000_000
"""Bytes of address space beyond what the process has reserved, so that a hungry child cannot take the machine
with it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered. `code` is None where it was ended for its slowness.

    `seconds` are of processor time.

    `megabytes`: the most memory that it held beyond what this process holds already, and what a process of
    its own begins with.
    """

    code: int | None
    seconds: float
    megabytes: float
    printed: str

    def wrong(self, foreseen: Sequence[int]) -> list[str]:
        """What no answer may do: be slow, be hungry, end otherwise than is documented, print a traceback."""
        if self.code is None or self.seconds > LIMIT:
            return [f"no answer in {LIMIT} s"]
        wrong = []
        if self.code not in foreseen:
            wrong.append(f"exit {self.code}, {self.printed[-200:]!r}")
        if self.megabytes > MEMORY:
            wrong.append(f"{self.megabytes:.0f} MB")
        if "Traceback" in self.printed:
            wrong.append("a traceback")
        return wrong


def watched(command: Command, arguments: Sequence[str]) -> Answer:
    """Runs a command to its end, or for 5 seconds of processor time."""
    with tempfile.TemporaryFile() as printed:
        here = _held()
        child = os.fork()
        if child == 0:
            code = 70
            try:
                most = _MOST + _reserved()
                resource.setrlimit(resource.RLIMIT_AS, (most, most))
                resource.setrlimit(resource.RLIMIT_CPU, (LIMIT + 1, LIMIT + 1))
                sys.stdout = sys.stderr = os.fdopen(printed.fileno(), "w", encoding="utf-8")
                code = command(arguments)
                sys.stdout.flush()
            finally:
                os._exit(code)
        status, used = _wait(child, time.monotonic() + PATIENCE)
        printed.seek(0)
        text = printed.read().decode("utf-8", "replace")
    code_ = os.waitstatus_to_exitcode(status)
    slow = code_ in (-signal.SIGKILL, -signal.SIGXCPU)
    megabytes = used.ru_maxrss / 1024 - here + BEGINNING
    return Answer(None if slow else code_, used.ru_utime + used.ru_stime, megabytes, text)


def changed_at_random(chance: Random, content: bytes) -> bytes:
    """Bytes changed, left out or doubled; lines moved, left out or doubled; or two words exchanged."""
    way = chance.randrange(5)
    if way == 0:
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(content))
            content = content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]
        return content
    if way == 1:
        start = chance.randrange(len(content))
        return content[:start] + content[start + chance.randint(1, 40) :]
    if way == 2:
        words: list[bytes] = findall(rb"[\w.@#-]+", content)
        one, other = chance.choice(words), chance.choice(words)
        place = chance.choice([found.start() for found in finditer(escape(one), content)])
        return content[:place] + other + content[place + len(one) :]
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    line = lines.pop(at)
    if way == 3:
        lines.insert(chance.randrange(len(lines) + 1), line)
    return b"".join(lines)


def _reserved() -> int:
    """Bytes of address space that this process has reserved."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()


def _held() -> float:
    """Megabytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1_048_576


def _wait(child: int, until: float) -> tuple[int, resource.struct_rusage]:
    """The status of a child, which is killed if it is not done in time, and what it used."""
    while time.monotonic() < until:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            return status, used
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    return status, used
