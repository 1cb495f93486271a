"""The batches of a dataset: where they begin and end, which keys of the target their rows get."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.keys import as_kept, edge_of, order_of, reserve
from merger.migrate.ledger import Ledger, PlannedBatch
from merger.migrate.movers.batch import written
from merger.migrate.movers.move import CHANGED, GONE, MERGED, PROVED, ROWS, TIED, Landed, Move
from merger.migrate.projection import project
from merger.migrate.referring import referring
from merger.migrate.rowsets import found
from merger.migrate.since import Since
from merger.migrate.stage import Stage
from merger.migrate.state import ELSEWHERE
from merger.systems.expressions import Column, Row
from merger.systems.kinds import Kind
from merger.systems.profile import Dataset
from merger.systems.stores import TargetStore, has_files


def move_of(campaign: Campaign, stage: Stage, target: TargetStore, ledger: Ledger, run: str) -> Move:
    """Everything that moving a dataset's batches needs."""
    dataset = campaign.target.profile.datasets[stage.dataset.to]
    projection = project(campaign, stage)
    staged = projection.staged
    referred = {one.refers for one in projection.columns.values() if one.refers}
    there = found(campaign, stage, target, ledger, 1, numbers=False, few=True)
    assert there.among is not None
    put = ledger.rows.alias("put").c
    of_batch = sa.select(put.source_key).where(put.batch == sa.bindparam(PROVED, None, sa.Integer))
    columns = tuple(
        Landed(
            one.column,
            one.text if one.column.kind is Kind.TEXT and one.value.kind is not Kind.TEXT else one.value.sql,
            one.landing,
            one.value.kind,
            ledger.dataset_id(stage.system, one.refers) if one.refers else None,
            one.late,
        )
        for one in projection.columns.values()
    )
    return Move(
        system=stage.system,
        dataset=stage.name,
        dataset_id=ledger.dataset_id(stage.system, stage.name),
        run=run,
        source=staged.row.source,
        key=staged.row.key,
        order=order_of(staged.row),
        key_text=staged.row.key_text,
        moves=staged.moves,
        into=staged.into,
        table=dataset.table,
        target_key=stage.columns[dataset.key[0]],
        given_out=dataset.keys.way == "block",
        columns=columns,
        now=there.select,
        put=there.among(of_batch),
        feeding=tuple(ledger.datasets_into(stage.dataset.to)),
        referring=tuple(referring(campaign.target.profile, stage.dataset.to, target)),
        survivors=tuple(_survivors(campaign, stage, referred, target, ledger).items()),
        alike=tuple(
            (*dataset.unique[rule.unique], *rule.second)
            for rule in campaign.job.collisions
            if rule.rule == "merge" and rule.dataset == stage.dataset.to
        ),
        files=has_files(stage.store, projection.select(*[one.value for one in columns if one.may_be_files])),
    )  # fmt: skip


def _survivors(
    campaign: Campaign, stage: Stage, referred: set[str], target: TargetStore, ledger: Ledger
) -> dict[str, object]:
    """`Move.survivors`, by word. Rows of the target's own in two of its datasets may have one word, since
    they have one key; SQLite knows it as the dataset's own has it."""
    out: dict[str, object] = {}
    for name in (*sorted(referred - {stage.name}), stage.name):
        out |= _elsewhere(campaign, stage.others[name], target, ledger)
    return out


def _elsewhere(
    campaign: Campaign, stage: Stage, target: TargetStore, ledger: Ledger
) -> Iterator[tuple[str, object]]:
    """(word, the target's key as the ledger keeps it) of the rows of other datasets, or of the target's own,
    that rows of this one are merged into."""
    column = stage.columns[campaign.target.profile.datasets[stage.dataset.to].key[0]]
    words = {**stage.earlier, **stage.survivors}.values()
    for word in sorted({one for one in words if one.startswith(ELSEWHERE)}):
        where, _, key = word.removeprefix(ELSEWHERE).partition(":")
        if not where:
            yield word, as_kept(key, column, target)
            continue
        system, _, dataset = where.partition("/")
        found = ledger.target_key(system, dataset, key)
        if found is not None:
            yield word, found


