"""Who approved what a plan or a run rests on: the plan itself, its job and its definitions."""

import json
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from merger import approval
from merger.approval import ApprovalState
from merger.mapping.files import digest, load
from merger.migrate.approving import approvals_of, job_subject, plan_subject, used_approvals
from merger.migrate.campaign import SHIPPED, Campaign
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.entries import Run
from merger.migrate.model import Approval, Plan
from merger.migrate.writing import sha256_of


def of_run(ledger: Ledger, run: Run, plan_file: Path | None) -> Iterable[Approval]:
    """The signatures that a run has used up, as the ledger keeps them. `plan_file`: where their files may
    still be."""
    table = ledger.approval
    asked = sa.select(table).where(table.c.run == run.id, table.c.action == "apply")
    for one in ledger.connection.execute(asked.order_by(table.c.signed, table.c.name)):
        yield Approval(
            name=one.name, role=one.role, what="plan", when=datetime.fromisoformat(one.signed),
            keyid=one.keyid, statement=one.statement,
            envelope=_envelope(plan_file, one.keyid, one.statement) if plan_file is not None else "",
        )  # fmt: skip


def of_plan(campaign: Campaign, path: Path, plan: Plan, content: bytes) -> Iterable[Approval]:
    """The signatures beside a plan that was not run yet, of those that count."""
    if campaign.trust.is_file():
        subject = plan_subject(path, plan, content)
        state = approvals_of(path, subject, campaign, used_approvals(campaign))
        yield from _told(path, state, "plan")


def of_definitions(campaign: Campaign) -> Iterable[Approval]:
    """The signatures beside the job and beside its definitions, of those that count today."""
    if not campaign.trust.is_file():
        return
    if approval.envelope_paths(campaign.path):
        yield from _told(
            campaign.path, approvals_of(campaign.path, job_subject(campaign), campaign, set()), "job"
        )
    for name in campaign.job.mapping:
        path = campaign.path.parent / name
        if not name.startswith(SHIPPED) and path.exists() and approval.envelope_paths(path):
            subject = approval.mapping_subject(path, digest(load([path])))
            yield from _told(path, approvals_of(path, subject, campaign, set()), "mapping")


def _told(path: Path, state: ApprovalState, what: str) -> Iterable[Approval]:
    for one in sorted(state.approvals, key=lambda one: (one.at, one.person)):
        yield Approval(
            name=one.person, role=one.role, what=what, when=datetime.fromisoformat(one.at), keyid=one.keyid,
            statement=one.statement, envelope=_envelope(path, one.keyid, one.statement),
        )  # fmt: skip


def _envelope(path: Path, keyid: str, statement: str) -> str:
    """The SHA-256 of the signature's file beside what was signed; empty where it is not there any more."""
    try:
        content = approval.envelope_path(path, keyid).read_bytes()
        signed = b64decode(json.loads(content)["payload"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return sha256_of(content) if statement.encode() in signed else ""
