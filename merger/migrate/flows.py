"""What each old agency hands over to each new one, by dataset, service and state: counts only."""

from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.model import Flow
from merger.migrate.stage import Stage
from merger.migrate.survey import Surveyed
from merger.systems.expressions import Column, Row
from merger.systems.profile import Role, Value
from merger.systems.times import local

SOON_DAYS = 7


def flows_of(campaign: Campaign, surveyed: Surveyed) -> list[Flow]:
    """The flows of the root datasets of an attached, staged source that have a holder."""
    flows: list[Flow] = []
    for stage in surveyed.stages.values():
        holders = [name for name, one in stage.dataset.agencies.items() if one.role is Role.HOLDER]
        if stage.parent is None and holders:
            flows += _flows(campaign, surveyed, stage, holders[0])
    return flows


def is_running(row: Row, workflow: Value) -> Column:
    """Whether a row is bound to a running workflow."""
    running = row.raw(workflow)
    return sa.and_(running.sql.is_not(None), running.text != "")


def _flows(campaign: Campaign, surveyed: Surveyed, stage: Stage, holder: str) -> list[Flow]:
    decisions = surveyed.decisions[stage.name]
    staged = stage.staged()
    row = staged.row
    dataset = stage.dataset
    none = sa.cast(sa.literal(""), sa.Text)
    state = row.raw(dataset.status).text if dataset.status else none
    cutover = local(campaign.job.cutover, stage.profile.zone)
    soon = cutover + timedelta(days=SOON_DAYS)
    overdue: Column = sa.literal(0)
    due_soon: Column = sa.literal(0)
    if dataset.deadline is not None:
        deadline = row.value(dataset.deadline).text
        overdue = sa.case((deadline < cutover.isoformat(" "), 1), else_=0)
        due_soon = sa.case((deadline.between(cutover.isoformat(" "), soon.isoformat(" ")), 1), else_=0)
    workflow: Column = sa.literal(0)
    if dataset.workflow is not None:
        workflow = sa.case((is_running(row, dataset.workflow), 1), else_=0)
    service_code = row.raw(dataset.service).text if dataset.service else none
    asked = (
        sa.select(
            staged.decision.label("decision"), service_code.label("service"), state.label("state"),
            overdue.label("overdue"), due_soon.label("soon"), workflow.label("running"),
        )
        .select_from(row.source)
        .where(staged.state.is_(None))
    )  # fmt: skip
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for number, code, status, *marks, rows in stage.store.tally(asked):
        counts = [rows, *(mark * rows for mark in marks)]
        outcome = decisions.outcome(number)
        service = campaign.services.facts(code).root if code else ""
        where = (outcome.old_agency, outcome.gives.get(f"{holder}.code", ""), service, status or "")
        sums[where] = [one + more for one, more in zip(sums[where], counts, strict=True)]
    return [
        Flow(
            system=stage.system, dataset=stage.name, from_agency=old, to_agency=new, service=service,
            state=status, rows=counts[0], overdue=counts[1], due_soon=counts[2], running=counts[3],
        )
        for (old, new, service, status), counts in sorted(sums.items())
    ]  # fmt: skip
