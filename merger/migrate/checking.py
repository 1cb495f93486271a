"""Can the job run? Reachability, rights, tables and columns, keys, counters, text, disk, and the time."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from merger.errors import Refused
from merger.messages import text
from merger.migrate.allowed import source_rights, target_rights
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.caveats import NO_VIEW, NOT_FOLLOWING, caveat_told, caveats_of
from merger.migrate.counters import Counter
from merger.migrate.counting import size
from merger.migrate.filing import one_sided, open_store, stores_of
from merger.migrate.isolation import isolation_told
from merger.migrate.looks import count_addresses
from merger.migrate.model import Check
from merger.migrate.presence import absent
from merger.migrate.room import copy_rooms, target_room
from merger.migrate.row_keys import bad_keys
from merger.migrate.survey import Survey
from merger.migrate.target_rules import TargetRules
from merger.migrate.widths import Widths, too_long, widths_of
from merger.migrate.workbench import Workbench
from merger.systems.files import StoreFailed
from merger.systems.stores import DatabaseFailed, SourceStore, Store
from merger.systems.stores.failures import LOST
from merger.systems.stores.room import Room

ROWS_PER_SECOND = 40_000
"""What one core moved and proved of the demo's rows; for the estimate only."""


def check(job: Path) -> list[Check]:
    """Every check of a job, each `ok`, `failed` or `not-run`. Raises InputError for unusable files."""
    campaign = Campaign(job)
    return list(_checks(campaign))


