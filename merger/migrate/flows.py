"""What each old agency hands over to each new one, by dataset, service and state: counts only."""

from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.model import Flow
from merger.migrate.stage import MOVE, Stage
from merger.migrate.survey import Surveyed
from merger.systems.expressions import Column
from merger.systems.profile import Role
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


def _flows(campaign: Campaign, surveyed: Surveyed, stage: Stage, holder: str) -> list[Flow]:
    decisions = surveyed.decisions[stage.name]
    row = stage.row()
    rows = stage.rows.alias("st")
    row.source = sa.join(rows, row.table, rows.c.key == row.key)
    dataset = stage.dataset
    state = sa.cast(row.raw(dataset.status), sa.Text) if dataset.status else sa.literal("")
    cutover = local(campaign.job.cutover, stage.profile.zone)
    soon = cutover + timedelta(days=SOON_DAYS)
    overdue: Column = sa.literal(0)
    due_soon: Column = sa.literal(0)
    if dataset.deadline is not None:
        deadline = row.value(dataset.deadline)
        overdue = sa.case((deadline < cutover.isoformat(" "), 1), else_=0)
        due_soon = sa.case((deadline.between(cutover.isoformat(" "), soon.isoformat(" ")), 1), else_=0)
    workflow: Column = sa.literal(0)
    if dataset.workflow is not None:
        running = row.raw(dataset.workflow)
        workflow = sa.case((sa.and_(running.is_not(None), running != ""), 1), else_=0)
    raw_service = sa.cast(row.raw(dataset.service), sa.Text) if dataset.service else sa.literal("")
    asked = (
        sa.select(
            rows.c.decision, raw_service, state, sa.func.count(), sa.func.sum(overdue), sa.func.sum(due_soon),
            sa.func.sum(workflow),
        )
        .select_from(row.source)
        .where(rows.c.fate == MOVE)
        .group_by(rows.c.decision, raw_service, state)
    )  # fmt: skip
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for number, code, status, *counts in stage.bench.connection.execute(asked):
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
