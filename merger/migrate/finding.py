"""Where an old record went, or why it was held or left."""

from pathlib import Path

import sqlalchemy as sa

from merger.mapping.models import Model
from merger.migrate.campaign import Campaign
from merger.migrate.decisions import Decisions
from merger.migrate.ledger import Ledger
from merger.migrate.model import Plan
from merger.migrate.stage import FATE_OF, Stage
from merger.migrate.survey import Survey
from merger.systems.sqlite import Workbench


class Found(Model):
    """One record that a number or key names. `state`: moved, merged, held, excluded or not-planned."""

    system: str
    dataset: str
    key: str
    state: str
    reason: str = ""
    target: str = ""
    target_key: str = ""
    run: str = ""
    holder: str = ""
    place: str = ""


def find(job: Path, text: str) -> list[Found]:
    """The records whose number or key is `text`, in the order of the job's systems."""
    campaign = Campaign(job)
    with Workbench(campaign.target.database) as bench:
        ledger = Ledger(bench.connection)
        runs = ledger.runs(campaign.job.id)
        plan = Plan.model_validate_json(ledger.plan_of(runs[-1].id)) if runs else None
        survey = Survey(bench, campaign, ledger)
        found: list[Found] = []
        for source in campaign.sources:
            with survey.attached(source), bench.snapshot():
                named = {name: _keys(stage, text) for name, stage in survey.stages(source).items()}
                if not any(named.values()):
                    continue
                if plan is None:
                    found += [
                        Found(system=source.system, dataset=name, key=str(key), state="not-planned")
                        for name, keys in named.items()
                        for key in keys
                    ]
                    continue
                staged = survey.follow(source, plan)
                for name, keys in named.items():
                    found += [_found(staged.stages[name], ledger, plan, key) for key in keys]
    return found


def _keys(stage: Stage, text: str) -> list[object]:
    row = stage.row()
    named = sa.cast(row.key, sa.Text) == text
    if stage.dataset.number is not None:
        named = named | (sa.cast(row.value(stage.dataset.number), sa.Text) == text)
    asked = sa.select(row.key).select_from(row.source).where(named)
    return list(stage.bench.connection.execute(asked).scalars())


def _found(stage: Stage, ledger: Ledger, plan: Plan, key: object) -> Found:
    connection = stage.bench.connection
    rows = stage.rows.c
    number, fate, why = connection.execute(
        sa.select(rows.decision, rows.fate, rows.why).where(rows.key == key)
    ).one()
    base = Found(system=stage.system, dataset=stage.name, key=str(key), state="", target=stage.dataset.to)
    row = ledger.row.c
    mine = (row.dataset_id == ledger.dataset_id(stage.system, stage.name)) & (row.source_key == str(key))
    moved = connection.execute(sa.select(row.target_key, row.run, row.merged).where(mine)).one_or_none()
    gives = _gives(plan, stage, number)
    if moved is not None:
        target_key, run, merged = moved
        state = "merged" if merged else "moved"
        return base.model_copy(update={"state": state, "target_key": str(target_key), "run": run, **gives})
    state = {"move": "to-move", "hold": "held", "exclude": "excluded"}[FATE_OF[fate]]
    return base.model_copy(
        update={"state": state, "reason": why or "", **(gives if state == "to-move" else {})}
    )


def _gives(plan: Plan, stage: Stage, number: int | None) -> dict[str, str]:
    root = stage.profile.root_of(stage.name)
    part = next(one for one in plan.datasets if (one.system, one.dataset) == (stage.system, root))
    gives = Decisions.of(part).outcome(number).gives if number is not None else {}
    dataset = stage.profile.datasets[root]
    holder = next((gives.get(f"{name}.code", "") for name in dataset.agencies if f"{name}.code" in gives), "")
    place = next((gives.get(f"{name}.code", "") for name in dataset.units if f"{name}.code" in gives), "")
    return {"holder": holder, "place": place}
