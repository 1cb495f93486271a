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
from merger.approval.people import Person, Trust, TrustedKey
from merger.approval.signing import envelope_paths
from merger.approval.statement import PAYLOAD_TYPE, Statement, Subject, differences
from merger.approval.trust import flawed
from merger.approval.withdrawal import Found, withdrawals
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
    BAD_WITHDRAWAL = "bad_withdrawal"
    WITHDRAWN = "withdrawn"
    CERTIFICATE_WRONG = "certificate_wrong"
    CERTIFICATE_USAGE = "certificate_usage"
    CERTIFICATE_CHAIN = "certificate_chain"
    CERTIFICATE_ENDED = "certificate_ended"
    CERTIFICATE_EARLY = "certificate_early"
    CONTENT_CHANGED = "content_changed"
    USED_BEFORE = "used_before"
    EXPIRED_STATEMENT = "expired_statement"
    ENDED_KEY = "ended_key"
    NOT_YET_VALID = "not_yet_valid"
    AUTHOR_SIGNED = "author_signed"
    SAME_PERSON = "same_person"


@dataclass(frozen=True, slots=True)
class Policy:
    """Who must sign.

    `approvals`: how many different people. `authors`: those whose own work it is; they count only if
    `author_may_sign`. `roles`: each must be among those who sign. `days`: how long a signature counts at
    most, whatever its statement says.
    """

    approvals: int = 2
    authors: frozenset[str] = frozenset()
    author_may_sign: bool = False
    roles: tuple[str, ...] = ()
    days: int | None = None

    def by_author(self, name: str) -> bool:
        """Whether the person is an author, however the name is spelt in case and spaces."""
        return folded_name(name) in {folded_name(author) for author in self.authors}


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
    roles: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """How many people must still sign at least."""
        return max(0, self.needed - len(self.approvals), len(self.missing_roles))

    @property
    def missing_roles(self) -> tuple[str, ...]:
        """The roles of which nobody has signed."""
        there = {one.role for one in self.approvals}
        return tuple(role for role in self.roles if role not in there)

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
            "missing_roles": list(self.missing_roles),
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
        elif len(state.approvals) >= state.needed:
            super().__init__("approval.role_missing")
        else:
            super().__init__("approval.too_few" if state.approvals else "approval.no_signature")

    def __str__(self) -> str:
        state = self.state
        counts = {"have": len(state.approvals), "needed": state.needed, "missing": state.missing}
        which = "too_few" if state.approvals or state.refused else "no_signature"
        lines = [text(f"approval.{which}", name=state.name, **counts)]
        if state.missing_roles:
            roles = ", ".join(text(f"approval.role.{role}") for role in state.missing_roles)
            missing = text("approval.role_missing", name=state.name, roles=roles)
            lines = [missing] if len(state.approvals) >= state.needed else [*lines, f"- {missing}"]
        return "\n".join(lines + [f"- {one.message}" for one in state.refused])


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
    judge = _Judge(subject, trust, policy, moment(now), used, withdrawals(path))
    for file in envelope_paths(path):
        try:
            data = read_small(file, LARGEST)
        except InputError:
            data = b""
        judge.hear(file.name, data)
    return ApprovalState(
        subject.name,
        subject.kind,
        subject.sha256,
        policy.approvals,
        tuple(judge.counted),
        tuple(judge.refused),
        policy.roles,
    )


def judged(
    data: bytes, name: str, subject: Subject, trust: Trust, policy: Policy, now: datetime
) -> Approval | Refusal:
    """Whether the bytes of one signature, made elsewhere, would count for the present content."""
    return _Judge(subject, trust, policy, moment(now), frozenset(), []).verdict(name, data)


def require(state: ApprovalState) -> None:
    """Refuses (NotApproved, with every reason) unless enough people have signed."""
    if state.missing:
        raise NotApproved(state)


