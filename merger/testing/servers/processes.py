"""One server as a process in a folder of its own: start, stop, kill, and who owns it."""

import fcntl
import os
import pwd
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from merger.errors import Refused
from merger.testing.servers import guard

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
PATIENCE = 30.0
"""Seconds for starting and for ending."""
_PORTS = range(20_000, 32_000)
_UNPRIVILEGED = "nobody"
_TAIL = 15


def unprivileged() -> str:
    """The user that runs servers when root asks; empty: whoever asks."""
    return _UNPRIVILEGED if os.geteuid() == 0 else ""


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on, from below those that the system lends to clients."""
    while True:
        port = random.choice(_PORTS)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether nothing listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def prepare(folder: Path) -> None:
    """Makes a folder in which the servers' user may write. Raises Refused where that user cannot come."""
    folder.mkdir(parents=True, exist_ok=True)
    if unprivileged():
        closed = next((str(p) for p in folder.resolve().parents if not p.stat().st_mode & 0o001), None)
        if closed:
            raise Refused("testing.servers.closed", folder=closed, user=_UNPRIVILEGED)
    hand_over(folder)


def hand_over(*paths: Path) -> None:
    """Gives files and folders to the servers' user."""
    if unprivileged():
        account = pwd.getpwnam(_UNPRIVILEGED)
        for path in paths:
            os.chown(path, account.pw_uid, account.pw_gid)


@contextmanager
def owned(lock: Path) -> Iterator[Path]:
    """While this lasts, servers that name the lock go on; afterwards their guards end them."""
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield lock


def run(command: Sequence[str | Path], folder: Path, said: str = "") -> None:
    """Runs a program to its end as the servers' user. Raises Refused with what it said when it fails.

    `said` is what it reads from its standard input.
    """
    account = pwd.getpwnam(_UNPRIVILEGED) if unprivileged() else None
    done = subprocess.run(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        input=said.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        raise Refused("testing.servers.failed", name=Path(command[0]).name, said=_tail(done.stdout))


class Process:
    """A server's process. What it says goes to the file `log` of its folder."""

    def __init__(
        self,
        folder: Path,
        command: Sequence[str | Path],
        owner: Path,
        *,
        temporary: bool = False,
        as_user: str = "",
        stop_with: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.folder = folder
        self._command = [str(part) for part in command]
        self._owner = owner
        self._temporary = temporary
        self._user = as_user
        self._stop_with = stop_with
        self._pid_file = folder / "pid"
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None while it does not run."""
        try:
            return int(self._pid_file.read_text())
        except FileNotFoundError:
            return None

    def start(self, ready: Callable[[], bool]) -> None:
        """Starts it and waits until it answers. Raises Refused with its last words if it does not."""
        self._pid_file.unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            said_before = log.tell()
            remove = str(self.folder) if self._temporary else ""
            told = [str(self._owner), str(self._pid_file), remove, str(int(self._stop_with)), self._user]
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, *told, *self._command],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + PATIENCE
        while not (self.pid and ready()):
            if self._guard.poll() is not None or time.monotonic() > end:
                said = (self.folder / "log").read_bytes()[said_before:]
                self.kill()
                raise Refused("testing.servers.failed", name=Path(self._command[0]).name, said=_tail(said))
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends it in good order. Nothing happens if it does not run."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, self._stop_with)
        self._wait()

    def kill(self) -> None:
        """Ends it and every process below it at once, without a chance to write anything."""
        pid = self.pid
        if pid is not None:
            for one in (pid, *_below(pid)):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while self.pid is not None:
            if time.monotonic() > end:
                raise Refused("testing.servers.endless", name=Path(self._command[0]).name, pid=self.pid)
            time.sleep(0.01)
        if self._guard is not None:
            self._guard.wait()
            self._guard = None


def _below(pid: int) -> list[int]:
    """The processes that descend from one."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            rest = stat.read_text(errors="replace").rpartition(")")[2].split()
            parents.setdefault(int(rest[1]), []).append(int(stat.parent.name))
    found = list(parents.get(pid, ()))
    for one in found:
        found += parents.get(one, ())
    return found


def _tail(said: bytes) -> str:
    return "\n".join(said.decode("utf-8", "replace").strip().splitlines()[-_TAIL:])
