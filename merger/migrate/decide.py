"""Decides one combination of codes, once, with its evidence. Nothing here guesses.

A combination is read on every day that it may be of: one day where the row's day is known, several
where it is missing or lies in the profile's doubtful days. If all readings give the same answer it is
the answer; else the combination is a hold.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from merger import lineage
from merger.lineage import AgencyRequest, Request, Resolution
from merger.mapping.models import Decision as ManualDecision
from merger.mapping.models import UnitKind
from merger.migrate.addressed import Said, part_of
from merger.migrate.campaign import Campaign
from merger.migrate.combination import days_of
from merger.migrate.decisions import Codes
from merger.migrate.model import ADDRESS, AGAINST, MANUAL, Candidate, Fate, Outcome
from merger.systems.profile import SERVICE, AgencyField, Dataset, Profile, Role, UnitField

OUTSIDE_SCOPE = "outside-scope"
UNKNOWN = "unknown"
FIRST_GUESS, STALE_CODE = "first-guess", "stale-code"


@dataclass
class Answer:
    """What one field of a combination gives, or why it gives nothing."""

    gives: dict[str, str] = field(default_factory=dict)
    why: str = ""
    not_valid: bool = False
    decided_by: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    old: str = UNKNOWN

    def take(self, answer: Resolution, name: str) -> None:
        """Notes what the lineage answered; where it does not decide, that is why."""
        self.evidence += [one.source for one in answer.evidence if one.source]
        if answer.decided_by:
            self.decided_by.append(answer.decided_by)
        self.decided_by += [AGAINST.format(name) for name in answer.against]
        if answer.outcome.decided and answer.reason == FIRST_GUESS:
            self.decided_by.append(FIRST_GUESS)
        if not answer.outcome.decided:
            self.not_valid = answer.outcome is lineage.Outcome.NOT_VALID
            self.why = answer.reason
            self.candidates = [
                Candidate(field=name, code=one.code, name=one.name) for one in answer.successors
            ]


class Decider:
    """Decides the combinations of one system of a campaign.

    `services`: one service code of each class; `scope`: new units, for a pilot; `province`: the old one whose
    list of services the system uses; `by_address`: the evidence for what addresses say.
    """

    def __init__(
        self,
        campaign: Campaign,
        system: str,
        profile: Profile,
        services: Mapping[str, str],
        scope: Iterable[str] = (),
        province: str = "",
        by_address: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.province = province
        self.by_address = {} if by_address is None else by_address
        self.services = services
        self.campaign = campaign
        self.system = system
        self.profile = profile
        self.scope = frozenset(scope)
        self.starts = [date.fromisoformat(day) for day in campaign.days(profile).starts]
        self.manual = [one for file in campaign.mapping.mapping.decisions for one in file.decisions]

    def decide(self, name: str, codes: Codes) -> tuple[Outcome, tuple[Candidate, ...]]:
        """The outcome of one combination of dataset `name`, and the candidates where it is a hold."""
        dataset = self.profile.datasets[name]
        manual = self._manual(name, codes)
        answers = self._answers(dataset, codes, manual)
        gives = {part: code for one in answers.values() for part, code in one.gives.items()}
        decided_by = [by for one in answers.values() for by in one.decided_by]
        if manual is not None:
            decided_by.append(MANUAL.format(manual.decision))
        base = Outcome(
            fate=Fate.MOVE,
            gives=gives,
            decided_by=", ".join(dict.fromkeys(decided_by)),
            evidence=tuple(dict.fromkeys(why for one in answers.values() for why in one.evidence)),
            old_unit=_first_old(answers, dataset.units),
            old_agency=_first_old(answers, dataset.agencies),
        )
        if (rule := codes.get("rule")) is not None:
            return _with(base, Fate.EXCLUDE, rule), ()
        if manual is not None and manual.exclude:
            return _with(base, Fate.EXCLUDE, manual.exclude), ()
        waits = next((field for field, one in answers.items() if one.why), "")
        if waits:
            candidates = [candidate for one in answers.values() if one.why for candidate in one.candidates]
            held = _with(base, Fate.HOLD, answers[waits].why).model_copy(update={"field": waits})
            return held, tuple(dict.fromkeys(candidates))
        if self.scope and not self._in_scope(dataset, gives):
            return _with(base, Fate.EXCLUDE, OUTSIDE_SCOPE), ()
        return base, ()

    def _answers(self, dataset: Dataset, codes: Codes, manual: ManualDecision | None) -> dict[str, Answer]:
        """What each unit field, then each agency field and then the service gives. Each is read on its own
        days: a row may carry a new unit's code beside an old agency's."""
        days = days_of(self.profile, dataset, self.starts, codes.get("day"))
        decided = manual.then if manual else {}
        answers: dict[str, Answer] = {}
        for name, unit in dataset.units.items():
            if unit.role is not Role.ORIGIN:
                read = partial(self._read_unit, name, unit, codes, decided.get(name))
                answers[name] = self._agreed(days, read)
        for name, agency in dataset.agencies.items():
            if agency.role is Role.HOLDER:
                place = answers[agency.place].gives.get(f"{agency.place}.code") if agency.place else None
                read = partial(self._read_agency, name, agency, codes, decided.get(name), place)
                answers[name] = self._agreed(days, read)
        if dataset.service is not None and self.profile.recodes_services:
            read = partial(self._read_service, codes, decided.get(SERVICE))
            answers[SERVICE] = self._agreed(days, read)
        return answers

    def _agreed(self, days: list[date], read: Callable[[date], Answer]) -> Answer:
        """The one answer of all the days on which the code is valid, else a hold."""
        answers = [read(day) for day in days]
        valid = [one for one in answers if not one.not_valid]
        if not valid and self.campaign.job.policies.stale_codes == "resolve" and days != self.starts:
            stale = self._agreed(self.starts, read)
            stale.decided_by.append(STALE_CODE)
            return stale
        if not valid:
            return answers[-1]
        first = valid[0]
        if all(one.gives == first.gives and one.why == first.why for one in valid):
            return first
        out = Answer(why="day-unclear")
        for one in valid:
            out.candidates += one.candidates
            out.candidates += [
                Candidate(field=name.removesuffix(".code"), code=code, name=one.gives.get(_name(name), ""))
                for name, code in one.gives.items()
                if name.endswith(".code")
            ]
            out.evidence += one.evidence
        return out

    def _read_unit(self, name: str, unit: UnitField, codes: Codes, decided: str | None, day: date) -> Answer:
        code = codes[name]
        units = self.campaign.lineage
        version = units.version_at(unit.kind, code, day) if code else None
        answer = Answer(old=self.campaign.unit_label(version) if version else UNKNOWN)
        if decided is not None:
            if units.version_at(unit.kind, decided, self.campaign.day) is None:
                answer.why = "decision-invalid"
            else:
                self._give_unit(answer, name, unit.kind, decided)
        elif said := codes.get(part_of(name)):
            self._read_address(answer, name, unit, code, said)
        elif code:
            service = self._service(codes)
            follow = (self.campaign.services.follows(service) if service else None) or unit.follows
            locality, located = codes.get("locality"), codes.get("point")
            request = Request(code, unit.kind, day, self.campaign.day, follow, locality, located=located)
            found = units.resolve(request)
            answer.take(found, name)
            if found.outcome.decided:
                self._give_unit(answer, name, unit.kind, found.successor.code)
        elif not unit.optional:
            answer.why = "code-missing"
        return answer

    def _read_address(self, answer: Answer, name: str, unit: UnitField, code: str | None, word: str) -> None:
        """A row without a code, by what its address says. Where no code is needed, an address that decides
        nothing holds nothing."""
        said = Said.of(word)
        if said.why:
            answer.why = "" if unit.optional and not code else said.why
            return
        answer.old = said.old or UNKNOWN
        answer.decided_by += [one for one in (ADDRESS, said.by) if one]
        answer.evidence += [f"{ADDRESS}: {', '.join(said.parts)}", *self.by_address.get(word, ())]
        self._give_unit(answer, name, unit.kind, said.into)

    def _read_agency(
        self,
        name: str,
        agency: AgencyField,
        codes: Codes,
        decided: str | None,
        place: str | None,
        day: date,
    ) -> Answer:
        code = codes[name]
        agencies = self.campaign.agencies
        known = agencies.agency_at(code, day) if code else None
        answer = Answer(old=known.agency.code if known else UNKNOWN)
        if decided is not None:
            found = agencies.agency_at(decided, self.campaign.day)
            if found is None:
                answer.why = "decision-invalid"
            else:
                answer.gives = {f"{name}.code": found.agency.code, f"{name}.name": found.agency.name}
        elif code:
            request = AgencyRequest(code, day, self.campaign.day, place, self._service(codes), agency.works)
            resolved = agencies.successor(request)
            answer.take(resolved, name)
            if resolved.outcome.decided:
                one = resolved.successor
                answer.gives = {f"{name}.code": one.code, f"{name}.name": one.name}
        elif not agency.optional:
            answer.why = "code-missing"
        return answer

    def _read_service(self, codes: Codes, decided: str | None, day: date) -> Answer:
        """What became of a row's service; a row without one has none afterwards either."""
        answer = Answer()
        code = decided if decided is not None else self._service(codes)
        if not code:
            return answer
        at, province = (self.campaign.day, "") if decided is not None else (day, self.province)
        found = self.campaign.services.resolve(code, at, self.campaign.day, province or None)
        answer.take(found, SERVICE)
        if decided is not None and not found.outcome.decided:
            answer.why = "decision-invalid"
        elif found.outcome.decided:
            one = found.successor
            answer.gives = {f"{SERVICE}.code": one.code, f"{SERVICE}.name": one.name}
        return answer

    def _service(self, codes: Codes) -> str | None:
        label = codes.get("service")
        return self.services.get(label, label) if label else None

    def _give_unit(self, answer: Answer, name: str, kind: UnitKind, code: str) -> None:
        version = self.campaign.lineage.version_at(kind, code, self.campaign.day)
        assert version is not None
        answer.gives = {f"{name}.code": code, f"{name}.name": version.name}
        province = self.campaign.lineage.version_at(UnitKind.PROVINCE, version.parent, self.campaign.day)
        if province is not None:
            answer.gives |= {f"{name}.parent": province.code, f"{name}.parent_name": province.name}

    def _manual(self, name: str, codes: Codes) -> ManualDecision | None:
        known: Codes = {"system": self.system, "dataset": name, **codes}
        for one in self.manual:
            if all(part in known and known[part] == code for part, code in one.when.items()):
                return one
        return None

    def _in_scope(self, dataset: Dataset, gives: dict[str, str]) -> bool:
        places = [name for name, unit in dataset.units.items() if unit.role is Role.PLACE]
        return not places or any(gives.get(f"{name}.code") in self.scope for name in places)


def _with(outcome: Outcome, fate: Fate, why: str) -> Outcome:
    return outcome.model_copy(update={"fate": fate, "why": why, "gives": {}})


def _first_old(answers: dict[str, Answer], names: Iterable[str]) -> str:
    """The first unit or agency that is identified."""
    return next(
        (answers[name].old for name in names if name in answers and answers[name].old != UNKNOWN), UNKNOWN
    )


def _name(code_name: str) -> str:
    return f"{code_name.removesuffix('.code')}.name"