def _checks(campaign: Campaign) -> Iterator[Check]:
    target = campaign.target
    try:
        bench = Workbench(campaign)
    except (Refused, DatabaseFailed) as error:
        yield _check("reach", target.system, failed=True, detail=str(error))
        return
    rows = 0
    with bench:
        yield _reached(target, bench.target)
        why = bench.target.takes_no_rows()
        told = text(f"migrate.target-{why}", target=bench.target.place) if why else ""
        yield _check("writable", target.system, failed=bool(why), detail=told)
        missing = [str(one) for one in absent(campaign, target, bench.target, bench.target)]
        yield _check("columns", target.system, failed=bool(missing), detail="; ".join(missing))
        yield target_rights(campaign, bench.target, bench.ledger)
        if not missing:
            yield from _counters(campaign, bench.target)
            unsaid = list(_unsaid(campaign, bench.target))
            yield _check("unsaid", target.system, failed=bool(unsaid), detail="; ".join(unsaid))
        rules = TargetRules(campaign, bench.target)
        widths = {} if missing else widths_of(bench.target, campaign)
        copies: dict[str, Room] = {}
        lacking = set()
        for system, room, found in copy_rooms(campaign):
            copies[system] = room
            if found.state == "failed":
                lacking.add(system)
            yield found
        for source in campaign.sources:
            if source.system in lacking:
                continue
            try:
                with bench.source(source) as store:
                    checks, size = _source(campaign, bench, source, store, widths, rules)
                    yield from checks
                    rows += size
            except (Refused, DatabaseFailed) as error:
                yield _check("reach", source.system, failed=True, detail=str(error))
        yield from _untried(campaign, rules)
    yield from _files(campaign)
    yield from target_room(campaign, copies)
    detail = text("migrate.detail.time", rows=rows, seconds=rows // ROWS_PER_SECOND + 1)
    yield _check("time", target.system, detail=detail)


def _reached(target: SourceSystem, store: Store) -> Check:
    try:
        store.look_through()
    except DatabaseFailed as error:
        return _check("reach", target.system, failed=True, detail=str(error))
    return _check("reach", target.system)


def _files(campaign: Campaign) -> Iterator[Check]:
    """Whether the stores answer from and to which files are moved; and what names files that nobody moves."""
    for system in stores_of(campaign):
        try:
            with open_store(campaign.path, system):
                yield _check("files", system.system)
        except (Refused, StoreFailed) as error:
            yield _check("files", system.system, failed=True, detail=str(error))
    profiles = {one.system: one.profile for one in campaign.sources}
    for one in one_sided(campaign.document, profiles):
        yield Check(code="files", state="not-run", detail=one.message)


def _source(
    campaign: Campaign,
    bench: Workbench,
    source: SourceSystem,
    store: SourceStore,
    widths: Widths,
    rules: TargetRules,
) -> tuple[list[Check], int]:
    """The checks of an opened source, and how many rows it has."""
    store.look_through()
    checks = [_check("reach", source.system), source_rights(source, store)]
    if store.isolation is not None:
        checks.append(_check("isolation", source.system, detail=isolation_told(store.isolation)))
    checks += [
        _check(
            "replica" if one.code != NO_VIEW else NO_VIEW, source.system, failed=one.code in NOT_FOLLOWING,
            detail=caveat_told(one),
        )
        for one in caveats_of(source, store)
    ]  # fmt: skip
    missing = [str(one) for one in absent(campaign, source, store, bench.target)]
    checks.append(_check("columns", source.system, failed=bool(missing), detail="; ".join(missing)))
    if missing:
        return checks, 0
    unfilled = list(_unfilled(campaign, source, bench.target))
    checks.append(_check("required", source.system, failed=bool(unfilled), detail=", ".join(unfilled)))
    survey = Survey(campaign, bench.target, bench.ledger)
    troubled = False
    rows = 0
    for stage in survey.stages(source, store).values():
        without, shared = bad_keys(stage)
        if without or shared:
            troubled = True
            detail = text("migrate.detail.keys", dataset=stage.name, without=without, shared=shared)
            checks.append(_check("keys", source.system, failed=True, detail=detail))
        if stage.addressed:
            read = count_addresses(stage)
            detail = text("migrate.detail.addresses", dataset=stage.name, rows=read)
            checks.append(_check("addresses", source.system, detail=detail))
        rules.look_at(stage)
        rows += size(stage)
    if widths and not troubled:
        surveyed = survey.decide(source, store)
        cut = [
            str(one)
            for stage in surveyed.stages.values()
            for one in too_long(campaign, surveyed, stage, widths)
        ]
        checks.append(_check("widths", source.system, failed=bool(cut), detail="; ".join(cut)))
    return checks, rows


def _unfilled(campaign: Campaign, source: SourceSystem, target: Store) -> Iterator[str]:
    """Columns that the target requires and that a moved row would leave out."""
    for name in source.order:
        dataset = source.profile.datasets[name]
        into = campaign.target.profile.datasets[dataset.to]
        filled = {*dataset.columns, *into.key}
        for column in target.columns(into.table).values():
            given = column.nullable or column.generated or column.default is not None
            if not given and column.name not in filled:
                yield f"{name} → {into.table}.{column.name}"


def _unsaid(campaign: Campaign, target: Store) -> Iterator[str]:
    """Columns that may not repeat in the target, that moved rows fill, and of which its profile does not say
    so: two rows of one value would be found by the database only."""
    for name, into in campaign.target.profile.datasets.items():
        filled = {
            column
            for source in campaign.sources
            for dataset in source.profile.datasets.values()
            if dataset.to == name
            for column in dataset.columns
        }
        said = [set(one) for one in (into.key, *into.unique.values())]
        for columns in target.uniques(into.table):
            if set(columns) <= filled and not any(one <= set(columns) for one in said):
                yield text("migrate.detail.unsaid", dataset=name, columns=", ".join(columns))


def _untried(campaign: Campaign, rules: TargetRules) -> Iterator[Check]:
    """The rules of the target's tables that nobody can try on rows before they move."""
    system = campaign.target.system
    told = [
        text("migrate.detail.untried", dataset=dataset, rules=", ".join(sorted(names)),
             table=campaign.target.profile.datasets[dataset].table)
        for dataset, names in sorted(rules.untried.items()) if names
    ]  # fmt: skip
    detail = f"{system}: {'; '.join(told)}" if told else system
    yield Check(code="rules", state="not-run" if told else "ok", detail=detail)


def _counters(campaign: Campaign, store: Store) -> Iterator[Check]:
    target = campaign.target
    for dataset in (target.profile.datasets[name] for name in campaign.fed):
        if dataset.keys.way == "keep":
            continue
        try:
            Counter(store.connection, dataset, store.schema).kept()
        except (Refused, DatabaseFailed, sa.exc.DBAPIError) as error:
            if isinstance(error, DatabaseFailed) and error.key == LOST:
                raise
            known = isinstance(error, Refused | DatabaseFailed)
            why = str(error) if known else text("migrate.detail.no-sequence")
            detail = f"{dataset.table}: {why}"
            yield _check("counter", target.system, failed=True, detail=detail)


def _check(code: str, system: str, *, failed: bool = False, detail: str = "") -> Check:
    return Check(
        code=code, state="failed" if failed else "ok", detail=f"{system}: {detail}" if detail else system
    )
