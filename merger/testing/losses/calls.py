"""Calls into drivers, counted in a process, and one of them lost.

A call is one exchange with a server: opening a connection, a statement, a commit, a piece of a stream. It is
known by its place: the lines of the toolkit by which it is come to.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import merger

KILLED, CUT, UNTOLD, GONE = "killed", "cut", "untold", "gone"
"""The server ends the connection just before; the wire to it is cut just before; it is cut when the server
has done what was asked and before it could tell; no connection works any more, nor can one be opened."""
KINDS = (KILLED, CUT, UNTOLD, GONE)
ERRORS = {
    "deadlock": ("40P01", 1213), "lock": ("55P03", 1205), "stopped": ("57014", 1969),
    "disk-full": ("53100", 1021), "table-full": ("53100", 1114), "no-room": ("53300", 1040),
    "revoked": ("42501", 1142), "shutting-down": ("57P01", 1053), "conflict": ("40001", 1020),
    "denied": ("28P01", 1045),
}  # fmt: skip
"""What a server may say instead of doing it: PostgreSQL's code and MariaDB's."""
OPENING = ("no-room", "denied")
"""Those of them that it says to whoever connects."""
ENDING = ("shutting-down",)
"""Those of them after which it ends the connection."""
BACK = ("deadlock",)
"""Those of them for which MariaDB takes back the whole transaction."""
WAYS = (*KINDS, "errors")
"""The ways in which everything is lost; `errors`: what servers say, by turns."""
CONNECT, SAY, READ, SEND = "connect", "say", "read", "send"
"""What a call does: it opens a connection, gives a statement, takes or gives a piece of a stream."""
POSSIBLE = {
    CONNECT: {*KINDS, *OPENING, *ENDING},
    SAY: {*KINDS, *ERRORS} - {*OPENING},
    READ: {KILLED, CUT, GONE},
    SEND: {KILLED, CUT, GONE},
}
"""How each of them may be lost."""
HIT, NOW = "hit", "now"
"""The notes of what a command has lost, and of that it has."""
_HOME = str(Path(merger.__file__).parent) + os.sep
_TESTING = str(Path(_HOME) / "testing") + os.sep


@dataclass(frozen=True)
class Loss:
    """What is to be lost: the first call that is come to by lines of the toolkit by which none was lost yet.
    `kind`: how, empty for nothing; `folder`: where it is noted what was lost, for all processes of a command;
    `port`: one on which nobody listens; `share`: of so many places one."""

    kind: str
    folder: Path
    port: int
    share: int = 1


class Counted:
    """The calls of a process. `whose`: how what it loses is told of."""

    def __init__(self, loss: Loss, whose: str = "") -> None:
        self.whose = whose
        self._lock = threading.Lock()
        self._own = threading.local()
        self.everything: list[Callable[[], None]] = []
        self.begin(loss)

    def begin(self, loss: Loss) -> None:
        """Begins to count anew, for a command."""
        self.loss = loss
        self.number = 0
        self.over = False

    def begins(self, dialect: str, what: str, said: str) -> bool:
        """Counts a call; whether it is to be lost."""
        if getattr(self._own, "within", False):
            return False
        with self._lock:
            self.number += 1
            if self.loss.kind not in POSSIBLE[what]:
                return False
            if self.over:
                return self.loss.kind == GONE
            place, line = _place()
            if int(place, 16) % self.loss.share or not self._first(place):
                return False
            self.over = True
            words = f"{self.whose}{dialect} {what} {line} {' '.join(said.split())[:60]}"
            (self.loss.folder / HIT).write_text(words, "utf-8")
            return True

    def cut_all(self) -> None:
        """Cuts every connection of this process."""
        for one in self.everything:
            one()

    def _first(self, place: str) -> bool:
        """Whether nothing was lost at a place yet, in whatever process, nor anywhere by this command."""
        if (self.loss.folder / place).exists():
            return False
        try:
            (self.loss.folder / NOW).touch(exist_ok=False)
        except FileExistsError:
            return False
        (self.loss.folder / place).touch()
        return True

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """Within the block this thread's calls are nobody's."""
        before = getattr(self._own, "within", False)
        self._own.within = True
        try:
            yield
        finally:
            self._own.within = before


def lose(loss: Loss, whose: str = "") -> Counted:
    """Lets this process lose what is asked for, from now to its end; what it answers may begin anew."""
    from merger.testing.losses import mariadb, postgresql

    counted = Counted(loss, whose)
    postgresql.let_lose(counted)
    mariadb.let_lose(counted)
    return counted


def _place() -> tuple[str, str]:
    """By which lines of the toolkit a call is come to, as a digest, and the last of them."""
    frame = sys._getframe(1)
    lines: list[str] = []
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_HOME) and not name.startswith(_TESTING):
            lines.append(f"{name.removeprefix(_HOME)}:{frame.f_lineno}")
        frame = frame.f_back  # type: ignore[assignment]
    return sha256("\n".join(lines).encode()).hexdigest()[:12], lines[0] if lines else "?"
