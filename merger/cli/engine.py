"""What the command line asks of `merger.migrate.api`, which is loaded when a command needs it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from merger.approval import ApprovalState
from merger.approval.trail import Bent, Record
from merger.migrate.model import Check, Plan, RunResult, Summary, Verification

Progress = Callable[[str, int, int], None]


class RolledBack(Protocol):
    """What `rollback` did: rows taken out, and rows kept since someone has changed them."""

    run: str
    state: str
    removed: int
    kept: int


class Engine(Protocol):
    """The functions of `merger.migrate.api`. `target` and `run` are a plan file, a run file or a run's id."""

    def check(self, job: Path) -> Sequence[Check]: ...

    def make_plan(
        self, job: Path, out: Path, scope: tuple[str, ...], final: bool, progress: Progress
    ) -> Plan: ...

    def load_plan(self, path: Path) -> Plan: ...

    def holds_allowed(self, plan: Plan) -> int:
        """How many rows the job's policies allow to be held."""
        ...

    def apply(self, plan: Path, workers: int, progress: Progress) -> RunResult: ...

    def verify(self, target: str, quick: bool, show_values: bool, progress: Progress) -> Verification: ...

    def rollback(self, run: str, progress: Progress) -> RolledBack: ...

    def runs(self, job: Path) -> Sequence[object]: ...

    def find(self, job: Path, text: str) -> Sequence[object]: ...

    def summary(self, target: str) -> Summary: ...

    def work_list(self, run: str, out: Path) -> int: ...

    def audit_verify(self, job: Path) -> Bent | None: ...

    def audit_export(self, job: Path) -> Iterable[Record]: ...

    def sign(self, file: Path, key: Path, passphrase: str, now: datetime) -> Path: ...

    def approvals(self, file: Path) -> ApprovalState: ...


def engine() -> Engine:
    """`merger.migrate.api`."""
    return cast(Engine, import_module("merger.migrate.api"))
