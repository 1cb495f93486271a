"""What the command line may ask of this room. `target` and `run`: a plan file, a run file or a run's id.

What answers is imported by the functions themselves: a command begins with a part of the room only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from merger.mapping.models import Model, Title
from merger.migrate.model import Check, Plan, Summary, Verification
from merger.migrate.results import RunResult

if TYPE_CHECKING:
    from merger.approval import Approval, ApprovalState, Signer, trail
    from merger.migrate.finding import Found
    from merger.migrate.job import Job
    from merger.migrate.rolling_back import RollbackResult

Progress = Callable[[str, int, int], None]


class RunInfo(Model):
    """One run of the ledger."""

    run: str
    kind: str
    state: str
    started: datetime
    ended: datetime | None
    seconds: float
    verified: str


def check(job: Path) -> list[Check]:
    """Whether a job can run. See `checking.check`."""
    from merger.migrate import checking

    return checking.check(job)


def make_plan(job: Path, out: Path, scope: tuple[str, ...], final: bool, progress: Progress) -> Plan:
    """The dry run. See `planning.make_plan`."""
    from merger.migrate import planning

    return planning.make_plan(job, out, scope=scope, final=final, progress=progress)


def load_plan(path: Path) -> Plan:
    """A plan from its file. Raises InputError."""
    from merger.migrate import planning

    return planning.load_plan(path)[0]


def holds_allowed(path: Path) -> int:
    """How many rows the policies of a plan's job allow to be held."""
    return _job_of(path).policies.holds_allowed


def rule_titles(path: Path) -> dict[str, Title]:
    """The titles that a plan's job gives to its rules of exclusion, by `rule <rule>` (see Summary)."""
    return {f"rule {one.rule}": one.title for one in _job_of(path).exclude if one.title}


def _job_of(path: Path) -> Job:
    from merger.mapping.document import read_document
    from merger.migrate.files import job_of
    from merger.migrate.job import Job

    plan = load_plan(path)
    job = job_of(path, plan.job_file, plan.job_beside)
    return read_document(job, Job).value


def apply(plan: Path, workers: int | None, progress: Progress) -> RunResult:
    """Runs a plan or goes on with it, also after what may pass. See `applying.apply`."""
    from merger.migrate import applying
    from merger.migrate.going_on import going_on

    return going_on(lambda told: applying.apply(plan, workers=workers, progress=told), progress)


def verify(target: str, quick: bool, show_values: bool, progress: Progress) -> Verification:
    """Proves source against target. See `verifying.verify`."""
    from merger.migrate import verifying

    return verifying.verify(target, quick=quick, show_values=show_values, progress=progress)


def rollback(run: str, progress: Progress) -> RollbackResult:
    """Takes a run out. See `rolling_back.rollback`."""
    from merger.migrate import rolling_back
    from merger.migrate.going_on import going_on

    return going_on(lambda told: rolling_back.rollback(run, progress=told), progress)


def runs(job: Path) -> list[RunInfo]:
    """The runs of a job that the ledger knows, oldest first."""
    from merger.migrate.campaign import Campaign
    from merger.migrate.workbench import Workbench

    campaign = Campaign(job)
    with Workbench(campaign) as bench:
        return [
            RunInfo(
                run=one.id,
                kind=one.kind,
                state=one.state,
                started=datetime.fromisoformat(one.started),
                ended=datetime.fromisoformat(one.ended) if one.ended else None,
                seconds=one.seconds,
                verified=Verification.model_validate_json(one.verification).state if one.verification else "",
            )
            for one in bench.ledger.runs(campaign.job.id)
        ]


UNDER_WAY = ("running", "rolling-back")
"""The states of runs that began and are not done, whether a process works on them or not."""


def worked_on(job: Path) -> dict[str, bool | None]:
    """Of the runs under way in the target of a job, whether a process works on each now, whoever began it;
    None where that cannot be told, since the lock does not say what it is held for."""
    from merger.migrate.campaign import Campaign
    from merger.migrate.lock import held_for
    from merger.migrate.workbench import Workbench

    campaign = Campaign(job)
    with Workbench(campaign) as bench:
        begun = {one.plan_sha256: one.id for one in bench.ledger.runs() if one.state in UNDER_WAY}
    held = held_for(campaign.target.database, tuple(begun)) if begun else None
    return {run: None if held == "" else plan == held for plan, run in begun.items()}


def settled(job: Path, run: str) -> dict[tuple[str, str], int]:
    """How many rows a run has moved or merged so far, by system and dataset."""
    from merger.migrate.campaign import Campaign
    from merger.migrate.workbench import Workbench

    with Workbench(Campaign(job)) as bench:
        return bench.ledger.settled(run)


def find(job: Path, text: str, *, by_target: bool = False) -> list[Found]:
    """Where a record went; `by_target`: where the one came from that has this key in the target. See
    `finding.find` and `finding.origins`."""
    from merger.migrate import finding

    return finding.origins(job, text) if by_target else finding.find(job, text)


def summary(target: str) -> Summary:
    """What a report shows. See `summing_up.summary`."""
    from merger.migrate import summing_up

    return summing_up.summary(target)


def work_list(run: str, out: Path) -> int:
    """The work list for the new platform's officers. See `summing_up.work_list`."""
    from merger.migrate import summing_up

    return summing_up.work_list(run, out)


def audit_export(job: Path) -> list[trail.Record]:
    """The whole audit trail of the job's target."""
    from merger.migrate.campaign import Campaign
    from merger.migrate.workbench import Workbench

    with Workbench(Campaign(job)) as bench:
        return bench.ledger.records()


def audit(job: Path, *anchors: trail.Anchor | None) -> trail.Bent | None:
    """The first bent record of the trail of the job's target, or None. See `auditing.audit`."""
    from merger.migrate import auditing

    return auditing.audit(job, *anchors)


def anchor(job: Path) -> trail.Anchor:
    """Where the trail of the job's target ends now, to be kept elsewhere (`trail_text.shown`)."""
    from merger.migrate import auditing

    return auditing.anchor(job)


def target_digest(job: Path) -> str:
    """The digest of every cell of the target's own tables, the ledger left out."""
    from merger.migrate import fingerprints
    from merger.migrate.campaign import Campaign
    from merger.migrate.workbench import Workbench

    campaign = Campaign(job)
    with Workbench(campaign) as bench:
        return fingerprints.content_digest(bench.target, campaign.target.profile)


def sign(file: Path, key: Path, passphrase: str, now: datetime) -> Path:
    """Signs a mapping, job, plan or roll-back. See `approving.sign`."""
    from merger.migrate import approving

    return approving.sign(file, key, passphrase, now)


def sign_with(
    file: Path, signer: Signer, now: datetime, expires: datetime | None = None, out: Path | None = None
) -> Path:
    """Signs a mapping, job, plan or roll-back. See `approving.sign_with`."""
    from merger.migrate import approving

    return approving.sign_with(file, signer, now, expires=expires, out=out)


def withdraw(file: Path, signer: Signer, reason: str, now: datetime) -> Path:
    """Takes an approval back. See `approving.withdraw`."""
    from merger.migrate import approving

    return approving.withdraw(file, signer, reason, now)


def accept(file: Path, envelope: bytes, trust: Path | None = None) -> Approval:
    """Puts a signature made elsewhere beside what it signs. See `approving.accept`."""
    from merger.migrate import approving

    return approving.accept(file, envelope, trust)


def approvals(file: Path, trust: Path | None = None) -> ApprovalState:
    """Who signed exactly this content. See `approving.approvals`."""
    from merger.migrate import approving

    return approving.approvals(file, trust)
