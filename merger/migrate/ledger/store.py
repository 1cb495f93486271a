"""Reading and writing the ledger over a connection to the target."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import SchemaConst

from merger.errors import Refused
from merger.migrate.ledger import tables
from merger.migrate.ledger.batches import Batch, PlannedBatch, batch_of, values_of
from merger.migrate.ledger.entries import Kept, Run
from merger.migrate.ledger.few import of_datasets, of_few
from merger.migrate.ledger.recorded import begun_with, record_of, written
from merger.systems.functions import exact
from merger.systems.stores.sqlite import TARGET

if TYPE_CHECKING:
    from merger.approval import trail


def version_of(connection: sa.Connection, schema: str | None = TARGET) -> str:
    """The version of the target's ledger; empty where it has none. `schema`: as of `Ledger`."""
    if not sa.inspect(connection).has_table(tables.version.name, schema=schema):
        return ""
    known = tables.version.to_metadata(sa.MetaData(), schema=schema or SchemaConst.RETAIN_SCHEMA)
    return connection.execute(sa.select(known.c.version_num)).scalar() or ""


HASH_FORM = 2
"""The form of the hashes that runs write now (`tables.run`)."""
WITHDRAWN = "withdrawn"
"""The state of a row that was taken out of the target again since its source does not have it any more."""


