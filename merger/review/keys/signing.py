"""Signing and withdrawing from a page: which keys a person may use here, and what is refused.

A passphrase or PIN is used once and kept nowhere. Nobody opens another's key: where people have accounts, the
key's person must be the account's.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from merger.approval import (
    Approval,
    Signer,
    Trust,
    list_tokens,
    load_key,
    open_token,
    read_uri,
)
from merger.approval.certificates import public_of
from merger.approval.envelope import NotCanonical, unseal
from merger.approval.keys import folded_name
from merger.approval.public import keyid_of
from merger.approval.statement import PAYLOAD_TYPE as STATEMENT
from merger.approval.tokens import module_of
from merger.approval.withdrawal import PAYLOAD_TYPE as WITHDRAWAL
from merger.errors import MergerError, Refused
from merger.migrate import approving
from merger.review.keys.contents import Content
from merger.review.keys.people import key_files, owner_of
from merger.review.web.desk import Desk
from merger.review.web.trail import ReviewTrail

SAW = "saw"
TRIES = 5
"""Wrong passphrases of one key that are let pass within `WITHIN` seconds."""
WITHIN = 600.0


@dataclass(frozen=True)
class Choice:
    """A key that may be used here. `where`: a key file's name or a token's; `secret`: passphrase or pin."""

    id: str
    person: str
    where: str
    secret: str


@dataclass
class Tries:
    """How often keys were tried with wrong secrets lately, so that nobody tries many from a page."""

    clock: Callable[[], float] = time.monotonic
    _wrong: dict[str, list[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def check(self, key: str) -> None:
        """Raises Refused for a key that was tried too often."""
        with self._lock:
            recent = [at for at in self._wrong.get(key, []) if at > self.clock() - WITHIN]
            self._wrong[key] = recent
            if len(recent) >= TRIES:
                raise Refused("review_keys.too-many-tries", minutes=int(WITHIN // 60))

    def wrong(self, key: str) -> None:
        """Notes a wrong secret."""
        with self._lock:
            self._wrong.setdefault(key, []).append(self.clock())


_tries = Tries()


def choices(desk: Desk, trust: Trust, person: str | None) -> tuple[list[Choice], str]:
    """The keys in the folder and on tokens that count now, of the people of the trust file, or of `person`
    alone; and why tokens could not be asked, or nothing."""
    found: list[Choice] = []
    now = datetime.now(UTC)
    for file in key_files(desk):
        owner = owner_of(trust, file.public.keyid, now)
        if owner is not None:
            found.append(Choice(file.public.keyid, owner.name, file.path.name, "passphrase"))
    on_tokens, why = _token_choices(trust, now)
    every = found + on_tokens
    return [one for one in every if person is None or _same(one.person, person)], why


def sign(
    desk: Desk, content: Content, key: str, secret: str, digest: str, actor: str, person: str | None
) -> Approval:
    """Signs what was shown with the key of this id, if the signature would count.

    Raises Refused where `digest` is not that of the present content, or `actor` was never shown it; for a key
    that is not here or not the person's; for a wrong secret; and where the signature would not count.
    """
    _require_seen(content, digest, actor, desk.trail)
    signer = _opened(desk, content.trust, key, secret, person)
    now = datetime.now(UTC)
    with TemporaryDirectory(prefix="merger-signing-") as folder:
        out = Path(folder) / "signature.json"
        approving.sign_with(content.item.path, signer, now, out=out, sha256=digest)
        return approving.accept(content.item.path, out.read_bytes(), content.trust_file)


def accept(
    desk: Desk, content: Content, envelope: bytes, digest: str, actor: str, person: str | None
) -> Approval:
    """Puts a signature made elsewhere beside the content, if it would count. Refused as `sign`."""
    _require_seen(content, digest, actor, desk.trail)
    if person is not None:
        _require_own(content.trust, _keyid(envelope), person)
    return approving.accept(content.item.path, envelope, content.trust_file)


def accept_withdrawal(content: Content, withdrawal: bytes, person: str | None) -> str:
    """Puts a withdrawal made elsewhere beside the content; answers whose approval it takes back. Refused as
    `approving.accept_withdrawal`, and for another person's."""
    if person is not None:
        _require_own(content.trust, _keyid(withdrawal), person)
    return approving.accept_withdrawal(content.item.path, withdrawal, content.trust_file)


def withdraw(desk: Desk, content: Content, key: str, secret: str, reason: str, person: str | None) -> Path:
    """Takes the approval of this key back. Refused as `approving.withdraw`, and for a key that is not here,
    not the person's, or whose secret is wrong."""
    signer = _opened(desk, content.trust, key, secret, person)
    return approving.withdraw(content.item.path, signer, reason, datetime.now(UTC))


def _require_seen(content: Content, digest: str, actor: str, trail: ReviewTrail) -> None:
    if content.subject.sha256 != digest:
        raise Refused("approval.other_than_seen", name=content.subject.name)
    seen = (
        one.actor == actor and one.action == SAW and one.detail.get("digest") == digest
        for one in trail.records()
    )
    if not any(seen):
        raise Refused("review_keys.not-seen", name=content.subject.name)


def _opened(desk: Desk, trust: Trust, key: str, secret: str, person: str | None) -> Signer:
    allowed = {one.id: one for one in choices(desk, trust, person)[0]}
    if key not in allowed:
        raise Refused("review_keys.no-such-key")
    _tries.check(key)
    try:
        if allowed[key].secret == "pin":
            return open_token(read_uri(key), datetime.now(UTC), secret)
        file = next(one for one in key_files(desk) if one.public.keyid == key)
        return load_key(file.path, secret)
    except Refused:
        _tries.wrong(key)
        raise


def _token_choices(trust: Trust, now: datetime) -> tuple[list[Choice], str]:
    try:
        module_of()
    except Refused:
        return [], ""
    try:
        tokens = list_tokens()
    except MergerError as error:
        return [], str(error)
    found: list[Choice] = []
    for token in tokens:
        for one in token.certificates:
            try:
                owner = owner_of(trust, keyid_of(public_of(one.der)), now)
            except ValueError:
                continue
            if owner is not None:
                found.append(Choice(str(one.uri), owner.name, one.uri.token, "pin"))
    return found, ""


def _keyid(envelope: bytes) -> str:
    """Whose key an envelope names; "" for what is none."""
    for payload_type in (STATEMENT, WITHDRAWAL):
        try:
            return unseal(envelope, payload_type).keyid
        except NotCanonical:
            continue
    return ""


def _require_own(trust: Trust, keyid: str, person: str) -> None:
    owner = owner_of(trust, keyid)
    if owner is not None and not _same(owner.name, person):
        raise Refused("review_keys.not-your-key", person=owner.name)


def _same(one: str, other: str) -> bool:
    return folded_name(one) == folded_name(other)
