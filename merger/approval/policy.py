"""Whether something is approved: who signed exactly this content, which signatures do not count and why,
and how many are missing."""

from collections.abc import Set
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from merger.approval.envelope import LARGEST, NotCanonical, unseal
from merger.approval.keys import folded_name, read_small
from merger.approval.models import moment, written
from merger.approval.signing import envelope_paths
from merger.approval.statement import PAYLOAD_TYPE, Statement, Subject, differences
from merger.approval.trust import Trust
from merger.errors import InputError, Refused
from merger.messages import text

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a signer's clock may be ahead of ours."""
SHOWN = 5
"""How many of the differences from what was signed a message names."""


class Reason(StrEnum):
    """Why a signature does not count. The text is the message `approval.<reason>`."""

    KEY_TWO_NAMES = "key_two_names"
    BAD_SIGNATURE = "bad_signature"
    NOT_CANONICAL = "not_canonical"
    UNKNOWN_KEY = "unknown_key"
    REVOKED_KEY = "revoked_key"
    CONTENT_CHANGED = "content_changed"
    USED_BEFORE = "used_before"
    EXPIRED_STATEMENT = "expired_statement"
    ENDED_KEY = "ended_key"
    NOT_YET_VALID = "not_yet_valid"
    AUTHOR_SIGNED = "author_signed"
    SAME_PERSON = "same_person"


@dataclass(frozen=True, slots=True)
class Policy:
    """How many different people must sign, and whether the author counts as one of them."""

    approvals: int = 2
    author: str = ""
    author_may_sign: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """A signature that counts."""

    person: str
    role: str
    keyid: str
    statement: str
    at: str
    expires: str
    file: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A signature that does not count. `fields` fill its message; `person` is empty if nobody is proved."""

    reason: Reason
    file: str
    person: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return text(f"approval.{self.reason}", **{"file": self.file, "person": self.person} | self.fields)


@dataclass(frozen=True, slots=True)
class ApprovalState:
    """Who signed exactly this content, and what is still missing."""

    name: str
    kind: str
    sha256: str
    needed: int
    approvals: tuple[Approval, ...]
    refused: tuple[Refusal, ...]

    @property
    def missing(self) -> int:
        """How many people must still sign."""
        return max(0, self.needed - len(self.approvals))

    @property
    def statements(self) -> frozenset[str]:
        """The ids of the statements that count: what one run of a plan uses up."""
        return frozenset(one.statement for one in self.approvals)

    def summary(self) -> dict[str, object]:
        """The state as plain data, for JSON."""
        return {
            "file": self.name,
            "kind": self.kind,
            "sha256": self.sha256,
            "needed": self.needed,
            "missing": self.missing,
            "approvals": [asdict(one) for one in self.approvals],
            "refused": [
                {"code": str(one.reason), "file": one.file, "person": one.person, "message": one.message}
                for one in self.refused
            ],
        }


class NotApproved(Refused):
    """Refused for missing approvals. `key` is the gravest reason's; the text lists all of them."""

    def __init__(self, state: ApprovalState) -> None:
        self.state = state
        gravest = min((one.reason for one in state.refused), key=list(Reason).index, default=None)
        if gravest is not None:
            super().__init__(f"approval.{gravest}")
        else:
            super().__init__("approval.too_few" if state.approvals else "approval.no_signature")

    def __str__(self) -> str:
        state = self.state
        counts = {"have": len(state.approvals), "needed": state.needed, "missing": state.missing}
        which = "too_few" if state.approvals or state.refused else "no_signature"
        return "\n".join(
            [text(f"approval.{which}", name=state.name, **counts)]
            + [f"- {one.message}" for one in state.refused]
        )


def approvals(
    path: Path,
    subject: Subject,
    trust: Trust,
    policy: Policy,
    now: datetime,
    *,
    used: Set[str] = frozenset(),
) -> ApprovalState:
    """Judges every signature beside `path` against its present content, `subject`.

    `used`: the ids of statements that earlier runs have used up. Raises InputError only where the
    folder cannot be read; a signature that cannot be read is one that does not count.
    """
    now = moment(now)
    counted: list[Approval] = []
    refused: list[Refusal] = []
    for file in envelope_paths(path):
        result = _judge(file, subject, trust, policy, now, used, counted)
        if isinstance(result, Approval):
            counted.append(result)
        else:
            refused.append(result)
    return ApprovalState(
        subject.name, subject.kind, subject.sha256, policy.approvals, tuple(counted), tuple(refused)
    )


def require(state: ApprovalState) -> None:
    """Refuses (NotApproved, with every reason) unless enough people have signed."""
    if state.missing:
        raise NotApproved(state)


def _judge(
    file: Path,
    subject: Subject,
    trust: Trust,
    policy: Policy,
    now: datetime,
    used: Set[str],
    counted: list[Approval],
) -> Approval | Refusal:
    name = file.name
    try:
        envelope = unseal(read_small(file, LARGEST), PAYLOAD_TYPE)
        statement = envelope.read(Statement)
    except (InputError, NotCanonical):
        return Refusal(Reason.NOT_CANONICAL, name)
    keyid = {"keyid": envelope.keyid[:8]}
    owners = trust.owners(envelope.keyid)
    if not owners:
        return Refusal(Reason.UNKNOWN_KEY, name, fields=keyid)
    if len(owners) > 1:
        names = ", ".join(person.name for person, _ in owners)
        return Refusal(Reason.KEY_TWO_NAMES, name, fields=keyid | {"names": names})
    person, key = owners[0]
    if not envelope.signed_by(key.public):
        return Refusal(Reason.BAD_SIGNATURE, name, fields=keyid)

    def refuse(reason: Reason, **fields: str) -> Refusal:
        return Refusal(reason, name, person.name, fields)

    if key.revoked_at is not None and key.revoked(now):
        return refuse(Reason.REVOKED_KEY, at=written(key.revoked_at), why=key.reason)
    changed = differences(statement.subject, subject)
    if changed:
        return refuse(
            Reason.CONTENT_CHANGED,
            changed=", ".join(changed[:SHOWN]) + (", …" if len(changed) > SHOWN else ""),
        )
    if statement.expires_at <= now:
        return refuse(Reason.EXPIRED_STATEMENT, at=written(statement.expires_at))
    if key.valid_to is not None and (key.ended(now) or key.ended(statement.issued_at)):
        return refuse(Reason.ENDED_KEY, at=written(key.valid_to))
    if max(statement.issued_at - CLOCKS_DIFFER, key.valid_from) > now or statement.issued_at < key.valid_from:
        return refuse(Reason.NOT_YET_VALID, at=written(max(statement.issued_at, key.valid_from)))
    if not policy.author_may_sign and folded_name(person.name) == folded_name(policy.author):
        return refuse(Reason.AUTHOR_SIGNED)
    if statement.id in used:
        return refuse(Reason.USED_BEFORE)
    if any(folded_name(one.person) == folded_name(person.name) for one in counted):
        return refuse(Reason.SAME_PERSON)
    return Approval(
        person.name,
        person.role,
        envelope.keyid,
        statement.id,
        written(statement.issued_at),
        written(statement.expires_at),
        name,
    )
