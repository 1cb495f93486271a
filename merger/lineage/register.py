"""The agencies of a mapping, day by day, found by their codes in either written form."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from merger.codes import eid
from merger.codes.eid import Eid
from merger.errors import Finding, Severity
from merger.lineage.model import Evidence
from merger.mapping.models import AgenciesFile, Agency, AgencyBefore, Mapping

AnyAgency = TypeVar("AnyAgency", bound=Agency)


@dataclass(frozen=True, slots=True)
class Found:
    """The codes that a written code may stand for, and whether only a conversion by rule says so."""

    codes: tuple[str, ...]
    is_first_guess: bool = False


class Reorganisation:
    """All agencies before and after one day. An agency entered twice differently is `ambiguous`."""

    def __init__(self, day: date, files: Iterable[AgenciesFile]) -> None:
        self.day = day
        self.before: dict[str, AgencyBefore] = {}
        self.after: dict[str, Agency] = {}
        self.ambiguous: set[str] = set()
        self.sources: dict[str, str] = {}
        self._by_function: dict[tuple[str, str, str | None], list[Agency]] = {}
        for file in sorted(files, key=lambda file: file.id):
            source = "; ".join(act.number for act in file.legal_basis) or file.id
            for before in file.before:
                self._enter(self.before, before.agency.code, before)
                self.sources.setdefault(before.agency.code, source)
            for after in file.after:
                self._enter(self.after, after.agency.code, after)
                self.sources.setdefault(after.agency.code, source)

    def evidence(self, code: str, what: str) -> Evidence:
        """Why the work of agency `code` goes on as it does: the acts of its file."""
        return Evidence(self.day, what, self.source_of(code))

    def source_of(self, code: str) -> str:
        """The acts of the file that enters agency `code`."""
        return self.sources.get(code, "")

    def goes_on(self, code: str) -> bool:
        """Whether an agency of before is one of after under its code: it is led to itself, or its work goes
        by unit or rule and the file has it again with its level, function and unit."""
        old, new = self.before[code], self.after.get(code)
        if old.into not in ("unit", "competence"):
            return old.into == code
        same = new is not None and (new.level, new.function, new.unit)
        return same == (old.level, old.function, old.unit)

    def with_function(self, level: str, function: str, unit: str | None) -> list[Agency]:
        """Agencies of after with a level and function, of one unit (of any, for None), by code."""
        if not self._by_function:
            for code in sorted(self.after):
                one = self.after[code]
                for of in (one.unit, None):
                    self._by_function.setdefault((one.level, one.function, of), []).append(one)
        return list(self._by_function.get((level, function, unit), ()))

    def _enter(self, table: dict[str, AnyAgency], code: str, agency: AnyAgency) -> None:
        if table.setdefault(code, agency) != agency:
            self.ambiguous.add(code)


class Register:
    """All reorganisations of a mapping, and every written code of every agency."""

    def __init__(self, mapping: Mapping) -> None:
        files: dict[date, list[AgenciesFile]] = {}
        for file in mapping.agencies:
            files.setdefault(file.effective, []).append(file)
        self.reorganisations = tuple(Reorganisation(day, files[day]) for day in sorted(files))
        self._formers: dict[str, set[str]] = {}
        self._by_rule: dict[tuple[str, ...], set[str]] = {}
        self._codes: set[str] = set()
        for agency in self._agencies():
            self._codes.add(agency.agency.code)
            if agency.former:
                self._formers.setdefault(agency.former, set()).add(agency.agency.code)
        paired = {code for codes in self._formers.values() for code in codes}
        for code in self._codes - paired:
            read = eid.parse(code)
            if isinstance(read, Eid):
                self._by_rule.setdefault(eid.identity(read), set()).add(code)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Agencies and former codes entered twice with different contents, successors not entered."""
        found = []
        for at in self.reorganisations:
            for code in sorted(at.ambiguous):
                found.append(_error("agency-twice", agency=code, day=at.day))
            for code, agency in sorted(at.before.items()):
                for into in sorted({agency.into, agency.documents} - {"", "unit", "competence"}):
                    if into not in at.after and into not in at.before:
                        found.append(_error("agency-target-unknown", agency=code, into=into, day=at.day))
        for code, other, closed, day in self.used_again():
            found.append(_error("agency-code-again", agency=code, other=other, closed=closed, day=day))
        for former, codes in sorted(self._formers.items()):
            if len(codes) > 1:
                found.append(_error("former-twice", former=former, agencies=", ".join(sorted(codes))))
        return tuple(found)

    def used_again(self) -> tuple[tuple[str, str, date, date], ...]:
        """Codes given to agencies of after that stood, in either written form, for an agency that was closed:
        the code, the agency closed, the day of closing, the day of use."""
        closed: dict[tuple[str, ...], tuple[str, date]] = {}
        found = []
        for at in self.reorganisations:
            going_on = {code for code in at.before if at.goes_on(code)}
            for code in sorted(at.before.keys() - going_on):
                for form in identities(at.before[code]):
                    closed.setdefault(form, (code, at.day))
            for code in sorted(at.after.keys() - going_on):
                again = sorted({closed[form] for form in identities(at.after[code]) if form in closed})
                known = code not in at.before and self.agency_at(code, at.day - timedelta(days=1))
                if again and not known:
                    found.append((code, *again[0], at.day))
        return tuple(found)

    def find(self, written: str) -> Found:
        """The agencies that a written code stands for. A pair that somebody entered wins over the rule,
        which only finds agencies without such a pair."""
        if written in self._codes:
            return Found((written,))
        if written in self._formers:
            return Found(tuple(sorted(self._formers[written])))
        read = eid.parse(written)
        if isinstance(read, Eid):
            return Found(tuple(sorted(self._by_rule.get(eid.identity(read), ()))), is_first_guess=True)
        return Found(())

    def agency_at(self, code: str, day: date) -> Agency | None:
        """The agency with this code (as entered) on a day; None if there is none then."""
        past = [
            at for at in self.reorganisations if at.day <= day and (code in at.before or code in at.after)
        ]
        if past:
            return past[-1].after.get(code)
        coming = [at for at in self.reorganisations if code in at.before or code in at.after]
        return coming[0].before.get(code) if coming else None

    def _agencies(self) -> Iterable[Agency]:
        for at in self.reorganisations:
            yield from at.before.values()
            yield from at.after.values()


def identities(agency: Agency) -> set[tuple[str, ...]]:
    """What no other agency's codes may share: of the code, and of the former one (see `eid.identity`)."""
    read = (eid.parse(code) for code in (agency.agency.code, agency.former) if code)
    return {eid.identity(one) for one in read if isinstance(one, Eid)}


def _error(code: str, **fields: object) -> Finding:
    return Finding(
        "lineage", code, Severity.ERROR, fields={name: str(value) for name, value in fields.items()}
    )
