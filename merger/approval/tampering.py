"""A trial of the approvals themselves: does any change of a single byte go unseen?

Used by the tests in short form and by measurements in long form.
"""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from merger.approval.digest import canonical_digest
from merger.approval.keys import Key
from merger.approval.people import Role
from merger.approval.policy import Policy, approvals
from merger.approval.public import PublicKey
from merger.approval.signing import sign
from merger.approval.statement import MappingSubject, mapping_subject
from merger.approval.trust import add_person, load_trust
from merger.errors import MergerError


@dataclass(frozen=True, slots=True)
class Unseen:
    """A change that was not refused: in which file, at which byte, to which value."""

    file: str
    offset: int
    value: int


@dataclass(frozen=True, slots=True)
class Trial:
    """How many changes were tried in which file, and which of them went unseen."""

    tried: dict[str, int]
    unseen: tuple[Unseen, ...]


def try_tampering(folder: Path, changes: int, seed: int) -> Trial:
    """Signs a file twice in the empty `folder`, then changes one byte at a time, spread evenly over the
    file, a signature and the trust file, and asks whether it is still approved.

    `changes`: how many in all. `folder` must exist; what the trial writes there is removed.
    """
    now = datetime(2026, 1, 5, 8, tzinfo=UTC)
    place = folder / "try_tampering"
    place.mkdir()
    try:
        subject, trust = place / "mapping.yaml", place / "trust.json"
        subject.write_bytes("schema: merger/units/1\nid: trial\n# một ghi chú\n".encode())
        signers = [_key() for _ in range(3)]
        for number, signer in enumerate(signers):
            public = PublicKey(name=f"Person {number}", keyid=signer.keyid, public=signer.public)
            add_person(trust, public, Role.APPROVER if number else Role.ADMINISTRATOR, signers[0], now)
        signatures = [sign(subject, _subject(subject), signer, now) for signer in signers[1:]]
        root = signers[0].keyid
        if not _approved(subject, trust, root, now):
            raise AssertionError("the unchanged file is not approved")
        targets = [subject, signatures[0], trust]
        tried: dict[str, int] = {}
        unseen: list[Unseen] = []
        for number, target in enumerate(targets):
            count = changes // 3 + (number < changes % 3)
            original = target.read_bytes()
            name = "signature" if target in signatures else target.name
            for offset, value in _single_changes(original, count, random.Random(f"{seed}/{number}")):
                target.write_bytes(original[:offset] + bytes([value]) + original[offset + 1 :])
                if _approved(subject, trust, root, now):
                    unseen.append(Unseen(name, offset, value))
            target.write_bytes(original)
            tried[name] = count
        return Trial(tried, tuple(unseen))
    finally:
        shutil.rmtree(place)


def _single_changes(data: bytes, count: int, chance: random.Random) -> Iterator[tuple[int, int]]:
    for _ in range(count):
        offset = chance.randrange(len(data))
        yield offset, (data[offset] + chance.randrange(1, 256)) % 256


def _approved(path: Path, trust: Path, root: str, now: datetime) -> bool:
    try:
        state = approvals(path, _subject(path), load_trust(trust, root=root), Policy(), now)
    except MergerError:
        return False
    return state.missing == 0


def _subject(path: Path) -> MappingSubject:
    return mapping_subject(path, canonical_digest("the same whatever the bytes"))


def _key() -> Key:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Key(Ed25519PrivateKey.generate())
