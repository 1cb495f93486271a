"""Private PostgreSQL and MariaDB servers for the pairs of databases."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

POSTGRESQL_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class Servers:
    """Servers that are started when first asked for a database."""

    def __init__(self) -> None:
        self._urls: dict[str, sa.URL] = {}
        self._processes: list[subprocess.Popen[bytes]] = []
        self._folders: list[Path] = []

    def database(self, dialect: str, name: str) -> sa.URL:
        """A new empty database."""
        if dialect not in self._urls:
            self._urls[dialect] = {"postgresql": self._postgresql, "mariadb": self._mariadb}[dialect]()
        engine = sa.create_engine(self._urls[dialect], isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self._urls[dialect].set(database=name)

    def drop(self, url: sa.URL) -> None:
        """Drops a database."""
        engine = sa.create_engine(self._urls[_dialect(url)], isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {url.database}")
        engine.dispose()

    def stop(self) -> None:
        """Stops what was started."""
        for process in self._processes:
            process.send_signal(signal.SIGINT if _is_postgresql(process) else signal.SIGTERM)
        for process in self._processes:
            process.wait(30)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _postgresql(self) -> sa.URL:
        if not POSTGRESQL_PROGRAMS:
            pytest.skip("PostgreSQL is not installed")
        programs = POSTGRESQL_PROGRAMS[-1]
        folder, port = self._folder("postgres"), _free_port()
        data = folder / "data"
        options = ["-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            _as("postgres", [programs / "initdb", "-D", data, *options]),
            check=True,
            capture_output=True,
            cwd="/",
        )
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder,
                    "fsync": "off", "shared_buffers": "64MB", "timezone": "Asia/Ho_Chi_Minh"}  # fmt: skip
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._start("postgres", [programs / "postgres", "-D", data, *arguments])
        return _ready(sa.URL.create("postgresql+psycopg", "postgres", None, "127.0.0.1", port, "postgres"))

    def _mariadb(self) -> sa.URL:
        server = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if server is None:
            pytest.skip("MariaDB is not installed")
        folder, port = self._folder("mysql"), _free_port()
        data = folder / "data"
        authentication = "--auth-root-authentication-method=normal"
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={data}", authentication,
             "--skip-test-db", "--innodb-log-file-size=16M"],
            check=True, capture_output=True,
        )  # fmt: skip
        options = [f"--datadir={data}", f"--port={port}",
                   f"--socket={folder / 'socket'}",
                   "--bind-address=127.0.0.1",
                   "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M", "--skip-log-bin",
                   "--innodb-flush-log-at-trx-commit=0", "--performance-schema=OFF",
                   "--max-allowed-packet=64M",
                   "--default-time-zone=+07:00", "--character-set-server=utf8mb4",
                   "--collation-server=utf8mb4_general_ci", "--user=mysql"]  # fmt: skip
        self._start("", [server, "--no-defaults", *options])
        return _ready(
            sa.URL.create("mariadb+pymysql", "root", None, "127.0.0.1", port, "mysql", {"charset": "utf8mb4"})
        )

    def _folder(self, owner: str) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="merger-pairs-"))
        self._folders.append(folder)
        if os.geteuid() == 0:
            shutil.chown(folder, owner)
        return folder

    def _start(self, user: str, command: Sequence[str | Path]) -> None:
        self._processes.append(
            subprocess.Popen(
                _as(user, command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
            )
        )


def _is_postgresql(process: subprocess.Popen[bytes]) -> bool:
    """PostgreSQL waits for its clients unless it is interrupted."""
    return any(str(one).endswith("/postgres") for one in process.args)  # type: ignore[union-attr]


def _dialect(url: sa.URL) -> str:
    return "postgresql" if url.get_backend_name() == "postgresql" else "mariadb"


def _as(user: str, command: Sequence[str | Path]) -> list[str]:
    words = [str(one) for one in command]
    if not user or os.geteuid() != 0:
        return words
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *words]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _ready(url: sa.URL) -> sa.URL:
    engine = sa.create_engine(url)
    _until(lambda: _answers(engine))
    engine.dispose()
    return url


def _answers(engine: sa.Engine) -> bool:
    try:
        with engine.connect():
            return True
    except sa.exc.OperationalError:
        return False


def _until(done: Callable[[], bool]) -> None:
    for _ in range(300):
        if done():
            return
        time.sleep(0.1)
    raise TimeoutError("the server does not answer")
