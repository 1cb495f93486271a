"""The rows of a dataset, grouped once by everything that a dry run counts them by.

One pass over the source answers which combinations there are, what cannot be carried over, which services
there are, and what each agency hands over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from merger.migrate.carrying import uncarried
from merger.migrate.combination import Combination, Group, known
from merger.migrate.model import DUE_DAYS
from merger.migrate.stage import Stage
from merger.systems.expressions import Column, Row
from merger.systems.profile import Role, Value
from merger.systems.times import local

NO_DEADLINE = len(DUE_DAYS) + 1
DAY_LENGTH = len("2025-07-01")


def groups_of(stage: Stage, cutover: datetime) -> list[Group]:
    """The groups of a root dataset, of which nothing is decided and no services are classed yet."""
    row = stage.row()
    parts = stage.parts_of(row)
    reasons = [(broken, state) for state, broken in uncarried(stage, row)]
    broken = sa.case(*reasons, else_=sa.null()) if reasons else sa.null()
    status, due, running = asked_by(stage, row, cutover)
    asked = sa.select(
        *[part.label(f"p{at}") for at, part in enumerate(parts.values())],
        sa.cast(broken, sa.Text).label("broken"), status.label("state"), due.label("due"),
        running.label("running"),
    )  # fmt: skip
    service = list(parts).index("service") if "service" in parts else None
    return [
        Group(
            tuple(codes), None if service is None else codes[service], reason, state, int(span), bool(bound),
            rows,
        )
        for *codes, reason, state, span, bound, rows in stage.tally(asked, row)
    ]  # fmt: skip


def combinations_of(
    stage: Stage, groups: Sequence[Group], labels: Mapping[str, str]
) -> list[tuple[Combination, list[Group]]]:
    """The combinations, services by their classes, in the order of their keys, each with its groups."""
    names = stage.parts()
    found: dict[tuple[str | None, ...], list[Group]] = {}
    for one in groups:
        codes = one.codes
        if one.service is not None:
            label = labels.get(one.service, one.service)
            codes = tuple(
                label if name == "service" else code for name, code in zip(names, codes, strict=True)
            )
        found.setdefault(codes, []).append(one)
    combinations = [
        (Combination(known(codes), dict(zip(names, codes, strict=True)), sum(one.rows for one in some)), some)
        for codes, some in found.items()
    ]
    return sorted(combinations, key=lambda one: one[0].key)


def settled(stage: Stage) -> Sequence[Group]:
    """The groups of a stage, where nothing but its combination and its values say what becomes of a row;
    else none."""
    refers = any(one.to in stage.others for one in stage.dataset.references.values())
    return () if refers or stage.has("exceptions") else stage.groups


def holder_of(stage: Stage) -> str:
    """The field that says who acts next on a row, or on the row that it belongs to; empty without one."""
    root = stage.profile.datasets[stage.profile.root_of(stage.name)]
    return next((name for name, one in root.agencies.items() if one.role is Role.HOLDER), "")


def asked_by(stage: Stage, row: Row, cutover: datetime) -> tuple[Column, Column, Column]:
    """What agencies that hand over rows are told of them: their status, when they are due, and whether they
    are bound to a running workflow; where nobody holds them, nothing."""
    dataset = stage.dataset
    status: Column = sa.cast(sa.literal(""), sa.Text)
    due: Column = sa.literal(NO_DEADLINE)
    running: Column = sa.literal(0)
    if holder_of(stage):
        if dataset.status is not None:
            status = row.raw(dataset.status).text
        if dataset.deadline is not None:
            due = span_of(row.value(dataset.deadline).text, local(cutover, stage.profile.zone))
        if dataset.workflow is not None:
            running = sa.case((is_running(row, dataset.workflow), 1), else_=0)
    return status, due, running


def is_running(row: Row, workflow: Value) -> Column:
    """Whether a row is bound to a running workflow."""
    running = row.raw(workflow)
    return sa.and_(running.sql.is_not(None), running.text != "")


def span_of(deadline: Column, cutover: datetime) -> Column:
    """Which of the spans that DUE_DAYS divide a deadline lies in. A day lasts until it is over."""
    whole_day = sa.func.length(deadline) == DAY_LENGTH
    until = sa.case((whole_day, deadline.concat(" 23:59:59")), else_=deadline)
    limits = [(cutover + timedelta(days=days)).isoformat(" ") for days in DUE_DAYS]
    return sa.case(
        (sa.or_(deadline.is_(None), deadline == ""), NO_DEADLINE),
        (until < limits[0], 0),
        *((until <= limit, number) for number, limit in enumerate(limits[1:], start=1)),
        else_=len(DUE_DAYS),
    )
