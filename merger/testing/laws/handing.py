"""Work handed from agency to agency: whoever goes on with it names, backward, who did it."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from merger.lineage import Agencies, AgencyRequest, Outcome, Request, Resolution, build
from merger.lineage.register import Reorganisation
from merger.mapping.models import Mapping, UnitKind
from merger.testing.laws.mappings import hold


def work_is_found_both_ways(mapping: Mapping) -> None:
    """Where the successor is decided, backward it names the agency. Where backward one agency is the answer,
    that one leads nowhere else."""
    agencies = Agencies(mapping, build(mapping))
    services = (None, *(one.service.code for file in mapping.services for one in file.services))
    for at in agencies.register.reorganisations:
        eve = at.day - timedelta(days=1)
        for service, works in product(services, ("dossiers", "documents")):
            back = {code: _ask(agencies, code, at.day, eve, service, works) for code in at.after}
            for code in at.before:
                for place in _places(agencies, at, code):
                    forward = _ask(agencies, code, eve, at.day, service, works, place)
                    words = f"{code}, service {service}, place {place}, {works}: {forward.successors}"
                    if forward.outcome.decided:
                        before = back[forward.successor.code]
                        hold(code in _codes(before), f"{words}, but backward {_codes(before)}")
                        only = before.outcome in (Outcome.UNIQUE, Outcome.UNCHANGED)
                        hold(not only or _codes(before) == [code], f"{words}, but backward {_codes(before)}")
            for code, before in back.items():
                if before.outcome is Outcome.UNIQUE:
                    forward = _ask(agencies, before.successor.code, eve, at.day, service, works)
                    elsewhere = forward.outcome.decided and _codes(forward) != [code]
                    hold(not elsewhere, f"{code} from {before.successor.code}, which goes to {forward}")


def _places(agencies: Agencies, at: Reorganisation, code: str) -> Iterator[str | None]:
    """No place, and the communes of after in which the territory lies (those of a province are too many)."""
    yield None
    old, eve = at.before[code], at.day - timedelta(days=1)
    kind = UnitKind(old.level.value)
    if kind is UnitKind.PROVINCE:
        return
    for unit in agencies.surroundings.communes(kind, old.unit, eve):
        found = agencies.lineage.resolve(Request(unit, UnitKind.COMMUNE, eve, at.day))
        yield from (one.code for one in found.successors)


def _ask(
    agencies: Agencies,
    code: str,
    at: date,
    to: date,
    service: str | None,
    works: str,
    place: str | None = None,
) -> Resolution:
    return agencies.successor(AgencyRequest(code, at, to, place, service, works))


def _codes(found: Resolution) -> list[str]:
    return [one.code for one in found.successors]
