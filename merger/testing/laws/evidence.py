"""What must hold where evidence decides divided units."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import UnitKind
from merger.testing.evidence import Known
from merger.testing.histories import CODES, DAYS
from merger.testing.laws.mappings import FOLLOWS, hold


def evidence_chooses_among_what_is_possible(known: Known) -> None:
    """Where the definitions decide, evidence changes nothing; where they do not, it chooses at most one of
    those that are possible without it, and the answer says which evidence did."""
    bare = known.mapping.model_copy(update={"localities": (), "polygons": (), "decisions": ()})
    plain, lineage = build(bare), build(known.mapping)
    for base in _questions():
        request = replace(base, locality=known.address or None, point=known.point)
        before, after = plain.resolve(base), lineage.resolve(request)
        words = f"{_words(request)}: {_said(before)}, then {_said(after)}"
        if before.outcome is not Outcome.SPLIT:
            hold(_said(after) == _said(before), words)
        elif after.outcome.decided:
            possible = {one.code for one in before.successors}
            hold([one.code in possible for one in after.successors] == [True], words)
            hold(after.decided_by in ("decision", "locality", "point"), words)
            hold(after.reason in (f"by-{after.decided_by}", "same-unit"), words)
        else:
            hold(after.successors == before.successors, words)


def weaker_evidence_changes_nothing(known: Known) -> None:
    """What a decision decides, an address does not change; what both decide, a point does not."""
    lineage = build(known.mapping)
    for base in _questions():
        placed = replace(base, locality=known.address or None)
        for less, more in ((base, placed), (placed, replace(placed, point=known.point))):
            first, then = lineage.resolve(less), lineage.resolve(more)
            if first.outcome.decided:
                words = f"{_words(more)}: {_said(first)}, then {_said(then)}"
                hold(_said(then) == _said(first) and set(first.evidence) <= set(then.evidence), words)


def order_of_evidence_does_not_matter(known: Known, chance: Random) -> None:
    """The order of files, and of the questions asked before, changes no answer."""
    kinds = ("units", "localities", "polygons", "decisions")
    files = {kind: getattr(known.mapping, kind) for kind in kinds}
    mixed = {kind: tuple(chance.sample(given, len(given))) for kind, given in files.items()}
    lineage, other = build(known.mapping), build(known.mapping.model_copy(update=mixed))
    asked = [replace(one, locality=known.address or None, point=known.point) for one in _questions()]
    for request in chance.sample(asked, len(asked)):
        other.resolve(request)
    for request in asked:
        hold(other.resolve(request) == lineage.resolve(request), _words(request))


def a_located_point_decides_as_the_point(known: Known) -> None:
    """Where a point was found to lie, which may be written down, decides as the point, which may not."""
    lineage = build(known.mapping)
    for base in _questions():
        located = lineage.areas.located(base.kind, base.code, known.point)
        there, point = replace(base, located=located or None), replace(base, point=known.point)
        hold(lineage.resolve(there) == lineage.resolve(point), f"{_words(base)}: {located}")


def answers_of(lineage: Lineage, known: Known) -> list[Resolution]:
    """The answers of a lineage to every question, with the address and the point."""
    return [
        lineage.resolve(replace(one, locality=known.address or None, point=known.point))
        for one in _questions()
    ]


def _questions() -> Iterator[Request]:
    for code, at, to, follow in product(CODES, DAYS[:-1], DAYS, FOLLOWS):
        yield Request(code, UnitKind.COMMUNE, at, to, follow)


def _said(answer: Resolution) -> tuple[object, ...]:
    return answer.outcome, answer.reason, answer.successors, answer.decided_by


def _words(request: Request) -> str:
    return f"{request.code} of {request.at} on {request.to}, by {request.follow}"
