"""Which records follow where: what the definitions mean for a unit's records, in an administrator's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from merger.lineage import By, Outcome, Request, Resolution, Successor, UnitVersion
from merger.mapping.models import Follows
from merger.review.mapping.book import Book


class Which(StrEnum):
    """Which records of a unit."""

    ALL = "all"
    DECISION = "decision"
    LAND = "land"
    PEOPLE = "people"
    LOCALITY = "locality"
    POINT = "point"
    OTHERS = "others"
    STAYS = "stays"
    NEVER = "never"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Follow:
    """Some records of a unit and the units that they follow into; several of OTHERS wait for a person.

    `fields` are those of services that go by land or by people, `names` the localities; `reason` is a word
    of the lineage, for OTHERS.
    """

    which: Which
    into: tuple[Successor, ...] = ()
    fields: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    reason: str = ""


def following(book: Book, version: UnitVersion) -> tuple[Follow, ...]:
    """Where the records of a unit are on the last day that the mapping knows, the surest first."""
    if version.valid_to == date.max:
        return (Follow(Which.STAYS),)
    if version.valid_from == version.valid_to:
        return (Follow(Which.NEVER),)
    asked = _ask(book, version, None)
    if asked.outcome.decided:
        which = Which.DECISION if asked.decided_by == By.DECISION else Which.ALL
        return (Follow(which, asked.successors),)
    if asked.outcome is Outcome.ENDED:
        return (Follow(Which.ENDED, reason=asked.reason),)
    if not asked.successors:
        return (Follow(Which.UNKNOWN, reason=asked.reason),)
    found = [*_by_dimension(book, version), *_by_locality(book, version), *_by_point(book, version)]
    return (*found, Follow(Which.OTHERS, asked.successors, reason=asked.reason))


def _ask(book: Book, version: UnitVersion, follow: Follows | None, locality: str | None = None) -> Resolution:
    eve = version.valid_to - timedelta(days=1)
    to = max(book.last_day, version.valid_to)
    return book.lineage.resolve(Request(version.code, version.kind, eve, to, follow, locality))


def _by_dimension(book: Book, version: UnitVersion) -> Iterator[Follow]:
    for follow, which in ((Follows.PEOPLE, Which.PEOPLE), (Follows.LAND, Which.LAND)):
        asked = _ask(book, version, follow)
        if asked.outcome.decided:
            yield Follow(which, asked.successors, fields=_fields(book, follow))


def _fields(book: Book, follow: Follows) -> tuple[str, ...]:
    named = {
        one.field for file in book.loaded.mapping.services for one in file.fields if one.follows is follow
    }
    return tuple(sorted(named))


def _by_locality(book: Book, version: UnitVersion) -> Iterator[Follow]:
    """Lists of the unit's own division, each name followed as an address that bears it would be."""
    by_goal: dict[str, tuple[Successor, list[str]]] = {}
    for listed in book.statements.localities.get((version.code, version.valid_to), ()):
        for name in listed.names:
            asked = _ask(book, version, None, name)
            if asked.outcome.decided:
                goal = asked.successor
                by_goal.setdefault(goal.code, (goal, []))[1].append(name)
    for goal, names in by_goal.values():
        yield Follow(Which.LOCALITY, (goal,), names=tuple(names))


def _by_point(book: Book, version: UnitVersion) -> Iterator[Follow]:
    drawn = {shape.unit.code for shapes in book.loaded.mapping.shapes.values() for shape in shapes}
    edges = book.lineage.passage(version, forward=True).edges
    others = [book.lineage.neighbour(version, edge, forward=True) for edge in edges if edge.new in drawn]
    if others:
        yield Follow(Which.POINT, tuple(Successor(one.code, one.name) for one in others))
