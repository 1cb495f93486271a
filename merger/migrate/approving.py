"""What is signed in a campaign, and whether it is approved."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from merger import approval
from merger.approval import Approval, ApprovalState, NotApproved, Policy, Signer, Subject, Trust
from merger.errors import InputError, Refused, Severity
from merger.mapping.files import LoadedMapping, digest, load
from merger.mapping.models import Mapping, Model
from merger.migrate.campaign import Campaign
from merger.migrate.decisions import Decisions
from merger.migrate.files import job_of, read_json
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.store import now
from merger.migrate.model import Fate, Plan
from merger.migrate.writing import sha256_of, written
from merger.quality import OPEN, check


class RollbackPlan(Model):
    """What a roll-back would take out (`merger/rollback/1`). Signed like a plan, consumed by one use."""

    schema_: Literal["merger/rollback/1"] = Field(alias="schema")
    run: str
    job_file: str
    job_beside: str = ""
    plan_sha256: str
    rows: dict[str, int]


def subject_of(path: Path) -> tuple[Subject, Campaign | None]:
    """What a signature on `path` would say, and the campaign it belongs to (none for a mapping).

    Raises InputError for a file that is neither mapping, job, plan nor roll-back.
    """
    head = _head(path)
    if b'"merger/plan/1"' in head:
        plan, content = read_json(path, Plan)
        return plan_subject(path, plan, content), Campaign(job_of(path, plan.job_file, plan.job_beside))
    if b'"merger/rollback/1"' in head:
        rollback, content = read_json(path, RollbackPlan)
        job = job_of(path, rollback.job_file, rollback.job_beside)
        return rollback_subject(path, rollback, content), Campaign(job)
    if b"merger/job/1" in head:
        campaign = Campaign(path)
        return job_subject(campaign), campaign
    return mapping_subject(path, load([path])), None


def signed_subject(path: Path) -> Subject:
    """What a signature on `path` would say. A plan or a roll-back needs no other file: it may be signed on a
    machine that has neither its job nor its databases. Raises InputError as `subject_of`."""
    head = _head(path)
    if b'"merger/plan/1"' in head:
        return plan_subject(path, *read_json(path, Plan))
    if b'"merger/rollback/1"' in head:
        return rollback_subject(path, *read_json(path, RollbackPlan))
    if b"merger/job/1" in head:
        return job_subject(Campaign(path))
    loaded = load([path])
    errors = [one for one in check(loaded) if one.severity is Severity.ERROR or one.code in OPEN]
    if errors:
        raise InputError(errors)
    return mapping_subject(path, loaded)


def mapping_subject(path: Path, loaded: LoadedMapping) -> Subject:
    """A mapping's statement: its files."""
    return approval.mapping_subject(path, digest(loaded))


def _head(path: Path) -> bytes:
    return b"" if path.is_dir() or not path.is_file() else path.read_bytes()[:200]


def plan_subject(path: Path, plan: Plan, content: bytes) -> Subject:
    """A plan's statement: its digests and its sources' fingerprints."""
    digests = {"job": plan.digests.job, "mapping": plan.digests.mapping, "target": plan.target_schema}
    digests |= {f"profile:{name}": value for name, value in plan.digests.profiles.items()}
    prints = {
        f"{system}:{name.rstrip('_')}": value
        for system, one in plan.source_fingerprints.items()
        for name, value in one.model_dump().items()
    }
    canonical = sha256_of(written(plan))
    return approval.plan_subject(path, canonical, "apply", digests, prints, content)


def rollback_subject(path: Path, rollback: RollbackPlan, content: bytes) -> Subject:
    """A roll-back's statement: the plan whose run is taken out."""
    canonical = sha256_of(written(rollback))
    digests = {"plan": rollback.plan_sha256}
    return approval.plan_subject(path, canonical, "rollback", digests, {"run": rollback.run}, content)


def job_subject(campaign: Campaign) -> Subject:
    """A job's statement: its profiles, its mapping, its policies."""
    digests = {f"profile:{one.system}": one.profile_sha256 for one in (*campaign.sources, campaign.target)}
    digests["mapping"] = campaign.mapping_digest
    policies = campaign.job.policies.agreed()
    if campaign.job.addresses is not None:
        policies["addresses"] = str(campaign.job.addresses.confidence)
    canonical = approval.canonical_digest(campaign.job.model_dump(mode="json", by_alias=True))
    return approval.job_subject(campaign.path, canonical, digests, policies, campaign.document.content)


def sign(path: Path, key: Path, passphrase: str, moment: datetime) -> Path:
    """Signs a mapping, a job, a plan or a roll-back with a key file; answers where the signature lies."""
    return sign_with(path, approval.load_key(key, passphrase), moment)


def sign_with(
    path: Path,
    signer: Signer,
    moment: datetime,
    *,
    expires: datetime | None = None,
    out: Path | None = None,
    sha256: str = "",
) -> Path:
    """Signs a mapping, a job, a plan or a roll-back; answers where the signature lies: `out`, or beside it.

    `sha256`: the digest of the content that the person saw. Raises InputError for a mapping in which
    `merger.quality` finds an error, or a point that its draft left open: nobody can want it to hold. Raises
    Refused where the content is another meanwhile than the person saw.
    """
    subject = signed_subject(path)
    if sha256 and subject.sha256 != sha256:
        raise Refused("approval.other_than_seen", name=subject.name)
    return approval.sign(path, subject, signer, moment, expires=expires, out=out)


