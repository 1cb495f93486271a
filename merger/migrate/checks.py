"""The checks of a run that say one thing each, dataset by dataset."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from merger.mapping.models import UnitKind
from merger.migrate.campaign import Campaign
from merger.migrate.counting import counts, size
from merger.migrate.decisions import Decisions
from merger.migrate.filing import FilesProved
from merger.migrate.keys import in_bulk
from merger.migrate.ledger import WITHDRAWN, Ledger, Tally
from merger.migrate.model import Check, DatasetPlan, Difference, Fate, State
from merger.migrate.stage import Stage
from merger.migrate.state import fate_of
from merger.systems.expressions import Column
from merger.systems.functions import canonical, exact
from merger.systems.profile import Dataset, Profile, Role
from merger.systems.stores import Store


def told(word: str, **numbers: object) -> str:
    """A check's detail, the same in every language: a word and numbers (`broken rows=0`). The catalogue says
    it in words under `migrate.detail.<word>`."""
    return " ".join([word, *(f"{name}={number}" for name, number in numbers.items())])


@dataclass(frozen=True)
class Counted:
    """What becomes of a source's rows (see `counts`), and how many it has."""

    fates: Sequence[tuple[int | None, str | None, bool, int]]
    rows: int

    @property
    def moving(self) -> int:
        """How many rows move, or are merged."""
        return sum(rows for _, state, _, rows in self.fates if state is None)


def counted(stage: Stage) -> Counted:
    """Counts a source's rows, twice: with all that is joined to them, and by themselves."""
    return Counted(counts(stage), size(stage))


def conservation(
    found: Counted,
    stage: Stage,
    part: DatasetPlan,
    parts: Mapping[str, DatasetPlan],
    in_ledger: int,
    *,
    still: bool,
) -> Check:
    """in scope = moved + held + excluded = the source's rows, and the ledger has what was moved.

    `still`: the source has not moved on since the plan, so the sums are the plan's, for every old unit. A
    source that is in use gets rows after the plan was made. `in_ledger`: the rows that were moved, but for
    those that the source does not have, or holds, now.
    """
    decisions = Decisions.of(parts[stage.profile.root_of(stage.name)])
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for number, state, _, rows in found.fates:
        unit = "unknown" if number is None else decisions.outcome(number).old_unit
        sums[unit][[Fate.MOVE, Fate.HOLD, Fate.EXCLUDE].index(fate_of(state)[0])] += rows
    planned = {one.unit: one for one in part.by_unit}
    wrong = sorted(
        unit
        for unit in sums.keys() | planned.keys()
        if unit not in planned
        or sum(sums[unit]) != planned[unit].in_scope
        or sums[unit][1] != planned[unit].held
    )
    moved = sum(one[0] for one in sums.values())
    in_scope = sum(sum(one) for one in sums.values())
    as_planned = not still or (not wrong and in_scope == part.in_scope)
    verdict: State = "ok" if as_planned and moved == in_ledger and in_scope == found.rows else "failed"
    detail = told(
        "conservation", in_scope=in_scope, source=found.rows, plan=part.in_scope, moved=moved,
        ledger=in_ledger, held=sum(one[1] for one in sums.values()),
        excluded=sum(one[2] for one in sums.values()), units=len(sums), unlike=len(wrong),
    )  # fmt: skip
    return Check(code="conservation", state=verdict, detail=detail)


def entries(found: Tally) -> Check:
    """The ledger's rows are those that its batches moved and its later runs changed or withdrew: none was put
    in, taken out, or given to another run."""
    rows = sum(found.rows.values())
    if not found.settled and found.hashed_before:
        return Check(code="entries", state="not-run", detail=told("entries-before", rows=rows))
    detail = told("entries", rows=rows, wrong=found.wrong)
    return Check(code="entries", state="failed" if found.wrong else "ok", detail=detail)


def references(store: Store, ledger: Ledger, target: Profile, stage: Stage) -> Check:
    """Whatever a moved row refers to in the target is there."""
    dataset = target.datasets[stage.dataset.to]
    if not dataset.references:
        return Check(code="references", state="not-run", detail=told("refers-to-nothing"))
    broken = 0
    for reference in dataset.references.values():
        other = target.datasets[reference.to]
        mine = sa.table(dataset.table, schema=store.schema).alias("t")
        theirs = sa.table(other.table, schema=store.schema).alias("o")
        value: Column = sa.column(reference.column, _selectable=mine)
        key: Column = sa.column(reference.on or other.key[0], _selectable=theirs)
        joined = _moved(store, ledger, mine, dataset).outerjoin(theirs, key == value)
        asked = sa.select(sa.func.count()).select_from(joined)
        broken += (
            store.connection.execute(
                asked.where(*_of(ledger, stage), value.is_not(None), key.is_(None))
            ).scalar()
            or 0
        )
    return Check(code="references", state="failed" if broken else "ok", detail=told("broken", rows=broken))


