"""Taking an approval back before it is used.

A withdrawal is a signed statement of its own beside the signature that it takes back. It names one approval,
and only the key that made this approval can sign it. One that cannot be read, or does not fit, stands in the
way of the approval that its file's name points at: what looks withdrawn does not count.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from merger.approval.digest import unusable
from merger.approval.envelope import LARGEST, Envelope, NotCanonical, replace_file, seal, unseal
from merger.approval.keys import clean_name, read_small
from merger.approval.models import Closed, Digest, Moment, moment, written
from merger.approval.people import Trust
from merger.approval.public import Signer
from merger.approval.signing import envelope_path
from merger.approval.statement import PAYLOAD_TYPE as STATEMENT_TYPE
from merger.approval.statement import Statement, full
from merger.errors import InputError, Refused

PAYLOAD_TYPE = "application/vnd.merger.withdrawal+json"


class Withdrawal(Closed):
    """One person takes one approval back (`merger/withdrawal/1`). `sha256`: of what was approved."""

    schema_: Literal["merger/withdrawal/1"] = Field(default="merger/withdrawal/1", alias="schema")
    statement: str = Field(pattern=r"^[0-9a-f]{32}$")
    sha256: Digest
    withdrawn_at: Moment
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A withdrawal's file. `envelope` and `said` are None where it cannot be read."""

    file: str
    envelope: Envelope | None = None
    said: Withdrawal | None = None

    def names(self, keyid: str, statement: str) -> bool:
        """Whether it is, by its content or by its name, about this approval of this key."""
        return self._says(keyid, statement) or f".{keyid[:8]}.{statement[:8]}." in self.file

    def proved(self, keyid: str, statement: str, public: str) -> bool:
        """Whether the key itself took this approval back."""
        return self._says(keyid, statement) and self.envelope is not None and self.envelope.signed_by(public)

    def _says(self, keyid: str, statement: str) -> bool:
        return (
            self.envelope is not None
            and self.said is not None
            and (self.envelope.keyid, self.said.statement) == (keyid, statement)
        )


def withdraw(path: Path, signer: Signer, now: datetime, *, reason: str, used: Set[str] = frozenset()) -> Path:
    """Takes back the approval of `path` that this key signed; answers where the withdrawal lies.

    `used`: the ids of statements that runs have used up. Refused where the key has not signed, has withdrawn
    already, or its approval was used: that changes nothing any more. Raises InputError for a place that
    cannot be written.
    """
    statement = _signed(path, signer.keyid, signer.public)
    out = _place(path, signer.keyid, statement, used)
    said = Withdrawal(
        statement=statement.id,
        sha256=statement.subject.sha256,
        withdrawn_at=moment(now),
        reason=clean_name(reason),
    )
    replace_file(out, seal(PAYLOAD_TYPE, said, signer))
    return out


def place_withdrawal(path: Path, data: bytes, trust: Trust, *, used: Set[str] = frozenset()) -> str:
    """Puts the bytes of a withdrawal made elsewhere beside `path`; answers whose approval it takes back.

    Refused as `withdraw`, for a key that is not one person's of the trust file, and for bytes that are not
    what that key signed about its own approval here.
    """
    name = f"{full(path).name}.withdrawn.json"
    try:
        envelope = unseal(data, PAYLOAD_TYPE)
        said = envelope.read(Withdrawal)
    except NotCanonical as error:
        raise Refused("approval.not_canonical", file=name) from error
    owners = trust.owners(envelope.keyid)
    if len(owners) != 1:
        raise Refused("approval.unknown_key", file=name, keyid=envelope.keyid[:8])
    person, key = owners[0]
    if not envelope.signed_by(key.public):
        raise Refused("approval.bad_signature", file=name, keyid=envelope.keyid[:8])
    statement = _signed(path, envelope.keyid, key.public)
    if statement.id != said.statement:
        raise Refused("approval.withdrawal.nothing", name=full(path).name, keyid=envelope.keyid[:8])
    replace_file(_place(path, envelope.keyid, statement, used), data)
    return person.name


def is_withdrawal(data: bytes) -> bool:
    """Whether the bytes are a withdrawal's, whoever signed it."""
    try:
        unseal(data, PAYLOAD_TYPE)
    except NotCanonical:
        return False
    return True


def _signed(path: Path, keyid: str, public: str) -> Statement:
    """The approval that lies beside `path` under this key."""
    place = envelope_path(path, keyid)
    if not place.exists():
        raise Refused("approval.withdrawal.nothing", name=full(path).name, keyid=keyid[:8])
    try:
        envelope = unseal(read_small(place, LARGEST), STATEMENT_TYPE)
        statement = envelope.read(Statement)
    except NotCanonical as error:
        raise Refused("approval.not_canonical", file=place.name) from error
    if envelope.keyid != keyid or not envelope.signed_by(public):
        raise Refused("approval.bad_signature", file=place.name, keyid=keyid[:8])
    return statement


def _place(path: Path, keyid: str, statement: Statement, used: Set[str]) -> Path:
    """Where the withdrawal of an approval is to be written, if it may be."""
    if statement.id in used:
        raise Refused("approval.withdrawal.used", name=full(path).name, at=written(statement.issued_at))
    out = withdrawal_path(path, keyid, statement.id)
    if out.exists():
        raise Refused("approval.withdrawal.again", file=out.name)
    return out


def withdrawal_path(path: Path, keyid: str, statement: str) -> Path:
    """Where a withdrawal lies: `<path>.<first 8 of keyid>.<first 8 of the approval's id>.withdrawn.json`."""
    path = full(path)
    return path.with_name(f"{path.name}.{keyid[:8]}.{statement[:8]}.withdrawn.json")


def withdrawals(path: Path) -> list[Found]:
    """The withdrawals beside a file or folder, by name. Raises InputError for an unreadable folder."""
    path = full(path)
    pattern = re.compile(re.escape(path.name) + r"\.[0-9a-f]{8}\.[0-9a-f]{8}\.withdrawn\.json")
    try:
        files = sorted(entry for entry in path.parent.iterdir() if pattern.fullmatch(entry.name))
    except OSError as error:
        raise unusable("unreadable", path.parent, reason=error.strerror or type(error).__name__) from error
    return [_read(file) for file in files]


def _read(file: Path) -> Found:
    try:
        envelope = unseal(read_small(file, LARGEST), PAYLOAD_TYPE)
        return Found(file.name, envelope, envelope.read(Withdrawal))
    except (InputError, NotCanonical):
        return Found(file.name)
