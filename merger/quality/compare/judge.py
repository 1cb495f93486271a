"""Two sources side by side, unit by unit."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from merger.codes import same_name
from merger.errors import Place
from merger.mapping.models import Land, People
from merger.quality.compare.model import (
    Comparison,
    Counts,
    NamesDiffer,
    Pair,
    Source,
    UnitVerdict,
    Verdict,
)

SHARES_ALIKE = 0.01
"""Two shares further apart than this contradict each other; nearer ones are rounding."""

FAR_MORE = 2
"""A side with more than so many times the old units of the other covers far more than it."""

Targets = dict[str, Pair]


def compare(a: Source, b: Source) -> Comparison:
    """What two sources say of each old unit, and where they agree, differ and contradict each other.

    They contradict each other where they name other successors, or state another extent of the land,
    other people or another share of the same pair; what one of them leaves open contradicts nothing.
    Where one of them covers far more, only that is compared of which the other speaks.
    """
    everything = _by_unit(a), _by_unit(b)
    a, b = _within(a, b), _within(b, a)
    ours, theirs = _by_unit(a), _by_unit(b)
    units = tuple(
        _verdict(code, ours.get(code), theirs.get(code)) for code in sorted(ours.keys() | theirs.keys())
    )
    outside_b, outside_a = len(everything[0]) - len(ours), len(everything[1]) - len(theirs)
    names = tuple(_names(a, b))
    return Comparison(a.name, b.name, _counts(ours, theirs), units, names, outside_a, outside_b)


def _within(source: Source, other: Source) -> Source:
    """What a source says of the old units of which the other one speaks; all of it, unless it covers far
    more old units than the other, and that one lists the districts it is about (a table that is merely cut
    off does not).

    The other one speaks of the units that it names, of those that go into one of its new units, and of
    those that the source lists in one district with a unit that it names.
    """
    named, own = {old for old, _ in other.pairs}, {old for old, _ in source.pairs}
    if not named or not other.districts or len(own) <= FAR_MORE * len(named):
        return source
    formed = {new for _, new in other.pairs if new}
    districts = {source.districts[old] for old in named if old in source.districts}
    spoken = named | {old for old, new in source.pairs if new in formed}
    spoken |= {old for old, district in source.districts.items() if district in districts}
    return replace(source, pairs={key: pair for key, pair in source.pairs.items() if key[0] in spoken})


def _by_unit(source: Source) -> dict[str, Targets]:
    found: dict[str, Targets] = defaultdict(dict)
    for (old, new), pair in sorted(source.pairs.items()):
        found[old][new] = pair
    return dict(found)


def _verdict(code: str, a: Targets | None, b: Targets | None) -> UnitVerdict:
    name = next((pair.old_name for side in (a, b) if side for pair in side.values() if pair.old_name), "")
    if a is None or b is None:
        verdict = Verdict.ONLY_A if b is None else Verdict.ONLY_B
        return UnitVerdict(code, name, verdict, (), _pairs(a), _pairs(b))
    wrong, less = _aspects(a, b)
    verdict = Verdict.CONTRADICT if wrong else Verdict.DIFFER if less else Verdict.AGREE
    return UnitVerdict(code, name, verdict, tuple(wrong or less), _pairs(a), _pairs(b))


def _pairs(targets: Targets | None) -> tuple[Pair, ...]:
    return tuple((targets or {}).values())


def _aspects(a: Targets, b: Targets) -> tuple[list[str], list[str]]:
    """On what two sides contradict each other, and of what one says less."""
    wrong: dict[str, None] = {} if a.keys() == b.keys() else {"successors": None}
    less: dict[str, None] = {}
    for new in sorted(a.keys() & b.keys()):
        ours, theirs = a[new], b[new]
        land, people = {ours.land, theirs.land}, {ours.people, theirs.people}
        if len(land) == 2:
            (less if Land.UNSPECIFIED in land else wrong)["land"] = None
        if len(people) == 2:
            (less if People.UNSPECIFIED in people else wrong)["people"] = None
        share, other = _share(ours), _share(theirs)
        if share is not None and other is not None:
            if abs(share - other) > SHARES_ALIKE:
                wrong["share"] = None
        elif (share is None) != (other is None) and not (_entire(ours) or _entire(theirs)):
            less["share"] = None
    return list(wrong), list(less)


def _entire(pair: Pair) -> bool:
    return pair.land is Land.WHOLE


def _share(pair: Pair) -> float | None:
    return 1.0 if pair.share is None and _entire(pair) else pair.share


def _counts(a: dict[str, Targets], b: dict[str, Targets]) -> Counts:
    ours, theirs = _flat(a), _flat(b)
    common = [(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()]
    land = [(one.land, other.land) for one, other in common]
    people = [(one.people, other.people) for one, other in common]
    lands = [pair for pair in land if Land.UNSPECIFIED not in pair]
    peoples = [pair for pair in people if People.UNSPECIFIED not in pair]
    both = a.keys() & b.keys()
    return Counts(
        pairs_a=len(ours),
        pairs_b=len(theirs),
        pairs_both=len(common),
        units_a=len(a),
        units_b=len(b),
        units_both=len(both),
        identical=sum(a[code].keys() == b[code].keys() for code in both),
        land_both=len(lands),
        land_same=sum(one == other for one, other in lands),
        people_both=len(peoples),
        people_same=sum(one == other for one, other in peoples),
    )


def _flat(units: dict[str, Targets]) -> dict[tuple[str, str], Pair]:
    """The pairs proper: an old unit without successor is none."""
    return {(old, new): pair for old, own in units.items() for new, pair in own.items() if new}


def _names(a: Source, b: Source) -> Iterable[NamesDiffer]:
    ours, theirs = _named(a), _named(b)
    for key in sorted(ours.keys() & theirs.keys()):
        (name, place), (other, other_place) = ours[key], theirs[key]
        if not same_name(name, other):
            after, code = key
            yield NamesDiffer(code, after, name, other, place, other_place)


def _named(source: Source) -> dict[tuple[bool, str], tuple[str, Place]]:
    found: dict[tuple[bool, str], tuple[str, Place]] = {}
    for _, pair in sorted(source.pairs.items()):
        for after, code, name in ((False, pair.old, pair.old_name), (True, pair.new, pair.new_name)):
            if name:
                found.setdefault((after, code), (name, pair.place))
    return found
