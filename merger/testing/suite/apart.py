"""Somebody's own job, copied so that nothing that is tried reaches its databases."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import yaml

from merger.errors import Refused
from merger.mapping import read_document
from merger.messages import text
from merger.migrate.campaign import SHIPPED
from merger.migrate.job import Job, System
from merger.systems.stores.urls import file_of, url_of
from merger.testing.people import AUTHOR, ROLES, sign_by_all, trust_people
from merger.testing.trials import Trial

BESIDE = ("", "-wal", "-journal")
"""What belongs to a SQLite file: a copy without its write-ahead log would lack rows."""

HEADER = b"SQLite format 3\0"
JOB, TRUST = "merger-trial-job.yaml", "merger-trial-trust.json"


class Unsupported(Exception):
    """This job cannot be tried on a copy; the text says why."""


@contextmanager
def trial_apart(job: Path) -> Iterator[Trial]:
    """A copy of a job's folder and of every database that it names, wherever that is.

    The copy names no database outside of itself and no file stores; mapping files and profiles from
    elsewhere are only read.
    Made-up people sign, at most as many as there are, so what is tried is the data, not the signatures.
    Raises InputError where the job cannot be read, Unsupported where a database is no SQLite file.
    """
    value = read_document(job, Job).value
    home = job.parent.resolve()
    systems = (value.target, *value.sources)
    databases = {one.system: _database(home, one) for one in systems}
    kept = {file for path in databases.values() for file in _with_its_log(path)}
    with tempfile.TemporaryDirectory(prefix="merger-trial-") as folder:
        copy = Path(folder) / "job"
        shutil.copytree(home, copy, ignore=lambda at, names: _named(Path(at), names, kept))
        (copy / "merger-trial").mkdir()
        for number, one in enumerate(systems):
            _copy(databases[one.system], copy / _place(number))
        _write(value, home, copy)
        (copy / TRUST).unlink(missing_ok=True)
        trust_people(copy / TRUST)
        yield Trial(copy / JOB, sign_by_all)


def _database(home: Path, system: System) -> Path:
    """The file of a system's database."""
    try:
        path = file_of(url_of(system.database, home))
    except Refused:
        path = None
    if path is None:
        raise Unsupported(text("testing.skip.no-sqlite", system=system.system))
    try:
        with path.open("rb") as file:
            head = file.read(len(HEADER))
    except OSError:
        raise Unsupported(text("testing.skip.no-database", system=system.system)) from None
    if head not in (HEADER, b""):
        raise Unsupported(text("testing.skip.no-sqlite", system=system.system))
    return path.resolve()


def _with_its_log(path: Path) -> Iterator[Path]:
    for name in (*BESIDE, "-shm"):
        yield path.with_name(path.name + name)


def _named(at: Path, names: list[str], kept: set[Path]) -> set[str]:
    return {name for name in names if at / name in kept}


def _copy(database: Path, to: Path) -> None:
    """Copies a SQLite file with what its log holds, as one file."""
    for name in BESIDE:
        beside = database.with_name(database.name + name)
        if beside.is_file():
            shutil.copyfile(beside, to.with_name(to.name + name))
    with closing(sqlite3.connect(to)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _place(number: int) -> str:
    return f"merger-trial/{number}.db"


def _write(job: Job, home: Path, copy: Path) -> None:
    """The job as it is, but of the copy's databases and signed by made-up people."""
    tree: dict[str, Any] = job.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    tree = {"schema": job.schema_} | tree
    tree["mapping"] = [one if one.startswith(SHIPPED) else _found(home, copy, one) for one in job.mapping]
    for number, system in enumerate((tree["target"], *tree["sources"])):
        system["profile"] = _found(home, copy, system["profile"])
        system["database"] = {"path": _place(number)}
        system.pop("files", None)
    policies = tree.get("policies", {})
    policies["approvals"] = min(job.policies.approvals, len(ROLES))
    tree |= {"author": AUTHOR, "trust": TRUST, "trust_root": "", "policies": policies}
    content = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    (copy / JOB).write_text(content, "utf-8")


def _found(home: Path, copy: Path, name: str) -> str:
    """A file's name as the copy finds it: in the copy, or where it is if that is outside of the folder."""
    return name if (copy / name).exists() and ".." not in Path(name).parts else str((home / name).resolve())
