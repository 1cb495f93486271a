"""`merger demo --like`: a masked copy of one system, or of every system of a job, for rehearsals."""

import json
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from hashlib import file_digest
from pathlib import Path

from merger.demo.masking.model import Check, Copied, Original, Progress, SystemDone
from merger.demo.masking.rehearsal_job import plan_check, write_job
from merger.demo.masking.run import Run
from merger.demo.masking.tables import RUNS, reading, tables
from merger.errors import Finding, InputError, Place, Refused, Severity
from merger.migrate.campaign import Campaign
from merger.systems.profiles import load_profile
from merger.systems.tables import store_of

REPORT = "masking.json"
"""What a masked copy is known by, and what says what was done."""
TRIES = 3
MASKS_MET = ("demo.like.masks-meet", "demo.like.somebody")
"""Masks are drawn by chance: now and then one meets another, or somebody's own number. A run is tried again
with another secret before it is refused for that."""
BESIDE = ("", "-wal", "-journal")
_JOB = re.compile(rb"^schema:\s*['\"]?merger/job/1", re.MULTILINE)


def copy_like(
    path: Path,
    folder: Path,
    *,
    database: Path | None = None,
    rows: int | None = None,
    replace: bool = False,
    progress: Progress,
) -> Copied:
    """Writes a masked copy of what a profile or a job describes into a folder, and checks it.

    `path`: a profile, whose SQLite file is `database` or the one that it names itself; or a job, whose
    systems are all copied with the same masks, with a job over the copies. `rows`: so many in the largest
    table of each system, instead of all. The sources are only read. The folder is there whole or not at all:
    nothing is put in place where a check finds somebody in the copy.
    Raises InputError with every problem of the files; Refused where a database is missing or no SQLite file,
    where the target of a job had a run, where the folder is taken, or where a check finds somebody.
    """
    start = time.monotonic()
    originals, campaign = _originals(path, database)
    _refuse_place(originals, folder, replace)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as name:
        before = {one.system: _digest(one.database) for one in originals}
        for tries_left in reversed(range(TRIES)):
            part = Path(name) / f"copy-{tries_left}"
            part.mkdir()
            run = Run(originals, campaign, part)
            try:
                done, copied, checks = _masked(path, run, rows, progress)
                break
            except Refused as met:
                if met.key not in MASKS_MET or not tries_left:
                    raise
                shutil.rmtree(part)
        job = write_job(campaign, run, part) if campaign else ""
        checks.append(plan_check(campaign, part / job, rows, progress))
        written = [one.system for one in originals if _digest(one.database) != before[one.system]]
        checks.insert(0, Check(code="source-unwritten", state="failed" if written else "passed",
                               count=len(originals), detail=", ".join(written)))  # fmt: skip
        result = Copied(
            folder=str(folder),
            job=job,
            systems=done,
            checks=tuple(checks),
            rows=sum(table.copied for one in done for table in one.tables),
            seconds=round(copied - start, 3),
            check_seconds=round(time.monotonic() - copied, 3),
        )
        report = json.dumps(result.model_dump(mode="json"), ensure_ascii=False, indent=1)
        (part / REPORT).write_text(report + "\n", "utf-8")
        _put_in_place(part, folder)
    return result


def _masked(
    path: Path, run: Run, rows: int | None, progress: Progress
) -> tuple[tuple[SystemDone, ...], float, list[Check]]:
    """What was copied with one secret, when that was done, and what the checks found."""
    with ExitStack() as stack:
        open_ = {one.system: stack.enter_context(_opened(one)) for one in run.originals}
        if run.campaign:
            _refuse_run(path, run.campaign, open_[run.campaign.target.system])
        with _no_traceback():
            done = tuple(run.copy(open_, rows, progress))
            copied = time.monotonic()
            checks = list(run.check(open_, rows, progress))
    _refuse_people(checks)
    return done, copied, checks


