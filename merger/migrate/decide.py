"""Decides one combination of codes, once, with its evidence. Nothing here guesses.

A combination is read on every day that it may be of: one day where the row's day is known, several
where it is missing or lies in the profile's doubtful days. If all readings give the same answer it is
the answer; else the combination is a hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from merger.lineage import AgencyRequest, Outcome, Request, Resolution
from merger.mapping.models import Decision as ManualDecision
from merger.mapping.models import Follows, UnitKind
from merger.migrate.campaign import Campaign
from merger.migrate.model import Candidate, Decision, Fate
from merger.migrate.stage import Combination
from merger.systems.profile import AgencyField, Dataset, Profile, Role, UnitField

OUTSIDE_SCOPE = "outside-scope"


@dataclass
class Reading:
    """What the codes of a combination give when they are read as of one day."""

    gives: dict[str, str] = field(default_factory=dict)
    why: str = ""
    not_valid: bool = False
    decided_by: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    old_unit: str = "unknown"
    old_agency: str = "unknown"

    @property
    def held(self) -> bool:
        return bool(self.why)


class Decider:
    """Decides the combinations of one system of a campaign. `scope`: new units, for a pilot."""

    def __init__(self, campaign: Campaign, system: str, profile: Profile, scope: Iterable[str] = ()) -> None:
        self.campaign = campaign
        self.system = system
        self.profile = profile
        self.scope = frozenset(scope)
        self.starts = [date.fromisoformat(day) for day in campaign.days(profile).starts]
        self.manual = [one for file in campaign.mapping.mapping.decisions for one in file.decisions]

    def decide(
        self, name: str, number: int, combination: Combination
    ) -> tuple[Decision, tuple[Candidate, ...]]:
        """The decision of one combination of dataset `name`, and the candidates where it is a hold."""
        dataset = self.profile.datasets[name]
        codes = combination.codes
        rule = codes.get("rule")
        manual = self._manual(name, codes)
        reading = self._read(dataset, codes, manual)
        base = Decision(
            id=number,
            fate=Fate.MOVE,
            codes=combination.shown,
            rows=combination.rows,
            gives=reading.gives,
            decided_by=", ".join(dict.fromkeys(reading.decided_by)),
            evidence=tuple(dict.fromkeys(reading.evidence)),
            old_unit=reading.old_unit,
            old_agency=reading.old_agency,
        )
        if rule is not None:
            return _with(base, Fate.EXCLUDE, rule), ()
        if manual is not None and manual.exclude:
            return _with(base, Fate.EXCLUDE, manual.exclude), ()
        if reading.held:
            return _with(base, Fate.HOLD, reading.why), tuple(dict.fromkeys(reading.candidates))
        if self.scope and not self._in_scope(dataset, reading.gives):
            return _with(base, Fate.EXCLUDE, OUTSIDE_SCOPE), ()
        return base, ()

    def _read(self, dataset: Dataset, codes: dict[str, str | None], manual: ManualDecision | None) -> Reading:
        days, certain = self._days_of(dataset, codes)
        if certain:
            reading = self._read_on(days[0], dataset, codes, manual)
            if reading.not_valid and self.campaign.job.policies.stale_codes == "resolve":
                stale = self._agreed(self.starts, dataset, codes, manual)
                return stale if stale.held else _marked(stale, "stale-code")
            return reading
        return self._agreed(days, dataset, codes, manual)

    def _agreed(
        self,
        days: Iterable[date],
        dataset: Dataset,
        codes: dict[str, str | None],
        manual: ManualDecision | None,
    ) -> Reading:
        """The one answer of all days on which the codes are valid, else a hold."""
        readings = [self._read_on(day, dataset, codes, manual) for day in days]
        valid = [one for one in readings if not one.not_valid] or readings[-1:]
        first = valid[0]
        if all(one.gives == first.gives and one.why == first.why for one in valid):
            return first
        out = Reading(why="day-unclear", old_unit="unknown", old_agency="unknown")
        for one in valid:
            out.candidates += one.candidates
            out.candidates += [
                Candidate(field=name.removesuffix(".code"), code=code, name=one.gives.get(_name(name), ""))
                for name, code in one.gives.items()
                if name.endswith(".code")
            ]
            out.evidence += one.evidence
        return out

    def _days_of(self, dataset: Dataset, codes: dict[str, str | None]) -> tuple[list[date], bool]:
        """The days that the codes may be of, and whether there is only one."""
        if dataset.dated_by is None:
            return [self.campaign.eve], True
        text = codes.get("day")
        if text is None:
            return self.starts, False
        day = date.fromisoformat(text)
        for doubtful in self.profile.doubtful:
            first, last = date.fromisoformat(doubtful.first), date.fromisoformat(doubtful.last)
            if first <= day <= last:
                return [first - timedelta(days=1), last + timedelta(days=1)], False
        return [day], True

    def _read_on(
        self, day: date, dataset: Dataset, codes: dict[str, str | None], manual: ManualDecision | None
    ) -> Reading:
        reading = Reading()
        service = codes.get("service")
        decided = manual.then if manual else {}
        for name, unit in dataset.units.items():
            if unit.role is not Role.ORIGIN:
                self._read_unit(reading, name, unit, day, codes, service, decided.get(name))
        for name, agency in dataset.agencies.items():
            if agency.role is Role.HOLDER:
                self._read_agency(reading, name, agency, day, codes, service, decided.get(name))
        if manual is not None:
            reading.decided_by.append(f"decision {manual.decision}")
        return reading

    def _read_unit(
        self,
        reading: Reading,
        name: str,
        unit: UnitField,
        day: date,
        codes: dict[str, str | None],
        service: str | None,
        decided: str | None,
    ) -> None:
        code = codes[name]
        lineage = self.campaign.lineage
        if code and reading.old_unit == "unknown" and lineage.version_at(unit.kind, code, day):
            reading.old_unit = code
        if decided is not None:
            if lineage.version_at(unit.kind, decided, self.campaign.day) is None:
                self._hold(reading, "decision-invalid")
            else:
                self._give_unit(reading, name, unit.kind, decided)
            return
        if not code:
            if not unit.optional:
                self._hold(reading, "code-missing")
            return
        follow = self._follow(service) or unit.follows
        request = Request(code, unit.kind, day, self.campaign.day, follow, codes.get("locality"))
        answer = lineage.resolve(request)
        self._note(reading, answer)
        if answer.outcome.decided:
            self._give_unit(reading, name, unit.kind, answer.successor.code)
        else:
            self._undecided(reading, name, answer)

    def _read_agency(
        self,
        reading: Reading,
        name: str,
        agency: AgencyField,
        day: date,
        codes: dict[str, str | None],
        service: str | None,
        decided: str | None,
    ) -> None:
        code = codes[name]
        agencies = self.campaign.agencies
        known = agencies.known(code, day) if code else None
        if known is not None and reading.old_agency == "unknown":
            reading.old_agency = known.agency.code
        if decided is not None:
            found = agencies.known(decided, self.campaign.day)
            if found is None:
                self._hold(reading, "decision-invalid")
            else:
                reading.gives |= {f"{name}.code": found.agency.code, f"{name}.name": found.agency.name}
            return
        if not code:
            if not agency.optional:
                self._hold(reading, "code-missing")
            return
        place = reading.gives.get(f"{agency.place}.code") if agency.place else None
        answer = agencies.successor(AgencyRequest(code, day, self.campaign.day, place, service, agency.works))
        self._note(reading, answer)
        if answer.outcome.decided:
            one = answer.successor
            reading.gives |= {f"{name}.code": one.code, f"{name}.name": one.name}
        else:
            self._undecided(reading, name, answer)

    def _give_unit(self, reading: Reading, name: str, kind: UnitKind, code: str) -> None:
        version = self.campaign.lineage.version_at(kind, code, self.campaign.day)
        assert version is not None
        reading.gives |= {f"{name}.code": code, f"{name}.name": version.name}
        province = self.campaign.lineage.version_at(UnitKind.PROVINCE, version.parent, self.campaign.day)
        if province is not None:
            reading.gives |= {f"{name}.parent": province.code, f"{name}.parent_name": province.name}

    def _follow(self, service: str | None) -> Follows | None:
        return self.campaign.services.follows(service) if service else None

    def _manual(self, name: str, codes: dict[str, str | None]) -> ManualDecision | None:
        known: dict[str, str | None] = {"system": self.system, "dataset": name, **codes}
        for one in self.manual:
            if all(part in known and known[part] == code for part, code in one.when.items()):
                return one
        return None

    def _in_scope(self, dataset: Dataset, gives: dict[str, str]) -> bool:
        places = [name for name, unit in dataset.units.items() if unit.role is Role.PLACE]
        return not places or any(gives.get(f"{name}.code") in self.scope for name in places)

    def _undecided(self, reading: Reading, name: str, answer: Resolution) -> None:
        reading.not_valid = reading.not_valid or answer.outcome is Outcome.NOT_VALID
        self._hold(reading, answer.reason)
        reading.candidates += [
            Candidate(field=name, code=one.code, name=one.name) for one in answer.successors
        ]

    def _note(self, reading: Reading, answer: Resolution) -> None:
        reading.evidence += [one.source for one in answer.evidence if one.source]
        if answer.decided_by:
            reading.decided_by.append(answer.decided_by)

    @staticmethod
    def _hold(reading: Reading, why: str) -> None:
        reading.why = reading.why or why


def _with(decision: Decision, fate: Fate, why: str) -> Decision:
    return decision.model_copy(update={"fate": fate, "why": why, "gives": {}})


def _marked(reading: Reading, mark: str) -> Reading:
    return replace(reading, decided_by=[*reading.decided_by, mark])


def _name(code_name: str) -> str:
    return f"{code_name.removesuffix('.code')}.name"
