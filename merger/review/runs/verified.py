"""What a verification found, as the pages show it: checks by dataset, differences without values."""

from collections import Counter
from dataclasses import dataclass

from pydantic import ValidationError

from merger.migrate.model import Check, DatasetChecks, Difference, FileNote, Verification
from merger.migrate.verifying import run_of
from merger.review.runs.views import PlanFile
from merger.review.work import Kind, State, Work

AT_ONCE = 100
"""Differences that one page shows."""


@dataclass(frozen=True)
class Counts:
    """Datasets by what a check said of them."""

    failed: int
    ok: int
    not_run: int


@dataclass(frozen=True)
class Verified:
    """The last verification of a run. `differences` are None where only the ledger tells of it, which keeps
    none; `work` is the one that told them."""

    state: str
    strength: str
    datasets: tuple[DatasetChecks, ...]
    differences: tuple[Difference, ...] | None
    files: tuple[FileNote, ...]
    work: Work | None

    @property
    def has_values(self) -> bool:
        return any(one.expected is not None or one.found is not None for one in self.differences or ())

    def counted(self) -> list[tuple[str, str, str, str, int]]:
        """How many differences there are by system, dataset, column and kind."""
        found = Counter((one.system, one.dataset, one.column, one.kind) for one in self.differences or ())
        return [(*place, rows) for place, rows in sorted(found.items())]

    def by_check(self) -> list[tuple[str, Counts]]:
        """How many datasets a check holds for, by check."""
        found: dict[str, Counter[str]] = {}
        for one in self.datasets:
            for check in one.checks:
                found.setdefault(check.code, Counter())[check.state] += 1
        return [(code, Counts(of["failed"], of["ok"], of["not-run"])) for code, of in found.items()]

    def failed(self) -> list[tuple[DatasetChecks, Check]]:
        """The checks that do not hold, with their datasets."""
        return [(one, check) for one in self.datasets for check in one.checks if check.state == "failed"]

    def of(self, dataset: str, column: str) -> list[Difference]:
        """The differences of a dataset (`system/dataset`) and column; empty asks for all."""
        return [
            one
            for one in self.differences or ()
            if dataset in ("", f"{one.system}/{one.dataset}") and column in ("", one.column)
        ]


def verified(file: PlanFile, work: Work | None) -> Verified | None:
    """The last verification: what `work` found, else what the ledger kept of it. None where there was none.

    Raises Refused where the plan was not run.
    """
    told = None if work is None else result_of(work)
    if told is not None:
        return Verified(told.state, told.strength, told.datasets, told.differences, told.files, work)
    kept = run_of(str(file.path)).run.verification
    if not kept:
        return None
    known = Verification.model_validate_json(kept)
    return Verified(known.state, known.strength, known.datasets, None, known.files, None)


def result_of(work: Work) -> Verification | None:
    """What a verification found, where it came to its end."""
    if work.order.kind is not Kind.VERIFY or work.state not in (State.DONE, State.ATTENTION):
        return None
    try:
        return Verification.model_validate_json(work.out.read_bytes())
    except (OSError, ValidationError):
        return None
