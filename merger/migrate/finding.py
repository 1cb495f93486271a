"""Where an old record went, or why it was held or left."""

from pathlib import Path

import sqlalchemy as sa

from merger.mapping.models import Model
from merger.migrate.campaign import Campaign
from merger.migrate.decisions import Decisions
from merger.migrate.ledger import Ledger
from merger.migrate.model import Plan
from merger.migrate.stage import Stage, fate_of
from merger.migrate.survey import Survey
from merger.migrate.workbench import Workbench
from merger.systems.functions import exact


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
    with Workbench(campaign) as bench:
        runs = bench.ledger.runs(campaign.job.id)
        plan = Plan.model_validate_json(bench.ledger.plan_of(runs[-1].id)) if runs else None
        survey = Survey(campaign, bench.target, bench.ledger)
        found: list[Found] = []
        for source in campaign.sources:
            with bench.source(source) as store:
                named = {name: _keys(stage, text) for name, stage in survey.stages(source, store).items()}
                if not any(named.values()):
                    continue
                if plan is None:
                    found += [
                        Found(system=source.system, dataset=name, key=key, state="not-planned")
                        for name, keys in named.items()
                        for key in keys
                    ]
                    continue
                surveyed = survey.follow(source, store, plan)
                for name, keys in named.items():
                    found += [_found(surveyed.stages[name], bench.ledger, plan, key) for key in keys]
    return found


def _keys(stage: Stage, text: str) -> list[str]:
    row = stage.row()
    named = exact(row.key_text) == text
    if stage.dataset.number is not None:
        named = named | (row.value(stage.dataset.number).text == text)
    asked = sa.select(row.key_text).select_from(row.source).where(named)
    return list(stage.store.connection.execute(asked).scalars())


def _found(stage: Stage, ledger: Ledger, plan: Plan, key: str) -> Found:
    staged = stage.staged()
    asked = sa.select(staged.decision, staged.state).select_from(staged.row.source)
    number, state = stage.store.connection.execute(asked.where(exact(staged.row.key_text) == key)).one()
    base = Found(system=stage.system, dataset=stage.name, key=key, state="", target=stage.dataset.to)
    row = ledger.rows.c
    mine = (row.dataset_id == ledger.dataset_id(stage.system, stage.name)) & (row.source_key == key)
    moved = ledger.connection.execute(
        sa.select(row.target_key, row.run, row.merged).where(mine)
    ).one_or_none()
    gives = _gives(plan, stage, number)
    if moved is not None:
        target_key, run, merged = moved
        word = "merged" if merged else "moved"
        return base.model_copy(update={"state": word, "target_key": str(target_key), "run": run, **gives})
    fate, why = fate_of(state)
    word = {"move": "to-move", "hold": "held", "exclude": "excluded"}[fate]
    return base.model_copy(update={"state": word, "reason": why, **(gives if word == "to-move" else {})})


def _gives(plan: Plan, stage: Stage, number: int | None) -> dict[str, str]:
    root = stage.profile.root_of(stage.name)
    part = next(one for one in plan.datasets if (one.system, one.dataset) == (stage.system, root))
    gives = Decisions.of(part).outcome(number).gives if number is not None else {}
    dataset = stage.profile.datasets[root]
    holder = next((gives.get(f"{name}.code", "") for name in dataset.agencies if f"{name}.code" in gives), "")
    place = next((gives.get(f"{name}.code", "") for name in dataset.units if f"{name}.code" in gives), "")
    return {"holder": holder, "place": place}
