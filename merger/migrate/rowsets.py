"""The three places in which a moved row can be looked at, as sets of rows that can be compared.

What the source says it should be (`expected`), what the target holds (`found`), and what the ledger kept of
it when it was moved (`kept`). All three are keyed by the source's key, and a reference is in all three the
word for the row that is meant, so that no set needs the other's keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.comparing import RowSet
from merger.migrate.keys import in_bulk, is_here, looked_up
from merger.migrate.ledger import WITHDRAWN, Ledger, of_datasets
from merger.migrate.projection import Projection, project
from merger.migrate.row_keys import having
from merger.migrate.stage import Stage
from merger.migrate.state import ELSEWHERE
from merger.systems.expressions import Column
from merger.systems.functions import bucket, canonical, exact, quick_hash, row_hash, text_of_key
from merger.systems.kinds import Kind
from merger.systems.stores import Store

MANY = 50_000
"""From so many rows on, a set is worth a process of its own."""
OWN = (Kind.NUMBER, Kind.TIME, Kind.MOMENT, Kind.DAY, Kind.BOOL, Kind.UUID)
"""Kinds whose equal values have equal hashes in PostgreSQL whatever type of the kind a column has (numbers
as `numeric`). To write them as texts first took a sixth of the time."""
ARGUMENTS = 100
PREFIX = "column_"
"""Before the names of columns, so that none is taken for a set's own."""


def expected(campaign: Campaign, stage: Stage, buckets: int, *, quick: bool = False) -> RowSet:
    """The rows of a dataset that have a row of their own in the target, as they should be there. `quick`: by
    the database's own hash, to be compared with a set of the same kind of database."""
    projection = project(campaign, stage)
    key = projection.staged.row.key.sql
    whole = has_numbers(stage)
    texts = {name: one.text for name, one in projection.columns.items()}
    values = {name: one.value.sql for name, one in projection.columns.items()}
    asked = projection.select(
        projection.key.label("key"), _bucket(projection.key, key, buckets, whole=whole).label("bucket"),
        _hash(projection.key, texts, values, _own(projection) if quick else None).label("hash"),
        *_labelled(texts),
    ).where(projection.staged.moves)  # fmt: skip
    row = projection.staged.row
    return RowSet(stage.store.connection, asked, lambda keys: asked.where(having(row, keys)), quick=quick)


def found(
    campaign: Campaign,
    stage: Stage,
    target: Store,
    ledger: Ledger,
    buckets: int,
    *,
    numbers: bool,
    hashed: bool = False,
    quick: bool = False,
    few: bool = False,
    rows: int = 0,
) -> RowSet:
    """The rows of a dataset that were moved, as the target has them now. `numbers`: its keys are numbers;
    `hashed`: only those of which `kept` has a hash; `quick`: as of `expected`; `few`: they will be
    joined with few others, by whose keys they are found; `rows`: about how many they are."""
    dataset = campaign.target.profile.datasets[stage.dataset.to]
    names = [name for name in stage.dataset.columns if name != dataset.key[0]]
    known = target.columns(dataset.table)
    table = sa.table(dataset.table, schema=target.schema).alias("t")
    row = ledger.rows.alias("r")
    key_column = known[dataset.key[0]]
    here: Column = sa.column(key_column.name, _selectable=table)
    others: list[tuple[sa.FromClause, sa.ColumnElement[bool]]] = []
    values: dict[str, Column] = {name: sa.column(name, _selectable=table) for name in names}
    texts: dict[str, Column] = {}
    for number, (name, column) in enumerate(values.items()):
        value = stage.dataset.columns[name]
        if value.reference and (to := _referred(stage, value.reference)):
            other = ledger.rows.alias(f"w{number}")
            feeding = ledger.datasets_into(stage.others[to].dataset.to)
            meant = sa.and_(
                looked_up(other.c.target_key, column, known[name], target),
                of_datasets(other, feeding), other.c.merged == sa.false(), other.c.state != WITHDRAWN,
            )  # fmt: skip
            others.append((other, meant))
            texts[name] = _word(
                other, feeding, (stage.system, to), text_of_key(column, known[name].kind), column
            )
        else:
            texts[name] = canonical(column, stage.columns[name].kind, stage.columns[name].kind)
    own = _own(project(campaign, stage)) if quick else None
    asked = sa.select(
        row.c.source_key.label("key"), _ledger_bucket(row, buckets, numbers).label("bucket"),
        _hash(row.c.source_key, texts, values, own).label("hash"), *_labelled(texts),
    ).where(*_moved(row, stage, ledger, hashed=hashed))  # fmt: skip

    def joined(here_it_is: sa.ColumnElement[bool]) -> sa.Select[Any]:
        rows: sa.FromClause = sa.join(row, table, here_it_is)
        for other, meant in others:
            rows = rows.outerjoin(other, meant)
        return asked.select_from(rows)

    by_key = is_here(row.c.target_key, here, key_column, target)
    return RowSet(
        target.connection,
        joined(by_key if few else in_bulk(row.c.target_key, here, key_column, target)),
        lambda keys: joined(by_key).where(row.c.source_key.in_(keys)),
        target.apart() if rows >= MANY else None,
        quick=quick,
        half=row.c.batch % 2 == 0,
    )


