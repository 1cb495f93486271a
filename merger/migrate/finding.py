"""Where an old record went, or why it was held or left."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from merger.errors import Refused
from merger.mapping.models import Model
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.decisions import Decisions
from merger.migrate.keys import as_value
from merger.migrate.ledger import WITHDRAWN, Kept
from merger.migrate.model import Plan
from merger.migrate.stage import Stage
from merger.migrate.state import column_of, fate_of
from merger.migrate.survey import Survey
from merger.migrate.workbench import Workbench
from merger.systems.expressions import Typed
from merger.systems.functions import canonical, exact, text_of_key
from merger.systems.kinds import Kind
from merger.systems.stores import DatabaseFailed, Store

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
Where = tuple[str, str, str]
"""System, dataset and key."""


class Found(Model):
    """One record that a number or key names. `state`: moved, merged, withdrawn, to-move, held,
    excluded or not-planned. `column`: as of a hold. `holder`, `place`: codes, as the target has them now, or
    will."""

    system: str
    dataset: str
    key: str
    state: str
    reason: str = ""
    column: str = ""
    target: str = ""
    target_key: str = ""
    run: str = ""
    holder: str = ""
    place: str = ""


def find(job: Path, text: str) -> list[Found]:
    """The records whose number or key is `text`, in the order of the job's systems.

    The ledger and the target are asked first, by key and by number; the sources are then asked for what the
    ledger does not know, and surveyed only where they have it. A source that is not to be had any more is no
    error where the others answer. What is no text of a database (half of a character, NUL) names nothing.
    """
    campaign = Campaign(job)
    if _NO_TEXT.search(text):
        return []
    with Workbench(campaign) as bench:
        known = _known(campaign, bench, text)
        found = {where: _moved(campaign, bench, one) for where, one in known.items()}
        there = {where for where, one in known.items() if one.state != WITHDRAWN}
        runs = bench.ledger.runs(campaign.job.id)
        plan = Plan.model_validate_json(bench.ledger.plan_of(runs[-1].id)) if runs else None
        survey = Survey(campaign, bench.target, bench.ledger)
        for source in campaign.sources:
            try:
                with bench.source(source) as store:
                    for one in _in_source(survey, source, store, plan, text, there):
                        found[one.system, one.dataset, one.key] = one
            except (Refused, DatabaseFailed):
                if not found:
                    raise
    return _in_order(campaign, found)


def origins(job: Path, key: str) -> list[Found]:
    """The records that became rows of the target with this key, of whatever dataset; those that were merged
    into one too. The ledger alone is asked; a row that came from no source is not known."""
    campaign = Campaign(job)
    if _NO_TEXT.search(key):
        return []
    with Workbench(campaign) as bench:
        kept = [one for to in campaign.fed for one in bench.ledger.find_target(to, key)]
        moved = {where: _moved(campaign, bench, one) for where, one in _of(campaign, kept).items()}
    return _in_order(campaign, moved)


def _in_order(campaign: Campaign, found: Mapping[Where, Found]) -> list[Found]:
    order = {
        (source.system, name): at
        for at, (source, name) in enumerate(
            (source, name) for source in campaign.sources for name in source.order
        )
    }
    return sorted(found.values(), key=lambda one: (order[one.system, one.dataset], one.key))


def _of(campaign: Campaign, kept: Iterable[Kept]) -> dict[Where, Kept]:
    """The rows of datasets that the job moves."""
    moving = {(source.system, name) for source in campaign.sources for name in source.order}
    return {
        (one.system, one.dataset, one.source_key): one for one in kept if (one.system, one.dataset) in moving
    }


def _known(campaign: Campaign, bench: Workbench, text: str) -> dict[Where, Kept]:
    """What the ledger knows of a key, and of a number that the target has."""
    ledger = bench.ledger
    kept = list(ledger.find(text))
    asked: set[tuple[str, str]] = set()
    for source in campaign.sources:
        for dataset in (source.profile.datasets[name] for name in source.order):
            carried = (name for name, value in dataset.columns.items() if value == dataset.number)
            asked.update((dataset.to, name) for name in carried)
    for to, name in sorted(asked):
        kept += [
            one for key in _numbered(campaign, bench, to, name, text) for one in ledger.find_target(to, key)
        ]
    return _of(campaign, kept)


def _numbered(campaign: Campaign, bench: Workbench, to: str, name: str, text: str) -> list[str]:
    """The keys of the target's rows that bear a number."""
    dataset = campaign.target.profile.datasets[to]
    known = bench.target.columns(dataset.table)
    if not bench.ledger.there or known[name].kind is not Kind.TEXT:
        return []
    table = bench.target.table(dataset.table)
    key = text_of_key(table.c[dataset.key[0]], known[dataset.key[0]].kind)
    asked = sa.select(key).where(table.c[name] == text, exact(table.c[name]) == text)
    return list(bench.target.connection.execute(asked).scalars())


