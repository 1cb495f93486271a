"""Who may approve, as a trust file lists them: people, their roles and offices, their keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from merger.approval import certificates
from merger.approval.certificates import Flaw
from merger.approval.keys import folded_name
from merger.approval.models import Closed, Digest, Moment, moment


class Role(StrEnum):
    """An administrator signs new versions of the trust file. Both sign mappings, jobs and plans."""

    ADMINISTRATOR = "administrator"
    APPROVER = "approver"


class TrustedKey(Closed):
    """A public key of a person (base64 of DER), and from when to when it counts.

    `certificates`: of a token's key, as in its public file; they bind the person to the first one's
    fingerprint.
    """

    left_out: ClassVar[frozenset[str]] = frozenset({"certificates"})
    keyid: Digest
    public: str
    valid_from: Moment
    valid_to: Moment | None = None
    revoked_at: Moment | None = None
    reason: str = ""
    certificates: tuple[str, ...] = ()

    def revoked(self, when: datetime) -> bool:
        return self.revoked_at is not None and self.revoked_at <= when

    def ended(self, when: datetime) -> bool:
        return self.valid_to is not None and self.valid_to <= when

    def usable(self, when: datetime) -> bool:
        """Whether a signature of this key counts at that moment."""
        return self.valid_from <= when and not self.revoked(when) and not self.ended(when)

    def flaw(self, authorities: Sequence[str], when: datetime) -> Flaw | None:
        """Why the key's certificate does not hold at that moment; None too for a key that has none."""
        if not self.certificates:
            return None
        return certificates.flaw(self.public, self.certificates, authorities, when)


class Person(Closed):
    """A person, known by name, with a role and keys: at most one of them in use. `office`: what they are,
    in words. `account`: theirs on the review pages, where alone they use their keys."""

    left_out: ClassVar[frozenset[str]] = frozenset({"office", "account"})
    name: str
    role: Role
    keys: tuple[TrustedKey, ...] = Field(min_length=1)
    office: str = ""
    account: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the person is called: by name, and by account."""
        return (self.name, self.account) if self.account else (self.name,)


@dataclass(frozen=True, slots=True)
class Head:
    """One version of a trust file: its number and the digest of its line."""

    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Trust:
    """The current version of a trust file. `root` and `head` are what a caller remembers of it.

    `authorities`: certificates (base64 of DER) of those whose certificates of tokens are believed.
    """

    root: str
    head: Head
    people: tuple[Person, ...]
    authorities: tuple[str, ...] = ()

    def owners(self, keyid: str) -> list[tuple[Person, TrustedKey]]:
        """The people who list the key: one, or none for an unknown key."""
        return list(owners_of(self.people, keyid))

    def person(self, name: str) -> Person | None:
        """The person of that name, however it is spelt in case and spaces."""
        return next((one for one in self.people if folded_name(one.name) == folded_name(name)), None)

    def person_of(self, account: str) -> Person | None:
        """The person whose account on the review pages this is."""
        return next((one for one in self.people if account and one.account == account), None)

    def summary(self, now: datetime) -> dict[str, object]:
        """The people and their keys as plain data, for JSON; `usable` says whether a key counts now."""
        return {
            "root": self.root,
            "version": self.head.version,
            "sha256": self.head.sha256,
            "people": [
                {
                    "name": person.name,
                    "role": str(person.role),
                    "office": person.office,
                    "account": person.account,
                    "keys": [
                        key.model_dump(mode="json") | {"usable": self.usable(key, now)} for key in person.keys
                    ],
                }
                for person in self.people
            ],
            "authorities": [certificates.certificate(one).fingerprint for one in self.authorities],
        }

    def usable(self, key: TrustedKey, now: datetime) -> bool:
        """Whether a signature of this key counts at that moment, its certificate included."""
        when = moment(now)
        return key.usable(when) and key.flaw(self.authorities, when) is None


def owners_of(people: tuple[Person, ...], keyid: str) -> Iterator[tuple[Person, TrustedKey]]:
    """The people who list the key, each with it."""
    return ((person, key) for person in people for key in person.keys if key.keyid == keyid)
