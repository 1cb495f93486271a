"""What every server of one's own has in common: a folder, a port, a secret, and a process."""

import json
import secrets
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from merger.errors import Refused
from merger.testing.servers.processes import Process, free_port, is_free, prepare
from merger.testing.servers.programs import needed

HOST = "127.0.0.1"
_TRIES = 3


class Server(ABC):
    """A server whose data lie in a folder: made there when they are not there yet, started, ended.

    `owner` is the lock without which the server ends (`processes.owned`); with `temporary` the folder goes
    too. `settings` go to the server's own configuration. Raises Refused where its program is missing.
    """

    kind: ClassVar[str]
    stop_with: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(
        self,
        folder: Path,
        owner: Path,
        *,
        temporary: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.settings = dict(settings or {})
        self._program = needed(self.kind)
        self._owner = owner
        self._temporary = temporary
        self._state = self.folder / "server.json"
        if self._state.exists():
            state = json.loads(self._state.read_text("utf-8"))
            self.port: int = state["port"]
            self.secret: str = state["secret"]
        else:
            prepare(self.folder)
            self.secret = secrets.token_hex(16)
            shutil.rmtree(self._data, ignore_errors=True)
            self._initialise()
            self._listen_on(free_port())
        self._process = self._new_process()

    @property
    def pid(self) -> int | None:
        """The process id of the server; None while it does not run."""
        return self._process.pid

    @property
    def log(self) -> str:
        """All that the server said since it was made."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def start(self) -> None:
        """Starts it and waits until it answers. Raises Refused with its last words if it does not.

        The port stays as it was, unless another program took it meanwhile.
        """
        for _ in range(_TRIES - 1):
            try:
                self._process.start(self._answers)
                return
            except Refused:
                if is_free(self.port):
                    raise
                self._listen_on(free_port())
                self._process = self._new_process()
        self._process.start(self._answers)

    def stop(self) -> None:
        """Ends it in good order, whoever is connected. Nothing happens if it does not run."""
        self._process.stop()

    def restart(self) -> None:
        """Ends it in good order and starts it again."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Ends all its processes as by `kill -9`; after `start` it must recover by itself."""
        self._process.kill()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @abstractmethod
    def _initialise(self) -> None:
        """Makes what the server needs in its folder, once."""

    @abstractmethod
    def _command(self) -> list[str | Path]:
        """The command that runs the server in the foreground."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it is ready."""

    @abstractmethod
    def _user(self) -> str:
        """Who runs it; empty: whoever asks."""

    def _listen_on(self, port: int) -> None:
        self.port = port
        self._state.touch(mode=0o600)
        self._state.write_text(json.dumps({"port": port, "secret": self.secret}), "utf-8")

    def _new_process(self) -> Process:
        return Process(
            self.folder,
            self._command(),
            self._owner,
            temporary=self._temporary,
            as_user=self._user(),
            stop_with=self.stop_with,
        )