def _moved(campaign: Campaign, bench: Workbench, kept: Kept) -> Found:
    """A record that the ledger knows, and what its row in the target says of holder and place."""
    state = kept.state if kept.state == WITHDRAWN else "merged" if kept.merged else "moved"
    holder, place = _now(campaign, bench, kept) if state != WITHDRAWN else ("", "")
    return Found(
        system=kept.system, dataset=kept.dataset, key=kept.source_key, state=state, target=kept.target,
        target_key=str(kept.target_key), run=kept.run, holder=holder, place=place,
    )  # fmt: skip


def _now(campaign: Campaign, bench: Workbench, kept: Kept) -> tuple[str, str]:
    """The codes of holder and place that the target has of a row, or of the row that it belongs to."""
    profile = campaign.source(kept.system).profile
    name, key = kept.dataset, kept.target_key
    while profile.datasets[name].parent:
        dataset = profile.datasets[name]
        reference = dataset.references[dataset.parent]
        named = (dataset.parent, reference.to)
        columns = [one for one, value in dataset.columns.items() if value.reference in named]
        (key,) = _values(campaign, bench, dataset.to, key, columns[:1]) or (None,)
        if key is None:
            return "", ""
        name = reference.to
    dataset = profile.datasets[name]
    decided = {value.decided: one for one, value in dataset.columns.items() if value.decided}
    columns = [
        next((decided[code] for one in fields if (code := f"{one}.code") in decided), "")
        for fields in (dataset.agencies, dataset.units)
    ]
    found = iter(_values(campaign, bench, dataset.to, key, [one for one in columns if one]))
    holder, place = (next(found, None) or "" if one else "" for one in columns)
    return holder, place


def _values(
    campaign: Campaign, bench: Workbench, to: str, key: object, names: Sequence[str]
) -> Sequence[str | None]:
    """What the target's row with this key has in these columns, as text; nothing where it is not there."""
    dataset = campaign.target.profile.datasets[to]
    known = bench.target.columns(dataset.table)
    table = bench.target.table(dataset.table)
    texts = [canonical(table.c[name], known[name].kind, known[name].kind) for name in names]
    here = known[dataset.key[0]]
    asked = sa.select(*texts).where(table.c[here.name] == as_value(key, here, bench.target))
    return bench.target.connection.execute(asked).first() or () if names else ()


def _in_source(
    survey: Survey, source: SourceSystem, store: Store, plan: Plan | None, text: str, known: Container[Where]
) -> list[Found]:
    """The records of an opened source that the ledger does not know."""
    named = {
        name: keys
        for name, stage in survey.stages(source, store).items()
        if (keys := [key for key in _keys(stage, text) if (source.system, name, key) not in known])
    }
    if not named:
        return []
    if plan is None:
        return [
            Found(system=source.system, dataset=name, key=key, state="not-planned")
            for name, keys in named.items()
            for key in keys
        ]
    surveyed = survey.follow(source, store, plan)
    return [_unmoved(surveyed.stages[name], plan, key) for name, keys in named.items() for key in keys]


def _keys(stage: Stage, text: str) -> list[str]:
    row = stage.row()
    found: set[str] = set()
    asked = [sa.and_(_indexed(row.key, text), exact(row.key_text) == text)]
    if stage.dataset.number is not None:
        asked.append(row.value(stage.dataset.number).text == text)
    for named in asked:
        found.update(
            stage.store.connection.execute(
                sa.select(row.key_text).select_from(row.source).where(named)
            ).scalars()
        )
    return sorted(found)


def _indexed(key: Typed, text: str) -> sa.ColumnElement[bool]:
    """What a key that says `text` fulfils, and an index may serve."""
    if key.kind is Kind.TEXT:
        return key.sql == text
    if key.kind is Kind.NUMBER:
        return key.sql == int(text) if re.fullmatch("-?[0-9]{1,18}", text) else sa.true()
    return sa.true()


def _unmoved(stage: Stage, plan: Plan, key: str) -> Found:
    staged = stage.staged()
    asked = sa.select(staged.decision, staged.state).select_from(staged.row.source)
    number, state = stage.store.connection.execute(asked.where(exact(staged.row.key_text) == key)).one()
    fate, why = fate_of(state)
    word = {"move": "to-move", "hold": "held", "exclude": "excluded"}[fate]
    gives = _gives(plan, stage, number) if word == "to-move" else {}
    return Found(
        system=stage.system,
        dataset=stage.name,
        key=key,
        state=word,
        reason=why,
        column=column_of(state),
        target=stage.dataset.to,
        **gives,
    )


def _gives(plan: Plan, stage: Stage, number: int | None) -> dict[str, str]:
    root = stage.profile.root_of(stage.name)
    part = next(one for one in plan.datasets if (one.system, one.dataset) == (stage.system, root))
    gives = Decisions.of(part).outcome(number).gives if number is not None else {}
    dataset = stage.profile.datasets[root]
    holder = next((gives.get(f"{name}.code", "") for name in dataset.agencies if f"{name}.code" in gives), "")
    place = next((gives.get(f"{name}.code", "") for name in dataset.units if f"{name}.code" in gives), "")
    return {"holder": holder, "place": place}
