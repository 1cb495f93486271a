"""What each old agency hands over to each new one, by dataset, service and state: counts only."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.model import DUE_DAYS, Due, Flow
from merger.migrate.stage import Stage
from merger.migrate.survey import Surveyed
from merger.systems.expressions import Column, Row
from merger.systems.profile import Role, Value
from merger.systems.times import local

SOON_DAYS = 7
NO_DEADLINE = len(DUE_DAYS) + 1
DAY_LENGTH = len("2025-07-01")


def flows_of(campaign: Campaign, surveyed: Surveyed) -> list[tuple[Flow, Due]]:
    """The flows of the root datasets of an attached, staged source that have a holder, and when their rows
    are due."""
    flows: list[tuple[Flow, Due]] = []
    for stage in surveyed.stages.values():
        if stage.parent is None and (holder := holder_of(stage)):
            flows += _flows(campaign, surveyed, stage, holder)
    return flows


def holder_of(stage: Stage) -> str:
    """The field that says who acts next on a row, or on the row that it belongs to; empty without one."""
    root = stage.profile.datasets[stage.profile.root_of(stage.name)]
    return next((name for name, one in root.agencies.items() if one.role is Role.HOLDER), "")


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


def _flows(campaign: Campaign, surveyed: Surveyed, stage: Stage, holder: str) -> list[tuple[Flow, Due]]:
    decisions = surveyed.decisions[stage.name]
    staged = stage.staged()
    row = staged.row
    dataset = stage.dataset
    none = sa.cast(sa.literal(""), sa.Text)
    state = row.raw(dataset.status).text if dataset.status else none
    cutover = local(campaign.job.cutover, stage.profile.zone)
    due: Column = sa.literal(NO_DEADLINE)
    if dataset.deadline is not None:
        due = span_of(row.value(dataset.deadline).text, cutover)
    workflow: Column = sa.literal(0)
    if dataset.workflow is not None:
        workflow = sa.case((is_running(row, dataset.workflow), 1), else_=0)
    service_code = row.raw(dataset.service).text if dataset.service else none
    asked = (
        sa.select(
            staged.decision.label("decision"), service_code.label("service"), state.label("state"),
            due.label("due"), workflow.label("running"),
        )
        .select_from(row.source)
        .where(staged.state.is_(None))
    )  # fmt: skip
    spans: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0] * (NO_DEADLINE + 1))
    running: Counter[tuple[str, str, str, str]] = Counter()
    for number, code, status, span, bound, rows in stage.store.tally(asked):
        outcome = decisions.outcome(number)
        service = campaign.services.facts(code).root if code else ""
        where = (outcome.old_agency, outcome.gives.get(f"{holder}.code", ""), service, status or "")
        spans[where][int(span)] += rows
        running[where] += int(bound) * rows
    soon = DUE_DAYS.index(SOON_DAYS) + 1
    return [
        (
            Flow(
                system=stage.system, dataset=stage.name, from_agency=old, to_agency=new, service=service,
                state=status, rows=sum(counts), overdue=counts[0], due_soon=sum(counts[1:soon]),
                running=running[old, new, service, status],
            ),
            tuple(counts),
        )
        for (old, new, service, status), counts in sorted(spans.items())
    ]  # fmt: skip
