"""A command run in a fork of this process, which has imported everything already, to be killed at will."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from random import Random
from typing import IO

from merger.testing.campaigns.victims import Kill
from merger.testing.campaigns.watched import Command

PATIENCE = 600.0
"""Seconds after which a command that has not ended is killed and counts as hanging."""
LOOK = 0.002
HANGING = -1
"""The exit code of a command that was not waited for any longer."""


@dataclass(frozen=True)
class Ended:
    """How a command ended. `code`: its exit code, negative the signal that killed it; `printed`: all that it
    said."""

    code: int
    printed: str
    seconds: float


class Running:
    """A command that runs."""

    def __init__(
        self, command: Command, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self._printed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 closed when the command has ended
        self._started = time.monotonic()
        self._status: int | None = None
        self.process = os.fork()
        if self.process == 0:
            code = 70
            try:
                _without_servers()
                os.environ.update(environment or {})
                sys.stdout = sys.stderr = os.fdopen(self._printed.fileno(), "w", encoding="utf-8")
                code = command(arguments)
                sys.stdout.flush()
            finally:
                os._exit(code)

    def ended(self) -> bool:
        """Whether it has ended."""
        if self._status is None:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self._status = status
        return self._status is not None

    def kill_after(self, seconds: float, kill: Kill, chance: Random) -> bool:
        """Kills somebody after so many seconds, or as soon after as there is somebody; False where the
        command ended before."""
        while not self.ended():
            if time.monotonic() - self._started >= seconds and kill(self.process, chance):
                return True
            time.sleep(LOOK)
        return False

    def wait(self) -> Ended:
        """Waits for its end."""
        code: int | None = None
        while not self.ended():
            if time.monotonic() - self._started > PATIENCE:
                os.kill(self.process, signal.SIGKILL)
                os.waitpid(self.process, 0)
                self._status, code = 0, HANGING
            time.sleep(LOOK)
        assert self._status is not None
        self._printed.seek(0)
        printed = self._printed.read().decode("utf-8", "replace")
        self._printed.close()
        if code is None:
            code = os.waitstatus_to_exitcode(self._status)
        return Ended(code, printed, time.monotonic() - self._started)


def _without_servers() -> None:
    """Forgets the server that workers are forked from, if this process's parent had started one: it is none
    of this process's children, and its workers would not be."""
    for name in ("_forkserver_pid", "_forkserver_address", "_forkserver_alive_fd"):
        setattr(forkserver._forkserver, name, None)


def done(command: Command, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Ended:
    """Runs a command to its end."""
    return Running(command, arguments, environment).wait()
