"""Which agencies did, on an earlier day, the work that an agency does: the questions asked backward."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from merger.lineage.model import AgencyRequest, Evidence, Outcome, Resolution, Successor
from merger.lineage.register import Reorganisation
from merger.mapping.models import Agency, Land, People, UnitKind

if TYPE_CHECKING:
    from merger.lineage.agencies import Agencies


@dataclass(slots=True)
class _Trace:
    """What is found on the way back: agencies and whether all of their work came along, and why."""

    found: dict[str, bool]
    evidence: list[Evidence]
    created: bool = False
    doubtful: bool = False
    same: bool = True


def agencies_before(agencies: "Agencies", code: str, request: AgencyRequest) -> Resolution:
    """Who did on `request.to` the work that agency `code` of `request.at` does.

    One agency all of whose work came is an answer. Several are not, and neither is one of which only a part
    came: its other work is elsewhere. What a competence rule leaves to a person is in no definition and is
    not counted.
    """
    trace = _Trace({code: True}, [])
    for at in reversed(agencies.register.reorganisations):
        if request.to < at.day <= request.at:
            if any(one in at.ambiguous for one in trace.found):
                return Resolution(Outcome.SPLIT, "contradiction", evidence=tuple(trace.evidence))
            _step_back(agencies, at, request, trace)
    known = {one: agencies.register.agency_at(one, request.to) for one in sorted(trace.found)}
    if request.place:
        known = {one: who for one, who in known.items() if who is None or _serves(agencies, who, request)}
    successors = tuple(_successor(one, who, trace.found[one]) for one, who in known.items())
    evidence = tuple(dict.fromkeys(trace.evidence))
    outcome, reason = _verdict(code, trace, successors, known)
    return Resolution(outcome, reason, successors, evidence)


def _step_back(agencies: "Agencies", at: Reorganisation, request: AgencyRequest, trace: _Trace) -> None:
    """Takes the trace over one reorganisation."""
    handover = agencies.handover(at, request.service, request.works)
    eve = at.day - timedelta(days=1)
    before: dict[str, bool] = {}
    for code, whole in trace.found.items():
        if code not in at.after:
            before[code] = before.get(code, True) and whole
            continue
        givers = handover.givers(code)
        trace.doubtful = trace.doubtful or handover.may_give(code)
        goes_on = code not in at.before and agencies.register.agency_at(code, eve) is not None
        if goes_on:
            before[code] = before.get(code, True) and whole
        if not givers and not goes_on:
            trace.created = True
            trace.evidence.append(Evidence(at.day, f"{at.after[code].agency} [created]", at.source_of(code)))
        for giver, taker in givers:
            before[giver] = before.get(giver, True) and whole and taker.whole
            trace.evidence += taker.evidence
            trace.same = trace.same and giver == code and agencies.kept(at, giver, request)
    trace.found = before


def _verdict(
    code: str, trace: _Trace, successors: tuple[Successor, ...], known: dict[str, Agency | None]
) -> tuple[Outcome, str]:
    if len(successors) > 1:
        return Outcome.SPLIT, "made-of-several"
    if trace.doubtful or None in known.values():
        return Outcome.SPLIT, "predecessor-unknown"
    if not trace.found:
        return Outcome.ENDED, "created"
    if not successors:
        return Outcome.SPLIT, "place-elsewhere"
    if trace.created:
        return Outcome.SPLIT, "part-created"
    if not trace.found[successors[0].code]:
        return Outcome.SPLIT, "part-of-work"
    if trace.same and successors[0].code == code:
        return Outcome.UNCHANGED, "same-unit"
    return Outcome.UNIQUE, "one-predecessor"


def _successor(code: str, agency: Agency | None, whole: bool) -> Successor:
    name = agency.agency.name if agency else ""
    if whole:
        return Successor(code, name, share=1.0)
    return Successor(code, name, Land.PART, People.SOME)


def _serves(agencies: "Agencies", agency: Agency, request: AgencyRequest) -> bool:
    """Whether the place asked for lies in the agency's unit, as far as the lineage knows the place."""
    around = agencies.surroundings.around(UnitKind.COMMUNE, request.place or "", request.to)
    return around.get(UnitKind(agency.level.value), agency.unit) == agency.unit
