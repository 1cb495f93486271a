"""Which rows of a source a plan holds for given reasons: for people who may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.model import Hold, Plan
from merger.migrate.state import fate_of, held_for
from merger.migrate.survey import Survey, Surveyed
from merger.migrate.workbench import Workbench


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that is held: its technical key, the number that people know it by, and the text in which a
    locality is looked for. Personal data."""

    system: str
    dataset: str
    key: str
    number: str
    place: str


def held_rows(job: Path, plan: Plan, holds: Iterable[Hold], most: int) -> list[HeldRow]:
    """The first rows of these holds, at most so many, as the sources have them now and the plan decides
    them. Reads each source concerned as a dry run does. Raises InputError, Refused."""
    campaign = Campaign(job)
    by_system: dict[str, list[Hold]] = {}
    for hold in holds:
        by_system.setdefault(hold.system, []).append(hold)
    out: list[HeldRow] = []
    with Workbench(campaign) as bench:
        survey = Survey(campaign, bench.target, bench.ledger)
        for system, wanted in by_system.items():
            if len(out) >= most:
                break
            source = campaign.source(system)
            with bench.source(source) as store:
                surveyed = survey.follow(source, store, plan)
                for dataset in dict.fromkeys(hold.dataset for hold in wanted):
                    of = [hold for hold in wanted if hold.dataset == dataset]
                    out += _rows(surveyed, dataset, of, most - len(out))
    return out


def _rows(surveyed: Surveyed, dataset: str, holds: list[Hold], most: int) -> list[HeldRow]:
    stage = surveyed.stages[dataset]
    staged = stage.staged()
    none = sa.cast(sa.null(), sa.Text)
    number = staged.row.value(stage.dataset.number).as_text if stage.dataset.number else none
    place = staged.row.value(stage.dataset.locality).as_text if stage.dataset.locality else none
    service = staged.row.raw(stage.dataset.service).text if stage.dataset.service else none
    states = sorted({held_for(hold.reason, hold.column) for hold in holds})
    asked = (
        sa.select(staged.row.key_text, number, place, service, staged.decision, staged.state)
        .select_from(staged.row.source)
        .where(staged.state.in_(states))
        .order_by(staged.row.key_text)
    )
    wanted = {(held_for(hold.reason, hold.column), _written(hold.codes)) for hold in holds}
    decisions = surveyed.decisions.get(dataset)
    out: list[HeldRow] = []
    for key, says, where, code, decision, state in stage.store.connection.execute(asked):
        _, reason = fate_of(state)
        codes: dict[str, str | None] = {}
        if decisions is not None and decision is not None and decisions.outcome(decision).why == reason:
            codes = {part: one for part, one in decisions.codes(decision).items() if part != "rule"}
            if "service" in codes:
                codes["service"] = code
        if len(out) >= most:
            break
        if (state, _written(codes)) in wanted:
            out.append(HeldRow(surveyed.source.system, dataset, key, says or "", where or ""))
    return out


def _written(codes: dict[str, str | None]) -> tuple[tuple[str, str | None], ...]:
    return tuple(sorted(codes.items()))
