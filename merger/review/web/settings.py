"""What is served, where and to whom."""

from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("127.0.0.1", "::1", "localhost")

STATE = ".merger"
"""The folder, within the one that is served, of accounts and the review trail."""


@dataclass(frozen=True)
class Settings:
    """What is served: `folder` with its jobs, plans, runs and mappings.

    With `accounts` people sign in by name and password; without, one local user enters by the one-time
    `token`, which `serve` puts into the printed address. `secure`: the pages are reached by TLS.
    `session_life` and `session_idle` are seconds.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8765
    tls_cert: Path | None = None
    tls_key: Path | None = None
    read_only: bool = False
    accounts: bool = False
    token: str = ""
    hosts: tuple[str, ...] = ()
    session_life: int = 8 * 3600
    session_idle: int = 3600

    @property
    def secure(self) -> bool:
        return self.tls_cert is not None

    @property
    def state(self) -> Path:
        """Where accounts and the review trail are kept."""
        return self.folder / STATE

    @property
    def known_hosts(self) -> frozenset[str]:
        """The names that a request may call this server by, in small letters, without a port."""
        return frozenset(name.lower() for name in (*LOOPBACK, self.host, *self.hosts))
