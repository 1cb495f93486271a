"""Free text to the unit that it lies in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from merger.addresses.answer import AddressAnswer
from merger.addresses.confidence import Confidence, confidence
from merger.addresses.costs import ALIKE, BEHIND, DOUBTFUL
from merger.addresses.entries import Entries, Entry
from merger.addresses.names import Names
from merger.addresses.readings import Reader, Reading
from merger.addresses.stretches import Named, Stretches
from merger.codes.names import localities_in
from merger.lineage import Lineage, Outcome, Request, Resolution, Successor, UnitVersion
from merger.mapping.growing import growing
from merger.mapping.models import Follows, UnitKind

AT_LEAST = 0.9
"""An answer that is less sure than this is not decided, unless the caller says otherwise."""

KEPT = 100_000
"""So many answers are kept in mind."""

DAY = timedelta(days=1)


class Became(NamedTuple):
    """What became of a unit that an address names."""

    version: UnitVersion
    resolution: Resolution


class Addresses:
    """Reads addresses by the units of a lineage, of any day. Building it takes two seconds for a country.

    Answers are kept in memory; nothing is written or logged.
    """

    @growing()
    def __init__(
        self, lineage: Lineage, *, at_least: float = AT_LEAST, table: Confidence | None = None
    ) -> None:
        """`at_least`: the confidence below which nothing is decided. `table`: another calibration."""
        self._lineage = lineage
        self._at_least = at_least
        self._days = lineage.change_dates()
        self._table = table or confidence()
        entries = Entries(lineage)
        names = Names(entries)
        self._stretches = Stretches(names)
        self._reader = Reader(names)
        self._answers: dict[tuple[str, date | None, date, Follows | None], AddressAnswer] = {}
        self._became: dict[tuple[date | None, date, Follows | None], dict[Entry, Became | None]] = {}
        self._of_districts: dict[
            tuple[date | None, date, Follows | None], dict[Entry, tuple[Successor, ...]]
        ] = {}
        self._in_district: dict[Entry, list[Entry]] = {}
        for entry in entries:
            for above, cost in entry.above.items():
                if cost == 0 and entry.kind is UnitKind.COMMUNE and above.kind is UnitKind.DISTRICT:
                    self._in_district.setdefault(above, []).append(entry)
        self._localities: dict[str, set[str]] = {}
        for (code, _), listed in lineage.places.into.items():
            self._localities.setdefault(code, set()).update(listed)

    def find(
        self, text: str, *, to: date, at: date | None = None, follow: Follows | None = None
    ) -> AddressAnswer:
        """Which unit of the day `to` an address lies in. Never raises for any text.

        `at` is the day on which the address was written; without it, units of every time are looked for, each
        as it was last. `follow`: whether land or people count where a unit was divided.
        """
        if at is not None:
            at = self._first_day_alike(at)
        key = (text, at, to, follow)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= KEPT:
                self._answers.clear()
            answer = self._answers[key] = self._find(text, at, to, follow)
        return answer

    def find_all(
        self, texts: Iterable[str], *, to: date, at: date | None = None, follow: Follows | None = None
    ) -> list[AddressAnswer]:
        """The answers to many addresses, in their order: a fifth faster than one by one."""
        with growing():
            return [self.find(text, to=to, at=at, follow=follow) for text in texts]

    def forget(self) -> None:
        """Forgets the addresses read so far; what is known of units stays."""
        self._answers.clear()
        self._stretches.forget()

    def _find(self, text: str, at: date | None, to: date, follow: Follows | None) -> AddressAnswer:
        named = self._stretches.named(text)
        if not named.words:
            return AddressAnswer(Outcome.UNKNOWN, "text-empty")
        became = self._became.setdefault((at, to, follow), {})
        fits: Callable[[Entry], bool] | None = None
        if at is not None:
            day = at

            def in_force(entry: Entry) -> bool:
                if entry not in became:
                    became[entry] = self._resolve(entry, day, to, follow)
                return became[entry] is not None

            fits = in_force
        readings = self._reader.read(named, fits)
        if not readings or readings[0].cost > DOUBTFUL:
            named = self._stretches.named(text, thorough=True)
            readings = self._reader.read(named, fits)
        if not readings:
            return self._without_commune(text, named, at, to, follow, fits)
        return self._answer(text, readings, became, at, to, follow)

    def _first_day_alike(self, day: date) -> date:
        """The first of the days around this one between which no unit changes."""
        before = bisect_right(self._days, day)
        return self._days[before - 1] if before else date.min

    def _answer(
        self,
        text: str,
        readings: list[Reading],
        became: dict[Entry, Became | None],
        at: date | None,
        to: date,
        follow: Follows | None,
    ) -> AddressAnswer:
        best = readings[0]
        successors: dict[str, Successor] = {}
        decided = True
        first: Became | None = None
        kept = 0
        margin = BEHIND
        for reading in readings:
            entry = reading.entry
            one = became.get(entry, _ABSENT)
            if one is _ABSENT:
                one = became[entry] = self._resolve(entry, at, to, follow)
            if one is None:
                continue
            assert isinstance(one, Became)
            if reading.cost > best.cost + ALIKE:
                for successor in one.resolution.successors:
                    if successor.code not in successors:
                        margin = reading.cost - best.cost
                        break
                else:
                    continue
                break
            kept += 1
            first = first or one
            decided = decided and one.resolution.outcome.decided
            for successor in one.resolution.successors:
                successors.setdefault(successor.code, successor)
        if first is None:
            return AddressAnswer(Outcome.UNKNOWN, "no-unit")
        resolution = first.resolution
        if kept == 1 and not decided and first.version.code in self._localities:
            resolution = self._by_locality(text, first, to, follow) or resolution
            decided = resolution.outcome.decided
            successors = {one.code: one for one in resolution.successors}
        clear = decided and len(successors) == 1
        features = (*best.features, _margin(margin), min(kept, 4))
        sure = self._table.of(features, clear) if successors else 0.0
        outcome, reason = resolution.outcome, resolution.reason
        if clear:
            if sure < self._at_least:
                outcome, reason = Outcome.SPLIT, "doubtful"
            elif kept > 1:
                reason = "readings-agree"
        elif kept > 1:
            outcome, reason = Outcome.SPLIT, "several-readings"
        return AddressAnswer(
            outcome,
            reason,
            tuple(successors.values()) if kept > 1 else resolution.successors,
            first.version if kept == 1 else None,
            sure,
            resolution.evidence if kept == 1 else (),
            resolution.decided_by if kept == 1 else "",
            text,
            best,
            self._stretches.places,
        )

    def _without_commune(
        self,
        text: str,
        named: Named,
        at: date | None,
        to: date,
        follow: Follows | None,
        fits: Callable[[Entry], bool] | None,
    ) -> AddressAnswer:
        if fits is not None and self._reader.read(named, None):
            return AddressAnswer(Outcome.NOT_VALID, "not-valid-then")
        district = self._reader.district(named)
        successors = self._of_district(district.entry, at, to, follow) if district else ()
        if not successors:
            return AddressAnswer(Outcome.UNKNOWN, "no-unit")
        features = (*_DISTRICT_ONLY, _margin(BEHIND), 4)
        return AddressAnswer(
            Outcome.SPLIT,
            "commune-missing",
            successors,
            confidence=self._table.of(features, False),
            _text=text,
            _reading=district,
            _places=self._stretches.places,
        )

    def _of_district(
        self, district: Entry, at: date | None, to: date, follow: Follows | None
    ) -> tuple[Successor, ...]:
        """All units in which something of a district is."""
        known = self._of_districts.setdefault((at, to, follow), {})
        if district not in known:
            became = [self._resolve(entry, at, to, follow) for entry in self._in_district.get(district, ())]
            found = {one.code: one for each in became if each for one in each.resolution.successors}
            known[district] = tuple(found[code] for code in sorted(found))
        return known[district]

    def _version(self, entry: Entry, at: date | None, to: date) -> UnitVersion | None:
        """The version meant: that of the day, else that of the day asked for, else the last before."""
        if at is not None:
            now = self._lineage.version_at(entry.kind, entry.code, at)
            return now if now in entry.versions else None
        now = self._lineage.version_at(entry.kind, entry.code, to)
        if now in entry.versions:
            return now
        past = [version for version in entry.versions if version.valid_to <= to]
        return past[-1] if past else entry.versions[0]

    def _resolve(
        self, entry: Entry, at: date | None, to: date, follow: Follows | None, locality: str | None = None
    ) -> Became | None:
        version = self._version(entry, at, to)
        if version is None:
            return None
        day = at or self._day(version, to)
        request = Request(version.code, version.kind, day, to, follow, locality)
        return Became(version, self._lineage.resolve(request))

    def _day(self, version: UnitVersion, to: date) -> date:
        """The day on which a unit of no stated day is looked at: that asked for, else its last or first."""
        if version.valid_from <= to < version.valid_to:
            return to
        return version.valid_to - DAY if version.valid_to <= to else version.valid_from

    def _by_locality(self, text: str, named: Became, to: date, follow: Follows | None) -> Resolution | None:
        """The division decided by a hamlet of the definitions' lists that the address names."""
        found = localities_in(text, self._localities[named.version.code])
        if not found:
            return None
        version = named.version
        # only names of the lists reach the lineage, which keeps what it was asked
        request = Request(version.code, version.kind, self._day(version, to), to, follow, ", ".join(found))
        return self._lineage.resolve(request)


_ABSENT = object()

_DISTRICT_ONLY = (9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def _margin(cost: float) -> int:
    """How far behind the next reading that leads elsewhere is: 0 far, 1, 2 near."""
    return 0 if cost >= BEHIND else 1 if cost >= 2.0 else 2
