"""The databases between which rows are moved: private servers with empty and filled tables of dossiers."""

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench_migrating.dossiers import CHANGE, COLUMNS, DDL, TABLE

DATABASES = ("source", "target")
POSTGRESQL_SETTINGS = {
    "shared_buffers": "512MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
}
MARIADB_SETTINGS = {
    "innodb_buffer_pool_size": "512M",
    "innodb_log_file_size": "1G",
    "max_allowed_packet": "64M",
    "local_infile": "1",
    "character_set_server": "utf8mb4",
}
"""The rest is as the makers ship it: every commit goes to the disk before it is answered."""

_QUOTED = ", ".join(COLUMNS)


class System(ABC):
    """Holds a database `source` and a database `target`, each with one table of dossiers."""

    dialect: str
    name: str
    """How tables call it."""

    @abstractmethod
    def url(self, database: str) -> str:
        """For SQLAlchemy."""

    @abstractmethod
    def plain_url(self, database: str) -> str:
        """For those who do not know SQLAlchemy's drivers."""

    @abstractmethod
    def in_job(self, database: str) -> str:
        """How a job names it."""

    @abstractmethod
    def empty(self, database: str) -> None:
        """Makes the database anew, with an empty table, everything else on disk."""

    @abstractmethod
    def load(self, database: str, file: Path) -> None:
        """Fills the empty table from a tab-separated file."""

    @abstractmethod
    def count(self, database: str, table: str = TABLE) -> int:
        """Rows of a table; -1 if it is not there."""

    @abstractmethod
    def reader(self, database: str) -> str:
        """A shell command that writes all rows as tab-separated text."""

    @abstractmethod
    def writer(self, database: str) -> str:
        """A shell command that loads such text into the table."""

    @abstractmethod
    def ask(self, question: str, database: str) -> str:
        """What the database's own client answers."""

    def change(self, database: str) -> None:
        """Changes some of the rows."""
        self.ask(CHANGE, database)

    def environment(self) -> dict[str, str]:
        """The variables in which `in_job`'s databases are found."""
        return {f"BENCH_{self.dialect}_{one}".upper(): self.url(one) for one in DATABASES}


class Server(System):
    """A server of its own on this machine, reached by TCP."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]

    def in_job(self, database: str) -> str:
        return f"{{url_env: {f'BENCH_{self.dialect}_{database}'.upper()}}}"

    def _up(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(600):
            if process.poll() is not None:
                raise SystemExit(f"{self.name} does not start, see {self.folder}")
            try:
                self.ask("SELECT 1")
                return
            except subprocess.CalledProcessError:
                time.sleep(0.1)
        raise SystemExit(f"{self.name} does not answer")


class PostgreSQL(Server):
    dialect, name = "postgresql", "PostgreSQL"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def plain_url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def _client(self, database: str) -> list[str]:
        return ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", self.plain_url(database or "postgres")]

    def ask(self, question: str, database: str = "") -> str:
        return output([*self._client(database), "-c", question])

    def empty(self, database: str) -> None:
        self.ask(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.ask(f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8'")
        self.ask(DDL[self.dialect], database)
        self.ask("CHECKPOINT")

    def load(self, database: str, file: Path) -> None:
        output(["sh", "-c", f"{self.writer(database)} < {shlex.quote(str(file))}"])
        self.ask(f"VACUUM (ANALYZE, FREEZE) {TABLE}", database)
        self.ask("CHECKPOINT")

    def count(self, database: str, table: str = TABLE) -> int:
        try:
            return int(self.ask(f"SELECT count(*) FROM {table}", database))
        except subprocess.CalledProcessError:
            return -1

    def reader(self, database: str) -> str:
        client = shlex.join(self._client(database))
        return f'{client} -c "COPY (SELECT {_QUOTED} FROM {TABLE}) TO STDOUT"'

    def writer(self, database: str) -> str:
        return f'{shlex.join(self._client(database))} -c "COPY {TABLE} ({_QUOTED}) FROM STDIN"'


class MariaDB(Server):
    dialect, name = "mariadb", "MariaDB"

    def url(self, database: str) -> str:
        return f"mariadb+pymysql://bench:bench@127.0.0.1:{self.port}/{database}?charset=utf8mb4"

    def plain_url(self, database: str) -> str:
        return f"mysql://bench:bench@127.0.0.1:{self.port}/{database}"

    def client(self, program: str = "mariadb") -> list[str]:
        """The start of a client's command line."""
        return [program, "--no-defaults", "--host=127.0.0.1", f"--port={self.port}", "--user=bench",
                "--password=bench", "--default-character-set=utf8mb4"]  # fmt: skip

    def ask(self, question: str, database: str = "") -> str:
        return output(
            [*self.client(), "--batch", "--skip-column-names", "-e", question, *filter(None, [database])]
        )

    def empty(self, database: str) -> None:
        self.ask(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database} CHARACTER SET utf8mb4")
        self.ask(DDL[self.dialect], database)

    def load(self, database: str, file: Path) -> None:
        output(["sh", "-c", f"{self.writer(database)} < {shlex.quote(str(file))}"])
        self.ask(f"ANALYZE TABLE {TABLE}", database)

    def count(self, database: str, table: str = TABLE) -> int:
        try:
            return int(self.ask(f"SELECT count(*) FROM {table}", database))
        except subprocess.CalledProcessError:
            return -1

    def reader(self, database: str) -> str:
        client = shlex.join(self.client())
        return f"{client} --batch --quick --skip-column-names -e 'SELECT {_QUOTED} FROM {TABLE}' {database}"

    def writer(self, database: str) -> str:
        client = shlex.join([*self.client(), "--local-infile"])
        load = f"LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE {TABLE} CHARACTER SET utf8mb4 ({_QUOTED})"
        return f'{client} -e "{load}" {database}'