def _originals(path: Path, database: Path | None) -> tuple[list[Original], Campaign | None]:
    """What is to be copied. Raises InputError, Refused."""
    if path.is_file() and _JOB.search(path.read_bytes()):
        if database is not None:
            raise Refused("demo.like.database-of-job", job=path)
        campaign = Campaign(path)
        job = campaign.job
        found = [
            Original(one.system, path.parent / one.profile, system.profile, system.file)
            for one, system in zip(
                (*job.sources, job.target), (*campaign.sources, campaign.target), strict=True
            )
        ]
        return found, campaign
    if not path.is_file():
        raise InputError([Finding("demo", "like-no-file", Severity.ERROR, Place(file=str(path)), {})])
    profile = load_profile(path).value
    named = profile.database
    if database is None and (named is None or not (named.path or named.url_env)):
        raise Refused("demo.like.no-database", profile=path)
    return [Original(profile.id, path, profile, database or store_of(path, named).place)], None


def _refuse_place(originals: Sequence[Original], folder: Path, replace: bool) -> None:
    """Raises Refused where the copy could not be put, or would take the place of what it is made from."""
    home = folder.resolve()
    for one in originals:
        for file in (one.database, one.profile_file):
            if home in file.resolve().parents or file.resolve() == home:
                raise Refused("demo.like.source-inside", folder=folder, file=file)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        if not (folder / REPORT).is_file():
            raise Refused("demo.like.not-a-copy", folder=folder)
        if not replace:
            raise Refused("demo.like.taken", folder=folder)


@contextmanager
def _opened(one: Original) -> Iterator[sqlite3.Connection]:
    """A source opened to be read. Raises Refused."""
    if not one.database.is_file():
        raise Refused("systems.no-database", path=one.database)
    try:
        connection = reading(one.database)
    except sqlite3.Error as error:
        raise Refused("systems.not-readable", path=one.database, why=error) from error
    with closing(connection):
        try:
            there = {name: set(table.columns) for table in tables(connection)[0] for name in (table.name,)}
        except sqlite3.Error as error:
            raise Refused("systems.not-readable", path=one.database, why=error) from error
        _refuse_columns(one, there)
        yield connection


def _refuse_run(path: Path, campaign: Campaign, target: sqlite3.Connection) -> None:
    """Raises Refused where the ledger of the target holds a run: a copy is made without the ledger, so that
    a plan over it would move again what was moved."""
    if RUNS in tables(target)[1] and target.execute(f"SELECT 1 FROM {RUNS} LIMIT 1").fetchone():
        raise Refused("demo.like.had-run", job=path, target=campaign.target.system)


@contextmanager
def _no_traceback() -> Iterator[None]:
    """Raises Refused for what SQLite cannot read or write; its own words may hold values."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Refused("demo.like.masks-meet") from error
    except sqlite3.Error as error:
        if str(error).startswith("Could not decode"):
            raise Refused("demo.like.not-utf-8") from None
        raise Refused("demo.like.database-failed", why=_name_of(error)) from error


def _name_of(error: sqlite3.Error) -> str:
    """What SQLite calls an error."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


def _refuse_columns(one: Original, there: dict[str, set[str]]) -> None:
    """Raises InputError with every table and column that the profile names and the database has not."""
    missing = []
    for name, dataset in one.profile.datasets.items():
        if dataset.table not in there:
            missing.append((name, dataset.table, ""))
            continue
        columns = [*dataset.key, *dataset.personal, *dataset.public]
        columns += [value.column or value.looked_up()[0] for value in dataset.values().values()]
        columns += [reference.column for reference in dataset.references.values()]
        missing += [
            (name, dataset.table, column)
            for column in dict.fromkeys(columns)
            if column and column not in there[dataset.table]
        ]
    if missing:
        raise InputError(
            [
                Finding("demo", "like-no-column" if column else "like-no-table", Severity.ERROR,
                        Place(file=str(one.profile_file)),
                        {"dataset": name, "table": table, "column": column})
                for name, table, column in missing
            ]
        )  # fmt: skip


def _refuse_people(checks: Sequence[Check]) -> None:
    for one in checks:
        if one.code == "nobody" and one.state == "failed":
            raise Refused("demo.like.somebody", found=one.detail)


def _put_in_place(part: Path, folder: Path) -> None:
    """The folder is the new one or the old one at any time but between two renamings."""
    old = part.with_name("old")
    if folder.exists():
        folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def _digest(database: Path) -> str:
    """SHA-256 of a SQLite file and of what lies beside it."""
    found = []
    for name in BESIDE:
        file = database.with_name(database.name + name)
        if file.is_file():
            with file.open("rb") as content:
                found.append(file_digest(content, "sha256").hexdigest())
    return " ".join(found)
