"""Hand-over records: what each old agency gives and each new one gets, what falls due, what stays."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from merger.migrate.model import AgencyName, Summary
from merger.migrate.planning import ALREADY
from merger.report.figures import most_first

SPANS = ("overdue", "due-3", "due-7", "due-30", "due-later", "due-none")
"""What stands in a flow's `due`: rows by when they are due."""
SPANS_BEFORE = ("overdue", "due-7")
SOON = SPANS.index("due-7") + 1
"""Where in `SPANS` ends what falls due within a week."""


@dataclass(frozen=True, slots=True)
class Line:
    """Work of one dataset, service and state that goes from one agency to another. `spans`: its rows by when
    they are due, in the order of `spans_of`; `running`: bound to a workflow that must be started again."""

    system: str
    dataset: str
    service: str
    state: str
    rows: int
    spans: tuple[int, ...]
    running: int


@dataclass(frozen=True)
class Counterpart:
    """What one agency gives to, or gets from, another."""

    agency: AgencyName
    lines: tuple[Line, ...]

    @cached_property
    def rows(self) -> int:
        return sum(line.rows for line in self.lines)

    @cached_property
    def running(self) -> int:
        return sum(line.running for line in self.lines)

    @cached_property
    def spans(self) -> tuple[int, ...]:
        return added(line.spans for line in self.lines)


@dataclass(frozen=True, slots=True)
class Share:
    """What becomes of an agency's rows in one dataset, rows that belong to others included.

    `before`: moved by earlier runs. Of a new agency only what it gets is counted.
    """

    system: str
    dataset: str
    moved: int
    held: int = 0
    excluded: int = 0
    before: int = 0


@dataclass(frozen=True)
class HandOver:
    """The hand-over record of one agency: `gives` for an old one, what it gets for a new one.

    `held` and `excluded`: rows that it does not hand over, by reason and by rule.
    """

    agency: AgencyName
    gives: bool
    counterparts: tuple[Counterpart, ...]
    shares: tuple[Share, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)

    @property
    def side(self) -> str:
        return "old" if self.gives else "new"

    @property
    def anchor(self) -> str:
        return f"{self.side}-{self.agency.code}"

    @cached_property
    def rows(self) -> int:
        return sum(part.rows for part in self.counterparts)

    @cached_property
    def running(self) -> int:
        return sum(part.running for part in self.counterparts)

    @cached_property
    def spans(self) -> tuple[int, ...]:
        return added(part.spans for part in self.counterparts)

    @property
    def overdue(self) -> int:
        """Rows whose deadline was over at the cut-over."""
        return sum(self.spans[:1])

    @property
    def due_soon(self) -> int:
        """Rows that fall due within a week of it."""
        return sum(self.spans[1:SOON])

    @cached_property
    def kept(self) -> int:
        """Rows of all datasets that stay: held or excluded."""
        return sum(self.held.values()) + sum(self.excluded.values())

    @cached_property
    def share(self) -> Share:
        """All datasets together."""
        parts = self.shares
        sums = (sum(getattr(one, name) for one in parts) for name in ("moved", "held", "excluded", "before"))
        return Share("", "", *sums)


def added(columns: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Rows of numbers, summed column by column."""
    return tuple(map(sum, zip(*columns, strict=True)))


def spans_of(summary: Summary) -> tuple[str, ...]:
    """The columns in which rows are counted by when they are due. Older plans counted two only."""
    return SPANS if summary.due or not summary.flows else SPANS_BEFORE


def hand_overs(summary: Summary, *, gives: bool) -> list[HandOver]:
    """The hand-over record of each old (`gives`) or new agency, by code.

    An agency without any work is listed too: that nothing is handed over is also a record.
    """
    listed = summary.old_agencies if gives else summary.new_agencies
    others = {agency.code: agency for agency in (summary.new_agencies if gives else summary.old_agencies)}
    agencies = {agency.code: agency for agency in listed}
    lines: dict[str, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for flow, due in zip_longest(summary.flows, summary.due):
        own, other = (flow.from_agency, flow.to_agency) if gives else (flow.to_agency, flow.from_agency)
        spans = due or (flow.overdue, flow.due_soon)
        lines[own][other].append(
            Line(flow.system, flow.dataset, flow.service, flow.state, flow.rows, spans, flow.running)
        )
    kept = _kept(summary) if gives else {}
    shares = _shares(summary, gives=gives)
    records = []
    for code in sorted({*agencies, *lines, *shares}):
        parts = tuple(
            Counterpart(
                others.get(other) or AgencyName(code=other, name=""),
                tuple(sorted(group, key=lambda line: (line.system, line.dataset, line.service, line.state))),
            )
            for other, group in sorted(lines[code].items() if code in lines else ())
        )
        agency = agencies.get(code) or AgencyName(code=code, name="")
        held, excluded = kept.get(code, ({}, {}))
        records.append(HandOver(agency, gives, parts, tuple(shares.get(code, ())), held, excluded))
    return records


def _shares(summary: Summary, *, gives: bool) -> dict[str, list[Share]]:
    """By agency, its part of each dataset in which it has one."""
    shares: dict[str, list[Share]] = defaultdict(list)
    for dataset in summary.datasets:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for one in dataset.by_agency:
            if gives:
                before = one.excluded.get(ALREADY, 0)
                here = one.moved, sum(one.held.values()), sum(one.excluded.values()) - before, before
                sums[one.old] = [more + less for more, less in zip(sums[one.old], here, strict=True)]
            elif one.moved:
                sums[one.new][0] += one.moved
        for code, counts in sums.items():
            shares[code].append(Share(dataset.system, dataset.dataset, *counts))
    return shares


def _kept(summary: Summary) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """By old agency, the rows that stay, by reason and by rule."""
    kept: dict[str, tuple[dict[str, int], dict[str, int]]] = defaultdict(
        lambda: (defaultdict(int), defaultdict(int))
    )
    for one in (one for dataset in summary.datasets for one in dataset.by_agency):
        for sums, counts in zip(kept[one.old], (one.held, one.excluded), strict=True):
            for why, rows in counts.items():
                if why != ALREADY:
                    sums[why] += rows
    return {code: (most_first(held), most_first(excluded)) for code, (held, excluded) in kept.items()}


@dataclass(frozen=True, slots=True)
class Sums:
    """Several records together."""

    rows: int
    spans: tuple[int, ...]
    held: int
    excluded: int


def sums(hands: Iterable[HandOver]) -> Sums:
    """What several agencies give or get."""
    listed = list(hands)
    shares = [hand.share for hand in listed]
    return Sums(
        sum(hand.rows for hand in listed),
        added(hand.spans for hand in listed if hand.counterparts),
        sum(one.held for one in shares),
        sum(one.excluded for one in shares),
    )
