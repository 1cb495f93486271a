"""A moved row as the target will hold it, as SQL over the source.

The mover lands it, verification compares it, collisions are looked for in it: one expression serves all
three, so what is proved is what was planned. References are words for the rows that are meant (their keys in
the source); the ledger turns them into the target's keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.job import Collision
from merger.migrate.stage import Stage
from merger.migrate.state import Staged
from merger.systems.expressions import Column, Typed
from merger.systems.functions import canonical, row_hash
from merger.systems.kinds import Kind
from merger.systems.profile import Dataset
from merger.systems.stores import Column as Reflected


@dataclass(frozen=True)
class Content:
    """One column that a moved row fills, its key left out: its value, or the dataset that it refers to.
    `late`: it is tied when all rows are there."""

    name: str
    value: Typed
    column: Reflected
    refers: str = ""
    zone: str = ""
    late: bool = False

    @property
    def text(self) -> Column:
        """What the target will hold, in canonical text; of a reference, the word for the row that is
        meant."""
        return (
            self.value.sql
            if self.refers
            else canonical(self.value.sql, self.column.kind, self.value.kind, self.zone)
        )

    @property
    def landing(self) -> Column:
        """The text that lands in the target: of a document, what it is, not only what it says."""
        if self.column.kind is not Kind.NORMAL:
            return self.text
        return canonical(self.value.sql, Kind.JSON, self.value.kind, self.zone)


@dataclass(frozen=True)
class Projection:
    """The rows of a dataset with what they fill. `columns`: by name."""

    staged: Staged
    columns: dict[str, Content]

    @property
    def key(self) -> Column:
        """The source's key, as text."""
        return self.staged.row.key_text

    @property
    def hash(self) -> Column:
        """The hash of the row as moved (docs/canonical-form.md)."""
        return row_hash([self.key, *(one.text for one in self.columns.values())])

    def select(self, *columns: Column) -> sa.Select[tuple[object, ...]]:
        """Selects from the source with all that is joined to it."""
        return sa.select(*columns).select_from(self.staged.row.source)


def project(campaign: Campaign, stage: Stage) -> Projection:
    """The projection of a dataset's rows."""
    target = campaign.target.profile.datasets[stage.dataset.to]
    staged = stage.staged()
    given: dict[str, Column] = {}
    refers: dict[str, tuple[str, bool]] = {}
    given |= stage.root.given(staged.gives)
    for name, reference in stage.dataset.references.items():
        if reference.to in stage.others:
            given[name] = staged.referred[name].survivor
            given.setdefault(reference.to, given[name])
            refers[name] = reference.to, name in stage.late
            refers.setdefault(reference.to, refers[name])
    columns: dict[str, Content] = {}
    for name, value in stage.dataset.columns.items():
        if name == target.key[0]:
            continue
        found = staged.row.value(value, given)
        refer, late = refers.get(value.reference, ("", False))
        columns[name] = Content(name, found, stage.columns[name], refer, staged.row.zone_of(value), late)
    for rule in campaign.job.collisions:
        if rule.dataset == stage.dataset.to:
            columns |= {one.name: one for one in _settled(columns, rule, target, stage.system)}
    return Projection(staged, columns)


def _settled(
    columns: Mapping[str, Content], rule: Collision, target: Dataset, system: str
) -> Iterator[Content]:
    """Columns changed as a signed collision rule says: qualified, or freed of placeholders."""
    if rule.rule == "qualify" and rule.column in columns:
        before, _, after = rule.with_.replace("{system}", system).partition("{value}")
        value = columns[rule.column].value
        changed = sa.literal(before).concat(value.as_text).concat(sa.literal(after))
        yield _with(columns[rule.column], sa.case((value.sql.is_(None), sa.null()), else_=changed))
    if rule.rule == "merge" and rule.placeholders:
        for name in target.unique[rule.unique]:
            if name in columns:
                text = columns[name].value.text
                yield _with(columns[name], sa.case((text.in_(rule.placeholders), sa.null()), else_=text))


def _with(content: Content, sql: Column) -> Content:
    return replace(content, value=Typed(sql, Kind.TEXT))
