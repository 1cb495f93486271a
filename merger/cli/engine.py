"""What commands ask of a job's ledger and policies, where one call of `merger.migrate` does not say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from merger.approval.trail import Record
from merger.migrate.model import Check


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run of a job as the ledger remembers it."""

    run: str
    kind: str
    state: str
    started: str
    ended: str
    seconds: float
    verified: str


def holds_allowed(target: str) -> int:
    """How many rows the policies of a plan's or run's job allow to be held."""
    from merger.mapping import read_document
    from merger.migrate.job import Job
    from merger.migrate.runfile import target_of

    return read_document(target_of(target).job_file, Job).value.policies.holds_allowed


def runs(job: Path) -> list[RunLine]:
    """The runs of a job, as the ledger lists them."""
    from merger.migrate.campaign import Campaign
    from merger.migrate.ledger import Ledger
    from merger.migrate.model import Verification
    from merger.systems.sqlite import Workbench

    campaign = Campaign(job)
    with Workbench(campaign.target.database) as bench:
        listed = Ledger(bench.connection).runs(campaign.job.id)
    return [
        RunLine(
            run=one.id,
            kind=one.kind,
            state=one.state,
            started=one.started,
            ended=one.ended or "",
            seconds=one.seconds,
            verified=Verification.model_validate_json(one.verification).state if one.verification else "",
        )
        for one in listed
    ]


def records(job: Path) -> list[Record]:
    """The audit trail of a job's target."""
    from merger.migrate.campaign import Campaign
    from merger.migrate.ledger import Ledger
    from merger.systems.sqlite import Workbench

    with Workbench(Campaign(job).target.database) as bench:
        return Ledger(bench.connection).records()


def check(job: Path) -> Sequence[Check]:
    """Whether a job can run."""
    return cast(Sequence[Check], import_module("merger.migrate.api").check(job))
