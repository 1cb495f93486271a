"""What a list of services holds, and what comes of setting several beside one another."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import rfc8785

from merger.codes import service as codes
from merger.codes.names import Candidate
from merger.errors import Place
from merger.lineage import Outcome
from merger.mapping.models import Follows, Level, ServicesFile


@dataclass(frozen=True, slots=True)
class Entry:
    """One service of a list, as the list writes it, spaces apart. `place` is where it stands."""

    code: str
    name: str
    field: str = ""
    levels: tuple[Level, ...] = ()
    levels_after: tuple[Level, ...] = ()
    follows: Follows | None = None
    source: str = ""
    withdrawn: bool = False
    place: Place = dataclasses.field(default=Place(), compare=False)

    @property
    def key(self) -> tuple[str, ...]:
        """What two spellings of the code have in common."""
        return codes.key(self.code)

    @property
    def root(self) -> str:
        """The national root; empty for a procedure of the province's own."""
        return codes.root(self.code) or ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The services of one province (its code), in the order of their codes, each code once.

    `given`: the definitions that the list was read from, if it was a file of them.
    """

    province: str
    file: str
    entries: tuple[Entry, ...]
    given: ServicesFile | None = None


class Kind(StrEnum):
    """What differs between an old list and the list that goes on, or is open."""

    OWN = "own"  # a procedure of the province's own, without a national root
    MISSING = "missing"  # the list that goes on lacks the national root
    SEVERAL = "several"  # it has the root under several suffixes
    NAME = "name"
    FIELD = "field"
    LEVELS = "levels"
    VARIANT = "variant"  # the old list has the root under a suffix of an agency, or under several
    WITHDRAWN = "withdrawn"  # withdrawn in the old list

    @property
    def asks(self) -> bool:
        """Whether nothing but a person can say what becomes of the code."""
        return self in (Kind.OWN, Kind.MISSING, Kind.SEVERAL)


@dataclass(frozen=True, slots=True)
class Difference:
    """One code of an old list and in what it differs. `ours`: the service of the list that goes on."""

    kind: Kind
    province: str
    entry: Entry
    ours: Entry | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Differences that one answer settles, in the order of provinces and codes.

    `theirs` and `mine` are what the old lists and the list that goes on say. `offered` are services of the
    latter that may be meant, likest first: for a person, never decided.
    """

    kind: Kind
    theirs: str
    mine: str
    differences: tuple[Difference, ...]
    offered: tuple[Candidate, ...] = ()

    @property
    def id(self) -> str:
        """A name that stands for exactly these codes and what is said of them."""
        about = [
            [one.province, one.entry.code, one.ours.code if one.ours else ""] for one in self.differences
        ]
        whole = rfc8785.dumps([self.kind.value, self.theirs, self.mine, about])
        return f"{self.kind.value}-{sha256(whole).hexdigest()[:10]}"

    @property
    def found_in(self) -> tuple[str, ...]:
        """The provinces whose lists have it."""
        return tuple(sorted({one.province for one in self.differences}))


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one code of an old list. `into` are codes of the list that goes on; `reason` is a
    stable word (texts under `catalogues.reason`); `decided` names the decision that settled it."""

    province: str
    entry: Entry
    outcome: Outcome
    reason: str
    into: tuple[str, ...] = ()
    decided: str = ""


LEVELS = tuple(Level)


def ordered(levels: tuple[Level, ...] | set[Level]) -> tuple[Level, ...]:
    """Levels from the highest down, each once."""
    return tuple(level for level in LEVELS if level in levels)


def counted(fates: tuple[Fate, ...]) -> Mapping[str, int]:
    """How many codes there are of each outcome, those without any included."""
    shown = (Outcome.UNCHANGED, Outcome.UNIQUE, Outcome.SPLIT, Outcome.ENDED, Outcome.UNKNOWN)
    return {one.value: sum(fate.outcome is one for fate in fates) for one in shown}
