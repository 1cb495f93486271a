"""A moved row as the target will hold it, as SQL over the source and the stage.

The mover inserts it, verification compares it, collisions are looked for in it: one expression serves
all three, so what is proved is what was planned.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.job import Collision
from merger.migrate.stage import Stage
from merger.systems.expressions import Column, Row
from merger.systems.profile import Dataset


@dataclass(frozen=True)
class Projection:
    """`columns`: target column to expression (the key first); `rows`: the stage's alias; `row`: FROM."""

    row: Row
    rows: sa.FromClause
    columns: dict[str, Column]

    def select(self, *first: Column) -> sa.Select[tuple[object, ...]]:
        """Selects `first` and then the columns, from the source joined with the stage."""
        named = [expression.label(name) for name, expression in self.columns.items()]
        return sa.select(*first, *named).select_from(self.row.source)


def project(campaign: Campaign, stage: Stage, stages: Mapping[str, Stage], *, keyed: bool) -> Projection:
    """The projection of a dataset's rows. `stages`: those of the same system, built.

    `keyed`: the target's keys are known. Without them (in a dry run) a reference stands for itself, as
    `system:key`, which no row of the target can have.
    """
    row = stage.row()
    rows = stage.rows.alias("st")
    row.source = sa.join(rows, row.table, rows.c.key == row.key)
    given: dict[str, Column] = {}
    if any(value.decided for value in stage.dataset.columns.values()):
        root = stages[stage.profile.root_of(stage.name)]
        decisions = root.decisions.alias("dc")
        row.join(decisions, decisions.c.id == rows.c.decision)
        given |= {name: decisions.c[name] for name in root.gives}
    for name, reference in stage.dataset.references.items():
        if reference.to in stages:
            joined = stage.join_reference(row, name, stages[reference.to])
            if keyed:
                given[name] = joined.c.target_key
            else:
                given[name] = sa.literal(f"{stage.system}:").op("||")(joined.c.key)
            given.setdefault(reference.to, given[name])
    target = campaign.target.profile.datasets[stage.dataset.to]
    columns: dict[str, Column] = {target.key[0]: rows.c.target_key}
    columns |= {name: row.value(value, given) for name, value in stage.dataset.columns.items()}
    for rule in campaign.job.collisions:
        if rule.dataset == stage.dataset.to:
            _settle(columns, rule, target, stage.system)
    return Projection(row, rows, columns)


def moved_columns(campaign: Campaign, dataset: Dataset) -> list[str]:
    """The target's columns that a moved row of a source's dataset fills, the key first."""
    target = campaign.target.profile.datasets[dataset.to]
    return list(dict.fromkeys([target.key[0], *dataset.columns]))


def _settle(columns: dict[str, Column], rule: Collision, target: Dataset, system: str) -> None:
    """Changes a column as a signed collision rule says: qualified, or freed of placeholders."""
    if rule.rule == "qualify" and rule.column in columns:
        before, _, after = rule.with_.replace("{system}", system).partition("{value}")
        value = columns[rule.column]
        changed: Column = sa.literal(before).op("||")(value).op("||")(sa.literal(after))
        columns[rule.column] = sa.case((value.is_(None), None), else_=changed)
    if rule.rule == "merge" and rule.placeholders:
        for name in target.unique[rule.unique]:
            if name in columns:
                columns[name] = sa.case((columns[name].in_(rule.placeholders), None), else_=columns[name])
