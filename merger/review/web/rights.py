"""What a person may do here, by role."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Right(StrEnum):
    """What a page asks for."""

    READ = "read"
    PERSONAL = "personal"
    DECIDE = "decide"
    SIGN = "sign"
    RUN = "run"
    ROLLBACK = "rollback"
    TRAIL = "trail"
    ACCOUNTS = "accounts"


CHANGING = frozenset({Right.DECIDE, Right.SIGN, Right.RUN, Right.ROLLBACK})
"""Rights that nobody has where the folder is served for reading only."""

ROLES: Mapping[str, frozenset[Right]] = MappingProxyType(
    {
        "reader": frozenset({Right.READ}),
        "decider": frozenset({Right.READ, Right.PERSONAL, Right.DECIDE}),
        "approver": frozenset({Right.READ, Right.SIGN}),
        "operator": frozenset({Right.READ, Right.RUN, Right.ROLLBACK}),
        "auditor": frozenset({Right.READ, Right.TRAIL}),
        "administrator": frozenset({Right.READ, Right.ACCOUNTS}),
    }
)
"""Every role reads; what a role may do besides, no other role's right brings along."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks: the name of the account, its roles, and the rights that follow. Nobody has no name."""

    name: str
    roles: frozenset[str] = frozenset()
    rights: frozenset[Right] = frozenset()

    def may(self, right: Right | str) -> bool:
        return right in self.rights


NOBODY = SignedIn("")


def signed_in(name: str, roles: Iterable[str], read_only: bool = False) -> SignedIn:
    """A person with the rights of these roles; a role that there is not brings none."""
    held = frozenset(roles) & ROLES.keys()
    rights = frozenset(right for role in held for right in ROLES[role])
    return SignedIn(name, held, rights - CHANGING if read_only else rights)