def duplicates(store: Store, target: Dataset) -> Check:
    """What must be unique in the target is."""
    if not target.unique:
        return Check(code="unique", state="not-run", detail=told("nothing-unique"))
    doubled = 0
    for names in target.unique.values():
        kinds = store.columns(target.table)
        columns: list[Column] = [
            exact(canonical(sa.column(name), kinds[name].kind, kinds[name].kind)) for name in names
        ]
        groups = (
            sa.select(sa.literal(1).label("one"))
            .select_from(sa.table(target.table, schema=store.schema))
            .where(*[one.is_not(None) for one in columns])
            .group_by(*columns)
            .having(sa.func.count() > 1)
            .subquery()
        )
        doubled += store.connection.execute(sa.select(sa.func.count()).select_from(groups)).scalar() or 0
    return Check(code="unique", state="failed" if doubled else "ok", detail=told("twice", values=doubled))


def abolished(store: Store, ledger: Ledger, campaign: Campaign, stage: Stage) -> Check:
    """No holder and no place names an agency or unit that is no longer there on the cut-over day."""
    dataset = campaign.target.profile.datasets[stage.dataset.to]
    if not dataset.holder_columns and not dataset.place_columns:
        return Check(code="no-abolished", state="not-run", detail=told("names-nothing"))
    day = campaign.day
    wrong = 0  # the ledger is asked for the moved rows only where any row of the table names something gone
    table = sa.table(dataset.table, schema=store.schema).alias("t")
    known = store.columns(dataset.table)
    named = [one for one in (*dataset.holder_columns, *dataset.place_columns) if one in stage.dataset.columns]
    columns: list[Column] = [
        canonical(sa.column(one, _selectable=table), known[one].kind, known[one].kind) for one in named
    ]

    def gone(codes: Sequence[str | None]) -> int:
        """How many of a row's codes are of nothing that is there."""
        return sum(
            campaign.agencies.agency_at(code, day) is None
            if name in dataset.holder_columns
            else not any(campaign.lineage.version_at(kind, code, day) for kind in UnitKind)
            for name, code in zip(named, codes, strict=True)
            if code
        )

    asked = sa.select(*columns)
    if columns and any(gone(codes) for codes in store.distinct(asked.select_from(table))):
        moved = asked.select_from(_moved(store, ledger, table, dataset)).where(*_of(ledger, stage))
        wrong = sum(gone(codes) * rows for *codes, rows in store.tally(moved))
    return Check(code="no-abolished", state="failed" if wrong else "ok", detail=told("wrong", rows=wrong))


def unchanged(stage: Stage, differences: Sequence[Difference]) -> Iterator[Check]:
    """Numbers, deadlines and history are carried over as they were; `differences` are the dataset's."""
    dataset = stage.dataset
    origins = [one.value for one in dataset.units.values() if one.role is Role.ORIGIN]
    origins += [one.value for one in dataset.agencies.values() if one.role is Role.ORIGIN]
    for code, values in (
        ("number-unchanged", [dataset.number] if dataset.number else []),
        ("deadline-unchanged", [dataset.deadline] if dataset.deadline else []),
        ("history-unchanged", origins),
    ):
        columns = {name for name, value in dataset.columns.items() if value in values}
        if columns:
            wrong = len({one.key for one in differences if one.column in columns})
            yield Check(code=code, state="failed" if wrong else "ok", detail=told("wrong", rows=wrong))
        elif values:
            yield Check(code=code, state="not-run", detail=told("not-carried"))


def files_check(proved: FilesProved) -> Check:
    """Every file that moved rows name is in the target as in the source, or held."""
    detail = told(
        "files-sizes" if proved.strength == "quick" else "files", named=proved.files,
        equal=proved.files - proved.held - proved.differences, held=proved.held,
        differences=proved.differences,
    )  # fmt: skip
    return Check(code="files", state="failed" if proved.differences else "ok", detail=detail)


def _moved(store: Store, ledger: Ledger, table: sa.FromClause, dataset: Dataset) -> sa.Join:
    """The target's rows that came from a dataset of a source."""
    key = store.columns(dataset.table)[dataset.key[0]]
    here: Column = sa.column(key.name, _selectable=table)
    return sa.join(ledger.rows, table, in_bulk(ledger.rows.c.target_key, here, key, store))


def _of(ledger: Ledger, stage: Stage) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ledger.rows.c.dataset_id == ledger.dataset_id(stage.system, stage.name),
        ledger.rows.c.state != WITHDRAWN,
    )
