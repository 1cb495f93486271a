"""What the lineage is made of, what it is asked, and what it answers."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from merger.mapping.models import Follows, Land, Level, People, UnitKind


class Outcome(StrEnum):
    """What is known of a code's successor on the day asked for."""

    UNCHANGED = "unchanged"
    UNIQUE = "unique"
    SPLIT = "split"
    ENDED = "ended"
    UNKNOWN = "unknown"
    NOT_VALID = "not-valid"

    @property
    def decided(self) -> bool:
        """Whether there is exactly one successor."""
        return self in (Outcome.UNCHANGED, Outcome.UNIQUE)


class By(StrEnum):
    """What may choose between several successors, besides what a service follows (`Follows`) and the rules of
    competence, which have names of their own."""

    DECISION = "decision"
    LOCALITY = "locality"
    POINT = "point"
    PLACE = "place"
    RELEASE = "release"


Moment = tuple[date, int]
"""A day, and a step within it: 0 is the last one (mostly the only one), -1 the one before it, and so on.

What a moment names is the state of things after its step; `(day, 0)` is how they are on the day.
"""

BEGINNING: Moment = (date.min, 0)
END: Moment = (date.max, 0)
"""Before the record, and never."""

Id = tuple[str, str, date, int]
"""What no two unit versions share: kind, code, first day and the step of that day."""


@dataclass(frozen=True, slots=True, order=True)
class UnitVersion:
    """One unit over one span of time: from `valid_from` up to, not including, `valid_to`.

    `date.min` and `date.max` stand for 'before the record' and 'still in force'. `step` and `until` are the
    steps of those days on which it begins and ends; a version that exists only between two steps of one
    day is in force on no day.
    """

    kind: UnitKind
    code: str
    valid_from: date
    valid_to: date
    name: str
    parent: str = ""
    step: int = 0
    until: int = 0
    id: Id = field(init=False, repr=False, compare=False)
    begins: Moment = field(init=False, repr=False, compare=False)
    ends: Moment = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # asked for at every step of every walk: kept, a question takes a fifth less time
        object.__setattr__(self, "id", (self.kind.value, self.code, self.valid_from, self.step))
        object.__setattr__(self, "begins", (self.valid_from, self.step))
        object.__setattr__(self, "ends", (self.valid_to, self.until))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: the day, what changed, in words, and the source (act and clause, a person's decision)."""

    date: date | None
    change: str
    source: str


@dataclass(frozen=True, slots=True)
class Successor:
    """A unit (or agency) on the day asked for, and how much of the one asked about it took in."""

    code: str
    name: str
    extent: Land = Land.WHOLE
    population: People = People.ALL
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A question: what became of `code`, as it was on `at`, by the day `to`?

    `locality` is an address or part of one, `point` latitude and longitude. `located` is what
    `Areas.located` said of a point, where the point itself must not be told, or UNREADABLE.
    """

    code: str
    kind: UnitKind
    at: date
    to: date
    follow: Follows | None = None
    locality: str | None = None
    point: tuple[float, float] | None = None
    located: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyRequest:
    """Who goes on with the work of agency `code` (either written form), known on `at`, on `to`?

    With `to` before `at`: who did that work then? `place` is the commune (its code on `to`) where the
    matter lies; `service` the service's code in any spelling; `works` what kind of work it is: `dossiers`
    or `documents`.
    """

    code: str
    at: date
    to: date
    place: str | None = None
    service: str | None = None
    works: str = "dossiers"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer. `reason` is a stable word (a key under `lineage.reason`), never a guess.

    `decided_by` names what chose between several successors: a word of `By` or `Follows`, or the name of a
    competence rule; empty where there was nothing to choose.
    `against` names what was given too and says otherwise, but is weaker than what decided.
    """

    outcome: Outcome
    reason: str
    successors: tuple[Successor, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    decided_by: str = ""
    against: tuple[str, ...] = ()

    @property
    def successor(self) -> Successor:
        """The one successor. Only where `outcome.decided`."""
        assert self.outcome.decided
        return self.successors[0]


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What the definitions say of a service: its national root, name, field, what it follows, and the
    levels of government that do it before and after. No levels: nothing is said, or different things."""

    root: str
    name: str = ""
    field: str = ""
    follows: Follows | None = None
    known: bool = False
    levels: tuple[Level, ...] = ()
    levels_after: tuple[Level, ...] = ()
