"""A job on trial: planned, signed, applied, verified and rolled back, with everything seen from outside.

What is compared is read by plain SQL, not by the code on trial.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import yaml

from merger.migrate import api
from merger.migrate.campaign import Campaign
from merger.migrate.failpoints import VARIABLE
from merger.migrate.model import Plan, Verification
from merger.migrate.results import RunResult
from merger.migrate.rolling_back import RollbackResult, rollback_file
from merger.migrate.verifying import run_of
from merger.testing.people import sign_by_all, trust_people
from merger.testing.world import World

Sign = Callable[[Path], None]
Content = dict[str, tuple[int, str]]
"""Of every table: how many rows, and a digest of them that does not depend on their order."""

LEDGER = "merger_"
COMPARED_LEDGER = {
    "merger_row": "dataset_id, source_key, target_key, row_hash, merged, run",
    "merger_block": "*",
    "merger_dataset": "*",
    "merger_run": "id, job, kind, state, plan_sha256",
    "merger_approval": "*",
}


def quiet(_stage: str, _done: int, _total: int) -> None:
    """A progress callback that says nothing."""


@dataclass
class Trial:
    """A job that may be run and broken at will. `sign` puts every signature on a file that it needs."""

    job: Path
    sign: Sign = sign_by_all
    plan_file: Path = field(init=False)

    def __post_init__(self) -> None:
        self.plan_file = self.job.parent / "trial-plan.json"

    @cached_property
    def campaign(self) -> Campaign:
        return Campaign(self.job)

    @property
    def target(self) -> Path:
        return self.campaign.target.file

    @cached_property
    def plan(self) -> Plan:
        """The plan of the job, made and signed when first asked for."""
        plan = api.make_plan(self.job, self.plan_file, (), False, quiet)
        self.sign(self.plan_file)
        return plan

    def apply(self) -> RunResult:
        assert self.plan
        return api.apply(self.plan_file, 1, quiet)

    def apply_and_die(self, failpoint: str) -> bool:
        """Applies in a child process that is killed at `name` or `name:times`; whether it got there."""
        assert self.plan
        child = os.fork()
        if child == 0:
            os.environ[VARIABLE] = failpoint
            code = 1
            try:
                self.apply()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise AssertionError(f"apply failed on its way to {failpoint}")
        return os.WIFSIGNALED(status)

    def verify(self) -> Verification:
        return api.verify(str(self.plan_file), False, False, quiet)

    def roll_back(self) -> RollbackResult:
        """Rolls the run back, signed."""
        plan = str(self.plan_file)
        self.sign(rollback_file(plan, run_of(plan)))
        return api.rollback(plan, quiet)

    def platform(self) -> Content:
        """Everything in the target that is not the ledger's."""
        return content(self.target, lambda table: None if table.startswith(LEDGER) else "*")

    def outcome(self) -> Content:
        """Everything in the target that must be the same however a run went."""
        return content(
            self.target, lambda table: COMPARED_LEDGER.get(table) if table.startswith(LEDGER) else "*"
        )

    @contextmanager
    def target_kept(self) -> Iterator[None]:
        """Puts the target back as it was, and forgets the run, afterwards."""
        with tempfile.TemporaryDirectory() as beside:
            kept = Path(beside) / "target"
            shutil.copyfile(self.target, kept)
            try:
                yield
            finally:
                for name in ("-journal", "-wal", "-shm"):
                    self.target.with_name(self.target.name + name).unlink(missing_ok=True)
                shutil.copyfile(kept, self.target)
                self.plan_file.with_name(f"{self.plan_file.stem}.run.json").unlink(missing_ok=True)


@contextmanager
def trial_of(world: World) -> Iterator[Trial]:
    """A made-up job, written into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="merger-trial-") as folder, state_in(folder):
        yield Trial(world.write(Path(folder) / "job"))


@contextmanager
def trial_of_copy(job: Path, sign: Sign | None = None) -> Iterator[Trial]:
    """A copy of a job's whole folder, in which the databases must lie; the copy names no file stores.

    Without `sign` the people whom the copy trusts are made-up ones, who sign whatever must be signed.
    """
    with tempfile.TemporaryDirectory(prefix="merger-trial-") as folder, state_in(folder):
        copy = Path(folder) / "job"
        shutil.copytree(job.parent, copy)
        _without_files(copy / job.name)
        trial = Trial(copy / job.name, sign or sign_by_all)
        if sign is None:
            trial.campaign.trust.unlink(missing_ok=True)
            trust_people(trial.campaign.trust)
        yield trial


def _without_files(job: Path) -> None:
    """Takes out of a job where files are: a trial must not touch stores that others use."""
    tree = yaml.safe_load(job.read_text("utf-8"))
    named = [one for one in (tree["target"], *tree["sources"]) if one.pop("files", None) is not None]
    if named:
        job.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), "utf-8")


def content(database: Path, columns: Callable[[str], str | None]) -> Content:
    """Every table of a SQLite file for which `columns` names any (a list as SQL writes it)."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return {
            table: _digest(connection, f'SELECT {wanted} FROM "{table}"')
            for (table,) in tables.fetchall()
            if (wanted := columns(table)) is not None
        }
    finally:
        connection.close()


def differing(a: Content, b: Content) -> list[str]:
    """The tables that are not the same in both, with their numbers of rows."""
    nothing = (0, "")
    return [
        f"{table}: {a.get(table, nothing)[0]} and {b.get(table, nothing)[0]} rows"
        for table in sorted(a.keys() | b.keys())
        if a.get(table) != b.get(table)
    ]


def _digest(connection: sqlite3.Connection, asked: str) -> tuple[int, str]:
    rows, total = 0, 0
    for row in connection.execute(asked):
        rows += 1
        total += int.from_bytes(sha256(repr(row).encode("utf-8", "surrogatepass")).digest())
    return rows, f"{total % (1 << 256):064x}"


@contextmanager
def state_in(folder: str) -> Iterator[None]:
    """Lets runs be noted in `folder` instead of the user's own state folder."""
    before = os.environ.get("MERGER_STATE")
    os.environ["MERGER_STATE"] = str(Path(folder) / "state")
    try:
        yield
    finally:
        if before is None:
            del os.environ["MERGER_STATE"]
        else:
            os.environ["MERGER_STATE"] = before
