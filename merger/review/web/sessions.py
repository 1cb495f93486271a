"""Sessions: who is signed in, kept in the memory of the server and nowhere else."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

MAX_SESSIONS = 2_000


@dataclass
class Session:
    """One browser of one person. `stamp` is that of the account when it began. `short` names it in the log;
    it cannot be turned back into the id."""

    account: str
    stamp: str
    short: str
    began: float
    seen: float


class Sessions:
    """Sessions by the SHA-256 of their id; `life` and `idle` are seconds, `clock` counts seconds."""

    def __init__(self, life: float, idle: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.life = life
        self.idle = idle
        self._clock = clock
        self._open: dict[str, Session] = {}
        self._lock = Lock()

    def begin(self, account: str, stamp: str = "") -> str:
        """A new session's id, 256 random bits. An id is never taken from outside, so none can be planted."""
        id_ = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._tidy(now)
            while len(self._open) >= MAX_SESSIONS:
                del self._open[min(self._open, key=lambda key: self._open[key].seen)]
            self._open[_key(id_)] = Session(account, stamp, _key(id_)[:8], now, now)
        return id_

    def of(self, id_: str, seen: bool = True) -> Session | None:
        """The session of this id; None if there is none, or it has run out. It counts as seen now, unless a
        page asked of itself (`seen` False)."""
        now = self._clock()
        with self._lock:
            session = self._open.get(_key(id_))
            if session is None:
                return None
            if self._over(session, now):
                del self._open[_key(id_)]
                return None
            if seen:
                session.seen = now
            return session

    def end(self, id_: str) -> None:
        """Ends one session."""
        with self._lock:
            self._open.pop(_key(id_), None)

    def end_all(self, account: str) -> int:
        """Ends every session of an account; answers how many there were."""
        with self._lock:
            mine = [key for key, session in self._open.items() if session.account == account]
            for key in mine:
                del self._open[key]
        return len(mine)

    def _tidy(self, now: float) -> None:
        for key in [key for key, session in self._open.items() if self._over(session, now)]:
            del self._open[key]

    def _over(self, session: Session, now: float) -> bool:
        return now - session.began > self.life or now - session.seen > self.idle


def _key(id_: str) -> str:
    return sha256(id_.encode("utf-8", "replace")).hexdigest()
