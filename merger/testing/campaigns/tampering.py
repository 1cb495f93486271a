"""Single bytes changed in a mapping, a plan, their signatures (of key files, and of RSA keys as tokens have
them), a withdrawal and the trust file of a made-up job, each of which must be refused; and in trails, in
which the record must be named."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from merger import approval
from merger.approval import ApprovalState, Role, add_person, withdraw
from merger.errors import MergerError
from merger.migrate import api, approving
from merger.testing.authorities import Authority, RsaKey
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.campaigns.trail_tampering import try_trail_tampering
from merger.testing.people import keys
from merger.testing.world import made_world

TOKEN = "three"
"""The person whose key is an RSA key with a certificate."""


@dataclass(frozen=True)
class Target:
    """A file to change, and what is asked afterwards: who has approved. `counting`: how many approvals count
    while nothing is changed."""

    name: str
    file: Path
    asked: Callable[[], ApprovalState]
    counting: int = 2


def run(count: int, number: int, note: Note) -> Outcome:
    """`count` changes of one byte in each of the files, at random places and to random values."""
    outcome = Outcome("tampering")
    with tempfile.TemporaryDirectory() as folder:
        for target in targets(Path(folder), number):
            note(f"tampering: {count:,} changes of {target.name}")
            try_changes(target, count, Random(f"{number}/{target.name}"), outcome)
    note(f"tampering: {count:,} changes of trails")
    outcome.counts["trail"] += count
    unnamed = try_trail_tampering(count, number)
    outcome.failures += [f"trail byte {one.offset} to {one.value}" for one in unnamed]
    return outcome


def try_changes(target: Target, count: int, chance: Random, outcome: Outcome) -> None:
    """Changes the file `count` times, each time one byte of the original, and puts it back."""
    original = target.file.read_bytes()
    if _counting(target.asked()) != target.counting:
        raise AssertionError(f"{target.name}: not approved as made")
    for _ in range(count):
        place = chance.randrange(len(original))
        value = (original[place] + chance.randrange(1, 256)) % 256
        target.file.write_bytes(original[:place] + bytes([value]) + original[place + 1 :])
        try:
            state = target.asked()
        except MergerError:
            outcome.counts[f"{target.name}: refused"] += 1
        else:
            if _counting(state) < target.counting or (not target.counting and _bent(state)):
                outcome.counts[f"{target.name}: named"] += 1
            else:
                outcome.failures.append(f"{target.name} byte {place} to {value}")
    target.file.write_bytes(original)


def targets(folder: Path, number: int) -> list[Target]:
    """A made-up job with a mapping and a plan that two people approved, one of them with an RSA key, and a
    withdrawn approval of the job."""
    job = made_world(Random(number)).write(folder / "job")
    now = datetime.now(UTC) - timedelta(seconds=2)
    one = keys()["one"]
    authority, key = Authority("Made up"), RsaKey.made()
    public = key.listed(
        TOKEN, authority.issue(TOKEN, key.private.public_key(), last=now + timedelta(days=99))
    )
    trust = job.parent / "trust.json"
    add_person(trust, public, Role.APPROVER, one, now, authorities=[authority.listed])
    plan, mapping = job.parent / "plan.json", job.parent / "mapping"
    api.make_plan(job, plan, (), False, lambda _what, _done, _all: None)
    signatures = {}
    for path in (plan, mapping, job):
        subject = approving.signed_subject(path)
        signatures[path] = [approval.sign(path, subject, signer, now) for signer in (one, key)]
    taken_back = withdraw(job, one, now, reason="made up")
    subject, campaign = approving.subject_of(plan)
    job_subject = approving.signed_subject(job)
    assert campaign is not None

    def plan_anew() -> ApprovalState:
        return api.approvals(plan)

    def plan_as_read() -> ApprovalState:
        return approving.approvals_of(plan, subject, campaign, set())

    def job_as_read() -> ApprovalState:
        state = approving.approvals_of(job, job_subject, campaign, set())
        mine = tuple(one for one in state.refused if one.person == "one")
        others = tuple(other for other in state.approvals if other.person == "one")
        return ApprovalState(state.name, state.kind, state.sha256, state.needed, others, mine)

    units = next(file for file in sorted(mapping.glob("*.yaml")) if b"merger/units" in file.read_bytes())
    return [
        Target("mapping", units, lambda: api.approvals(mapping)),
        Target("plan", plan, plan_anew),
        Target("envelope", signatures[plan][0], plan_as_read),
        Target("envelope of an RSA key", signatures[plan][1], plan_as_read),
        Target("trust file", trust, plan_as_read),
        Target("withdrawal", taken_back, job_as_read, counting=0),
    ]


def _counting(state: ApprovalState) -> int:
    return len(state.approvals)


def _bent(state: ApprovalState) -> bool:
    return any(one.reason is approval.Reason.BAD_WITHDRAWAL for one in state.refused)
