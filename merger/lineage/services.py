"""What the definitions say of administrative procedures, and what became of their codes."""

from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

from merger.codes import service as codes
from merger.codes.names import fold
from merger.errors import Finding, Severity
from merger.lineage.model import By, Evidence, Outcome, Resolution, ServiceFacts, Successor
from merger.mapping.models import Follows, Level, Mapping, Service, ServiceBefore, ServicesFile

_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A service and the file that lists it."""

    file: ServicesFile
    service: Service


@dataclass(frozen=True, slots=True)
class _Old:
    """A code of an old list and the file that says what became of it."""

    file: ServicesFile
    before: ServiceBefore


class Services:
    """All services and fields of a mapping. What two files say differently counts as not said."""

    def __init__(self, mapping: Mapping) -> None:
        self._findings: dict[str, Finding] = {}
        self._listed: dict[str, list[_Listed]] = {}
        self._old: dict[str, list[_Old]] = {}
        fields: dict[str, set[Follows]] = {}
        for file in sorted(mapping.services, key=attrgetter("id")):
            for entry in file.fields:
                told = fields.setdefault(fold(entry.field), set())
                if entry.follows is not None:
                    told.add(entry.follows)
            for one in file.services:
                self._listed.setdefault(_root(one.service.code), []).append(_Listed(file, one))
            for before in file.before:
                self._old.setdefault(_root(before.service.code), []).append(_Old(file, before))
        for field, follows in fields.items():
            if len(follows) > 1:
                self._report("field-twice", field=field)
        self._fields = {field: _only(follows) for field, follows in fields.items()}
        self._facts = {root: self._join(root, told) for root, told in sorted(self._listed.items())}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Services and fields of which two files say different things."""
        return tuple(self._findings[key] for key in sorted(self._findings))

    @property
    def days(self) -> tuple[date, ...]:
        """The days from which lists of services are in force that replaced others."""
        return tuple(sorted({_day(old) for known in self._old.values() for old in known}))

    def facts(self, code: str | None) -> ServiceFacts:
        """What is known of a service, by its code in any spelling."""
        root = _root(code or "")
        return self._facts.get(root, ServiceFacts(root))

    def follows(self, code: str | None) -> Follows | None:
        """Whether a service goes by land or by people: its own word, else its field's, else None."""
        return self.facts(code).follows

    def resolve(self, code: str, at: date, to: date, province: str | None = None) -> Resolution:
        """What became by `to` of a service's code, in any spelling, that was used on `at`.

        `province` is the code of the old province whose list the code is of. Without it, a code that means
        different services in several lists is undecided. A code without a suffix is that of every list that
        has its national root. Never raises.
        """
        if not code.strip():
            return Resolution(Outcome.UNKNOWN, "code-empty")
        if to < at:
            return self._backward(code, at, to, province)
        answer = Resolution(Outcome.UNCHANGED, "same-service", (Successor(code.strip(), ""),))
        evidence: tuple[Evidence, ...] = ()
        for day in self.days:
            if at < day <= to:
                now = answer.successor.code
                old = self._meant(now, None if evidence else province, day)
                if old:
                    answer = self._follow(old, self._own(now) if province is None and not evidence else set())
                    evidence += answer.evidence
                    if not answer.outcome.decided:
                        return replace(answer, evidence=evidence)
        return replace(answer, evidence=evidence) if evidence else self._as_listed(code, at)

    def _as_listed(self, code: str, at: date) -> Resolution:
        """A code that no list replaced between the days asked for."""
        root, key = _root(code), codes.key(code)
        listed = self._listed.get(root, [])
        same = [one for one in listed if codes.key(one.service.service.code) == key]
        old = self._exactly(code)
        if old and not same and (len(key) > 1 or not listed):
            if any(_day(one) <= at for one in old):
                return Resolution(Outcome.NOT_VALID, "not-valid-then")
            name = min(one.before.service.name for one in old)
            return Resolution(Outcome.UNCHANGED, "same-service", (Successor(code.strip(), name),))
        found = {one.service.service.code: one for one in same or listed}
        if not found:
            return Resolution(Outcome.UNKNOWN, "code-unknown")
        several = tuple(_as_successor(found[code]) for code in sorted(found))
        if len(several) > 1:
            return Resolution(Outcome.SPLIT, "services-several", several)
        evidence = tuple(_levels_of(one) for one in found.values() if one.service.levels_after)
        spelt_otherwise = 1 in (len(key), len(codes.key(several[0].code)))
        if same or spelt_otherwise:
            return Resolution(Outcome.UNCHANGED, "same-service", several, evidence)
        return Resolution(Outcome.UNIQUE, "one-successor", several, evidence)

    def _own(self, code: str) -> set[str]:
        """The code itself, if the list that goes on has it too."""
        key = codes.key(code)
        listed = (one.service.service.code for one in self._listed.get(_root(code), ()))
        return {one for one in listed if codes.key(one) == key}

    def _exactly(self, code: str) -> list[_Old]:
        key = codes.key(code)
        return [old for old in self._old.get(_root(code), ()) if codes.key(old.before.service.code) == key]

    def _meant(self, code: str, province: str | None, day: date) -> list[_Old]:
        """The entries of old lists that a written code stands for on a day: those of exactly this code, else,
        for a code without a suffix, those of its national root."""
        fitting = [
            old
            for old in self._old.get(_root(code), ())
            if province in (None, old.before.province) and day == _day(old)
        ]
        key = codes.key(code)
        exact = [old for old in fitting if codes.key(old.before.service.code) == key]
        return exact or (fitting if len(key) == 1 else [])

    def _follow(self, meant: list[_Old], own: set[str]) -> Resolution:
        """What became of a code that stands for these entries of one day, or for a service that goes on under
        its `own` code."""
        ends = {old.before.into if not old.before.ended else ("",) for old in meant} | {(one,) for one in own}
        into = sorted({code for end in ends for code in end if code})
        evidence = tuple(dict.fromkeys(why for old in meant for why in self._why(old)))
        successors = tuple(self._successor(code, meant) for code in into)
        if len(ends) > 1:
            several = own or len({old.before.province for old in meant}) > 1
            reason = "province-missing" if several else "services-several"
            return Resolution(Outcome.SPLIT, reason, successors, evidence)
        if ends == {("",)}:
            return Resolution(Outcome.ENDED, "ended", (), evidence)
        if not into:
            return Resolution(Outcome.UNKNOWN, "service-lacking", (), evidence)
        if len(into) > 1:
            return Resolution(Outcome.SPLIT, "services-several", successors, evidence)
        same = {codes.key(old.before.service.code) for old in meant} == {codes.key(into[0])}
        decided_by = By.DECISION.value if any(old.before.decided for old in meant) else ""
        outcome, reason = (Outcome.UNCHANGED, "same-service") if same else (Outcome.UNIQUE, "one-successor")
        return Resolution(outcome, reason, successors, evidence, decided_by)

    def _backward(self, code: str, at: date, to: date, province: str | None) -> Resolution:
        """Which codes of the lists of before a code of `at` was made of."""
        key = codes.key(code)
        found: dict[str, Successor] = {}
        evidence: list[Evidence] = []
        for known in self._old.values():
            for old in known:
                goes_here = any(codes.key(into) == key for into in old.before.into)
                if goes_here and to < _day(old) <= at and province in (None, old.before.province):
                    found[old.before.service.code] = Successor(
                        old.before.service.code, old.before.service.name
                    )
                    evidence += self._why(old)
        several = tuple(found[one] for one in sorted(found))
        if not several:
            return self._as_listed(code, at)
        if len(several) > 1:
            return Resolution(Outcome.SPLIT, "made-of-several", several, tuple(evidence))
        same = codes.key(several[0].code) == key
        outcome, reason = (Outcome.UNCHANGED, "same-service") if same else (Outcome.UNIQUE, "one-predecessor")
        return Resolution(outcome, reason, several, tuple(evidence))

    def _successor(self, code: str, meant: list[_Old]) -> Successor:
        key = codes.key(code)
        names = [
            one.service.service.name
            for one in self._listed.get(_root(code), ())
            if codes.key(one.service.service.code) == key and any(one.file is old.file for old in meant)
        ]
        return Successor(code, min(names, default=""))

    def _why(self, old: _Old) -> list[Evidence]:
        """The file's acts, the decision that settled the code, and the levels before and after."""
        before, file = old.before, old.file
        into = " | ".join(before.into) or ("-" if before.ended else "?")
        acts = "; ".join(act.number for act in file.legal_basis) or file.id
        decided = next((one for one in file.decisions if one.decision == before.decided), None)
        source = f"{decided.decision}: {decided.author}, {decided.date}" if decided else acts
        found = [
            Evidence(file.effective, f"{before.service.code} -> {into} [province={before.province}]", source)
        ]
        keys = {codes.key(code) for code in before.into}
        for one in self._listed.get(_root(before.into[0]), ()) if len(before.into) == 1 else ():
            if one.file is file and codes.key(one.service.service.code) in keys and one.service.levels_after:
                found.append(_levels_of(one))
        return found

    def _join(self, root: str, told: list[_Listed]) -> ServiceFacts:
        services = [one.service for one in told]
        fields = {fold(one.field): one.field for one in sorted(services, key=attrgetter("field"))}
        own = {one.follows for one in services if one.follows is not None}
        if len(fields) > 1 or len(own) > 1:
            self._report("service-twice", service=root)
        field = next(iter(fields.values())) if len(fields) == 1 else ""
        follows = _only(own) if own else self._fields.get(fold(field))
        return ServiceFacts(
            root,
            min(one.service.name for one in services),
            field,
            follows,
            known=True,
            levels=_agreed({_ordered(one.levels) for one in services}),
            levels_after=_agreed({_ordered(one.levels_after) for one in services}),
        )

    def _report(self, code: str, **shown: str) -> None:
        key = "|".join([code, *shown.values()])
        self._findings[key] = Finding("lineage", code, Severity.ERROR, fields=dict(shown))


def _root(code: str) -> str:
    return codes.root(code) or code.strip()


def _day(old: _Old) -> date:
    assert old.file.effective is not None  # the model refuses `before` without a day
    return old.file.effective


def _as_successor(one: _Listed) -> Successor:
    return Successor(one.service.service.code, one.service.service.name)


def _levels_of(one: _Listed) -> Evidence:
    """That other levels of government do a service, from when on, and the act that says so."""
    service, file = one.service, one.file
    acts = "; ".join(act.number for act in file.legal_basis) or file.id
    levels = f"levels={_written(service.levels)}, levels-after={_written(service.levels_after)}"
    return Evidence(file.effective, f"{service.service.code} [{levels}]", service.source or acts)


def _written(levels: tuple[Level, ...]) -> str:
    return "+".join(_ordered(levels)) or "?"


def _ordered(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(level for level in _LEVELS if level in levels)


def _agreed(told: set[tuple[Level, ...]]) -> tuple[Level, ...]:
    """The levels on which all agree that name any; none where they do not."""
    said = told - {()}
    return next(iter(said)) if len(said) == 1 else ()


def _only(told: set[Follows]) -> Follows | None:
    return next(iter(told)) if len(told) == 1 else None
