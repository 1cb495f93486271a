"""What two sources of one reorganisation say, and how they stand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from merger.errors import Place
from merger.lineage import Successor
from merger.mapping.models import Land, People
from merger.quality.diff import successors_in_words


@dataclass(frozen=True, slots=True)
class Pair:
    """One old unit and one unit that took in some of it; `new` is empty where there is none.

    `evidence` is what the source rests on (act and clause, its own sources), `place` where it says so.
    """

    old: str
    new: str
    old_name: str = ""
    new_name: str = ""
    land: Land = Land.UNSPECIFIED
    people: People = People.UNSPECIFIED
    share: float | None = None
    evidence: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Source:
    """One side: its name, its pairs, by old and new code, and the district of each old unit that it lists
    under one."""

    name: str
    pairs: Mapping[tuple[str, str], Pair] = field(default_factory=dict)
    districts: Mapping[str, str] = field(default_factory=dict)


class Verdict(StrEnum):
    """How the two sides stand to each other on one old unit.

    `agree`: the same successors and extents. `differ`: the same successors, and one side says less of how
    much goes there. `contradict`: both cannot be true. `only-a`, `only-b`: one side does not name the unit.
    """

    CONTRADICT = "contradict"
    DIFFER = "differ"
    AGREE = "agree"
    ONLY_A = "only-a"
    ONLY_B = "only-b"


@dataclass(frozen=True, slots=True)
class UnitVerdict:
    """The verdict on one old unit, and on what it rests: `successors`, `land`, `people`, `share`."""

    code: str
    name: str
    verdict: Verdict
    aspects: tuple[str, ...] = ()
    a: tuple[Pair, ...] = ()
    b: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class NamesDiffer:
    """A unit that the two sides call by names that differ beyond their spelling."""

    code: str
    after: bool
    a: str
    b: str
    a_place: Place
    b_place: Place


@dataclass(frozen=True, slots=True)
class Counts:
    """The comparison in figures. `units_both`: old units that both sides name; `identical`: of these, with
    the same successors. `land_both` are the common pairs of which both sides state the land, `land_same`
    those where they state the same; likewise for people."""

    pairs_a: int
    pairs_b: int
    pairs_both: int
    units_a: int
    units_b: int
    units_both: int
    identical: int
    land_both: int
    land_same: int
    people_both: int
    people_same: int

    @property
    def only_a(self) -> int:
        return self.pairs_a - self.pairs_both

    @property
    def only_b(self) -> int:
        return self.pairs_b - self.pairs_both

    @property
    def jaccard(self) -> float:
        """Common pairs by all pairs; 1 for two empty sources."""
        union = self.pairs_a + self.pairs_b - self.pairs_both
        return self.pairs_both / union if union else 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sources side by side: the counts, each old unit's verdict by code, and names that differ.

    `outside_a`: old units of B of which A, being far smaller, does not speak; they are not compared and are
    in nothing else here. Likewise `outside_b`.
    """

    a: str
    b: str
    counts: Counts
    units: tuple[UnitVerdict, ...]
    names: tuple[NamesDiffer, ...]
    outside_a: int = 0
    outside_b: int = 0

    @property
    def alike(self) -> bool:
        """Whether both sides agree on every old unit and every name."""
        return not self.names and all(unit.verdict is Verdict.AGREE for unit in self.units)

    def of(self, verdict: Verdict) -> tuple[UnitVerdict, ...]:
        """The old units with this verdict, by code."""
        return tuple(unit for unit in self.units if unit.verdict is verdict)


def pair_in_words(pair: Pair) -> str:
    """The new unit and how much of the old one went there."""
    if not pair.new:
        return successors_in_words(())
    return successors_in_words((Successor(pair.new, pair.new_name, pair.land, pair.people, pair.share),))
