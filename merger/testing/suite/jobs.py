"""Laws on a job: those of `merger.testing.laws` on a copy of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

from merger.errors import MergerError
from merger.messages import text
from merger.migrate import api
from merger.migrate.campaign import Campaign
from merger.migrate.failpoints import FILES, NAMES
from merger.testing import laws
from merger.testing.suite.apart import trial_apart
from merger.testing.suite.search import Broken
from merger.testing.suite.telling import Shown, told
from merger.testing.trials import Trial, state_in

FAILPOINTS = tuple(name for name in NAMES if "rollback" not in name and "plan" not in name
                   and "work-list" not in name and name not in FILES)  # fmt: skip
EXAMPLES_A_KILL = 50
"""A kill takes as long as thousands of questions, so there is one for so many examples."""


class OwnJob:
    """Somebody's own job on trial: copied once, its target put back after each law. `close` removes it."""

    def __init__(self, job: Path) -> None:
        self.job = job
        self._open = ExitStack()

    @cached_property
    def trial(self) -> Trial:
        """The copy. Raises InputError or Unsupported."""
        return self._open.enter_context(trial_apart(self.job))

    @property
    def target(self) -> Path:
        """The target itself, which is only read."""
        return Campaign(self.job).target.file

    @contextmanager
    def kept(self) -> Iterator[Trial]:
        """The copy, to be run; afterwards its target is as it was."""
        trial = self.trial
        with state_in(str(trial.job.parents[1])), trial.target_kept():
            yield trial

    def close(self) -> None:
        self._open.close()


@dataclass(frozen=True)
class JobLaw:
    """A law of a job. `key` names it (its sentence is `testing.law.<key>`). `restores`: it leaves the target
    as it was."""

    key: str
    hold: Callable[[Trial, Random, int], None]
    restores: bool = False

    def try_on(self, own: OwnJob, seed: int, examples: int) -> None:
        """Raises Broken where the law does not hold. What the job's files or databases refuse is told too."""
        with own.kept() as trial:
            try:
                self.hold(trial, Random(seed), examples)
            except AssertionError as failed:
                original = own.target if self.restores else None
                raise Broken(
                    text("testing.job", job=own.job, said=told(trial, failed, own.job, original))
                ) from None
            except MergerError as error:
                raise Broken(text("testing.job", job=own.job, said=error)) from None


def can_run(trial: Trial, _chance: Random, _examples: int) -> None:
    """The job's files, databases and profiles fit together."""
    failed = [f"{one.code} {one.detail}".strip() for one in api.check(trial.job) if one.state == "failed"]
    if failed:
        raise AssertionError("\n  ".join(failed))


def resumes(trial: Trial, chance: Random, examples: int) -> None:
    """Killed at failpoints drawn by chance and started again, a run ends as if never killed."""
    for _ in range(max(1, examples // EXAMPLES_A_KILL)):
        name = chance.choice(FAILPOINTS)
        times = chance.randint(1, 3) if "batch" in name else 1
        with trial.target_kept():
            try:
                laws.resuming_equals_running_through(trial, f"{name}:{times}")
            except AssertionError as failed:
                raise Shown(failed, trial) from None


def job_laws() -> list[JobLaw]:
    """The laws on a job."""
    return [
        JobLaw("job-can-run", can_run),
        JobLaw("job-conservation", lambda trial, _chance, _n: laws.every_row_is_accounted_for(trial)),
        JobLaw("job-twice", lambda trial, _chance, _n: laws.applying_again_changes_nothing(trial)),
        JobLaw("job-resume", resumes),
        JobLaw("job-rollback", lambda trial, _chance, _n: laws.rolling_back_restores(trial), restores=True),
    ]
