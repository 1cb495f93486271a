"""A server of one's own as a context manager, in a folder that is kept or in one that goes with it."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from merger.testing.servers.databases import MariaDB, PostgreSQL
from merger.testing.servers.files import S3, Sftp
from merger.testing.servers.processes import owned
from merger.testing.servers.server import Server

SERVERS: dict[str, type[Server]] = {one.kind: one for one in (PostgreSQL, MariaDB, Sftp, S3)}
_Server = TypeVar("_Server", bound=Server)


@contextmanager
def postgresql(
    folder: Path | None = None, *, settings: Mapping[str, str] | None = None
) -> Iterator[PostgreSQL]:
    """PostgreSQL, running. `folder`: where its data are or shall be kept; without one they go with it.

    `settings` are those of postgresql.conf, on top of `PostgreSQL.SETTINGS`.
    """
    with _running(PostgreSQL, folder, settings) as server:
        yield server


@contextmanager
def mariadb(folder: Path | None = None, *, settings: Mapping[str, str] | None = None) -> Iterator[MariaDB]:
    """MariaDB, running; as `postgresql`. `settings` are options of mariadbd, on top of `MariaDB.SETTINGS`."""
    with _running(MariaDB, folder, settings) as server:
        yield server


@contextmanager
def sftp(folder: Path | None = None) -> Iterator[Sftp]:
    """OpenSSH's SFTP server, running; the files are in the folder `data`."""
    with _running(Sftp, folder, None) as server:
        yield server


@contextmanager
def s3() -> Iterator[S3]:
    """An S3 endpoint, running."""
    with _running(S3, None, None) as server:
        yield server


@contextmanager
def _running(
    kind: type[_Server], folder: Path | None, settings: Mapping[str, str] | None
) -> Iterator[_Server]:
    home = Path(tempfile.mkdtemp(prefix=f"merger-{kind.kind}-")) if folder is None else folder
    try:
        home.mkdir(parents=True, exist_ok=True)
        with owned(home / "owner") as owner:
            server = kind(home, owner, temporary=folder is None, settings=settings)
            server.start()
            try:
                yield server
            finally:
                server.stop()
    finally:
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)
