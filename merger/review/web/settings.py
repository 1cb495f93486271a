"""What is served, where and to whom."""

from dataclasses import dataclass, field
from pathlib import Path

from merger.review.web.bounds import Limits

LOOPBACK = ("127.0.0.1", "::1", "localhost")

STATE = ".merger"
"""The folder, within the one that is served, of accounts and the review trail."""


@dataclass(frozen=True)
class Settings:
    """What is served: `folder` with its jobs, plans, runs and mappings.

    With `accounts` people sign in by name and password; without, one local user enters by the one-time
    `token`. `hosts` are names besides `host` that the pages are asked for by. `behind_tls`: a proxy on this
    machine speaks TLS for us. `session_life` and `session_idle` are seconds.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8765
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_tls: bool = False
    read_only: bool = False
    accounts: bool = False
    token: str = ""
    hosts: tuple[str, ...] = ()
    session_life: int = 8 * 3600
    session_idle: int = 3600
    limits: Limits = field(default_factory=Limits)

    @property
    def secure(self) -> bool:
        """Whether browsers reach the pages by TLS, ours or that of a proxy before us."""
        return self.tls_cert is not None or self.behind_tls

    @property
    def state(self) -> Path:
        """Where accounts and the review trail are kept."""
        return self.folder / STATE

    @property
    def accounts_file(self) -> Path:
        return self.state / "accounts.json"

    @property
    def trail_file(self) -> Path:
        return self.state / "review-trail.jsonl"

    @property
    def known_hosts(self) -> frozenset[str]:
        """The names that a request may call this server by, in small letters, without a port."""
        return frozenset(name.lower() for name in (*LOOPBACK, self.host, *self.hosts))