class Ledger:
    """The ledger of a target. `schema` names the schema of its tables: of an attached SQLite database, or a
    PostgreSQL schema of the ledger's own; None where the connection finds them without one.

    One that an earlier version made and that was not upgraded yet can be read, not written; one
    `of_later_version` can be neither.
    """

    def __init__(self, connection: sa.Connection, schema: str | None = TARGET) -> None:
        self.connection = connection
        version = version_of(connection, schema)
        self.there = bool(version)
        self.first_version = version == tables.FIRST
        self.of_later_version = version not in ("", tables.FIRST, tables.LATEST)
        by_name = tables.of_schema(schema)
        self.run = by_name["merger_run"]
        self.dataset = by_name["merger_dataset"]
        self.block = by_name["merger_block"]
        self.batch = by_name["merger_batch"]
        self.row = by_name["merger_row"]
        self.rows: sa.FromClause = tables.as_of_first(self.row) if self.first_version else self.row
        self.change = by_name["merger_change"]
        self.file = by_name["merger_file"]
        self.approval = by_name["merger_approval"]
        self.trail = by_name["merger_trail"]
        self.lock = by_name["merger_lock"]

    def dataset_id(self, system: str, dataset: str) -> int:
        """The ledger's number of a dataset, 0 if it has none yet."""
        if not self.there:
            return 0
        asked = sa.select(self.dataset.c.id).where(
            self.dataset.c.system == system, self.dataset.c.dataset == dataset
        )
        return self.connection.execute(asked).scalar() or 0

    def count(self, system: str, dataset: str, before: str | None = None) -> int:
        """How many rows of a dataset were moved, by all runs (by those but `before`), and not withdrawn."""
        if not self.there:
            return 0
        asked = sa.select(sa.func.count()).select_from(self.rows).where(*self._of(system, dataset, before))
        return self.connection.execute(asked).scalar() or 0

    def knows(self, system: str, dataset: str, before: str | None = None) -> bool:
        """Whether any row of a dataset was moved (by other runs than `before`), be it withdrawn since."""
        if not self.there:
            return False
        row = self.rows.c
        asked = sa.select(row.run).where(row.dataset_id == self.dataset_id(system, dataset)).limit(1)
        if before:
            asked = asked.where(row.run != before)
        return self.connection.execute(asked).first() is not None

    def keys_of(self, system: str, dataset: str, before: str | None = None) -> sa.Select[tuple[str, bool]]:
        """The keys in the source of what `count` counts, in byte order, and whether the row was merged."""
        row = self.rows.c
        asked = sa.select(row.source_key, row.merged).where(*self._of(system, dataset, before))
        return asked.order_by(exact(row.source_key))

    def _of(self, system: str, dataset: str, before: str | None) -> list[sa.ColumnElement[bool]]:
        row = self.rows.c
        mine = [row.dataset_id == self.dataset_id(system, dataset), row.state != WITHDRAWN]
        return [*mine, row.run != before] if before else mine

    def merges_of(
        self, system: str, dataset: str, target: str
    ) -> list[tuple[str, tuple[str, str] | None, str]]:
        """(key, where the survivor is, its key there) of the rows of a dataset that were merged; of a
        survivor that is the target's own, None and the target's key."""
        if not self.there:
            return []
        feeding = self.datasets_into(target)
        row, other = self.rows.alias("m"), self.rows.alias("s")
        same = sa.and_(
            other.c.target_key == row.c.target_key, other.c.merged == sa.false(),
            of_datasets(other, feeding), other.c.state != WITHDRAWN,
        )  # fmt: skip
        asked = (
            sa.select(row.c.source_key, other.c.dataset_id, other.c.source_key, row.c.target_key)
            .select_from(sa.outerjoin(row, other, same))
            .where(
                row.c.dataset_id == self.dataset_id(system, dataset), row.c.merged == sa.true(),
                row.c.state != WITHDRAWN,
            )
        )  # fmt: skip
        return [
            (key, None, str(target_key)) if number is None else (key, feeding[number], survivor)
            for key, number, survivor, target_key in self.connection.execute(asked)
        ]

    def rows_of(self, run: str, system: str, dataset: str) -> int:
        """How many rows of a dataset a run moved."""
        asked = sa.select(sa.func.count()).select_from(self.rows)
        mine = (self.rows.c.dataset_id == self.dataset_id(system, dataset)) & (self.rows.c.run == run)
        return self.connection.execute(asked.where(mine)).scalar() or 0

    def datasets_into(self, target: str) -> dict[int, tuple[str, str]]:
        """(system, dataset) of the datasets whose rows were moved into a dataset of the target, by number."""
        if not self.there:
            return {}
        asked = sa.select(self.dataset).where(self.dataset.c.target == target).order_by(self.dataset.c.id)
        return {one.id: (one.system, one.dataset) for one in self.connection.execute(asked)}

    def nobody_merged_into(self, row: sa.FromClause, feeding: Sequence[int]) -> sa.ColumnElement[bool]:
        """That no row of these datasets was merged into a row of the ledger (`row`), or that those were
        withdrawn."""
        other = self.row.alias("merged_into")
        return sa.not_(
            sa.exists().where(
                other.c.target_key == row.c.target_key, other.c.merged == sa.true(),
                of_datasets(other, feeding), other.c.state != WITHDRAWN,
            )
        )  # fmt: skip

    def target_keys(self, system: str, dataset: str, keys: Sequence[str]) -> dict[str, object]:
        """The target's keys of those rows of a dataset that were moved, and not withdrawn, by their keys in
        the source."""
        found: dict[str, object] = {}
        row = self.rows.c
        for start in range(0, len(keys) if self.there else 0, 1000):
            asked = sa.select(row.source_key, row.target_key).where(
                *self._of(system, dataset, None), row.source_key.in_(keys[start : start + 1000])
            )
            found.update((key, target) for key, target in self.connection.execute(asked))
        return found

    def runs_of(self, system: str, dataset: str, keys: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        """The run that moved a row, and the one that changed it last, by the keys of rows that were moved."""
        found: dict[str, tuple[str, str | None]] = {}
        row = self.rows.c
        for start in range(0, len(keys), 1000):
            asked = sa.select(row.source_key, row.run, row.changed_by).where(
                row.dataset_id == self.dataset_id(system, dataset),
                row.source_key.in_(keys[start : start + 1000]),
            )
            found |= {key: (run, changed) for key, run, changed in self.connection.execute(asked)}
        return found

    def target_key(self, system: str, dataset: str, key: str) -> object:
        """The target's key of a row that was moved; None for one that was not."""
        return self.target_keys(system, dataset, [key]).get(key)

    def add_dataset(self, system: str, dataset: str, target: str) -> int:
        """The ledger's number of a dataset, given one if it has none."""
        number = self.dataset_id(system, dataset)
        if number == 0:
            self.connection.execute(
                sa.insert(self.dataset).values(system=system, dataset=dataset, target=target)
            )
        return number or self.dataset_id(system, dataset)

    def find(self, key: str) -> list[Kept]:
        """The rows with this key in their source, of whatever system and dataset, in their order. One look-up
        in the index of source keys."""
        return self._kept(self.rows.c.source_key == key)

    def find_target(self, target: str, key: str) -> list[Kept]:
        """The rows of sources that became the row with this key in a dataset of the target: one, or several
        where rows were merged. One look-up in the index of target keys."""
        keys = tables.kept_as(key) if self.connection.dialect.name == "sqlite" else [key]
        return [one for one in self._kept(self.rows.c.target_key.in_(keys)) if one.target == target]

    def looked_up(self, named: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
        """The ledger's rows for which `named` holds, found through an index that begins with the dataset or
        the target's key."""
        row = self.rows.c
        numbers = self.connection.execute(sa.select(self.dataset.c.id)).scalars().all()
        return sa.select(
            row.dataset_id, row.source_key, row.target_key, row.run, row.merged, row.state, row.changed_by
        ).where(row.dataset_id.in_(numbers), named)

    def _kept(self, named: sa.ColumnElement[bool]) -> list[Kept]:
        if not self.there:
            return []
        datasets = {one.id: one for one in self.connection.execute(sa.select(self.dataset))}
        found = sorted(self.connection.execute(self.looked_up(named)).all(), key=lambda one: tuple(one)[:2])
        return [
            Kept(
                system=datasets[one.dataset_id].system, dataset=datasets[one.dataset_id].dataset,
                source_key=one.source_key, target=datasets[one.dataset_id].target,
                target_key=one.target_key, run=one.run, merged=one.merged, state=one.state,
                changed_by=one.changed_by,
            )
            for one in found
        ]  # fmt: skip

    def plan_batches(self, run: str, dataset_id: int, batches: Iterable[PlannedBatch]) -> None:
        """Records the batches of a dataset, numbered on from those that the run has."""
        asked = sa.select(sa.func.max(self.batch.c.number)).where(*self._batches_of(run, dataset_id))
        first = (self.connection.execute(asked).scalar() or 0) + 1
        values = [
            {"run": run, "dataset_id": dataset_id, **values_of(one, number)}
            for number, one in enumerate(batches, start=first)
        ]
        for start in range(0, len(values), 1000):
            self.connection.execute(sa.insert(self.batch), values[start : start + 1000])

    def is_planned(self, run: str, datasets: Sequence[int]) -> bool:
        """Whether the batches of any of these datasets were recorded."""
        here = self.batch.c
        asked = sa.select(here.id).where(here.run == run, here.dataset_id.in_(datasets)).limit(1)
        return self.connection.execute(asked).first() is not None

    def batches(self, run: str, dataset_id: int, state: str | None = None) -> list[Batch]:
        """The batches of a dataset of a run in their order, all or those of a state (planned, done)."""
        asked = sa.select(self.batch).where(*self._batches_of(run, dataset_id))
        if state is not None:
            asked = asked.where(self.batch.c.state == state)
        found = self.connection.execute(asked.order_by(self.batch.c.number, self.batch.c.id))
        return [batch_of(one) for one in found]

    def take_batch(self, batch: int, worker: str) -> bool:
        """Takes a planned batch for the transaction that moves it; False where it was done already.

        Whoever asks for the same batch waits until this transaction ends; if it is taken back, the batch is
        planned as before.
        """
        here = self.batch.c
        taken = self.connection.execute(
            sa.update(self.batch)
            .values(state="done", worker=worker)
            .where(here.id == batch, here.state == "planned")
        )
        return taken.rowcount == 1

    def settle_batch(self, batch: int, rows: int, seconds: float) -> None:
        """Notes what a taken batch put into the target, in the transaction that does it."""
        values = {"rows": rows, "seconds": seconds}
        self.connection.execute(sa.update(self.batch).values(**values).where(self.batch.c.id == batch))

    def settled(self, run: str) -> dict[tuple[str, str], int]:
        """How many rows the done batches of a run moved or merged, by system and dataset."""
        if not self.there or self.first_version:
            return {}
        batch, dataset = self.batch.c, self.dataset.c
        rows = sa.case((batch.kind == "rows", batch.rows), (batch.kind == "merged", batch.expected), else_=0)
        asked = (
            sa.select(dataset.system, dataset.dataset, sa.func.sum(rows))
            .select_from(sa.join(self.batch, self.dataset, batch.dataset_id == dataset.id))
            .where(batch.run == run, batch.state == "done")
            .group_by(dataset.system, dataset.dataset)
        )
        return {(one[0], one[1]): int(one[2]) for one in self.connection.execute(asked)}

    def count_anew(self) -> None:
        """Lets PostgreSQL know what its rows are like after many were entered: it would look up each one by
        itself, as if they were few, until it finds out. The other databases keep count by themselves."""
        if self.connection.dialect.name == "postgresql":
            table = self.connection.dialect.identifier_preparer.format_table(self.row)
            self.connection.exec_driver_sql(f"ANALYZE {table}")

    def _batches_of(self, run: str, dataset_id: int) -> tuple[sa.ColumnElement[bool], ...]:
        return self.batch.c.run == run, self.batch.c.dataset_id == dataset_id

    def note_changes(self, run: str, dataset_id: int, batch: int, changed: sa.FromClause, state: str) -> int:
        """Notes that a run changed moved rows: `changed` has their `source_key` and new `row_hash`, `state`
        is updated or withdrawn. Keeps what they were in `merger_change`. Answers how many rows that were.

        A run changes a row at most once; changing it again is an integrity error.
        """
        row, new = self.row.c, changed.c
        few = of_few(self.row, new.source_key, self.connection)
        mine = sa.and_(row.dataset_id == dataset_id, row.source_key == new.source_key, few)
        before = sa.select(
            sa.literal(run), row.dataset_id, row.source_key, sa.literal(batch), row.state, sa.literal(state),
            row.row_hash, new.row_hash, row.changed_by,
        ).join_from(self.row, changed, mine)  # fmt: skip
        names = ["run", "dataset_id", "source_key", "batch", "state_before", "state_after", "hash_before",
                 "hash_after", "changed_before"]  # fmt: skip
        self.connection.execute(sa.insert(self.change).from_select(names, before))
        change = self.change.c
        hashed = (
            sa.select(change.hash_after)
            .where(change.run == run, change.dataset_id == dataset_id, change.source_key == row.source_key)
            .correlate(self.row)
            .scalar_subquery()
        )
        keys = sa.select(change.source_key).where(
            change.run == run, change.dataset_id == dataset_id, change.batch == batch
        )
        return self.connection.execute(
            sa.update(self.row)
            .values(row_hash=hashed, state=state, changed_by=run)
            .where(row.dataset_id == dataset_id, row.source_key.in_(keys))
        ).rowcount

    def changes_of(self, run: str) -> dict[str, int]:
        """How many rows of earlier runs a run updated and withdrew, by state."""
        change = self.change.c
        asked = sa.select(change.state_after, sa.func.count()).where(change.run == run)
        found = self.connection.execute(asked.group_by(change.state_after)).all()
        return {one[0]: one[1] for one in found}

    def runs(self, job: str | None = None) -> list[Run]:
        """The runs of a job (of every job, without one), oldest first."""
        if not self.there:
            return []
        known = [self.run.c[name] for name in Run.__dataclass_fields__ if name != "hash_form"]
        form = sa.literal(1) if self.first_version else self.run.c.hash_form
        asked: sa.Select[Any] = sa.select(*known, form).order_by(self.run.c.started, self.run.c.id)
        if job is not None:
            asked = asked.where(self.run.c.job == job)
        return [Run(*one) for one in self.connection.execute(asked)]

    @cached_property
    def old_runs(self) -> list[str]:
        """The runs whose rows have hashes of an earlier form, which nothing can be compared with."""
        return [one.id for one in self.runs() if one.hash_form != HASH_FORM]

    def plan_of(self, run: str) -> bytes:
        """The exact bytes of the plan that a run executes. Raises Refused where they are not those that the
        run was begun with, by its own digest and by the trail's."""
        asked = sa.select(self.run.c.plan, self.run.c.plan_sha256).where(self.run.c.id == run)
        plan, digest = self.connection.execute(asked).one()
        if {hashlib.sha256(plan).hexdigest(), *begun_with(self.records(), run)} != {digest}:
            raise Refused("migrate.plan-bent", run=run)
        return bytes(plan)

    def run_of_plan(self, plan_sha256: str) -> Run | None:
        """The run that executes or executed a plan."""
        return next((one for one in self.runs() if one.plan_sha256 == plan_sha256), None)

    def used_approvals(self) -> set[str]:
        """Ids of the statements that runs have consumed."""
        if not self.there:
            return set()
        return set(self.connection.execute(sa.select(self.approval.c.statement)).scalars())

    def record(self, actor: str, action: str, detail: trail.Detail) -> None:
        """Adds one record to the audit trail. Codes, counts and digests only.

        To be called in a transaction, which holds the trail until it ends: the chain has one end. SQLite's
        transactions that write are alone by themselves.
        """
        if self.connection.dialect.name != "sqlite":
            held = sa.select(self.lock.c.name).where(self.lock.c.name == "trail")
            self.connection.execute(held.with_for_update()).one()
        end = sa.select(self.trail).order_by(self.trail.c.seq.desc()).limit(1).with_for_update()
        last = self.connection.execute(end).one_or_none()
        previous = None if last is None else record_of(last._mapping)
        from merger.approval import trail

        record = trail.next_record(previous, at=now(), actor=actor, action=action, detail=detail)
        self.connection.execute(
            sa.insert(self.trail).values({**asdict(record), "detail": written(record.detail)})
        )

    def records(self) -> list[trail.Record]:
        """The audit trail, first record first, also where somebody has bent it."""
        columns: list[sa.ColumnElement[Any]] = list(self.trail.c)
        if self.connection.dialect.name == "sqlite":  # its driver stops at text that is no UTF-8
            texts = [one for one in self.trail.c if one.name != "seq"]
            columns = [self.trail.c.seq, *[sa.cast(one, sa.LargeBinary).label(one.name) for one in texts]]
        asked = sa.select(*columns).order_by(self.trail.c.seq)
        return [record_of(one._mapping) for one in self.connection.execute(asked)] if self.there else []


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)
