"""What must hold for the graph of every history, whatever truly happened."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from random import Random
from typing import Any

from merger.lineage import Lineage, Request, Resolution, build, crosswalk
from merger.mapping.models import Mapping, UnitKind
from merger.testing.histories import DAYS, Steps, chained, spread
from merger.testing.laws.mappings import FOLLOWS, days_of, hold


def one_step_lies_within_two(mapping: Mapping) -> None:
    """Composition: what is found from a to c lies within what is found from a to b and from there to c. By
    land or by people alone it is the same where nothing was given back; what both steps decide, one does.
    """
    lineage = build(mapping)
    days = days_of(lineage)
    for request in _questions(lineage):
        whole = lineage.resolve(request)
        first_day, last_day = sorted((request.at, request.to))
        for middle in (day for day in days if first_day < day < last_day):
            first = lineage.resolve(_ask(request, request.code, request.at, middle))
            thens = [lineage.resolve(_ask(request, one.code, middle, request.to)) for one in first.successors]
            found, ends = _codes(whole), {code for then in thens for code in _codes(then)}
            words = f"{_said(request)}: {sorted(found)}, by way of {middle} {sorted(ends)}"
            hold(found <= ends, words)
            hold(request.follow is None or bool(lineage.releases.given) or found == ends, words)
            if first.outcome.decided and thens[0].outcome.decided:
                hold(whole.outcome.decided and found == ends, words)


def order_does_not_matter(mapping: Mapping, chance: Random) -> None:
    """Files, entries and changes in any order give the same answers, findings and crosswalk."""

    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    files = [
        file.model_copy(update={"communes": shuffled(file.communes), "changes": shuffled(file.changes)})
        for file in mapping.units
    ]
    one, other = build(mapping), build(mapping.model_copy(update={"units": shuffled(tuple(files))}))
    hold([str(found) for found in one.findings] == [str(found) for found in other.findings], "findings")
    for request in _questions(one):
        hold(one.resolve(request) == other.resolve(request), _said(request))
    days = days_of(one)
    if days:
        hold([*crosswalk(one, days[0], days[-1])] == [*crosswalk(other, days[0], days[-1])], "crosswalk")


def steps_answer_as_days(steps: Steps) -> None:
    """The steps of a day are answered as if each of them had a day of its own."""
    together, apart = build(chained(steps)), build(spread(steps))
    hold(together.findings == apart.findings == (), f"findings: {together.findings}")
    codes = sorted({one.code for day in DAYS for one in together.roster(UnitKind.COMMUNE, day)})
    for code, at, to, follow in product(codes, DAYS, DAYS, FOLLOWS):
        request = Request(code, UnitKind.COMMUNE, at, to, follow)
        one, other = together.resolve(request), apart.resolve(request)
        same = (one.outcome, one.reason, one.successors, one.decided_by) == (
            other.outcome,
            other.reason,
            other.successors,
            other.decided_by,
        )
        hold(
            same, f"{_said(request)}: {one.outcome} ({one.reason}), as days {other.outcome} ({other.reason})"
        )
        why, why_too = ({each.change for each in found.evidence} for found in (one, other))
        hold(why == why_too, f"{_said(request)}: evidence")


def _questions(lineage: Lineage) -> Iterator[Request]:
    days = days_of(lineage)
    for at in days:
        for version in lineage.roster(UnitKind.COMMUNE, at):
            for to, follow in product(days, FOLLOWS):
                yield Request(version.code, UnitKind.COMMUNE, at, to, follow)


def _ask(request: Request, code: str, at: date, to: date) -> Request:
    return Request(code, request.kind, at, to, request.follow)


def _codes(found: Resolution) -> set[str]:
    return {one.code for one in found.successors}


def _said(request: Request) -> str:
    by = request.follow.value if request.follow else "land and people"
    return f"{request.code} of {request.at} on {request.to}, by {by}"
