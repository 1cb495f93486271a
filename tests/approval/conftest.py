from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from merger.approval import (
    ApprovalState,
    Key,
    PlanSubject,
    Policy,
    PublicKey,
    Role,
    Trust,
    add_person,
    approvals,
    canonical_digest,
    load_trust,
    plan_subject,
    sign,
)

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = ("Trần Thị Bình", "Lê Văn Cường", "Phạm Minh Đức")


@dataclass
class Office:
    """A folder with a plan, a trust file, an administrator (the root) and two approvers."""

    plan: Path
    trust_file: Path
    keys: dict[str, Key]

    @property
    def root(self) -> Key:
        return self.keys[NAMES[0]]

    @property
    def trust(self) -> Trust:
        return load_trust(self.trust_file, root=self.root.keyid)

    def subject(self, **changes: object) -> PlanSubject:
        subject = plan_subject(
            self.plan,
            canonical_digest({"batches": 3}),
            "apply",
            {"job": canonical_digest("job"), "mapping": canonical_digest("mapping")},
            {"onestop-a": "schema-and-combinations"},
        )
        return subject.model_copy(update=changes)

    def sign(self, name: str, now: datetime = NOW, expires: datetime | None = None) -> Path:
        return sign(self.plan, self.subject(), self.keys[name], now, expires=expires)

    def state(
        self,
        policy: Policy = Policy(authors=frozenset({"Phạm Minh Đức"})),  # noqa: B008 - frozen
        now: datetime = NOW,
        used: frozenset[str] = frozenset(),
        subject: PlanSubject | None = None,
    ) -> ApprovalState:
        return approvals(self.plan, subject or self.subject(), self.trust, policy, now, used=used)


def _key() -> Key:
    return Key(Ed25519PrivateKey.generate())


def _public(name: str, key: Key) -> PublicKey:
    return PublicKey(name=name, keyid=key.keyid, public=key.public)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_key() -> Callable[[], Key]:
    return _key


@pytest.fixture
def public_of() -> Callable[[str, Key], PublicKey]:
    return _public


@pytest.fixture
def office(tmp_path: Path) -> Office:
    plan, trust_file = tmp_path / "plan.json", tmp_path / "trust.json"
    plan.write_text('{"batches": 3}\n', "utf-8")
    keys = {name: _key() for name in NAMES}
    root = keys[NAMES[0]]
    for name in NAMES:
        role = Role.ADMINISTRATOR if name == NAMES[0] else Role.APPROVER
        add_person(trust_file, _public(name, keys[name]), role, root, NOW)
    return Office(plan, trust_file, keys)
