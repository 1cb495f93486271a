"""Takes out what a run put in, in reverse order of references, unless someone has changed it since."""

from pathlib import Path

import sqlalchemy as sa
from pydantic import Field

from merger import approval
from merger.errors import Refused
from merger.mapping.models import Model
from merger.migrate.approving import RollbackPlan, approvals_of, ledger_rows, rollback_subject
from merger.migrate.counters import Counter
from merger.migrate.failpoints import reach
from merger.migrate.files import beside, read_json
from merger.migrate.ledger import Ledger
from merger.migrate.lock import holding
from merger.migrate.model import Difference, Plan
from merger.migrate.planning import Progress, quiet
from merger.migrate.projection import moved_columns
from merger.migrate.runfile import target_of
from merger.migrate.verifying import RunOf, run_of
from merger.migrate.writing import operator, write_whole, written
from merger.systems.expressions import Column
from merger.systems.sqlite import TARGET, Workbench


class TakenOut(Model):
    """What a roll-back did in one dataset."""

    system: str
    dataset: str
    removed: int
    kept: int


class RollbackResult(Model):
    """What a roll-back did. `kept`: rows left in the target because they were changed since, or because
    something there refers to them."""

    run: str
    state: str
    removed: int
    kept_rows: int
    datasets: tuple[TakenOut, ...] = ()
    kept: tuple[Difference, ...] = Field(default=())


def rollback(given: str, *, progress: Progress = quiet) -> RollbackResult:
    """Rolls back a run. Raises Refused until the roll-back file beside the run is approved like a plan."""
    of = run_of(given)
    if of.run.state == "rolled-back":
        return RollbackResult(run=of.run.id, state="already", removed=0, kept_rows=0)
    with holding(of.campaign.target.database), Workbench(of.campaign.target.database, write=True) as bench:
        return _Rollback(of, bench, progress).run(rollback_file(given, of))


def rollback_file(given: str, of: RunOf) -> Path:
    """The file that is signed to allow the roll-back; written where it is not there yet."""
    target = target_of(given)
    assert target.plan_file is not None
    path = target.plan_file.with_name(f"{target.plan_file.stem}.rollback.json")
    if not path.exists():
        with Workbench(of.campaign.target.database) as bench:
            ledger = Ledger(bench.connection)
            rows = {f"{one.system}/{one.dataset}": ledger.rows_of(of.run.id, one.system, one.dataset)
                    for one in of.plan.datasets}  # fmt: skip
        content = RollbackPlan(
            schema_="merger/rollback/1",
            run=of.run.id,
            job_file=str(of.campaign.path.resolve()),
            job_beside=beside(path, of.campaign.path),
            plan_sha256=of.run.plan_sha256,
            rows=rows,
        )
        reach("before-rollback-file")
        write_whole(path, written(content))
        reach("after-rollback-file")
    return path