def plan_batches(
    stage: Stage,
    target: Dataset,
    store: TargetStore,
    ledger: Ledger,
    run: str,
    size: int,
    lately: Since,
    *,
    whole: bool,
) -> None:
    """Records the batches of a dataset and reserves the keys of its rows. To be called in a transaction.

    `whole`: every row moves, as far as the plan knows; keys of rows that do not, after all, stay free.
    """
    dataset_id = ledger.dataset_id(stage.system, stage.name)
    if lately.new is None:
        rows = [
            PlannedBatch(written(begin), written(end), count)
            for begin, end, count in _ranges(stage, size, whole=whole)
        ]
    else:
        rows = list(_lists(lately.new, size, ROWS))
    moving = sum(one.expected for one in rows)
    batches: list[PlannedBatch] = []
    if target.keys.way == "block" and moving:
        first = reserve(store, target, ledger, run, dataset_id, moving)
        for one in rows:
            batches.append(replace(one, first_target=first))
            first += one.expected
    else:
        batches = rows
    merged = sorted(stage.survivors) if lately.merged is None else lately.merged
    batches += _lists(merged, size, MERGED)
    if stage.ties:
        batches += [replace(one, kind=TIED, first_target=None) for one in rows]
    batches += _lists(lately.changed, size, CHANGED)
    batches += _lists(lately.gone, size, GONE)
    ledger.plan_batches(run, dataset_id, batches)


def _lists(keys: Sequence[str], size: int, kind: str) -> Iterator[PlannedBatch]:
    for start in range(0, len(keys), size):
        part = tuple(keys[start : start + size])
        yield PlannedBatch(written(part[0]), written(part[-1]), len(part), keys=part, kind=kind)


def _ranges(stage: Stage, size: int, *, whole: bool) -> Iterator[tuple[object, object, int]]:
    """(first key, last key, rows) of at most `size` rows each that get a row of their own in the target, in
    the order of the source's keys. `whole`: of all rows, which needs nothing but their keys."""
    staged = None if whole else stage.staged()
    row = staged.row if staged else stage.row()
    key = row.key.sql
    plain = isinstance(key, sa.ColumnClause) and isinstance(key.type, sa.Integer)
    if staged is None and plain and stage.store.keeps_key(stage.dataset.table, stage.dataset.key):
        yield from _steps(stage, row, size)
        return
    counted: Column = sa.func.count().over()
    if staged is None:  # a window over everything keeps every row: 0.7 CPU seconds a million rows in SQLite
        counted = sa.select(sa.func.count()).select_from(row.table).scalar_subquery()
    inner = (
        sa.select(
            edge_of(row.key, stage.store).label("key"),
            sa.func.row_number().over(order_by=order_of(row)).label("number"),
            counted.label("total"),
        )
        .select_from(row.source)
        .where(staged.moves if staged else sa.true())
        .subquery()
    )  # fmt: skip
    number, total = inner.c.number, inner.c.total
    edge = sa.or_((number - 1) % size == 0, number % size == 0, number == total)
    begin: tuple[object, int] = ("", 0)
    asked = sa.select(inner.c.key, number, total).where(edge).order_by(number)
    for here, at, last in stage.store.connection.execute(asked):
        if (at - 1) % size == 0:
            begin = here, at
        if at % size == 0 or at == last:
            yield begin[0], here, at - begin[1] + 1


def _steps(stage: Stage, row: Row, size: int) -> Iterator[tuple[object, object, int]]:
    """`_ranges` of all rows of a table that has an index of its whole numbers for keys, which is walked from
    batch to batch: in SQLite a sixth of the time of numbering the rows."""
    key = row.key.sql
    keys = sa.select(key).select_from(row.table).order_by(key)
    execute = stage.store.connection.execute
    begin = execute(keys.limit(1)).scalar()
    while begin is not None:
        edge = execute(keys.where(key >= begin).limit(2).offset(size - 1)).scalars().all()
        if edge:
            yield begin, edge[0], size
        else:
            rest = sa.select(sa.func.max(key), sa.func.count()).select_from(row.table).where(key >= begin)
            last, rows = execute(rest).one()
            yield begin, last, rows
        begin = edge[1] if len(edge) == 2 else None
