"""PostgreSQL and MariaDB: databases made and dropped, and accounts that may only read."""

import signal
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy import exc, pool

from merger.testing.servers.processes import hand_over, run, unprivileged
from merger.testing.servers.programs import postgresql_version, version_of, which
from merger.testing.servers.server import HOST, Server

READER = "merger_reader"
"""The account that may SELECT, in databases that it was let into, and nothing else."""
_ICU_SINCE = 15


def reader_url(url: sa.URL) -> sa.URL:
    """The same database for an account with SELECT alone, also on tables that are made later.

    `url` is of a server of this package. A SQLite file has no accounts: its URL comes back unchanged.
    """
    match url.get_backend_name():
        case "sqlite":
            return url
        case "postgresql":
            _let_in_postgresql(url)
        case "mariadb":
            database = str(url.database).replace("_", r"\_").replace("%", r"\%")
            _run(url, [f"GRANT SELECT ON {_quoted(url, database)}.* TO {READER}@'{HOST}'"])
        case other:
            raise ValueError(other)
    return url.set(username=READER)


class DatabaseServer(Server):
    """A database server. Its `kind` is the name of its dialect too."""

    driver: ClassVar[str]
    admin: ClassVar[str]
    own_database: ClassVar[str]
    query: ClassVar[dict[str, str]] = {}

    @property
    def version(self) -> str:
        """What the server's program calls its version."""
        return version_of(self._program)

    def url(self, database: str | None = None) -> sa.URL:
        """The URL of a database for the account that may do everything; without one, of the server's own."""
        return sa.URL.create(
            self.driver, self.admin, self.secret, HOST, self.port, database or self.own_database, self.query
        )

    def create(self, database: str) -> sa.URL:
        """Makes an empty database. Raises SQLAlchemy's DBAPIError if there is one of this name."""
        _run(self.url(), [f"CREATE DATABASE {_quoted(self.url(), database)}"])
        return self.url(database)

    @abstractmethod
    def drop(self, database: str) -> None:
        """Drops a database, whoever is connected to it. Nothing happens if there is none."""

    def _answers(self) -> bool:
        try:
            _run(self.url(), ["SELECT 1"])
        except exc.DBAPIError:
            return False
        return True

    def _user(self) -> str:
        return unprivileged()


class PostgreSQL(DatabaseServer):
    """PostgreSQL 13 or newer, UTF-8; collation Vietnamese by ICU from 15 on, C.UTF-8 before."""

    kind = "postgresql"
    driver = "postgresql+psycopg"
    admin = "postgres"
    own_database = "postgres"
    stop_with = signal.SIGINT
    SETTINGS: ClassVar[dict[str, str]] = {
        "fsync": "off",
        "shared_buffers": "64MB",
        "max_wal_size": "1GB",
        "jit": "off",
        "timezone": "Asia/Ho_Chi_Minh",
    }

    def drop(self, database: str) -> None:
        _run(self.url(), [f"DROP DATABASE IF EXISTS {_quoted(self.url(), database)} WITH (FORCE)"])

    def _initialise(self) -> None:
        password = self.folder / "password"
        password.write_text(self.secret, "utf-8")
        command: list[str | Path] = [self._program.with_name("initdb"), "-D", self._data, "-U", self.admin]
        command += [
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=password",
            f"--pwfile={password}",
            "--no-sync",
        ]
        if postgresql_version(self._program) >= _ICU_SINCE:
            command += ["--locale-provider=icu", "--icu-locale=vi-VN"]
        run(command, self.folder)
        password.unlink()
        single: list[str | Path] = [
            self._program,
            "--single",
            "-D",
            self._data,
            "-c",
            "fsync=off",
            self.own_database,
        ]
        run(single, self.folder, f"CREATE ROLE {READER} LOGIN PASSWORD '{self.secret}'\n")

    def _command(self) -> list[str | Path]:
        where = {"listen_addresses": HOST, "port": str(self.port), "unix_socket_directories": ""}
        settings = self.SETTINGS | where | self.settings
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._program, "-D", self._data, *options]


