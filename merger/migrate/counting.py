"""How many rows of a source there are, and what becomes of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from merger.migrate.stage import Stage
from merger.migrate.state import HELD


def counts(stage: Stage) -> list[tuple[int | None, str | None, bool, int]]:
    """(decision, state, merged, rows) of the rows."""
    if stage.decided and _only_decided(stage):
        return [(decision, state, False, rows) for decision, state, rows in stage.decided]
    staged = stage.staged()
    merged = sa.false() if staged.into is None else staged.into.is_not(None)
    marked = sa.case((merged, 1), else_=0)
    asked = sa.select(
        sa.type_coerce(staged.decision, sa.BigInteger).label("decision"), staged.state.label("state"),
        sa.type_coerce(marked, sa.Integer).label("merged"),
    ).select_from(staged.row.source)  # fmt: skip
    return [
        (decision, state, bool(merged), rows) for decision, state, merged, rows in stage.store.tally(asked)
    ]


def _only_decided(stage: Stage) -> bool:
    """Whether nothing but its combination says what becomes of any row."""
    refers = any(one.to in stage.others for one in stage.dataset.references.values())
    if refers or stage.has("exceptions"):
        return False
    row = stage.row()
    broken = [one for _, one in stage.unreadable(row)]
    if not broken:
        return True
    asked = sa.select(sa.literal(1)).select_from(row.source).where(sa.or_(*broken)).limit(1)
    return stage.store.connection.execute(asked).first() is None


def held_by_service(stage: Stage, decisions: Sequence[int]) -> list[tuple[int, str | None, int]]:
    """(decision, service as the source writes it, rows) of the held rows of these decisions."""
    if not decisions:
        return []
    staged = stage.staged()
    none = sa.cast(sa.null(), sa.Text)
    service = staged.row.raw(stage.dataset.service).text if stage.dataset.service else none
    inner = (
        sa.select(staged.decision.label("decision"), service.label("service"))
        .select_from(staged.row.source)
        .where(staged.decision.in_(decisions), sa.func.substr(staged.state, 1, 2) == HELD)
        .subquery()
    )
    decision, code = inner.c.decision, inner.c.service
    asked = sa.select(decision, code, sa.func.count()).group_by(decision, code).order_by(decision, code)
    return [(decision, code, count) for decision, code, count in stage.store.connection.execute(asked)]


def size(stage: Stage) -> int:
    """How many rows the source has."""
    asked = sa.select(sa.func.count()).select_from(stage.row().table)
    return stage.store.connection.execute(asked).scalar_one()
