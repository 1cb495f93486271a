"""One edge for each pair of units and moment, from all that was told, with what contradicts marked.

Two files that say the same agree; one that leaves a thing unspecified does not contradict one that
states it. Everything else that cannot be true together is kept, marked, and becomes a finding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from merger.lineage.facts import FULL, OPEN, PART, Edge, Step, Value
from merger.lineage.model import Evidence
from merger.mapping.models import Follows, Land, People, UnitKind

ROUNDING = 0.005
"""By so much shares may add up to more than 1 and be taken for rounded; they then count in proportion."""

Report = Callable[..., None]
Reasons = tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """A step of one kind: edges by predecessor and by successor, and units that stay as they are."""

    out: dict[str, tuple[Edge, ...]]
    into: dict[str, tuple[Edge, ...]]
    stays: dict[str, tuple[Evidence, ...]]
    created: dict[str, tuple[Evidence, ...]]
    ended: dict[str, tuple[Evidence, ...]]
    lost: dict[str, tuple[Evidence, ...]]
    found: dict[str, tuple[Evidence, ...]]

    @classmethod
    def of(
        cls,
        edges: Iterable[Edge],
        stays: dict[str, Reasons],
        created: dict[str, Reasons],
        ended: dict[str, Reasons],
        lost: dict[str, Reasons],
        found: dict[str, Reasons],
    ) -> "Settled":
        """A step with these edges, which are ordered by predecessor and successor."""
        done = list(edges)
        out, into = _group(done, lambda edge: edge.old), _group(done, lambda edge: edge.new)
        return cls(out, into, stays, created, ended, lost, found)

    def leaves(self, code: str) -> bool:
        """Whether the unit of before ends now."""
        return code in self.out or code in self.ended or code in self.lost

    def comes(self, code: str) -> bool:
        """Whether a unit begins now."""
        return code in self.into or code in self.created or code in self.found

    @property
    def codes(self) -> set[str]:
        return {*self.out, *self.into, *self.stays, *self.created, *self.ended, *self.lost, *self.found}


def settle(kind: UnitKind, when: date, step: Step, report: Report) -> Settled:
    """Joins what was told of one step of the day `when`. `report(code, **fields)` takes what does not fit."""
    edges = [_join(kind, when, told, report) for _, told in sorted(step.told.items())]
    edges = [edge for edge in edges if _moves_something(kind, when, edge, report)]
    edges = _contradictions(kind, when, edges, step, report)
    out, into = _group(edges, lambda edge: edge.old), _group(edges, lambda edge: edge.new)
    stays = {
        code: own[0].evidence
        for code, own in out.items()
        if len(own) == 1 and own[0].new == code and own[0].entire and len(into[code]) == 1
        if code not in step.ended and code not in step.lost and code not in step.created
        if code not in step.found
    }
    for code in stays:
        del out[code], into[code]
    touched = {*out, *into, *stays, *step.created, *step.ended, *step.lost, *step.found}
    lost = {code: _sorted(why) for code, why in step.lost.items() if code not in step.ended}
    for code in sorted(step.listed - touched):
        report("left-out", kind=kind, unit=code, day=when)
        lost[code] = ()
    return Settled(
        out=out,
        into=into,
        stays=stays,
        created={code: _sorted(why) for code, why in step.created.items()},
        ended={code: _sorted(why) for code, why in step.ended.items() if code not in out},
        lost=lost,
        found={code: _sorted(why) for code, why in step.found.items()},
    )


def _join(kind: UnitKind, when: date, told: list[Edge], report: Report) -> Edge:
    first = told[0]
    if len(told) == 1:
        return first
    land, land_clash = _one(Follows.LAND, told)
    people, people_clash = _one(Follows.PEOPLE, told)
    clashes = {d for d, clash in ((Follows.LAND, land_clash), (Follows.PEOPLE, people_clash)) if clash}
    for dimension in sorted(clashes):
        report(f"{dimension}-told-differently", kind=kind, unit=first.old, into=first.new, day=when)
    shares = {edge.share for edge in told if edge.share is not None}
    evidence = _sorted({why for edge in told for why in edge.evidence})
    return Edge(
        first.old,
        first.new,
        Land(land),
        People(people),
        shares.pop() if len(shares) == 1 else None,
        evidence,
        frozenset(clashes),
    )


def _one(dimension: Follows, told: list[Edge]) -> tuple[Value, bool]:
    """The one value stated, or unspecified and whether that is because several were."""
    stated = {edge.value(dimension) for edge in told} - {OPEN[dimension]}
    return (stated.pop(), False) if len(stated) == 1 else (OPEN[dimension], bool(stated))


def _moves_something(kind: UnitKind, when: date, edge: Edge, report: Report) -> bool:
    if edge.land is Land.NONE and edge.people is People.NONE:
        report("moves-nothing", kind=kind, unit=edge.old, into=edge.new, day=when)
        return False
    return True


def _contradictions(kind: UnitKind, when: date, edges: list[Edge], step: Step, report: Report) -> list[Edge]:
    """Marks what gives away more than there is, and drops shares that add up to more than one."""
    done: list[Edge] = []
    for code, own in sorted(_group(edges, lambda edge: edge.old).items()):
        wrong = {dimension for dimension in Follows if _too_much(dimension, own)}
        for dimension in sorted(wrong):
            report(f"{dimension}-given-twice", kind=kind, unit=code, day=when)
        if code in step.ended and kind is not UnitKind.DISTRICT:
            report("ended-and-succeeded", kind=kind, unit=code, day=when)
            wrong |= set(Follows)
        total = sum(1.0 if edge.entire else edge.share or 0.0 for edge in own)
        known = total <= 1 + ROUNDING
        if not known and not wrong:
            report("shares-above-one", kind=kind, unit=code, day=when, total=f"{total:g}")
        for edge in own:
            share = (1.0 if edge.entire else edge.share) if known else None
            if share is not None and total > 1:
                share /= total
            if wrong or share != edge.share:
                edge = replace(edge, share=share, contradicted=edge.contradicted | wrong)
            done.append(edge)
    return done


def _too_much(dimension: Follows, own: tuple[Edge, ...]) -> bool:
    if len(own) == 1:
        return False
    values = [edge.value(dimension) for edge in own]
    full = values.count(FULL[dimension])
    return full > 1 or (full == 1 and PART[dimension] in values)


def _group(edges: list[Edge], key: Callable[[Edge], str]) -> dict[str, tuple[Edge, ...]]:
    groups: dict[str, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(key(edge), []).append(edge)
    return {code: tuple(group) for code, group in groups.items()}


def _sorted(evidence: set[Evidence]) -> tuple[Evidence, ...]:
    if len(evidence) == 1:
        return tuple(evidence)
    return tuple(sorted(evidence, key=lambda why: (why.date or date.min, why.change, why.source)))
