"""Who goes on with an agency's work."""

from dataclasses import replace
from datetime import date, timedelta

from merger.codes import eid
from merger.codes.eid import Eid
from merger.errors import Finding
from merger.lineage.around import Surroundings
from merger.lineage.before import agencies_before
from merger.lineage.competence import COMMITTEE, Matter, decide
from merger.lineage.graph import KEPT, Lineage
from merger.lineage.handover import Handover
from merger.lineage.model import AgencyRequest, By, Evidence, Outcome, Request, Resolution, Successor
from merger.lineage.register import Register, Reorganisation
from merger.lineage.services import Services
from merger.mapping.models import (
    Agency,
    AgencyBefore,
    CompetenceRule,
    Level,
    Mapping,
    ToAgency,
    ToFunction,
    UnitKind,
)


class Agencies:
    """The agencies of a mapping and the rules for their work, over a lineage of the same mapping."""

    def __init__(self, mapping: Mapping, lineage: Lineage) -> None:
        self.register = Register(mapping)
        self.services = Services(mapping)
        self.lineage = lineage
        self.surroundings = Surroundings(lineage)
        self._handovers: dict[tuple[date, str | None, str], Handover] = {}
        self._rules: dict[date, tuple[CompetenceRule, ...]] = {}
        for file in sorted(mapping.competence, key=lambda file: file.id):
            self._rules[file.effective] = (*self._rules.get(file.effective, ()), *file.rules)
        self._answers: dict[AgencyRequest, Resolution] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What in the agencies and services cannot be true together, or is missing."""
        return (*self.register.findings, *self.services.findings)

    def agency_at(self, code: str, day: date) -> Agency | None:
        """The agency that a code in either form stands for on a day; None if there is not exactly one."""
        codes = self.register.find(code).codes
        found = [agency for one in codes if (agency := self.register.agency_at(one, day)) is not None]
        return found[0] if len(found) == 1 else None

    def successor(self, request: AgencyRequest) -> Resolution:
        """Who goes on with the work of an agency. Never raises; answers are kept."""
        answer = self._answers.get(request)
        if answer is None:
            if len(self._answers) >= KEPT:
                self._answers.clear()
            answer = self._answers[request] = self._find(request)
        return answer

    def _find(self, request: AgencyRequest) -> Resolution:
        if not request.code.strip():
            return Resolution(Outcome.UNKNOWN, "code-empty")
        found = self.register.find(request.code)
        if not found.codes:
            read = eid.parse(request.code)
            return Resolution(Outcome.UNKNOWN, "code-unknown" if isinstance(read, Eid) else "malformed")
        valid = [code for code in found.codes if self.register.agency_at(code, request.at) is not None]
        if not valid:
            return Resolution(Outcome.NOT_VALID, "not-valid-then")
        if len(valid) > 1:
            return Resolution(Outcome.SPLIT, "code-ambiguous")
        answer = self._follow(valid[0], request)
        if not found.is_first_guess:
            return answer
        guess = Evidence(None, f"{request.code} = {valid[0]} [first-guess]", "")
        reason = "first-guess" if answer.outcome.decided else answer.reason
        return replace(answer, reason=reason, evidence=(guess, *answer.evidence))

    def _follow(self, code: str, request: AgencyRequest) -> Resolution:
        """Follows a code as entered through every reorganisation after `at` up to `to`, or back to `to`."""
        if request.to < request.at:
            return agencies_before(self, code, request)
        for at in self.register.reorganisations:
            if request.at < at.day <= request.to and code in at.before:
                answer = self.over(at, code, request)
                return self._go_on(answer, at.day, request)
        agency = self.register.agency_at(code, request.at)
        name = agency.agency.name if agency else ""
        return Resolution(Outcome.UNCHANGED, "same-unit", (Successor(code, name, share=1.0),))

    def _go_on(self, answer: Resolution, day: date, request: AgencyRequest) -> Resolution:
        """The answer of one reorganisation, taken on to `request.to` through later ones."""
        later = [self._follow(one.code, replace(request, code=one.code, at=day)) for one in answer.successors]
        if all(then.outcome is Outcome.UNCHANGED for then in later):
            return answer
        evidence = (*answer.evidence, *(why for then in later for why in then.evidence))
        if answer.outcome.decided:
            return replace(later[0], evidence=evidence, decided_by=later[0].decided_by or answer.decided_by)
        candidates = {one.code: one for then in later for one in then.successors}
        return replace(
            answer, successors=tuple(candidates[code] for code in sorted(candidates)), evidence=evidence
        )

    def over(self, at: Reorganisation, code: str, request: AgencyRequest) -> Resolution:
        """Where the work of agency `code` of before goes on the day of one reorganisation."""
        return _Step(self, at, request).take(code, ())

    def handover(self, at: Reorganisation, service: str | None = None, works: str = "dossiers") -> Handover:
        """All work of all agencies over one reorganisation, of one service or of all."""
        root = self.services.facts(service).root if service else None
        found = self._handovers.get((at.day, root, works))
        if found is None:
            found = self._handovers[at.day, root, works] = Handover(self, at, root, works)
        return found

    def kept(self, at: Reorganisation, code: str, request: AgencyRequest) -> bool:
        """Whether an agency of before goes on under its code with its territory unchanged."""
        unit = self.unit(at.before[code], at.day, replace(request, to=at.day))
        return code in at.after and unit.outcome is Outcome.UNCHANGED

    def rules(self, day: date) -> tuple[CompetenceRule, ...]:
        """The competence rules that take effect on a day."""
        return self._rules.get(day, ())

    def unit(self, agency: Agency, day: date, request: AgencyRequest) -> Resolution:
        """What became on `day` of the unit of an agency of before, for the matter asked about."""
        follow = self.services.follows(request.service) if request.service else None
        before = day - timedelta(days=1)
        return self.lineage.resolve(Request(agency.unit, UnitKind(agency.level.value), before, day, follow))

    def holds_place(self, unit: str, kind: UnitKind, day: date, request: AgencyRequest) -> bool:
        """Whether the place asked for lies in `unit` of `day`, also after later changes."""
        later = self.lineage.resolve(Request(unit, kind, day, request.to))
        if later.outcome in (Outcome.UNKNOWN, Outcome.NOT_VALID):
            return request.place == unit
        return request.place in {one.code for one in later.successors}

    def province(self, agency: Agency, day: date) -> str | None:
        """The province on `day` of an agency of before; None where the units do not tell."""
        before = day - timedelta(days=1)
        around = self.surroundings.around(UnitKind(agency.level.value), agency.unit, before)
        if UnitKind.PROVINCE not in around:
            return None
        found = self.lineage.resolve(Request(around[UnitKind.PROVINCE], UnitKind.PROVINCE, before, day))
        return found.successor.code if found.outcome.decided else None


class _Step:
    """One agency's work over one reorganisation."""

    def __init__(self, agencies: Agencies, at: Reorganisation, request: AgencyRequest) -> None:
        self.agencies = agencies
        self.at = at
        self.request = request

    def take(self, code: str, seen: tuple[str, ...]) -> Resolution:
        """Where the work of agency `code` of before goes; `seen` are those that led here."""
        if code in self.at.ambiguous:
            return Resolution(Outcome.SPLIT, "contradiction")
        if code in seen:
            return Resolution(Outcome.SPLIT, "agency-cycle")
        agency = self.at.before[code]
        if self.request.works == "documents" and agency.documents:
            return self._into(agency, agency.documents, "by-documents", (*seen, code))
        if agency.into == "unit":
            return self._by_unit(agency)
        if agency.into == "competence":
            return self._by_competence(agency, (*seen, code))
        return self._into(agency, agency.into, "one-successor", (*seen, code))

    def _into(
        self, agency: AgencyBefore, code: str, reason: str, seen: tuple[str, ...], decided_by: str = ""
    ) -> Resolution:
        why = self._why(agency, code)
        target = self.at.after.get(code)
        if target is not None and code not in self.at.ambiguous:
            return self._to(agency, target, reason, why, decided_by)
        if code in self.at.before or code in self.at.ambiguous:
            further = self.take(code, seen)
            return replace(
                further, evidence=(why, *further.evidence), decided_by=further.decided_by or decided_by
            )
        return Resolution(Outcome.SPLIT, "successor-unknown", evidence=(why,))

    def _to(
        self, agency: AgencyBefore, target: Agency, reason: str, why: Evidence, decided_by: str = ""
    ) -> Resolution:
        found = Successor(target.agency.code, target.agency.name, share=1.0)
        same = target.agency.code == agency.agency.code
        if same and self.agencies.kept(self.at, agency.agency.code, self.request):
            return Resolution(Outcome.UNCHANGED, "same-unit", (found,), (why,))
        return Resolution(Outcome.UNIQUE, reason, (found,), (why,), decided_by)

    def _by_unit(self, agency: AgencyBefore) -> Resolution:
        unit = self.agencies.unit(agency, self.at.day, self.request)
        codes = [one.code for one in unit.successors]
        kind = UnitKind(agency.level.value)
        if unit.outcome.decided:
            return self._of_function(agency, codes[0], "one-successor", unit.evidence, unit.decided_by)
        if self.request.place and codes:
            here = [
                code for code in codes if self.agencies.holds_place(code, kind, self.at.day, self.request)
            ]
            if len(here) == 1:
                return self._of_function(agency, here[0], "by-place", unit.evidence, By.PLACE)
            return self._candidates(agency, codes, "place-elsewhere", unit)
        return self._candidates(agency, codes, "unit-undecided", unit)

    def _candidates(
        self, agency: AgencyBefore, units: list[str], reason: str, unit: Resolution
    ) -> Resolution:
        level, function = agency.level, agency.function
        found = [one for code in units for one in self.at.with_function(level, function, code)]
        successors = tuple(Successor(one.agency.code, one.agency.name) for one in found)
        return Resolution(Outcome.SPLIT, reason, successors, unit.evidence)

    def _of_function(
        self, agency: AgencyBefore, unit: str, reason: str, evidence: tuple[Evidence, ...], decided_by: str
    ) -> Resolution:
        found = self.at.with_function(agency.level, agency.function, unit)
        answer = self._exactly_one(agency, found, reason, decided_by)
        return replace(answer, evidence=(*evidence, *answer.evidence))

    def _exactly_one(
        self, agency: AgencyBefore, found: list[Agency], reason: str, decided_by: str
    ) -> Resolution:
        if len(found) == 1:
            why = self._why(agency, found[0].agency.code)
            return self._to(agency, found[0], reason, why, decided_by)
        candidates = tuple(Successor(one.agency.code, one.agency.name) for one in found)
        return Resolution(Outcome.SPLIT, "agencies-several" if found else "agency-missing", candidates)

    def _by_competence(self, agency: AgencyBefore, seen: tuple[str, ...]) -> Resolution:
        facts = self.agencies.services.facts(self.request.service)
        matter = Matter(agency.level, agency.function, facts, self.request.works)
        verdict = decide(self.agencies.rules(self.at.day), matter)
        rule = verdict.rule
        if rule is None:
            return Resolution(Outcome.SPLIT, verdict.reason)
        why = Evidence(self.at.day, f"{agency.agency} [rule={rule.rule}]", rule.source)
        answer = self._apply(agency, rule, seen)
        return replace(answer, evidence=(why, *answer.evidence))

    def _apply(self, agency: AgencyBefore, rule: CompetenceRule, seen: tuple[str, ...]) -> Resolution:
        if isinstance(rule.to, ToAgency):
            return self._into(agency, rule.to.agency, "by-rule", seen, rule.rule)
        if isinstance(rule.to, ToFunction):
            province = self.agencies.province(agency, self.at.day)
            found = self.at.with_function(Level.PROVINCE, rule.to.function, province)
            return self._exactly_one(agency, found, "by-rule", rule.rule)
        if rule.to == "person":
            return Resolution(Outcome.SPLIT, "person-decides")
        if not self.request.place:
            return Resolution(Outcome.SPLIT, "place-missing")
        found = [
            one
            for one in self.at.with_function(Level.COMMUNE, COMMITTEE, None)
            if self.agencies.holds_place(one.unit, UnitKind.COMMUNE, self.at.day, self.request)
        ]
        return self._exactly_one(agency, found, "by-rule", rule.rule)

    def _why(self, agency: AgencyBefore, into: str) -> Evidence:
        return self.at.evidence(agency.agency.code, f"{agency.agency} -> {into}")
