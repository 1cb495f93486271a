"""How much of a version has reached others, land and people apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from merger.lineage.clues import Division
from merger.lineage.model import Evidence, Id, UnitVersion
from merger.mapping.models import Follows

BOTH = (Follows.LAND, Follows.PEOPLE)
NONE: frozenset[Id] = frozenset()


class Marks(NamedTuple):
    """How what has reached a version relates to the released units that the version holds.

    It lies within those in `own` (the innermost first), may hold parts of those in `mixed`, and has
    nothing of any other.
    """

    own: tuple[Id, ...] = ()
    mixed: frozenset[Id] = NONE


UNMARKED = Marks()


class Level(IntEnum):
    """How much of the first version has reached another one, in one dimension."""

    NONE = 0
    MAYBE = 1
    SOME = 2
    ALL = 3


@dataclass(slots=True)
class Flow:
    """What has reached a version: how much of each dimension, which share of the whole, on which way."""

    version: UnitVersion
    levels: dict[Follows, Level]
    share: float | None
    marks: Marks
    trail: set[Evidence] = field(default_factory=set)
    joined: bool = False

    def join(self, other: Flow) -> None:
        """Adds what reached the same version on another way."""
        self.joined = True
        self.levels = {dimension: max(self.levels[dimension], other.levels[dimension]) for dimension in BOTH}
        self.share = None if self.share is None or other.share is None else self.share + other.share
        self.trail |= other.trail


@dataclass(slots=True)
class Walk:
    """Where a version's land and people are on the day asked for, and what keeps that from being known.

    `divisions`: where the definitions leave a choice, in the order in which they were passed.
    """

    flows: list[Flow]
    flaws: dict[Follows, set[str]]
    passed: set[Evidence]
    divisions: list[Division]
    by_release: bool

    def candidates(self, dimensions: Sequence[Follows]) -> list[Flow]:
        """The versions that some of the land or people has reached, or may have."""
        if dimensions == BOTH:
            return [one for one in self.flows if one.levels[Follows.LAND] or one.levels[Follows.PEOPLE]]
        return [one for one in self.flows if any(one.levels[dimension] for dimension in dimensions)]

    def only(self, dimension: Follows) -> Flow | None:
        """The one version where all of a dimension is, if that is known."""
        if self.flaws[dimension]:
            return None
        only: Flow | None = None
        for flow in self.flows:
            if flow.levels[dimension]:
                if only is not None:
                    return None
                only = flow
        return only
