"""Totality: whatever can be asked of a mapping has an answer, and the answer is in force."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from merger.lineage import Agencies, AgencyRequest, Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import Follows, Mapping, UnitKind

FOLLOWS = (None, Follows.LAND, Follows.PEOPLE)
WITHOUT_CODE = (Outcome.UNKNOWN, Outcome.NOT_VALID)


def every_unit_is_answered_for(mapping: Mapping) -> None:
    """Every version of every unit, on every day of change and the day before, resolves to an outcome whose
    successors are in force on the day asked for; only codes that are not in force are said not to be."""
    lineage = build(mapping)
    days = days_of(lineage)
    for kind, code in sorted(_units(lineage, days)):
        for at, to, follow in product(days, days, FOLLOWS):
            request = Request(code, kind, at, to, follow)
            words = f"{kind} {code} of {at} on {to}, by {follow}"
            unit_is_answered_for(lineage, request, words)
            successors_are_in_force(lineage, request, words)
            shares = [one.share for one in lineage.resolve(request).successors if one.share is not None]
            hold(sum(shares) <= 1 + 1e-9, f"{words}: shares add up to {sum(shares)}")


def every_agency_is_answered_for(mapping: Mapping) -> None:
    """Every agency in either written form, for every service and place, has an answer, and its successors
    are agencies of the day asked for."""
    lineage = build(mapping)
    agencies = Agencies(mapping, lineage)
    codes = sorted({code for file in mapping.agencies for one in file.before
                    for code in (one.agency.code, one.former) if code})  # fmt: skip
    services = [None, *[one.service.code for file in mapping.services for one in file.services]]
    for file in mapping.agencies:
        at, to = file.effective - timedelta(days=1), file.effective
        places = [None, *[version.code for version in lineage.roster(UnitKind.COMMUNE, to)]]
        for code, service, place, works in product(codes, services, places, ("dossiers", "documents")):
            words = f"agency {code}, service {service}, place {place}, {works}"
            agency_is_answered_for(agencies, AgencyRequest(code, at, to, place, service, works), words)


def unit_is_answered_for(lineage: Lineage, request: Request, words: str) -> None:
    """One question about a unit has an answer that fits it. `words` begin what is said where it has none."""
    answer = lineage.resolve(request)
    _check_outcome(answer, words)
    there = lineage.version_at(request.kind, request.code, request.at)
    hold((there is None) == (answer.outcome in WITHOUT_CODE), f"{words}: {answer.outcome}")


def successors_are_in_force(lineage: Lineage, request: Request, words: str) -> None:
    """No successor is abolished, or not yet made, on the day asked for."""
    for one in lineage.resolve(request).successors:
        found = lineage.version_at(request.kind, one.code, request.to)
        hold(found is not None, f"{words}: {one.code} is not in force then")


def agency_is_answered_for(agencies: Agencies, request: AgencyRequest, words: str) -> None:
    """One question about an agency has an answer, and its successors are agencies of the day asked for."""
    answer = agencies.successor(request)
    _check_outcome(answer, words)
    for one in answer.successors:
        hold(agencies.agency_at(one.code, request.to) is not None, f"{words}: {one.code} is no agency then")


def days_of(lineage: Lineage) -> list[date]:
    """The days on which something changes, and the days before them."""
    days = {day for change in lineage.change_dates() for day in (change, change - timedelta(days=1))}
    return sorted(days)


def _units(lineage: Lineage, days: list[date]) -> Iterator[tuple[UnitKind, str]]:
    found = {(kind, one.code) for kind in UnitKind for day in days for one in lineage.roster(kind, day)}
    yield from found


def _check_outcome(answer: Resolution, words: str) -> None:
    ended = answer.outcome in (Outcome.ENDED, *WITHOUT_CODE)
    hold(not answer.outcome.decided or len(answer.successors) == 1, f"{words}: decided without a successor")
    hold(not ended or not answer.successors, f"{words}: {answer.outcome} with a successor")
    hold(bool(answer.reason), f"{words}: no reason")


def hold(true: bool, words: str) -> None:
    """Raises AssertionError with these words if something does not hold."""
    if not true:
        raise AssertionError(words)