def kept(stage: Stage, ledger: Ledger, buckets: int, *, numbers: bool) -> RowSet:
    """The rows of a dataset that were moved, as they were then; those of old runs (`Ledger.old_runs`) left
    out."""
    row = ledger.rows
    asked = sa.select(
        row.c.source_key.label("key"), _ledger_bucket(row, buckets, numbers).label("bucket"),
        row.c.row_hash.label("hash"),
    ).where(*_moved(row, stage, ledger, hashed=True))  # fmt: skip
    return RowSet(ledger.connection, asked)


def _moved(
    row: sa.FromClause, stage: Stage, ledger: Ledger, *, hashed: bool
) -> Iterator[sa.ColumnElement[bool]]:
    """Which of the ledger's rows stand in the target for a row of this dataset."""
    yield row.c.dataset_id == ledger.dataset_id(stage.system, stage.name)
    yield row.c.merged == sa.false()
    yield row.c.state != WITHDRAWN
    if hashed and ledger.old_runs:
        yield row.c.run.not_in(ledger.old_runs)


def _referred(stage: Stage, name: str) -> str:
    """The dataset that a value's reference means, where its rows move too."""
    reference = stage.dataset.references.get(name)
    to = reference.to if reference is not None else name
    return to if to in stage.others else ""


def _word(
    other: sa.FromClause,
    feeding: Mapping[int, tuple[str, str]],
    own: tuple[str, str],
    key: Column,
    column: Column,
) -> Column:
    """The word for the row whose key a column of the target holds."""
    cases: list[tuple[Column, Column]] = [(column.is_(None), sa.cast(sa.null(), sa.Text))]
    cases.append((other.c.source_key.is_(None), sa.literal(f"{ELSEWHERE}:").concat(key)))
    for number, where in feeding.items():
        if where != own:
            word = sa.literal(f"{ELSEWHERE}{where[0]}/{where[1]}:").concat(other.c.source_key)
            cases.append((other.c.dataset_id == number, word))
    return sa.case(*cases, else_=other.c.source_key)


def _own(projection: Projection) -> dict[str, Kind]:
    """The columns whose values both sides have as one kind that the database's own hash can take as it is."""
    return {
        name: one.column.kind
        for name, one in projection.columns.items()
        if one.column.kind is one.value.kind and one.column.kind in OWN and not one.refers
    }


def _hash(
    key: Column, texts: Mapping[str, Column], values: Mapping[str, Column], own: Mapping[str, Kind] | None
) -> Column:
    """The hash of a row: of its texts, or, where the columns in `own` are given, the database's own."""
    if own is None:
        return row_hash([key, *texts.values()])
    hashed = [
        exact(text) if name not in own
        else sa.cast(values[name], sa.Numeric) if own[name] is Kind.NUMBER
        else values[name]
        for name, text in texts.items()
    ]  # fmt: skip
    numbers = [values[name] for name, kind in own.items() if kind is Kind.NUMBER]
    return quick_hash([exact(key), *hashed, *_filled(numbers)])


def _filled(numbers: Sequence[Column]) -> Iterator[Column]:
    """How many numbers are not NULL: PostgreSQL has one hash for NULL, NaN and infinity. Its functions take
    so many values at once."""
    for start in range(0, len(numbers), ARGUMENTS):
        yield sa.func.num_nonnulls(*numbers[start : start + ARGUMENTS], type_=sa.Integer)


def _labelled(texts: Mapping[str, Column]) -> Sequence[Column]:
    return [text.label(f"{PREFIX}{name}") for name, text in texts.items()]


def has_numbers(stage: Stage) -> bool:
    """Whether the source's keys are whole numbers by their type."""
    key = stage.row().key
    if stage.store.dialect == "postgresql":
        return isinstance(key.sql.type, sa.Integer)
    return key.kind is Kind.NUMBER


def _bucket(text: Column, key: Column, buckets: int, *, whole: bool) -> Column:
    if buckets == 1:
        return sa.literal_column("0", sa.Integer)
    return bucket(key, Kind.NUMBER, buckets) if whole else bucket(text, Kind.TEXT, buckets)


def _ledger_bucket(row: sa.FromClause, buckets: int, numbers: bool) -> Column:
    if buckets == 1:
        return sa.literal_column("0", sa.Integer)
    if numbers:
        return bucket(sa.cast(row.c.source_key, sa.BigInteger), Kind.NUMBER, buckets)
    return bucket(row.c.source_key, Kind.TEXT, buckets)
