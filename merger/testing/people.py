"""People who sign in trials. Their keys are made when first needed and kept in memory only."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from merger import approval
from merger.approval import Key, PublicKey, Role, add_person
from merger.migrate.approving import subject_of

AUTHOR = "writer"
ROLES = {"one": Role.ADMINISTRATOR, "two": Role.APPROVER}


@cache
def keys() -> dict[str, Key]:
    """The keys of the made-up people, by name."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return {name: Key(Ed25519PrivateKey.generate()) for name in ROLES}


def trust_people(trust: Path) -> None:
    """Writes a trust file that names the made-up people."""
    now = datetime.now(UTC) - timedelta(seconds=5)
    first = next(iter(keys().values()))
    for name, key in keys().items():
        add_person(trust, PublicKey(name=name, keyid=key.keyid, public=key.public), ROLES[name], first, now)


def sign_by_all(path: Path) -> None:
    """Signs a plan, a roll-back, a job or a mapping by every made-up person."""
    subject, _ = subject_of(path)
    for key in keys().values():
        approval.sign(path, subject, key, datetime.now(UTC))
