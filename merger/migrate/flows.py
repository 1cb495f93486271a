"""What each old agency hands over to each new one, by dataset, service and state: counts only."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.groups import NO_DEADLINE, asked_by, holder_of, settled
from merger.migrate.model import DUE_DAYS, Due, Flow
from merger.migrate.stage import Stage
from merger.migrate.survey import Surveyed

SOON_DAYS = 7


def flows_of(campaign: Campaign, surveyed: Surveyed) -> list[tuple[Flow, Due]]:
    """The flows of the root datasets of an attached, staged source that have a holder, and when their rows
    are due."""
    flows: list[tuple[Flow, Due]] = []
    for stage in surveyed.stages.values():
        if stage.parent is None and (holder := holder_of(stage)):
            flows += _flows(campaign, surveyed, stage, holder)
    return flows


def _flows(campaign: Campaign, surveyed: Surveyed, stage: Stage, holder: str) -> list[tuple[Flow, Due]]:
    decisions = surveyed.decisions[stage.name]
    spans: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0] * (NO_DEADLINE + 1))
    running: Counter[tuple[str, str, str, str]] = Counter()
    for number, code, status, span, bound, rows in _moving(stage, campaign.job.cutover):
        outcome = decisions.outcome(number)
        service = campaign.services.facts(code).root if code else ""
        where = (outcome.old_agency, outcome.gives.get(f"{holder}.code", ""), service, status or "")
        spans[where][span] += rows
        running[where] += bound * rows
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


def _moving(stage: Stage, cutover: datetime) -> Iterator[tuple[int, str | None, str | None, int, bool, int]]:
    """(decision, service, status, span, whether it is running, rows) of the rows that move."""
    if groups := settled(stage):
        for one in groups:
            if one.state is None:
                yield one.decision, one.service, one.status, one.due, one.running, one.rows
        return
    staged = stage.staged()
    row, dataset = staged.row, stage.dataset
    service = row.raw(dataset.service).text if dataset.service else sa.cast(sa.null(), sa.Text)
    status, due, running = asked_by(stage, row, cutover)
    asked = sa.select(
        staged.decision.label("decision"), service.label("service"), status.label("state"),
        due.label("due"), running.label("running"),
    ).where(staged.state.is_(None))  # fmt: skip
    for number, code, state, span, bound, rows in stage.tally(asked, row):
        yield number, code, state, int(span), bool(bound), rows
