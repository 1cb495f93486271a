"""Who may approve: people and their public keys, in a file that is itself signed.

The trust file holds one line for each of its versions, oldest first; a line is an envelope. The first
is signed by the root key, each further one by an administrator's key that the version before it lists,
and names the digest of the line before it. So the file proves itself from its root, and says who
changed what. Which root to believe is the caller's: on first use it is taken as found, afterwards
`root` and `seen`, kept by whoever has a memory, hold it to that.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from merger.approval import certificates
from merger.approval.certificates import Flaw
from merger.approval.digest import digest_bytes
from merger.approval.envelope import NotCanonical, replace_file, seal, unseal
from merger.approval.keys import clean_name, folded_name, read_small
from merger.approval.models import Closed, Digest, Moment, moment, written
from merger.approval.people import Head, Person, Role, Trust, TrustedKey, owners_of
from merger.approval.public import PublicKey, Signer, keyid_of
from merger.errors import Refused

PAYLOAD_TYPE = "application/vnd.merger.trust+json"
LARGEST = 16 * 1024 * 1024


class _Version(Closed):
    left_out: ClassVar[frozenset[str]] = frozenset({"authorities"})
    schema_: Literal["merger/trust/1"] = Field(default="merger/trust/1", alias="schema")
    version: int = Field(ge=1)
    previous: str = Field(pattern=r"^([0-9a-f]{64})?$")
    root: Digest
    issued_at: Moment
    people: tuple[Person, ...]
    authorities: tuple[str, ...] = ()


def load_trust(path: Path, *, root: str | None = None, seen: Head | None = None) -> Trust:
    """Reads a trust file and proves it from its root.

    `root`: the id of the key that it must begin with. `seen`: a version that it must contain, so that an
    older or another file is noticed. Refused, each with its own message, when: a line is not spelt
    canonically, a signature is wrong or not an administrator's, versions do not follow each other, the
    root is another, `seen` is missing, a person or a key is listed twice, a key's id is not its own.
    Raises InputError for a file that cannot be read.
    """
    return _read(path, root, seen)[0]


def add_person(
    path: Path,
    public: PublicKey,
    role: Role,
    signer: Signer,
    now: datetime,
    *,
    name: str | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    office: str = "",
    account: str = "",
    authorities: Sequence[str] = (),
    root: str | None = None,
) -> Trust:
    """Adds a person with a key, or a new key to a person whose others are revoked or ended; writes the file.

    Without a file, it begins with this person as its first administrator: `public` must be the signer's
    own key, which becomes the root. `name`: instead of the one in the public file; `office`, `account`: see
    `Person`. A key with a certificate ends with it at the latest, and needs an authority that the file names;
    `authorities` are added to these.
    Refused for a key or a person that is there already, an unusable name, a certificate that does not hold,
    and a signer who is no administrator.
    """
    now = moment(now)
    person_name = clean_name(public.name if name is None else name)
    key = _new_key(public, now if valid_from is None else valid_from, valid_to)
    if key.valid_to is not None and key.valid_to <= max(key.valid_from, now):
        raise Refused("approval.trust.ends_early")
    person = Person(
        name=person_name,
        role=role,
        keys=(key,),
        office=_said(office),
        account=_said(account),
    )
    trust, data = _read(path, root, None) if path.exists() else (None, b"")
    believed = _with_authorities(() if trust is None else trust.authorities, authorities)
    unfit = key.flaw(believed, now)
    if unfit is not None:
        raise flawed(unfit, key.certificates[0])
    if trust is None:
        if public.keyid != signer.keyid or role is not Role.ADMINISTRATOR or not key.usable(now):
            raise Refused("approval.trust.first", file=path)
        return _append(path, b"", None, (person,), believed, signer, now)
    if trust.owners(public.keyid):
        other = trust.owners(public.keyid)[0][0].name
        same = folded_name(other) == folded_name(person_name)
        which = "approval.trust.key_again" if same else "approval.key_two_names"
        raise Refused(which, keyid=public.keyid[:8], names=f"{other}, {person_name}")
    known = trust.person(person_name)
    if known is None:
        people = (*trust.people, person)
    elif any(not (old.revoked(now) or old.ended(now)) for old in known.keys):
        raise Refused("approval.trust.person_again", person=known.name)
    else:
        renewed = person.model_copy(
            update={
                "name": known.name,
                "keys": (*known.keys, key),
                "office": person.office or known.office,
                "account": person.account or known.account,
            }
        )
        people = tuple(renewed if one is known else one for one in trust.people)
    return _append(path, data, trust, people, believed, signer, now)


def describe_person(
    path: Path,
    name: str,
    signer: Signer,
    now: datetime,
    *,
    office: str | None = None,
    account: str | None = None,
    root: str | None = None,
) -> Trust:
    """Says anew what a person is (`office`) or which account is theirs; None leaves it as it is, an empty
    text takes it away. Writes the file. Refused for an unknown person, an account that is another's, and a
    signer who is no administrator."""
    trust, data = _read(path, root, None)
    person = trust.person(name)
    if person is None:
        raise Refused("approval.trust.unknown_person", person=clean_name(name))
    said = {"office": office, "account": account}
    changed = person.model_copy(update={what: _said(to) for what, to in said.items() if to is not None})
    people = tuple(changed if one is person else one for one in trust.people)
    return _append(path, data, trust, people, trust.authorities, signer, moment(now))


def change_authorities(
    path: Path,
    signer: Signer,
    now: datetime,
    *,
    add: Sequence[str] = (),
    remove: str = "",
    root: str | None = None,
) -> Trust:
    """Names further authorities (certificates, base64 of DER), or leaves out those whose fingerprint begins
    with `remove`; writes the file. Signatures that rest on one left out do not count any more.

    Refused for a certificate that is no authority's, for a fingerprint that is not there, and for a signer
    who is no administrator.
    """
    trust, data = _read(path, root, None)
    kept = tuple(
        one
        for one in trust.authorities
        if not remove or not certificates.certificate(one).fingerprint.startswith(remove.lower())
    )
    if remove and kept == trust.authorities:
        raise Refused("approval.trust.no_authority", fingerprint=remove[:16])
    return _append(path, data, trust, trust.people, _with_authorities(kept, add), signer, moment(now))


def flawed(why: Flaw, certificate: str) -> Refused:
    """The refusal of a certificate that does not hold."""
    try:
        said = certificates.certificate(certificate)
    except ValueError:
        return Refused("approval.certificate.wrong", subject="?")
    fields = {"subject": said.subject, "issuer": said.issuer}
    fields |= {"first": written(said.first), "last": written(said.last)}
    return Refused(f"approval.certificate.{why}", **fields)


def revoke_person(
    path: Path,
    name: str,
    reason: str,
    signer: Signer,
    now: datetime,
    *,
    keyid: str | None = None,
    root: str | None = None,
) -> Trust:
    """Revokes a person's keys, or the one whose id begins with `keyid`, from now on; writes the file.

    From then on none of their signatures counts, whenever made: nothing proves when they were made.
    Refused for an unknown person or key, and when no administrator would be left.
    """
    now = moment(now)
    trust, data = _read(path, root, None)
    person = trust.person(name)
    if person is None:
        raise Refused("approval.trust.unknown_person", person=clean_name(name))
    chosen = [key for key in person.keys if key.keyid.startswith(keyid or "") and not key.revoked(now)]
    if not chosen:
        raise Refused("approval.trust.no_key", person=person.name)
    keys = tuple(
        key.model_copy(update={"revoked_at": now, "reason": clean_name(reason)}) if key in chosen else key
        for key in person.keys
    )
    people = tuple(one.model_copy(update={"keys": keys}) if one is person else one for one in trust.people)
    if not any(one.role is Role.ADMINISTRATOR and any(k.usable(now) for k in one.keys) for one in people):
        raise Refused("approval.trust.last_administrator", person=person.name)
    return _append(path, data, trust, people, trust.authorities, signer, now)


def _read(path: Path, root: str | None, seen: Head | None) -> tuple[Trust, bytes]:
    data = read_small(path, LARGEST)
    lines = data.split(b"\n")
    if lines.pop() or not lines:
        raise Refused("approval.trust.not_canonical", file=path, version=len(lines) + 1)
    trust: Trust | None = None
    heads: set[Head] = set()
    for line in lines:
        trust = _next(path, trust, line + b"\n")
        heads.add(trust.head)
    assert trust is not None
    if root is not None and trust.root != root:
        raise Refused("approval.trust.other_root", file=path, root=trust.root[:8], expected=root[:8])
    if seen is not None and seen not in heads:
        raise Refused("approval.trust.went_back", file=path, version=trust.head.version, seen=seen.version)
    return trust, data


def _next(path: Path, before: Trust | None, line: bytes) -> Trust:
    """The version in `line`, proved from the one before it."""
    number = 1 if before is None else before.head.version + 1
    where = {"file": path, "version": number}
    try:
        envelope = unseal(line, PAYLOAD_TYPE)
        version = envelope.read(_Version)
    except NotCanonical as error:
        raise Refused("approval.trust.not_canonical", **where) from error
    _check_people(path, version.people)
    head = Head(number, digest_bytes(line))
    trust = Trust(version.root, head, version.people, version.authorities)
    root = version.root if before is None else before.root
    previous = "" if before is None else before.head.sha256
    if (version.version, version.previous, version.root) != (number, previous, root):
        raise Refused("approval.trust.broken_chain", **where)
    signers = owners_of(version.people if before is None else before.people, envelope.keyid)
    entitled = [
        key
        for person, key in signers
        if person.role is Role.ADMINISTRATOR
        and key.usable(version.issued_at)
        and (before is not None or key.keyid == root)
    ]
    if not entitled:
        raise Refused("approval.trust.not_administrator", keyid=envelope.keyid[:8], **where)
    if not envelope.signed_by(entitled[0].public):
        raise Refused("approval.trust.bad_signature", **where)
    believed = trust.authorities if before is None else before.authorities
    unfit = entitled[0].flaw(believed, version.issued_at)
    if unfit is not None:
        raise Refused("approval.trust.signer_certificate", keyid=envelope.keyid[:8], **where)
    return trust


def _said(text: str) -> str:
    return clean_name(text) if text.strip() else ""


def _new_key(public: PublicKey, valid_from: datetime, valid_to: datetime | None) -> TrustedKey:
    """The key as it is listed: with a certificate, no longer than that is valid."""
    if public.certificates:
        try:
            said = certificates.certificate(public.certificates[0])
        except ValueError as error:
            raise Refused("approval.certificate.wrong", subject=public.name) from error
        valid_from = max(valid_from, said.first)
        valid_to = said.last if valid_to is None else min(valid_to, said.last)
    return TrustedKey(
        keyid=public.keyid,
        public=public.public,
        valid_from=valid_from,
        valid_to=valid_to,
        certificates=public.certificates,
    )


def _with_authorities(known: tuple[str, ...], added: Sequence[str]) -> tuple[str, ...]:
    for one in added:
        if not certificates.may_issue(one):
            raise Refused("approval.trust.not_an_authority")
    return (*known, *(one for one in added if one not in known))


def _check_people(path: Path, people: tuple[Person, ...]) -> None:
    names: set[str] = set()
    accounts: set[str] = set()
    owners: dict[str, str] = {}
    for person in people:
        if clean_name(person.name) != person.name:
            raise Refused("approval.bad_name")
        if folded_name(person.name) in names:
            raise Refused("approval.trust.person_twice", file=path, person=person.name)
        names.add(folded_name(person.name))
        if person.account and person.account in accounts:
            raise Refused("approval.trust.account_twice", file=path, account=person.account)
        accounts.add(person.account)
        for key in person.keys:
            if owners.get(key.keyid) == person.name:
                raise Refused("approval.trust.key_again", keyid=key.keyid[:8])
            if key.keyid in owners:
                both = f"{owners[key.keyid]}, {person.name}"
                raise Refused("approval.key_two_names", keyid=key.keyid[:8], names=both)
            owners[key.keyid] = person.name
            if not _own_id(key):
                raise Refused("approval.trust.wrong_keyid", file=path, person=person.name)
            if not _own_certificate(key):
                raise Refused("approval.trust.wrong_certificate", file=path, person=person.name)


def _own_id(key: TrustedKey) -> bool:
    try:
        return keyid_of(key.public) == key.keyid
    except ValueError:
        return False


def _own_certificate(key: TrustedKey) -> bool:
    try:
        return not key.certificates or certificates.public_of(key.certificates[0]) == key.public
    except ValueError:
        return False


def _append(
    path: Path,
    data: bytes,
    before: Trust | None,
    people: tuple[Person, ...],
    authorities: tuple[str, ...],
    signer: Signer,
    now: datetime,
) -> Trust:
    version = _Version(
        version=1 if before is None else before.head.version + 1,
        previous="" if before is None else before.head.sha256,
        root=signer.keyid if before is None else before.root,
        issued_at=now,
        people=people,
        authorities=authorities,
    )
    line = seal(PAYLOAD_TYPE, version, signer)
    trust = _next(path, before, line)
    replace_file(path, data + line)
    return trust
