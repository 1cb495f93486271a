"""PgBouncer before a server of PostgreSQL: sessions, or transactions only, lent to whoever is connected."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal

import psycopg
import sqlalchemy as sa

from merger.testing.servers.databases import READER, PostgreSQL
from merger.testing.servers.processes import hand_over, owned, unprivileged
from merger.testing.servers.server import HOST, Server

Mode = Literal["session", "transaction", "statement"]


class PgBouncer(Server):
    """PgBouncer, as it comes but for `settings`."""

    kind = "pgbouncer"
    before: ClassVar[PostgreSQL]

    def through(self, url: sa.URL) -> sa.URL:
        """The URL of the same database by this way."""
        return url.set(host=HOST, port=self.port)

    def _initialise(self) -> None:
        accounts = "".join(f'"{name}" "{self.before.secret}"\n' for name in (self.before.admin, READER))
        (self.folder / "accounts").write_text(accounts, "utf-8")

    def _command(self) -> list[str | Path]:
        settings = {
            "listen_addr": HOST, "listen_port": self.port, "unix_socket_dir": "", "auth_type": "plain",
            "auth_file": self.folder / "accounts", **self.settings,
        }  # fmt: skip
        lines = [f"{name} = {value}" for name, value in settings.items()]
        databases = f"[databases]\n* = host={HOST} port={self.before.port}\n"
        file = self.folder / "pgbouncer.ini"
        file.write_text(f"{databases}[pgbouncer]\n" + "\n".join(lines) + "\n", "utf-8")
        hand_over(file, self.folder / "accounts")
        return [self._program, file]

    def _answers(self) -> bool:
        url = self.through(self.before.url()).set(drivername="postgresql")
        try:
            psycopg.connect(url.render_as_string(hide_password=False)).close()
        except psycopg.Error:
            return False
        return True

    def _user(self) -> str:
        return unprivileged()


@contextmanager
def pgbouncer(
    before: PostgreSQL, mode: Mode, settings: Mapping[str, str] | None = None
) -> Iterator[PgBouncer]:
    """PgBouncer before a running server, lending what `mode` says. `settings` are those of pgbouncer.ini.

    Raises Refused where its program is missing or does not start.
    """
    kind = type("PgBouncer", (PgBouncer,), {"before": before})
    home = Path(tempfile.mkdtemp(prefix="merger-pgbouncer-"))
    try:
        with owned(home / "owner") as owner:
            server = kind(home, owner, temporary=True, settings={"pool_mode": mode, **(settings or {})})
            server.start()
            try:
                yield server
            finally:
                server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