class MariaDB(DatabaseServer):
    """MariaDB as it comes: utf8mb4, collation utf8mb4_general_ci, which takes `Hòa` and `hoa` for one."""

    kind = "mariadb"
    driver = "mariadb+pymysql"
    admin = "root"
    own_database = "mysql"
    query: ClassVar[dict[str, str]] = {"charset": "utf8mb4", "ssl_disabled": "true"}
    """Without TLS, which a private server does not speak: getting ready for it takes 20 ms a connection."""
    SETTINGS: ClassVar[dict[str, str]] = {
        "innodb-flush-log-at-trx-commit": "2",
        "innodb-flush-method": "nosync",
        "innodb-buffer-pool-size": "64M",
        "innodb-log-file-size": "64M",
        "max-allowed-packet": "64M",
        "performance-schema": "OFF",
        "character-set-server": "utf8mb4",
        "collation-server": "utf8mb4_general_ci",
        "default-time-zone": "+07:00",
    }

    def drop(self, database: str) -> None:
        mine = sa.text("SELECT id FROM information_schema.processlist WHERE db = :name").bindparams(
            name=database
        )
        with _connected(self.url()) as connection:
            for thread in connection.scalars(mine).all():
                with suppress(exc.DBAPIError):
                    connection.exec_driver_sql(f"KILL {thread}")
        _run(self.url(), [f"DROP DATABASE IF EXISTS {_quoted(self.url(), database)}"])

    def _initialise(self) -> None:
        installer = which("mariadb-install-db")
        assert installer is not None
        innodb = [f"--{name}={value}" for name, value in self.SETTINGS.items() if name.startswith("innodb")]
        options = ["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal", *innodb]
        places = [f"--datadir={self._data}", f"--tmpdir={self._scratch}"]
        run([installer, *options, *places], self.folder)
        accounts = [f"CREATE USER IF NOT EXISTS {name}@'{HOST}'" for name in (self.admin, READER)]
        accounts += [
            f"ALTER USER {name}@'{HOST}' IDENTIFIED BY '{self.secret}'" for name in (self.admin, READER)
        ]
        accounts += [f"GRANT ALL ON *.* TO {self.admin}@'{HOST}' WITH GRANT OPTION"]
        (self.folder / "accounts.sql").write_text("".join(f"{line};\n" for line in accounts), "utf-8")

    def _command(self) -> list[str | Path]:
        where = {
            "datadir": self._data,
            "tmpdir": self._scratch,
            "socket": self._data / "socket",
            "pid-file": self._data / "pid",
            "bind-address": HOST,
            "port": self.port,
            "init-file": self.folder / "accounts.sql",
        }
        options = [f"--{name}={value}" for name, value in (self.SETTINGS | where | self.settings).items()]
        return [self._program, "--no-defaults", "--skip-name-resolve", "--skip-log-bin", *options]

    @property
    def _scratch(self) -> Path:
        """Its folder for temporary tables. A server that starts empties the one that it is given, so two must
        not share one."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        hand_over(scratch)
        return scratch


def _let_in_postgresql(url: sa.URL) -> None:
    """Takes away what everybody may do by default, and lets the reader SELECT in every schema."""
    database = _quoted(url, str(url.database))
    with _connected(url) as connection:
        names = connection.exec_driver_sql(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'"
        )
        schemas = [_quoted(url, name) for name in names.scalars()]
    statements = [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {READER}",
    ]
    for schema in schemas:
        statements += [
            f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
            f"GRANT USAGE ON SCHEMA {schema} TO {READER}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {READER}",
        ]
    _run(url, statements)


@contextmanager
def _connected(url: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection.execution_options(no_parameters=True)


def _run(url: sa.URL, statements: Iterable[str]) -> None:
    with _connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _quoted(url: sa.URL, name: str) -> str:
    return url.get_dialect()().identifier_preparer.quote_identifier(name)