class SQLite(System):
    dialect, name = "sqlite", "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, database: str) -> Path:
        return self.folder / f"{database}.db"

    def url(self, database: str) -> str:
        return f"sqlite:///{self.path(database)}"

    plain_url = url

    def in_job(self, database: str) -> str:
        return f'{{path: "{self.path(database)}"}}'

    def ask(self, question: str, database: str) -> str:
        return output(["sqlite3", "-init", "/dev/null", "-batch", str(self.path(database)), question])

    def empty(self, database: str) -> None:
        for file in self.folder.glob(f"{database}.db*"):
            file.unlink()
        self.ask(DDL[self.dialect], database)
        os.sync()

    def load(self, database: str, file: Path) -> None:
        output(["sh", "-c", f"{self.writer(database)} < {shlex.quote(str(file))}"])
        os.sync()

    def count(self, database: str, table: str = TABLE) -> int:
        try:
            return int(self.ask(f"SELECT count(*) FROM {table}", database))
        except subprocess.CalledProcessError:
            return -1

    def reader(self, database: str) -> str:
        client = shlex.join(
            ["sqlite3", "-init", "/dev/null", "-batch", "-tabs", "-readonly", str(self.path(database))]
        )
        return f"{client} 'SELECT {_QUOTED} FROM {TABLE}'"

    def writer(self, database: str) -> str:
        options = ["-init", "/dev/null", "-batch", "-ascii", "-separator", "\t", "-newline", "\n"]
        return shlex.join(["sqlite3", *options, str(self.path(database)), f".import /dev/stdin {TABLE}"])


@contextmanager
def started(dialects: set[str], folder: Path) -> Iterator[dict[str, System]]:
    """Starts what is needed, each in a folder of its own; a server that is not installed is left out."""
    with ExitStack() as stack:
        found: dict[str, System] = {}
        for dialect in sorted(dialects):
            place = folder / dialect
            place.mkdir()
            if dialect == "sqlite":
                found[dialect] = SQLite(place)
            elif dialect == "postgresql" and postgresql_programs():
                found[dialect] = stack.enter_context(_postgresql(place))
            elif dialect == "mariadb" and shutil.which("mariadbd", path=_PATHS):
                found[dialect] = stack.enter_context(_mariadb(place))
        yield found


_PATHS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])


def postgresql_programs() -> Path | None:
    """The folder of the newest PostgreSQL server's programs."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    return max(found, key=lambda one: int(one.parts[-3])).parent if found else None


@contextmanager
def _postgresql(folder: Path) -> Iterator[PostgreSQL]:
    programs = postgresql_programs()
    assert programs
    system, data = PostgreSQL(folder), folder / "data"
    user = _owned(folder, "postgres")
    output([*user, str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8"])  # fmt: skip
    settings = {
        **POSTGRESQL_SETTINGS,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
    }
    lines = [f"{name} = '{value}'\n" for name, value in {**settings, "port": system.port}.items()]
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    with _running([*user, str(programs / "postgres"), "-D", str(data)], folder, system):
        yield system


@contextmanager
def _mariadb(folder: Path) -> Iterator[MariaDB]:
    system, data = MariaDB(folder), folder / "data"
    user = _owned(folder, "mysql")
    output([*user, "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal"])  # fmt: skip
    first = folder / "first.sql"
    first.write_text(
        "CREATE OR REPLACE USER bench@'%' IDENTIFIED BY 'bench';\nGRANT ALL ON *.* TO bench@'%';\n", "utf-8"
    )
    first.chmod(0o644)
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in MARIADB_SETTINGS.items()]
    server = shutil.which("mariadbd", path=_PATHS)
    assert server
    command = [*user, server, "--no-defaults", f"--datadir={data}", f"--port={system.port}",
               "--skip-name-resolve", "--bind-address=127.0.0.1", f"--socket={folder / 's'}",
               f"--pid-file={folder / 'pid'}",
               f"--init-file={first}", *settings]  # fmt: skip
    with _running(command, folder, system):
        zone = output(["mariadb-tzinfo-to-sql", "/usr/share/zoneinfo/UTC", "UTC"])
        system.ask(zone, "mysql")
        yield system


@contextmanager
def _running(command: list[str], folder: Path, system: Server) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            system._up(process)
            yield
        finally:
            process.terminate()
            process.wait()


def _owned(folder: Path, user: str) -> list[str]:
    """Gives a folder to the server's own user, if we are root; the start of the server's command line. Where
    only the server's programs are installed, it has no user of its own."""
    if os.geteuid():
        return []
    if user not in {one.pw_name for one in pwd.getpwall()}:
        user = "nobody"
    group = pwd.getpwnam(user).pw_gid
    shutil.chown(folder, user, group)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", "--"]


def output(command: list[str]) -> str:
    """What a command prints; raises CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
