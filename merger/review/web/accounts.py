"""Accounts: who may enter, in which roles, by which password.

They are kept in one file (`merger/accounts/1`, mode 0600), which holds argon2id hashes of passwords and no
password. Several processes may change it; each reads it anew when it changed.
"""

import fcntl
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError

from merger.approval.models import Closed
from merger.errors import Refused
from merger.migrate.writing import write_whole
from merger.review.web.rights import ROLES

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
"""Characters that a password needs at least."""

LONGEST = 200
ADMINISTRATOR = "administrator"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_AT_A_TIME = BoundedSemaphore(2)
"""A hash takes 64 MB; more at a time would let strangers fill the memory."""


class Account(Closed):
    """One person's account. `stamp` is new whenever the password is, or the account was disabled: sessions
    that began under another one have ended. `must_change`: the password was somebody else's choice."""

    name: str
    roles: tuple[str, ...]
    password: str
    stamp: str
    disabled: bool = False
    must_change: bool = False


class AccountsFile(Closed):
    """The whole file, accounts in the order of their names."""

    schema_: Literal["merger/accounts/1"] = Field(default="merger/accounts/1", alias="schema")
    accounts: tuple[Account, ...] = ()


class Accounts:
    """The accounts in the file `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._known: tuple[tuple[int, int, int], dict[str, Account]] | None = None

    def exist(self) -> bool:
        """Whether there is a file of accounts."""
        return self.path.is_file()

    def all(self) -> list[Account]:
        """Every account, in the order of names. Raises Refused for a file that cannot be used."""
        return list(self._read().values())

    def of(self, name: str) -> Account | None:
        """The account of this name; None if there is none or it is disabled."""
        account = self._read().get(name)
        return None if account is None or account.disabled else account

    def check(self, name: str, password: str) -> Account | None:
        """The account that name and password open. It takes as long for a name that there is not."""
        from argon2.exceptions import InvalidHashError, VerificationError

        account = self.of(name)
        with _AT_A_TIME:
            try:
                _hasher().verify(account.password if account else _nobodys(), _normal(password))
            except (VerificationError, InvalidHashError):
                return None
        return account

    def add(self, name: str, roles: Collection[str], password: str, must_change: bool = False) -> None:
        """Adds an account. Refused for a name that is taken or unusable, for no role or one that there is
        not, for a password that is too short, and where the first account is no administrator's."""
        if not _NAME.fullmatch(name):
            raise Refused("review_accounts.bad-name")
        account = Account(
            name=name,
            roles=_roles(roles),
            password=_hash(name, password),
            stamp=_stamp(),
            must_change=must_change,
        )
        with self._changing() as accounts:
            if name in accounts:
                raise Refused("review_accounts.taken", name=name)
            accounts[name] = account

    def change_roles(self, name: str, roles: Collection[str]) -> None:
        """Gives an account other roles, from its next page on. Refused as `add`, and for the last
        administrator."""
        held = _roles(roles)
        self._change(name, lambda account: account.model_copy(update={"roles": held}))

    def disable(self, name: str) -> None:
        """Ends an account's sessions and lets it in no more. Refused for the last administrator."""
        self._change(name, lambda account: account.model_copy(update={"disabled": True, "stamp": _stamp()}))

    def enable(self, name: str) -> None:
        """Lets a disabled account in again, by its old password."""
        self._change(name, lambda account: account.model_copy(update={"disabled": False}))

    def set_password(self, name: str, password: str, must_change: bool = False) -> Account:
        """Another password; every session under the old one has ended. Answers the account as it is then."""
        new = {"password": _hash(name, password), "stamp": _stamp(), "must_change": must_change}
        return self._change(name, lambda account: account.model_copy(update=new))

    def _change(self, name: str, to: Callable[[Account], Account]) -> Account:
        with self._changing() as accounts:
            if name not in accounts:
                raise Refused("review_accounts.unknown", name=name)
            accounts[name] = to(accounts[name])
            return accounts[name]

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Account]]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            accounts = dict(self._read())
            yield accounts
            if not any(ADMINISTRATOR in one.roles and not one.disabled for one in accounts.values()):
                raise Refused("review_accounts.no-administrator")
            file = AccountsFile(accounts=tuple(accounts[name] for name in sorted(accounts)))
            before = os.umask(0o077)
            try:
                write_whole(self.path, file.model_dump_json(by_alias=True, indent=1).encode() + b"\n")
            finally:
                os.umask(before)
        finally:
            os.close(lock)

    def _read(self) -> dict[str, Account]:
        with self._lock:
            try:
                status = self.path.stat()
            except FileNotFoundError:
                return {}
            signature = (status.st_ino, status.st_size, status.st_mtime_ns)
            if self._known is None or self._known[0] != signature:
                try:
                    file = AccountsFile.model_validate_json(self.path.read_bytes())
                except ValidationError:
                    raise Refused("review_accounts.unusable", file=self.path) from None
                self._known = (signature, {one.name: one for one in file.accounts})
            return self._known[1]


def made_up() -> str:
    """A password to begin with: 16 letters and digits, easily told apart, 75 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _roles(roles: Collection[str]) -> tuple[str, ...]:
    if not roles or not set(roles) <= ROLES.keys():
        raise Refused("review_accounts.bad-roles", roles=", ".join(ROLES))
    return tuple(role for role in ROLES if role in roles)


def _hash(name: str, password: str) -> str:
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST or normal.casefold() == name:
        raise Refused("review_accounts.bad-password", shortest=SHORTEST, longest=LONGEST)
    with _AT_A_TIME:
        return _hasher().hash(normal)


def _normal(password: str) -> str:
    """One spelling of a password, however a keyboard composes its letters."""
    return unicodedata.normalize("NFC", password)[: LONGEST + 1]


def _stamp() -> str:
    return secrets.token_hex(8)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """A hash that no password opens."""
    return _hasher().hash(secrets.token_urlsafe(32))
