"""The figures that every form of a report shows: counts that add up, holds, hand-over records."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from merger.migrate.model import AgencyName, DatasetPlan, Flow, Hold, Summary


@dataclass(frozen=True, slots=True)
class Count:
    """What became of the rows in scope."""

    in_scope: int
    moved: int
    held: int
    excluded: int

    @property
    def adds_up(self) -> bool:
        """Whether every row in scope was moved, held or excluded, and none twice."""
        return self.in_scope == self.moved + self.held + self.excluded


@dataclass(frozen=True, slots=True)
class UnitLine:
    """The count of one old unit (`unknown` is one of them)."""

    unit: str
    name: str
    count: Count


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What one agency gives to, or gets from, another."""

    agency: AgencyName
    flows: tuple[Flow, ...]

    @property
    def rows(self) -> int:
        return sum(flow.rows for flow in self.flows)

    @property
    def overdue(self) -> int:
        return sum(flow.overdue for flow in self.flows)

    @property
    def due_soon(self) -> int:
        return sum(flow.due_soon for flow in self.flows)


@dataclass(frozen=True, slots=True)
class HandOver:
    """The hand-over record of one agency: `gives` for an old one, what it gets for a new one."""

    agency: AgencyName
    gives: bool
    counterparts: tuple[Counterpart, ...]

    @property
    def anchor(self) -> str:
        return f"{'old' if self.gives else 'new'}-{self.agency.code}"

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.counterparts)

    @property
    def overdue(self) -> int:
        return sum(part.overdue for part in self.counterparts)

    @property
    def due_soon(self) -> int:
        return sum(part.due_soon for part in self.counterparts)


def counts_as(summary: Summary) -> str:
    """`run` where the rows to move are moved, `plan` where they are not, or are not all there any more."""
    return "run" if summary.what == "run" and summary.state == "done" else "plan"


def dataset_count(dataset: DatasetPlan) -> Count:
    """The count of one dataset of one system."""
    return Count(dataset.in_scope, dataset.to_move, dataset.held, sum(dataset.excluded.values()))


def total(counts: Iterable[Count]) -> Count:
    """The sum of counts, column by column, so that an error in one shows in the sum."""
    listed = list(counts)
    return Count(
        sum(count.in_scope for count in listed),
        sum(count.moved for count in listed),
        sum(count.held for count in listed),
        sum(count.excluded for count in listed),
    )


def unit_lines(datasets: Iterable[DatasetPlan]) -> list[UnitLine]:
    """The counts by old unit over all datasets, by code, `unknown` last."""
    names: dict[str, str] = {}
    counts: dict[str, list[Count]] = defaultdict(list)
    for dataset in datasets:
        for unit in dataset.by_unit:
            names[unit.unit] = names.get(unit.unit) or unit.name
            counts[unit.unit].append(Count(unit.in_scope, unit.moved, unit.held, unit.excluded))
    return [
        UnitLine(unit, names[unit], total(counts[unit]))
        for unit in sorted(counts, key=lambda code: (code == "unknown", code))
    ]


def holds_by_reason(holds: Iterable[Hold]) -> list[tuple[str, tuple[Hold, ...]]]:
    """Holds grouped by reason, the reason with most rows first, and in it the hold with most rows."""
    groups: dict[str, list[Hold]] = defaultdict(list)
    for hold in holds:
        groups[hold.reason].append(hold)
    for group in groups.values():
        group.sort(key=lambda hold: (-hold.rows, hold.id))
    ordered = sorted(groups.items(), key=lambda item: (-sum(hold.rows for hold in item[1]), item[0]))
    return [(reason, tuple(group)) for reason, group in ordered]


def held_rows_by_reason(datasets: Iterable[DatasetPlan]) -> dict[str, int]:
    """Held rows by reason over all datasets, most first: the whole of what is held, children too."""
    rows: dict[str, int] = defaultdict(int)
    for dataset in datasets:
        for reason, count in dataset.held_by_reason.items():
            rows[reason] += count
    return dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))


def excluded_by_rule(
    datasets: Iterable[DatasetPlan],
) -> list[tuple[str, tuple[tuple[DatasetPlan, int], ...]]]:
    """Every exclusion rule with its rows in each dataset."""
    parts: dict[str, list[tuple[DatasetPlan, int]]] = defaultdict(list)
    for dataset in datasets:
        for rule, rows in dataset.excluded.items():
            parts[rule].append((dataset, rows))
    return [(rule, tuple(parts[rule])) for rule in sorted(parts)]


def hand_overs(summary: Summary, *, gives: bool) -> list[HandOver]:
    """The hand-over record of each old (`gives`) or new agency, by code.

    An agency without any work is listed too: that nothing is handed over is also a record.
    """
    listed = summary.old_agencies if gives else summary.new_agencies
    others = {agency.code: agency for agency in (summary.new_agencies if gives else summary.old_agencies)}
    agencies = {agency.code: agency for agency in listed}
    flows: dict[str, dict[str, list[Flow]]] = defaultdict(lambda: defaultdict(list))
    for flow in summary.flows:
        own, other = (flow.from_agency, flow.to_agency) if gives else (flow.to_agency, flow.from_agency)
        flows[own][other].append(flow)
    records = []
    for code in sorted({*agencies, *flows}):
        parts = tuple(
            Counterpart(
                others.get(other) or AgencyName(code=other, name=""),
                tuple(sorted(group, key=lambda flow: (flow.system, flow.dataset, flow.service, flow.state))),
            )
            for other, group in sorted(flows[code].items() if code in flows else ())
        )
        records.append(HandOver(agencies.get(code) or AgencyName(code=code, name=""), gives, parts))
    return records
