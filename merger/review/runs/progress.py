"""How far a work is, told from what its process writes of itself, or from the ledger."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from merger.migrate.model import Plan
from merger.migrate.watched import Step
from merger.review.work import Kind, Part, Work

ROWS = "apply"
"""The stage that counts rows; the others count datasets or files."""


@dataclass(frozen=True)
class PartProgress:
    """A dataset: `done` of `rows` rows are in the target, also those of an earlier start of the run."""

    system: str
    dataset: str
    rows: int
    done: int

    @property
    def percent(self) -> int:
        return 100 * min(self.done, self.rows) // self.rows if self.rows else 100


@dataclass(frozen=True)
class Progress:
    """How far a work is. `stage` is the word of what is done now, at `what`, `done` of `total`; rows a second
    and seconds left where rows are counted. `silent`: seconds since it last told anything."""

    stage: str
    what: str
    done: int
    total: int
    rate: float | None
    left: float | None
    silent: float
    parts: tuple[PartProgress, ...]

    @property
    def percent(self) -> int:
        return 100 * min(self.done, self.total) // self.total if self.total else 0


def progress_of(work: Work, clock: Callable[[], float] = time.time) -> Progress | None:
    """How far a work is; None where it told nothing yet."""
    steps = () if work.watched is None else work.watched.steps
    if not steps:
        return None
    last = max(steps, key=lambda one: one.at)
    rows = [one for one in steps if one.stage == ROWS]
    rate = _rate(rows) if last.stage == ROWS else None
    left = (last.total - last.done) / rate if rate else None
    return Progress(
        stage=last.stage, what=last.what, done=last.done, total=last.total, rate=rate, left=left,
        silent=max(0.0, clock() - last.at),
        parts=_parts(work.order.parts, rows) if work.order.kind is Kind.APPLY else (),
    )  # fmt: skip


def ledger_progress(plan: Plan, settled: Mapping[tuple[str, str], int]) -> Progress:
    """How far a run is that tells these pages nothing, as its ledger knows: by the batches that are done."""
    parts = tuple(
        PartProgress(one.system, one.dataset, one.to_move, settled.get((one.system, one.dataset), 0))
        for one in plan.datasets
    )
    done, total = sum(one.done for one in parts), sum(one.rows for one in parts)
    return Progress(
        stage=ROWS, what="", done=done, total=total, rate=None, left=None, silent=0.0, parts=parts
    )


def _rate(steps: list[Step]) -> float | None:
    first, last = min(steps, key=lambda one: one.began), max(steps, key=lambda one: one.at)
    seconds = last.at - first.began
    return (last.done - first.first) / seconds if seconds > 0 and last.done > first.first else None


def _parts(parts: tuple[Part, ...], steps: list[Step]) -> tuple[PartProgress, ...]:
    """The count of all datasets goes on from one to the next; the difference is a dataset's own."""
    before = 0
    own: dict[str, int] = {}
    for step in sorted(steps, key=lambda one: one.began):
        own[step.what] = own.get(step.what, 0) + step.done - before
        before = step.done
    return tuple(
        PartProgress(one.system, one.dataset, one.rows, own.get(f"{one.system}/{one.dataset}", 0))
        for one in parts
    )
