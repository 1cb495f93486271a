"""How many rows of a source there are, and what becomes of them."""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from merger.migrate.groups import settled
from merger.migrate.stage import Stage
from merger.migrate.state import HELD


def counts(stage: Stage) -> list[tuple[int | None, str | None, bool, int]]:
    """(decision, state, merged, rows) of the rows."""
    if groups := settled(stage):
        found: Counter[tuple[int, str | None]] = Counter()
        for one in groups:
            found[one.decision, one.state] += one.rows
        return [(decision, state, False, rows) for (decision, state), rows in found.items()]
    staged = stage.staged()
    merged = sa.false() if staged.into is None else staged.into.is_not(None)
    marked = sa.case((merged, 1), else_=0)
    asked = sa.select(
        sa.type_coerce(staged.decision, sa.BigInteger).label("decision"), staged.state.label("state"),
        sa.type_coerce(marked, sa.Integer).label("merged"),
    )  # fmt: skip
    return [
        (decision, state, bool(merged), rows)
        for decision, state, merged, rows in stage.tally(asked, staged.row)
    ]


def held_by_service(stage: Stage, decisions: Sequence[int]) -> list[tuple[int, str | None, int]]:
    """(decision, service as the source writes it, rows) of the held rows of these decisions."""
    if not decisions:
        return []
    if groups := settled(stage):
        chosen = set(decisions)
        held: Counter[tuple[int, str | None]] = Counter()
        for one in groups:
            if one.decision in chosen and one.state is not None and one.state.startswith(HELD):
                held[one.decision, one.service] += one.rows
        return sorted(
            ((number, service, rows) for (number, service), rows in held.items()),
            key=lambda one: (one[0], one[1] is None, one[1]),
        )
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
