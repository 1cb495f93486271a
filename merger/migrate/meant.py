"""The row that a reference of another means, and what it makes of that other."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from merger.migrate.state import EXCLUDED, HELD, Staged
from merger.systems.expressions import Column, Row, Typed, equal
from merger.systems.kinds import Kind

if TYPE_CHECKING:
    from merger.migrate.stage import Stage


def meant(stage: "Stage", row: Row, name: str) -> tuple[Row, Column | None]:
    """The stage's row that the reference `name` of `row` means, joined to it; and, where that can be, when
    several are meant."""
    reference = row.dataset.references[name]
    other = Row(stage.store, stage.profile, stage.name, stage.system, of=row)
    wanted = row.reference(reference)
    several = None
    if reference.on:
        theirs = stage.row()
        value = theirs.column(reference.on).text
        found = (
            sa.select(
                value.label("value"), sa.func.min(theirs.key.sql).label("key"), sa.func.count().label("rows")
            )
            .select_from(theirs.source)
            .where(theirs.column(reference.on).sql.is_not(None))
            .group_by(value)
            .subquery(row.tables.alias("f"))
        )
        row.join(found, found.c.value == wanted.text)
        several = found.c.rows > 1
        wanted = Typed(sa.case((found.c.rows == 1, found.c.key)), other.key.kind)
    row.join(other.table, equal(other.key, wanted))
    return other, several


def reference_cases(
    row: Row, name: str, other: Staged
) -> tuple[list[tuple[Column, object]], tuple[Column, object]]:
    """What a reference makes of a row; and what it does where the row that is meant is held."""
    reference = row.dataset.references[name]
    missing: Column = other.row.key.sql.is_(None)
    kind = sa.func.substr(other.state, 1, 2)
    if name == row.dataset.parent:
        return [(missing, HELD + "orphan"), (kind == EXCLUDED, other.state)], (
            kind == HELD, HELD + "parent-held",
        )  # fmt: skip
    if reference.optional:
        value = row.reference(reference)
        missing = missing & value.sql.is_not(None)
        if value.kind in (Kind.TEXT, Kind.ANY):
            missing = missing & (value.text != "")
    there = other.row.key.sql.is_not(None)
    excluded = there & (kind == EXCLUDED), HELD + "reference-excluded"
    return [(missing, HELD + "orphan"), excluded], (there & (kind == HELD), HELD + "reference-held")
