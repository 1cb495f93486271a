"""Private servers for tests, benches and trials: PostgreSQL, MariaDB, SFTP and S3, as real processes.

    with postgresql() as server:
        url = server.create("old")
        ...
        server.kill()       # as if the machine lost its power
        server.start()

Every server listens on 127.0.0.1 alone, with a password or key of its own, and ends with the process that
started it, also when that process is killed. Root starts them as an unprivileged user. They are tuned to be
small and quick, and do not wait for the disk: nothing worth keeping belongs in them. Linux only.

Raised by all: Refused where a program is missing (`scripts/servers` installs them) or does not start.
"""

from merger.testing.servers.databases import DatabaseServer, MariaDB, PostgreSQL, reader_url
from merger.testing.servers.files import S3, Sftp
from merger.testing.servers.private import mariadb, postgresql, s3, sftp

__all__ = [
    "S3",
    "DatabaseServer",
    "MariaDB",
    "PostgreSQL",
    "Sftp",
    "mariadb",
    "postgresql",
    "reader_url",
    "s3",
    "sftp",
]
