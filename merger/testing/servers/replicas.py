"""Replicas of database servers: a hot standby of PostgreSQL and a read-only replica of MariaDB.

Both are filled from a running server before they answer, have its databases, accounts and password, and
follow it from then on.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from merger.testing.servers.databases import DatabaseServer, MariaDB, PostgreSQL
from merger.testing.servers.processes import owned, run
from merger.testing.servers.server import HOST

REPLICATED = {"log-bin": "log", "server-id": "1", "binlog-format": "ROW"}
"""The settings of a server of MariaDB that is to have a replica."""


class Standby(PostgreSQL):
    """A hot standby that streams what its primary writes."""

    primary: ClassVar[DatabaseServer]

    def _initialise(self) -> None:
        self.secret = self.primary.secret
        of = self.primary.url().set(drivername="postgresql", database=None)
        where = of.render_as_string(hide_password=False)
        program = self._program.with_name("pg_basebackup")
        run([program, "-D", self._data, "-R", "-d", where, "--checkpoint=fast", "--no-sync"], self.folder)


class Replica(MariaDB):
    """A replica that follows its primary by GTIDs and that only accounts with `READ_ONLY ADMIN` may write."""

    primary: ClassVar[DatabaseServer]

    def _initialise(self) -> None:
        self.secret = self.primary.secret
        super()._initialise()

    def start(self) -> None:
        super().start()
        follow = (
            f"CHANGE MASTER TO master_host='{HOST}', master_port={self.primary.port},"
            f" master_user='{self.admin}', master_password='{self.secret}', master_use_gtid=slave_pos"
        )
        engine = sa.create_engine(self.url(), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(follow)
            connection.exec_driver_sql("START SLAVE")

    def _command(self) -> list[str | Path]:
        return [*super()._command(), "--server-id=2", "--read-only=1", "--log-slave-updates=0"]


@contextmanager
def replica_of(primary: DatabaseServer) -> Iterator[DatabaseServer]:
    """A replica of a running server. One of MariaDB must have been started with the settings `REPLICATED`.

    Raises Refused where it does not start.
    """
    follows = Standby if isinstance(primary, PostgreSQL) else Replica
    kind = type(follows.__name__, (follows,), {"primary": primary})
    home = Path(tempfile.mkdtemp(prefix="merger-replica-"))
    try:
        with owned(home / "owner") as owner:
            server = kind(home, owner, temporary=True)
            server.start()
            try:
                yield server
            finally:
                server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
