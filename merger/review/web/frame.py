"""What all visits share."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from merger.review.web.accounts import Accounts
from merger.review.web.attempts import Attempts
from merger.review.web.desk import Desk
from merger.review.web.rights import Right
from merger.review.web.sessions import Sessions
from merger.review.web.settings import Settings


@dataclass
class Frame:
    """The desk, sessions and accounts, and the addresses of pages.

    `secret` makes CSRF tokens and is new with every start. `token` opens the one local session and is ""
    once used. `navigation`: part, address and right of the parts' first pages.
    """

    settings: Settings
    desk: Desk
    sessions: Sessions
    accounts: Accounts
    attempts: Attempts = field(default_factory=Attempts)
    token: str = ""
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    navigation: tuple[tuple[str, str, Right], ...] = ()
    url: Callable[..., str] = lambda name, **_: str(name)
    _lock: Lock = field(default_factory=Lock)

    def cookie(self, name: str) -> str:
        """The name of a cookie. Behind TLS browsers take `__Host-` cookies from this host alone."""
        return f"__Host-merger-{name}" if self.settings.secure else f"merger-{name}"

    def take_token(self, given: str) -> bool:
        """Whether `given` is the one-time token, which then serves no more."""
        with self._lock:
            taken = bool(self.token) and hmac.compare_digest(
                self.token.encode(), given.encode("utf-8", "replace")
            )
            if taken:
                self.token = ""
            return taken
