"""Which agencies may take over the work of an agency of before, whole or in part.

The successor of one matter is what `merger.lineage.agencies` says. Here are all of them together: what a
register names as successors, and, turned round, the agencies that did some work before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from merger.lineage.competence import COMMITTEE, Matter, concerns, decide, exactness
from merger.lineage.model import AgencyRequest, Evidence, Request, Resolution
from merger.lineage.register import Reorganisation
from merger.mapping.models import AgencyBefore, CompetenceRule, Level, ToAgency, ToFunction, UnitKind

if TYPE_CHECKING:
    from merger.lineage.agencies import Agencies


@dataclass(frozen=True, slots=True)
class Taker:
    """An agency that takes over work. `whole`: all of the work asked about, of this one agency of before."""

    code: str
    whole: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """To whom an agency's work may go. `open`: some of it goes to nobody who is known."""

    takers: tuple[Taker, ...]
    open: bool = False


class Handover:
    """The work of all agencies over one reorganisation.

    `service` and `works` say what work is asked about, as in `AgencyRequest`; without a service, all of it.
    """

    def __init__(self, agencies: "Agencies", at: Reorganisation, service: str | None, works: str) -> None:
        self._agencies = agencies
        self._at = at
        self._service = service
        self._works = works
        self._eve = at.day - timedelta(days=1)
        self._given: dict[str, Given] = {}
        self._givers: dict[str, list[tuple[str, Taker]]] | None = None
        self._open: set[tuple[Level, str]] | None = None

    def given(self, code: str) -> Given:
        """To whom the work of agency `code` of before goes."""
        found = self._given.get(code)
        if found is None:
            found = self._given[code] = self._find(code, ())
        return found

    def givers(self, code: str) -> tuple[tuple[str, Taker], ...]:
        """The agencies of before whose work, or a part of it, agency `code` of after takes over, by code."""
        if self._givers is None:
            self._givers = {}
            for giver in sorted(self._at.before):
                for taker in self.given(giver).takers:
                    self._givers.setdefault(taker.code, []).append((giver, taker))
        return tuple(self._givers.get(code, ()))

    def may_give(self, code: str) -> bool:
        """Whether an agency of before of whom nobody knows where its work goes may have given some to agency
        `code` of after: one that goes where its unit went, of that level and function, or is contradicted."""
        if self._open is None:
            self._open = {
                (old.level, old.function)
                for giver, old in self._at.before.items()
                if old.into == "unit" and self.given(giver).open
            }
        after = self._at.after[code]
        contradicted = not self._at.ambiguous.isdisjoint(self._at.before)
        return contradicted or (after.level, after.function) in self._open

    def _find(self, code: str, seen: tuple[str, ...]) -> Given:
        if code in self._at.ambiguous or code in seen:
            return Given((), open=True)
        agency = self._at.before[code]
        if self._works == "documents" and agency.documents:
            return self._into(agency, agency.documents, (*seen, code))
        if agency.into == "unit":
            return self._by_unit(code)
        if agency.into == "competence":
            return self._by_competence(agency, (*seen, code))
        return self._into(agency, agency.into, (*seen, code))

    def _into(self, agency: AgencyBefore, code: str, seen: tuple[str, ...]) -> Given:
        why = self._at.evidence(agency.agency.code, f"{agency.agency} -> {code}")
        if code in self._at.after and code not in self._at.ambiguous:
            return Given((Taker(code, True, (why,)),))
        if code not in self._at.before:
            return Given((), open=True)
        further = self._find(code, seen)
        return Given(
            tuple(Taker(one.code, one.whole, (why, *one.evidence)) for one in further.takers), further.open
        )

    def _by_unit(self, code: str) -> Given:
        answer = self._agencies.over(self._at, code, self._request(code))
        return _of(answer)

    def _by_competence(self, agency: AgencyBefore, seen: tuple[str, ...]) -> Given:
        rules = [
            rule
            for rule in self._agencies.rules(self._at.day)
            if self._works in rule.works
            and (not rule.levels or agency.level in rule.levels)
            and (not rule.functions or agency.function in rule.functions)
        ]
        if self._service is not None:
            facts = self._agencies.services.facts(self._service)
            matter = Matter(agency.level, agency.function, facts, self._works)
            verdict = decide(rules, matter)
            fitting = [rule for rule in rules if concerns(rule, facts)]
            rules = [verdict.rule] if verdict.rule else fitting
            every = verdict.rule is not None
        else:
            every = sum(exactness(rule) == (0, 0) for rule in rules) == 1
        parts = [(rule, self._apply(agency, rule, seen)) for rule in rules]
        unknown = not every or any(given.open for _, given in parts)
        found: dict[str, list[Evidence]] = {}
        for rule, given in parts:
            why = Evidence(self._at.day, f"{agency.agency} [rule={rule.rule}]", rule.source)
            for taker in given.takers:
                found.setdefault(taker.code, []).extend((why, *taker.evidence))
        whole = len(found) == 1 and not unknown and all(_is_whole(given) for _, given in parts)
        takers = tuple(Taker(code, whole, tuple(dict.fromkeys(found[code]))) for code in sorted(found))
        return Given(takers, unknown)

    def _apply(self, agency: AgencyBefore, rule: CompetenceRule, seen: tuple[str, ...]) -> Given:
        if isinstance(rule.to, ToAgency):
            return self._into(agency, rule.to.agency, seen)
        if isinstance(rule.to, ToFunction):
            province = self._agencies.province(agency, self._at.day)
            named = self._at.with_function(Level.PROVINCE, rule.to.function, province)
            return self._any_of(one.agency.code for one in named)
        if rule.to == "person":
            return Given((), open=True)
        units = self._communes(agency)
        return self._any_of(
            one.agency.code
            for one in self._at.with_function(Level.COMMUNE, COMMITTEE, None)
            if units is None or one.unit in units
        )

    def _any_of(self, codes: Iterable[str]) -> Given:
        found = sorted(set(codes) - self._at.ambiguous)
        return Given(tuple(Taker(code, len(found) == 1) for code in found), open=not found)

    def _communes(self, agency: AgencyBefore) -> set[str] | None:
        """The communes of after in which the territory of an agency of before lies; None if not known."""
        kind, lineage = UnitKind(agency.level.value), self._agencies.lineage
        under = self._agencies.surroundings.communes(kind, agency.unit, self._eve)
        asked = (Request(code, UnitKind.COMMUNE, self._eve, self._at.day) for code in under)
        return {one.code for request in asked for one in lineage.resolve(request).successors} or None

    def _request(self, code: str) -> AgencyRequest:
        return AgencyRequest(code, self._eve, self._at.day, service=self._service, works=self._works)


def _of(answer: Resolution) -> Given:
    """What an answer says of all the work: one successor takes the whole, several take parts."""
    decided = answer.outcome.decided
    takers = tuple(Taker(one.code, decided, answer.evidence) for one in answer.successors)
    return Given(takers, open=not takers)


def _is_whole(given: Given) -> bool:
    return all(taker.whole for taker in given.takers)
