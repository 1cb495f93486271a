"""The people who may approve, their keys, and what each has signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from merger.approval import (
    Certificate,
    Person,
    PublicKey,
    Statement,
    Trust,
    TrustedKey,
    certificate,
    envelope_paths,
    load_public,
    public_file,
)
from merger.approval.certificates import Flaw
from merger.approval.envelope import LARGEST, NotCanonical, unseal
from merger.approval.keys import read_small
from merger.approval.statement import PAYLOAD_TYPE
from merger.errors import InputError
from merger.review.keys.contents import Item
from merger.review.web.desk import Desk

MAX_KEYS = 200


@dataclass(frozen=True)
class KeyRow:
    """A key as the page lists it. `state`: usable, revoked, ended, early or flawed (its certificate)."""

    keyid: str
    state: str
    flaw: Flaw | None
    valid_from: datetime
    valid_to: datetime | None
    revoked_at: datetime | None
    reason: str
    certificate: Certificate | None


@dataclass(frozen=True)
class PersonRow:
    """A person with their keys, newest last."""

    name: str
    role: str
    office: str
    account: str
    keys: tuple[KeyRow, ...]


@dataclass(frozen=True)
class Signature:
    """A signature that lies beside something. `fits`: whether it is the key's own; whether it counts for the
    present content, the page of the content says."""

    item: Item
    person: str
    keyid: str
    at: datetime
    expires: datetime
    fits: bool


@dataclass(frozen=True)
class KeyFile:
    """A key file in the folder, with its public file."""

    path: Path
    public: PublicKey


def people(trust: Trust, when: datetime) -> list[PersonRow]:
    """Everybody whom a trust file lists, in its order."""
    return [
        PersonRow(
            one.name,
            str(one.role),
            one.office,
            one.account,
            tuple(_key(trust, key, when) for key in one.keys),
        )
        for one in trust.people
    ]


def authorities(trust: Trust) -> list[Certificate]:
    """The authorities whose certificates the trust file believes."""
    return [certificate(one) for one in trust.authorities]


def signatures(items: Sequence[Item], trust: Trust) -> list[Signature]:
    """The signatures beside these things by keys of the trust file, the newest first."""
    found: list[Signature] = []
    for item in items:
        for file in envelope_paths(item.path):
            try:
                envelope = unseal(read_small(file, LARGEST), PAYLOAD_TYPE)
                statement = envelope.read(Statement)
            except (InputError, NotCanonical):
                continue
            for person, key in trust.owners(envelope.keyid):
                fits = envelope.signed_by(key.public)
                at, expires = statement.issued_at, statement.expires_at
                found.append(Signature(item, person.name, key.keyid, at, expires, fits))
    return sorted(found, key=lambda one: one.at, reverse=True)


def key_files(desk: Desk) -> list[KeyFile]:
    """The key files in the folder, in `keys` and beside its jobs, each with its readable public file."""
    places = {desk.folder, desk.folder / "keys", *(path.parent for path in desk.jobs())}
    places |= {place / "keys" for place in set(places)}
    found: list[KeyFile] = []
    for place in sorted(places):
        for path in sorted(place.glob("*.key"))[:MAX_KEYS] if place.is_dir() else ():
            if path.is_symlink() or not path.is_file():
                continue
            try:
                found.append(KeyFile(path, load_public(public_file(path))))
            except InputError:
                continue
    return found


def owner_of(trust: Trust, keyid: str, when: datetime | None = None) -> Person | None:
    """The one person who lists this key; None for an unknown key, for one that two people list, and, with
    `when`, for one whose signature would not count at that moment."""
    owners = trust.owners(keyid)
    if len(owners) != 1 or (when is not None and not trust.usable(owners[0][1], when)):
        return None
    return owners[0][0]


def _key(trust: Trust, key: TrustedKey, when: datetime) -> KeyRow:
    flaw = key.flaw(trust.authorities, when)
    if key.revoked(when):
        state = "revoked"
    elif key.ended(when):
        state = "ended"
    elif when < key.valid_from:
        state = "early"
    else:
        state = "usable" if flaw is None else "flawed"
    said = certificate(key.certificates[0]) if key.certificates else None
    return KeyRow(key.keyid, state, flaw, key.valid_from, key.valid_to, key.revoked_at, key.reason, said)
