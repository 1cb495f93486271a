"""Can the job run? Reachability, tables and columns, keys, counters, text, disk, and a guess of the time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from merger.errors import Refused
from merger.messages import text
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.counters import Counter
from merger.migrate.ledger import Ledger
from merger.migrate.looks import count_addresses
from merger.migrate.model import Check
from merger.migrate.presence import absent
from merger.migrate.survey import Survey
from merger.migrate.widths import Widths, too_long, widths_of
from merger.systems.sqlite import TARGET, Workbench

ROWS_PER_SECOND = 40_000
"""What one core moved and proved of the demo's rows; for the estimate only."""


def check(job: Path) -> list[Check]:
    """Every check of a job, each `ok`, `failed` or `not-run`. Raises InputError for unusable files."""
    campaign = Campaign(job)
    return list(_checks(campaign))


def _checks(campaign: Campaign) -> Iterator[Check]:
    target = campaign.target
    try:
        bench = Workbench(target.database)
    except Refused as error:
        yield _check("reach", target.system, failed=True, detail=str(error))
        return
    rows = 0
    with bench:
        yield _check("reach", target.system)
        missing = [str(one) for one in absent(bench.connection, campaign, target)]
        yield _check("columns", target.system, failed=bool(missing), detail="; ".join(missing))
        if not missing:
            yield from _counters(bench.connection, target)
        survey = Survey(bench, campaign, Ledger(bench.connection))
        widths = {} if missing else widths_of(bench, campaign)
        for source in campaign.sources:
            try:
                with survey.attached(source):
                    yield _check("reach", source.system)
                    missing = [str(one) for one in absent(bench.connection, campaign, source)]
                    yield _check("columns", source.system, failed=bool(missing), detail="; ".join(missing))
                    if missing:
                        continue
                    unfilled = list(_unfilled(bench.connection, campaign, source))
                    yield _check("required", source.system, failed=bool(unfilled), detail=", ".join(unfilled))
                    bad_keys = False
                    for stage in survey.stages(source).values():
                        without, shared = stage.bad_keys()
                        detail = text(
                            "migrate.detail.keys", dataset=stage.name, without=without, shared=shared
                        )
                        if without or shared:
                            bad_keys = True
                            yield _check("keys", source.system, failed=True, detail=detail)
                        if stage.addressed:
                            read = count_addresses(stage, campaign.job.exclude)
                            detail = text("migrate.detail.addresses", dataset=stage.name, rows=read)
                            yield _check("addresses", source.system, detail=detail)
                        rows += bench.connection.execute(
                            sa.select(sa.func.count()).select_from(stage.row().table)
                        ).scalar() or 0  # fmt: skip
                    if widths and not bad_keys:
                        yield _widths(campaign, survey, source, widths)
            except Refused as error:
                yield _check("reach", source.system, failed=True, detail=str(error))
    yield from _room(campaign, rows)


def _widths(campaign: Campaign, survey: Survey, source: SourceSystem, widths: Widths) -> Check:
    """Whether the target's columns take what is decided for an attached source."""
    found = survey.decisions(source)
    cut = [str(one) for stage in found.stages.values() for one in too_long(campaign, found, stage, widths)]
    return _check("widths", source.system, failed=bool(cut), detail="; ".join(cut))


def _unfilled(connection: sa.Connection, campaign: Campaign, source: SourceSystem) -> Iterator[str]:
    """Columns that the target requires and that a moved row would leave out."""
    inspector = sa.inspect(connection)
    for name in source.order:
        dataset = source.profile.datasets[name]
        target = campaign.target.profile.datasets[dataset.to]
        columns = {one["name"]: one for one in inspector.get_columns(target.table, schema=TARGET)}
        filled = {*dataset.columns, *target.key}
        for column, about in columns.items():
            if not about["nullable"] and about.get("default") is None and column not in filled:
                yield f"{name} → {target.table}.{column}"


def _counters(connection: sa.Connection, target: SourceSystem) -> Iterator[Check]:
    for dataset in target.profile.datasets.values():
        if dataset.keys.way == "keep":
            continue
        try:
            Counter(connection, dataset).kept()
        except (Refused, sa.exc.DBAPIError) as error:
            why = str(error) if isinstance(error, Refused) else text("migrate.detail.no-sequence")
            detail = f"{dataset.table}: {why}"
            yield _check("counter", target.system, failed=True, detail=detail)


def _room(campaign: Campaign, rows: int) -> Iterator[Check]:
    size = sum(source.database.stat().st_size for source in campaign.sources if source.database.is_file())
    free = shutil.disk_usage(campaign.target.database.parent).free
    needed = 3 * size
    detail = text("migrate.detail.disk", free=free // 2**20, wanted=needed // 2**20)
    yield _check("disk", campaign.target.system, failed=free < needed, detail=detail)
    detail = text("migrate.detail.time", rows=rows, seconds=rows // ROWS_PER_SECOND + 1)
    yield _check("time", campaign.target.system, detail=detail)


def _check(code: str, system: str, *, failed: bool = False, detail: str = "") -> Check:
    return Check(
        code=code, state="failed" if failed else "ok", detail=f"{system}: {detail}" if detail else system
    )