@dataclass
class _Judge:
    subject: Subject
    trust: Trust
    policy: Policy
    now: datetime
    used: Set[str]
    withdrawn: list[Found]
    counted: list[Approval] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def hear(self, name: str, data: bytes) -> None:
        result = self.verdict(name, data)
        if isinstance(result, Approval):
            self.counted.append(result)
        else:
            self.refused.append(result)

    def verdict(self, name: str, data: bytes) -> Approval | Refusal:
        try:
            envelope = unseal(data, PAYLOAD_TYPE)
            statement = envelope.read(Statement)
        except NotCanonical:
            return Refusal(Reason.NOT_CANONICAL, name)
        keyid = {"keyid": envelope.keyid[:8]}
        owners = self.trust.owners(envelope.keyid)
        if not owners:
            return Refusal(Reason.UNKNOWN_KEY, name, fields=keyid)
        if len(owners) > 1:
            names = ", ".join(person.name for person, _ in owners)
            return Refusal(Reason.KEY_TWO_NAMES, name, fields=keyid | {"names": names})
        person, key = owners[0]
        if not envelope.signed_by(key.public):
            return Refusal(Reason.BAD_SIGNATURE, name, fields=keyid)
        why = self._key_refused(key) or self._statement_refused(statement, key)
        why = why or self._person_refused(person)
        if why is not None:
            return Refusal(why[0], name, person.name, why[1])
        ends = written(self._ends(statement))
        at = written(statement.issued_at)
        return Approval(person.name, person.role, envelope.keyid, statement.id, at, ends, name)

    def _key_refused(self, key: TrustedKey) -> "_Why | None":
        if key.revoked_at is not None and key.revoked(self.now):
            return Reason.REVOKED_KEY, {"at": written(key.revoked_at), "why": key.reason}
        unfit = key.flaw(self.trust.authorities, self.now)
        if unfit is not None:
            fields = flawed(unfit, key.certificates[0]).fields
            return Reason(f"certificate_{unfit}"), {name: str(value) for name, value in fields.items()}
        return None

    def _statement_refused(self, statement: Statement, key: TrustedKey) -> "_Why | None":
        changed = differences(statement.subject, self.subject)
        if changed:
            named = ", ".join(changed[:SHOWN]) + (", …" if len(changed) > SHOWN else "")
            return Reason.CONTENT_CHANGED, {"changed": named}
        if statement.id not in self.used:
            for one in self.withdrawn:
                if one.names(key.keyid, statement.id):
                    return _taken_back(one, key, statement)
        if self._ends(statement) <= self.now:
            return Reason.EXPIRED_STATEMENT, {"at": written(self._ends(statement))}
        if key.valid_to is not None and (key.ended(self.now) or key.ended(statement.issued_at)):
            return Reason.ENDED_KEY, {"at": written(key.valid_to)}
        begins = max(statement.issued_at - CLOCKS_DIFFER, key.valid_from)
        if begins > self.now or statement.issued_at < key.valid_from:
            return Reason.NOT_YET_VALID, {"at": written(max(statement.issued_at, key.valid_from))}
        return (Reason.USED_BEFORE, {}) if statement.id in self.used else None

    def _person_refused(self, person: Person) -> "_Why | None":
        if not self.policy.author_may_sign and any(map(self.policy.by_author, person.names)):
            return Reason.AUTHOR_SIGNED, {}
        if any(folded_name(one.person) == folded_name(person.name) for one in self.counted):
            return Reason.SAME_PERSON, {}
        return None

    def _ends(self, statement: Statement) -> datetime:
        if self.policy.days is None:
            return statement.expires_at
        return min(statement.expires_at, statement.issued_at + timedelta(days=self.policy.days))


_Why = tuple[Reason, dict[str, str]]


def _taken_back(found: Found, key: TrustedKey, statement: Statement) -> _Why:
    if found.said is None or not found.proved(key.keyid, statement.id, key.public):
        return Reason.BAD_WITHDRAWAL, {"withdrawal": found.file}
    return Reason.WITHDRAWN, {"at": written(found.said.withdrawn_at), "why": found.said.reason}
