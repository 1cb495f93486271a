"""Whether the target's columns take what is decided for them.

A database that does not check (SQLite never does, MySQL only in its strict mode) takes a longer value or
cuts it silently; the width that its schema or the profile declares is what the target promises to hold.
"""

from collections.abc import Iterable, Iterator

from merger.errors import Finding, Severity
from merger.migrate.campaign import Campaign
from merger.migrate.decisions import Decisions
from merger.migrate.model import Fate
from merger.migrate.stage import Stage
from merger.migrate.survey import Surveyed
from merger.systems.stores import Store
from merger.systems.widths import width

SHOWN = 20
"""How many values a finding names."""

Widths = dict[str, dict[str, int]]
"""Characters by dataset and column of the target."""


def widths_of(target_store: Store, campaign: Campaign) -> Widths:
    """The widths of the target's columns that get something decided, where there are any."""
    targets = campaign.target.profile.datasets
    found: Widths = {}
    for source in campaign.sources:
        for name in source.order:
            dataset = source.profile.datasets[name]
            target = targets[dataset.to]
            for column, value in dataset.columns.items():
                if not value.decided or column in found.get(dataset.to, {}):
                    continue
                known = target_store.columns(target.table).get(column)
                size = width(target, column, known.declared if known else "")
                if size is not None:
                    found.setdefault(dataset.to, {})[column] = size
    return found


def too_long(
    campaign: Campaign, found: Surveyed, stage: Stage, widths: Widths, numbers: Iterable[int] | None = None
) -> Iterator[Finding]:
    """An error for each column of the target that does not take all that is decided for a dataset.

    `numbers`: the decisions that its rows go by; all of them unless said.
    """
    sizes = widths.get(stage.dataset.to, {})
    decisions = found.decisions[stage.profile.root_of(stage.name)]
    given = list(_given(decisions, range(len(decisions.decisions)) if numbers is None else numbers))
    for column, value in stage.dataset.columns.items():
        if not value.decided or column not in sizes:
            continue
        texts = {gives[value.decided] for gives in given if value.decided in gives}
        long = sorted(text for text in texts if len(text) > sizes[column])
        if long:
            yield _finding("too-long", campaign, found, stage, column, sizes[column], long)


def _given(decisions: Decisions, numbers: Iterable[int]) -> Iterator[dict[str, str]]:
    outcomes = {decisions.decisions[number].outcome for number in numbers}
    for number in sorted(outcomes):
        outcome = decisions.outcomes[number]
        if outcome.fate is Fate.MOVE:
            yield outcome.gives


def _finding(
    code: str, campaign: Campaign, found: Surveyed, stage: Stage, column: str, size: int, long: list[str]
) -> Finding:
    document = found.source.document
    assert document is not None
    fields = {
        "system": stage.system,
        "dataset": stage.name,
        "table": campaign.target.profile.datasets[stage.dataset.to].table,
        "column": column,
        "width": size,
        "count": len(long),
        "longest": max(map(len, long)),
        "codes": ", ".join(long[:SHOWN]) + (", …" if len(long) > SHOWN else ""),
    }
    place = document.place(("datasets", stage.name, "columns", column))
    return Finding("migrate", code, Severity.ERROR, place, fields)
