"""Where the programs of the servers are on this machine, and which Debian packages bring the missing ones."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from merger.errors import Refused

KINDS = ("postgresql", "mariadb", "pgbouncer", "sftp", "s3", "softhsm")
PACKAGES = {
    "postgresql": ("postgresql",),
    "mariadb": ("mariadb-server-core", "mariadb-client"),
    "pgbouncer": ("pgbouncer",),
    "sftp": ("openssh-server",),
    "softhsm": ("softhsm2",),
}
"""By kind; S3 has none, its server is a Python package."""
OLDEST_POSTGRESQL = 13
_SBIN = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))
_FOLDERS = ("usr/lib/postgresql/*", "usr/pgsql-*", "usr/local/pgsql")


def switched_off() -> bool:
    """Whether `MERGER_SERVERS=no` says that no server is to be looked for, installed or started."""
    return os.environ.get("MERGER_SERVERS", "").lower() == "no"


def found(kind: str) -> Path | None:
    """The program of a kind of server, or None. For S3 the folder of the package."""
    match kind:
        case "postgresql":
            return max(_postgresql(), default=(0, None))[1]
        case "mariadb":
            return _mariadb()
        case "pgbouncer":
            return which("pgbouncer")
        case "sftp":
            return which("sshd")
        case "s3":
            package = find_spec("moto")
            if package is None or package.origin is None or find_spec("flask_cors") is None:
                return None
            return Path(package.origin).parent
        case "softhsm":
            return which("softhsm2-util") if softhsm_library() else None
    raise ValueError(kind)


def softhsm_library() -> Path | None:
    """The PKCS#11 library of SoftHSM, a token in software, or None."""
    patterns = ("lib/softhsm", "lib/*/softhsm", "lib64/pkcs11", "local/lib/softhsm")
    places = (path for one in patterns for path in Path("/usr").glob(f"{one}/libsofthsm2.so"))
    return next(places, None)


def needed(kind: str) -> Path:
    """The program of a kind of server. Raises Refused where there is none or servers are switched off."""
    if switched_off():
        raise Refused("testing.servers.off", kind=kind)
    program = found(kind)
    if program is None:
        raise Refused("testing.servers.missing", kind=kind, how=how_to_install(kind))
    return program


def how_to_install(kind: str) -> str:
    """The command that brings a kind of server onto a Debian machine."""
    if kind in PACKAGES:
        return f"apt-get install {' '.join(PACKAGES[kind])}"
    return "pip install 'merger[dev]'"


def version_of(program: Path) -> str:
    """What a program calls its own version: one line."""
    option = "-V" if program.name == "sshd" else "--version"
    told = subprocess.run([program, option], capture_output=True, text=True, check=False, errors="replace")
    return next(iter((told.stdout or told.stderr).strip().splitlines()), "")


def which(name: str) -> Path | None:
    """A program on the PATH or in the folders of system programs, which a user's PATH may leave out."""
    path = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), _SBIN)))
    return Path(path) if path else None


def _postgresql() -> list[tuple[int, Path]]:
    """Every PostgreSQL server that is not too old: version and program."""
    places = [place for pattern in _FOLDERS for place in Path("/").glob(f"{pattern}/bin/postgres")]
    on_path = which("postgres")
    servers = []
    for program in {place.resolve() for place in (*places, on_path) if place}:
        if program.is_file() and program.with_name("initdb").is_file():
            major = postgresql_version(program)
            if major >= OLDEST_POSTGRESQL:
                servers.append((major, program))
    return servers


def postgresql_version(program: Path) -> int:
    """The first number of a PostgreSQL server's version; 0 when it tells none."""
    told = re.search(r"\(PostgreSQL\) (\d+)", version_of(program))
    return int(told[1]) if told else 0


def _mariadb() -> Path | None:
    for name in ("mariadbd", "mysqld"):
        program = which(name)
        if program and "MariaDB" in version_of(program) and which("mariadb-install-db"):
            return program
    return None