def withdraw(path: Path, signer: Signer, reason: str, moment: datetime) -> Path:
    """Takes back the key's approval of a mapping, a job, a plan or a roll-back; answers where this stands.

    Raises Refused where there is none, and where a run has used it.
    """
    subject, campaign = subject_of(path)
    used = used_approvals(campaign) if campaign is not None and subject.kind == "plan" else set()
    return approval.withdraw(path, signer, moment, reason=reason, used=used)


def accept(path: Path, data: bytes, trust: Path | None = None) -> Approval:
    """Puts a signature that was made elsewhere beside what it signs, if it would count.

    Raises NotApproved with the reason if it would not.
    """
    subject, campaign = subject_of(path)
    people, policy = judges(path, campaign, trust)
    name = f"{subject.name}.sig.json"
    verdict = approval.judged(data, name, subject, people, policy, now())
    if not isinstance(verdict, Approval):
        raise NotApproved(ApprovalState(subject.name, subject.kind, subject.sha256, 1, (), (verdict,)))
    approval.place(path, data)
    return verdict


def accept_withdrawal(path: Path, data: bytes, trust: Path | None = None) -> str:
    """Puts a withdrawal made elsewhere beside what it is about; answers whose approval it takes back.

    Raises Refused as `withdraw`, and for a withdrawal that is not the signer's own.
    """
    subject, campaign = subject_of(path)
    people, _ = judges(path, campaign, trust)
    used = used_approvals(campaign) if campaign is not None and subject.kind == "plan" else set()
    return approval.place_withdrawal(path, data, people, used=used)


def approvals(path: Path, trust: Path | None = None, needed: int = 2) -> ApprovalState:
    """Who signed exactly this content. A mapping's trust file is `trust`, else `trust.json` beside it."""
    subject, campaign = subject_of(path)
    people, policy = judges(path, campaign, trust, needed)
    used = set() if campaign is None else used_approvals(campaign)
    return approval.approvals(path, subject, people, policy, now(), used=used)


def approvals_of(path: Path, subject: Subject, campaign: Campaign, used: set[str]) -> ApprovalState:
    """Who signed exactly this content, by the job's trust file and policy."""
    people, policy = judges(path, campaign)
    return approval.approvals(path, subject, people, policy, now(), used=used)


def judges(
    path: Path, campaign: Campaign | None, trust: Path | None = None, needed: int = 2
) -> tuple[Trust, Policy]:
    """By which people and which policy approvals of `path` are judged: by its job's, or, for a mapping, by
    `trust` (`trust.json` beside it) and `needed` people of whom none wrote a decision in it."""
    if campaign is None:
        people = approval.load_trust(trust or path.absolute().parent / "trust.json")
        return people, Policy(needed, authors_of(load([path])))
    said = campaign.job.policies
    authors = authors_of(campaign.mapping) | {campaign.job.author}
    people = approval.load_trust(campaign.trust, root=campaign.job.trust_root or None)
    return people, Policy(said.approvals, authors, said.author_may_sign, said.roles, said.approval_days)


def authors_of(loaded: LoadedMapping) -> frozenset[str]:
    """Whose own work a mapping is: who decided something in it, or settled what its draft left open."""
    mapping: Mapping = loaded.mapping
    decided = {one.author for file in mapping.decisions for one in (*file.decisions, *file.units)}
    decided |= {one.author for file in mapping.services for one in file.decisions}
    files = (*mapping.units, *mapping.agencies, *mapping.competence, *mapping.services)
    files += (*mapping.localities, *mapping.decisions)
    return frozenset(decided | {one.by for file in files for one in file.open_ if one.settled})


def used_approvals(campaign: Campaign) -> set[str]:
    """Ids of the statements that runs on the campaign's target have consumed."""
    from merger.migrate.workbench import Workbench

    with Workbench(campaign) as bench:
        return bench.ledger.used_approvals()


def require_plan_approval(
    campaign: Campaign, plan: Plan, path: Path, content: bytes, ledger: Ledger
) -> list[dict[str, str]]:
    """The approvals that a run of the plan consumes, as ledger rows. Raises Refused without enough.

    Under a job that is itself approved, a later run that decides nothing new needs no signature.
    """
    state = approvals_of(path, plan_subject(path, plan, content), campaign, ledger.used_approvals())
    if state.missing and _nothing_new(campaign, plan, ledger):
        job_state = approvals_of(campaign.path, job_subject(campaign), campaign, set())
        if not job_state.missing:
            return []
    approval.require(state)
    return ledger_rows(state)


def ledger_rows(state: ApprovalState) -> list[dict[str, str]]:
    """The approvals that count, as the ledger keeps them."""
    return [
        {
            "statement": one.statement,
            "keyid": one.keyid,
            "name": one.person,
            "role": one.role,
            "signed": one.at,
        }
        for one in state.approvals
    ]


def _nothing_new(campaign: Campaign, plan: Plan, ledger: Ledger) -> bool:
    """Whether earlier runs of the job were approved for every decision and exception of the plan."""
    earlier = [Plan.model_validate_json(ledger.plan_of(run.id)) for run in ledger.runs(campaign.job.id)]
    if not earlier:
        return False
    approved = {one for known in earlier for one in _decided(known)}
    return all(one in approved for one in _decided(plan))


def _decided(plan: Plan) -> Iterable[str]:
    for part in plan.datasets:
        where = f"{part.system}/{part.dataset}"
        decisions = Decisions.of(part)
        for number in range(len(part.decisions)):
            outcome = decisions.outcome(number)
            if outcome.fate is Fate.MOVE:  # what a rule leaves, the signed job says
                said = {"codes": decisions.codes(number), "gives": outcome.gives, "why": outcome.why}
                yield f"{where} {json.dumps(said, sort_keys=True)}"
        for one in part.exceptions:
            if one.fate is not Fate.HOLD:
                yield f"{where} {json.dumps(one)}"
