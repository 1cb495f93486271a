"""Reading and writing the ledger over the working connection, where the target is attached as `tgt`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from merger.approval import trail
from merger.migrate.ledger import tables
from merger.systems.sqlite import TARGET, WAIT_MS, tell_failures


def upgrade(target: Path) -> None:
    """Makes the ledger's tables in the target, or brings them up to date. Nothing else is touched."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    wait = {"timeout": WAIT_MS / 1000}
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(target)), connect_args=wait)
    tell_failures(engine)
    # pysqlite begins no transaction before DDL by itself; a half-made ledger must not survive a crash
    sa.event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def is_there(connection: sa.Connection) -> bool:
    """Whether the attached target has a ledger."""
    return sa.inspect(connection).has_table(tables.row.name, schema=TARGET)


@dataclass(frozen=True)
class Run:
    """One run as the ledger remembers it."""

    id: str
    job: str
    kind: str
    state: str
    plan_sha256: str
    started: str
    ended: str | None
    seconds: float
    verification: str | None


class Ledger:
    """The ledger of an attached target."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.there = is_there(connection)
        metadata = sa.MetaData()
        for table in tables.metadata.sorted_tables:
            table.to_metadata(metadata, schema=TARGET)
        by_name = {table.name: table for table in metadata.sorted_tables}
        self.run = by_name["merger_run"]
        self.dataset = by_name["merger_dataset"]
        self.block = by_name["merger_block"]
        self.batch = by_name["merger_batch"]
        self.row = by_name["merger_row"]
        self.approval = by_name["merger_approval"]
        self.trail = by_name["merger_trail"]

    def moved(self, system: str, dataset: str) -> sa.Select[*tuple[Any, ...]]:
        """(source_key, target_key, row_hash, run, merged) of the rows of a dataset moved so far."""
        if not self.there:
            nothing = sa.literal(None)
            return sa.select(
                nothing.label("source_key"), nothing.label("target_key"), nothing.label("row_hash"),
                nothing.label("run"), nothing.label("merged"),
            ).where(sa.false())  # fmt: skip
        row = self.row.c
        return sa.select(row.source_key, row.target_key, row.row_hash, row.run, row.merged).where(
            row.dataset_id == self.dataset_id(system, dataset)
        )

    def dataset_id(self, system: str, dataset: str) -> int:
        """The ledger's number of a dataset, 0 if it has none yet."""
        if not self.there:
            return 0
        asked = sa.select(self.dataset.c.id).where(
            self.dataset.c.system == system, self.dataset.c.dataset == dataset
        )
        return self.connection.execute(asked).scalar() or 0

    def count(self, system: str, dataset: str) -> int:
        """How many rows of a dataset were moved, by all runs."""
        asked = sa.select(sa.func.count()).select_from(self.row)
        mine = self.row.c.dataset_id == self.dataset_id(system, dataset)
        return (self.connection.execute(asked.where(mine)).scalar() or 0) if self.there else 0

    def rows_of(self, run: str, system: str, dataset: str) -> int:
        """How many rows of a dataset a run moved."""
        asked = sa.select(sa.func.count()).select_from(self.row)
        mine = (self.row.c.dataset_id == self.dataset_id(system, dataset)) & (self.row.c.run == run)
        return self.connection.execute(asked.where(mine)).scalar() or 0

    def add_dataset(self, system: str, dataset: str, target: str) -> int:
        """The ledger's number of a dataset, given one if it has none."""
        number = self.dataset_id(system, dataset)
        if number == 0:
            self.connection.execute(
                sa.insert(self.dataset).values(system=system, dataset=dataset, target=target)
            )
        return number or self.dataset_id(system, dataset)

    def runs(self, job: str | None = None) -> list[Run]:
        """The runs of a job (of every job, without one), oldest first."""
        if not self.there:
            return []
        columns = [column for column in self.run.c if column.name != "plan"]
        asked = sa.select(*columns).order_by(self.run.c.started, self.run.c.id)
        if job is not None:
            asked = asked.where(self.run.c.job == job)
        return [Run(*one) for one in self.connection.execute(asked)]

    def plan_of(self, run: str) -> bytes:
        """The exact bytes of the plan that a run executes."""
        plan: bytes = self.connection.execute(
            sa.select(self.run.c.plan).where(self.run.c.id == run)
        ).scalar_one()
        return plan

    def run_of_plan(self, plan_sha256: str) -> Run | None:
        """The run that executes or executed a plan."""
        return next((one for one in self.runs() if one.plan_sha256 == plan_sha256), None)

    def used_approvals(self) -> set[str]:
        """Ids of the statements that runs have consumed."""
        if not self.there:
            return set()
        return set(self.connection.execute(sa.select(self.approval.c.statement)).scalars())

    def record(self, actor: str, action: str, detail: trail.Detail) -> None:
        """Adds one record to the audit trail. Codes, counts and digests only."""
        last = self.connection.execute(
            sa.select(self.trail).order_by(self.trail.c.seq.desc()).limit(1)
        ).one_or_none()
        previous = None if last is None else record_of(last._mapping)
        record = trail.next_record(previous, at=now(), actor=actor, action=action, detail=detail)
        self.connection.execute(
            sa.insert(self.trail).values(
                seq=record.seq, at=record.at, actor=record.actor, action=record.action,
                detail=json.dumps(record.detail, ensure_ascii=False, sort_keys=True),
                previous=record.previous, hash=record.hash,
            )
        )  # fmt: skip

    def records(self) -> list[trail.Record]:
        """The audit trail, first record first."""
        asked = sa.select(self.trail).order_by(self.trail.c.seq)
        return [record_of(one._mapping) for one in self.connection.execute(asked)] if self.there else []


def record_of(row: Any) -> trail.Record:
    """A trail record from its table row."""
    return trail.Record(
        seq=row["seq"], at=row["at"], actor=row["actor"], action=row["action"],
        detail=json.loads(row["detail"]), previous=row["previous"], hash=row["hash"],
    )  # fmt: skip


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)
