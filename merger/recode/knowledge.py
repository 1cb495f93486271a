"""What the definitions say of a code, asked for a day or by the spans of days between their changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from merger.lineage import Agencies, AgencyRequest, Outcome, Request, Resolution
from merger.lineage.stored import lineage_of
from merger.mapping import contents_of, parse, shipped
from merger.mapping.growing import growing
from merger.mapping.models import Follows, UnitKind
from merger.recode.model import UNIT_KINDS

FOLLOW = {"people": Follows.PEOPLE, "territory": Follows.LAND}

DAY_UNREADABLE = -2
DAY_MISSING = -1
"""Spans that are none: the row tells no day, or one that cannot be read."""

ZEROS_LOST = "zeros-lost"


class Knowledge:
    """Mapping files and folders (the shipped ones where none are named), ready for questions about `kinds`.

    Days matter only as far as something changes between them. `changes` are the days on which anything
    changes, in order; span 0 lies before the first one, span n begins with the n-th.
    """

    def __init__(self, mappings: Sequence[Path] = (), kinds: Sequence[str] = ()) -> None:
        with growing():
            self._contents = contents_of(list(mappings) or [shipped()])
            self._lineage = lineage_of(self._contents)
        self._kinds = tuple(kinds)

    @cached_property
    def changes(self) -> tuple[date, ...]:
        days = set(self._lineage.change_dates())
        if "agency" in self._kinds:
            days |= {at.day for at in self._agencies.register.reorganisations}
        if "service" in self._kinds:
            days |= set(self._agencies.services.days)
        return tuple(sorted(days))

    @cached_property
    def _agencies(self) -> Agencies:
        return Agencies(parse(self._contents).mapping, self._lineage)

    def ask(
        self,
        kind: str,
        code: str,
        at: date,
        to: date,
        follow: str | None = None,
        locality: str | None = None,
        service: str | None = None,
        point: tuple[float, float] | None = None,
        located: str | None = None,
    ) -> Resolution:
        """What became by `to` of a code that was valid on `at`. Never raises.

        For an agency `locality` is the new commune's code, for a service that of the old province. An empty
        locality or service is none. A number that would be a code with zeros in front is `unknown` for the
        reason `zeros-lost`.
        """
        if not code.strip():
            return Resolution(Outcome.UNKNOWN, "code-empty")
        if kind == "service":
            return self._agencies.services.resolve(code, at, to, locality or None)
        if kind == "agency":
            return self._agencies.successor(AgencyRequest(code, at, to, locality or None, service or None))
        follows = FOLLOW[follow] if follow else None
        if follows is None and service:
            follows = self._agencies.services.follows(service)
        request = Request(code, UnitKind(kind), at, to, follows, locality or None, point, located)
        found = self._lineage.resolve(request)
        if found.reason == "code-unknown" and self.lost_zeros(kind, code):
            return Resolution(Outcome.UNKNOWN, ZEROS_LOST)
        return found

    def resolve(
        self,
        kind: str,
        code: str,
        span: int,
        to: date,
        follow: str | None = None,
        locality: str = "",
        service: str = "",
        point: tuple[float, float] | None = None,
        located: str | None = None,
    ) -> Resolution:
        """As `ask`, for a code that was valid in a span. Without a day the outcome is `unknown`, with the
        reason `day-missing` or `day-unreadable`."""
        if span < 0 and code.strip():
            return Resolution(Outcome.UNKNOWN, "day-missing" if span == DAY_MISSING else "day-unreadable")
        return self.ask(kind, code, self.day_in(max(span, 0)), to, follow, locality, service, point, located)

    def day_in(self, span: int) -> date:
        """A day that lies in a span."""
        if span > 0:
            return self.changes[span - 1]
        return self.changes[0] - timedelta(days=1) if self.changes else date(2000, 1, 1)

    def span_of(self, day: date) -> int:
        """The span in which a day lies."""
        return bisect_right(self.changes, day)

    def codes(self, kind: str) -> tuple[str, ...]:
        """All codes that any definition names for a kind of units, on whatever day, in order."""
        return self._lineage.codes(UnitKind(kind))

    def lost_zeros(self, kind: str, code: str) -> bool:
        """Whether a number that is no code of a unit would be one with zeros in front, as spreadsheets and
        columns of numbers lose them."""
        return code.isdecimal() and any(code.zfill(size) in self._numeric[kind] for size in self._sizes[kind])

    @cached_property
    def _numeric(self) -> dict[str, frozenset[str]]:
        """Of each kind of units the codes that are numbers with zeros in front."""
        return {
            kind: frozenset(code for code in self.codes(kind) if code[:1] == "0" and code.isdecimal())
            for kind in UNIT_KINDS
        }

    @cached_property
    def _sizes(self) -> dict[str, tuple[int, ...]]:
        return {kind: tuple(sorted({len(code) for code in codes})) for kind, codes in self._numeric.items()}

    def alike(self, kind: str, code: str) -> list[int]:
        """For each span the first one that says the same of a unit's code: that in which its version of
        then begins, or the first one in which it is not valid either."""
        number = len(self.changes) + 1
        firsts = [-1] * number
        for version in self._lineage.versions(UnitKind(kind), code):
            begin = bisect_right(self.changes, version.valid_from)
            end = bisect_left(self.changes, version.valid_to) + 1 if version.valid_to < date.max else number
            firsts[begin:end] = [begin] * (end - begin)
        gap = firsts.index(-1) if -1 in firsts else 0
        return [gap if first < 0 else first for first in firsts]

    def known(self, kind: str, code: str) -> bool:
        """Whether any definition names the code of a unit or agency, on whatever day."""
        if kind in UNIT_KINDS:
            return bool(self._lineage.versions(UnitKind(kind), code))
        return bool(self._agencies.register.find(code).codes)

    def valid(self, kind: str, code: str, span: int) -> bool:
        """Whether the code of a unit or agency is valid in a span."""
        day = self.day_in(span)
        if kind in UNIT_KINDS:
            return self._lineage.version_at(UnitKind(kind), code, day) is not None
        register = self._agencies.register
        return any(register.agency_at(one, day) is not None for one in register.find(code).codes)
