"""The figures that every form of a report shows: counts that add up, and holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from merger.migrate.model import DatasetPlan, Hold, Summary, Verification

STATES = ("ok", "failed", "not-run")
"""What may become of a check."""


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
    return most_first(rows)


def excluded_by_rule(
    datasets: Iterable[DatasetPlan],
) -> list[tuple[str, tuple[tuple[DatasetPlan, int], ...]]]:
    """Every exclusion rule with its rows in each dataset."""
    parts: dict[str, list[tuple[DatasetPlan, int]]] = defaultdict(list)
    for dataset in datasets:
        for rule, rows in dataset.excluded.items():
            parts[rule].append((dataset, rows))
    return [(rule, tuple(parts[rule])) for rule in sorted(parts)]


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by name, the largest first."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def by_check(verification: Verification) -> dict[str, dict[str, int]]:
    """Every check, and in how many datasets it holds, failed and was not run."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    for dataset in verification.datasets:
        for check in dataset.checks:
            counts[check.code][check.state] += 1
    return dict(counts)