class _Rollback:
    def __init__(self, of: RunOf, bench: Workbench, progress: Progress) -> None:
        self.of = of
        self.bench = bench
        self.connection = bench.connection
        self.ledger = Ledger(bench.connection)
        self.progress = progress
        self.target = of.campaign.target.profile
        self.plan: Plan = of.plan

    def run(self, path: Path) -> RollbackResult:
        self._begin(path)
        out: list[TakenOut] = []
        kept: list[Difference] = []
        parts = list(reversed(self.plan.datasets))
        for number, part in enumerate(parts):
            self.progress(f"rollback {part.system}/{part.dataset}", number, len(parts))
            removed, left = self._dataset(part.system, part.dataset, part.target)
            out.append(TakenOut(system=part.system, dataset=part.dataset, removed=removed, kept=len(left)))
            kept += left
        self._end(kept)
        return RollbackResult(
            run=self.of.run.id,
            state="done",
            removed=sum(one.removed for one in out),
            kept_rows=len(kept),
            datasets=tuple(out),
            kept=tuple(kept),
        )

    def _begin(self, path: Path) -> None:
        """Consumes the approvals, once; an interrupted roll-back goes on."""
        if self.of.run.state == "rolling-back":
            return
        rollback_plan, content = read_json(path, RollbackPlan)
        if rollback_plan.run != self.of.run.id or rollback_plan.plan_sha256 != self.of.run.plan_sha256:
            raise Refused("migrate.other-rollback", file=path)
        subject = rollback_subject(path, rollback_plan, content)
        state = approvals_of(path, subject, self.of.campaign, self.ledger.used_approvals())
        if state.missing and not state.refused and not state.approvals:
            raise Refused("migrate.rollback-unsigned", file=path, needed=state.needed)
        approval.require(state)
        with self.bench.transaction():
            for one in ledger_rows(state):
                values = {**one, "action": "rollback", "run": self.of.run.id}
                self.connection.execute(sa.insert(self.ledger.approval).values(values))
            self._state("rolling-back")
            self.ledger.record(operator(), "rollback-started", {"run": self.of.run.id})
            reach("before-rollback-start")
        reach("after-rollback-start")

    def _dataset(self, system: str, name: str, target_name: str) -> tuple[int, list[Difference]]:
        """Removes one dataset's rows batch by batch. Answers how many, and which stay."""
        dataset_id = self.ledger.dataset_id(system, name)
        batch = self.ledger.batch
        asked = sa.select(batch.c.id).where(batch.c.run == self.of.run.id, batch.c.dataset_id == dataset_id)
        self._referred_to(target_name)
        removed = 0
        for (number,) in self.connection.execute(asked.order_by(batch.c.id.desc())).all():
            with self.bench.transaction():
                removed += self._batch(system, name, target_name, dataset_id, number)
                reach("before-rollback-commit")
            reach("after-rollback-commit")
        row = self.ledger.row.c
        left = sa.select(row.source_key).where(row.dataset_id == dataset_id, row.run == self.of.run.id)
        kept = [
            Difference(system=system, dataset=name, key=str(key), kind="changed")
            for (key,) in self.connection.execute(left)
        ]
        return removed, kept

    def _batch(self, system: str, name: str, target_name: str, dataset_id: int, batch: int) -> int:
        """Removes the rows of a batch that are as they were moved and that nothing refers to."""
        dataset = self.of.campaign.source(system).profile.datasets[name]
        target = self.target.datasets[target_name]
        columns = moved_columns(self.of.campaign, dataset)
        table = sa.table(target.table, *[sa.column(one) for one in {*columns, target.key[0]}], schema=TARGET)
        row = self.ledger.row
        here = table.c[target.key[0]]
        referred = sa.table("referred", sa.column("key"), schema="temp")
        mine = (row.c.dataset_id == dataset_id) & (row.c.run == self.of.run.id) & (row.c.batch == batch)
        removable = (
            sa.select(row.c.source_key.label("source_key"), row.c.target_key.label("target_key"))
            .select_from(sa.join(row, table, here == row.c.target_key))
            .where(
                mine,
                row.c.merged == sa.false(),
                sa.func.merger_hash(*[table.c[one] for one in columns]) == row.c.row_hash,
                row.c.target_key.not_in(sa.select(referred.c.key)),
            )
        )
        self.connection.exec_driver_sql("DROP TABLE IF EXISTS temp.removable")
        self.connection.exec_driver_sql(
            "CREATE TEMP TABLE removable (source_key TEXT PRIMARY KEY, target_key)"
        )
        chosen = sa.table("removable", sa.column("source_key"), sa.column("target_key"), schema="temp")
        self.connection.execute(sa.insert(chosen).from_select(["source_key", "target_key"], removable))
        done = self.connection.execute(sa.delete(table).where(here.in_(sa.select(chosen.c.target_key))))
        gone = row.c.source_key.in_(sa.select(chosen.c.source_key)) | (row.c.merged == sa.true())
        self.connection.execute(sa.delete(row).where(mine, gone))
        return done.rowcount

    def _referred_to(self, target_name: str) -> None:
        """The keys of a target dataset that some row there refers to now, by the profile's references or
        by the database's own foreign keys (also those of tables that the profile does not name)."""
        self.connection.exec_driver_sql("DROP TABLE IF EXISTS temp.referred")
        self.connection.exec_driver_sql("CREATE TEMP TABLE referred (key PRIMARY KEY) WITHOUT ROWID")
        referred = sa.table("referred", sa.column("key"), schema="temp")
        for table, name in sorted(self._referring(target_name)):
            column: Column = sa.column(name, _selectable=sa.table(table, schema=TARGET))
            self.connection.execute(
                sa.insert(referred)
                .prefix_with("OR IGNORE")  # a set of keys; the same key twice says nothing more
                .from_select(["key"], sa.select(column).where(column.is_not(None)))
            )

    def _referring(self, target_name: str) -> set[tuple[str, str]]:
        """The (table, column) pairs of the target that hold keys of a dataset."""
        here = self.target.datasets[target_name]
        found = {
            (dataset.table, reference.column)
            for dataset in self.target.datasets.values()
            for reference in dataset.references.values()
            if reference.to == target_name and not reference.on
        }
        inspector = sa.inspect(self.connection)
        for table in inspector.get_table_names(schema=TARGET):
            for key in inspector.get_foreign_keys(table, schema=TARGET):
                columns = zip(key["constrained_columns"], key["referred_columns"] or here.key, strict=False)
                if key["referred_table"] == here.table:
                    found |= {(table, column) for column, there in columns if there == here.key[0]}
        return found

    def _end(self, kept: list[Difference]) -> None:
        with self.bench.transaction():
            if not kept:
                self._restore_counters()
            self._state("rolled-back")
            self.ledger.record(operator(), "rollback-done", {"run": self.of.run.id, "kept": len(kept)})
            reach("before-rollback-end")
        reach("after-rollback-end")

    def _restore_counters(self) -> None:
        """Puts the platform's counters back, last first, as long as nobody has used them since."""
        block, dataset = self.ledger.block, self.ledger.dataset
        asked = (
            sa.select(dataset.c.target, block.c.counter_before, block.c.counter_after)
            .join(dataset, dataset.c.id == block.c.dataset_id)
            .where(block.c.run == self.of.run.id)
            .order_by(block.c.counter_after.desc())
        )
        for target_name, before, after in self.connection.execute(asked).all():
            Counter(self.connection, self.target.datasets[target_name]).put_back(before, after)

    def _state(self, state: str) -> None:
        self.connection.execute(
            sa.update(self.ledger.run).values(state=state).where(self.ledger.run.c.id == self.of.run.id)
        )
