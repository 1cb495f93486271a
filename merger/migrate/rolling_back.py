"""Takes out what a run put in, in reverse order of references, unless someone has changed it since."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from pydantic import Field

from merger import approval
from merger.errors import MergerError, Refused
from merger.mapping.models import Model
from merger.migrate.approving import RollbackPlan, approvals_of, ledger_rows, rollback_subject
from merger.migrate.auditing import anchored
from merger.migrate.comparing import RowSet
from merger.migrate.counters import Counter
from merger.migrate.failpoints import reach
from merger.migrate.files import beside, read_json
from merger.migrate.filing import RunFiles, require_stores
from merger.migrate.keys import as_value, is_here
from merger.migrate.ledger import HASH_FORM, WITHDRAWN
from merger.migrate.lock import holding
from merger.migrate.model import Difference, FileNote, Plan
from merger.migrate.planning import Progress, quiet
from merger.migrate.referring import referring
from merger.migrate.results import FilesTakenOut
from merger.migrate.rowsets import found
from merger.migrate.runfile import target_of
from merger.migrate.same_tables import SINCE_PLAN, explained, planned
from merger.migrate.survey import Survey
from merger.migrate.untying import Untying, circles_of, moved_by
from merger.migrate.verifying import RunOf, run_of
from merger.migrate.workbench import Workbench
from merger.migrate.writing import operator, write_whole, written

AT_ONCE = 5000
"""Rows that one statement takes out."""


class TakenOut(Model):
    """What a roll-back did in one dataset."""

    system: str
    dataset: str
    removed: int
    kept: int


class RollbackResult(Model):
    """What a roll-back did. `kept`: rows left in the target because they were changed since, or because
    something there refers to them; and rows of earlier runs that this one updated or withdrew. `file_notes`:
    of the files that stay though their rows were taken out."""

    run: str
    state: str
    removed: int
    kept_rows: int
    datasets: tuple[TakenOut, ...] = ()
    kept: tuple[Difference, ...] = Field(default=())
    files: tuple[FilesTakenOut, ...] = ()
    file_notes: tuple[FileNote, ...] = ()

    @property
    def kept_files(self) -> int:
        """The files that stay in the target though their rows were taken out."""
        return sum(one.kept for one in self.files)


def rollback(given: str, *, progress: Progress = quiet) -> RollbackResult:
    """Rolls back a run. Raises Refused until the roll-back file beside the run is approved like a plan."""
    of = run_of(given)
    if of.run.state == "rolled-back":
        return RollbackResult(run=of.run.id, state="already", removed=0, kept_rows=0)
    if of.run.hash_form != HASH_FORM:
        raise Refused("migrate.old-rollback", run=of.run.id)
    holds = holding(of.campaign.target.database, plan=of.run.plan_sha256)
    same = explained(of.campaign, planned(of.campaign, of.plan), SINCE_PLAN)
    with holds, same, Workbench(of.campaign, write=True) as bench:
        bench.require_writable()
        return _Rollback(of, bench, progress).run(rollback_file(given, of))


def rollback_file(given: str, of: RunOf) -> Path:
    """The file that is signed to allow the roll-back; written where it is not there yet."""
    target = target_of(given)
    assert target.plan_file is not None
    path = target.plan_file.with_name(f"{target.plan_file.stem}.rollback.json")
    if not path.exists():
        with Workbench(of.campaign) as bench:
            ledger = bench.ledger
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
        self.store = bench.target
        self.connection = bench.target.connection
        self.ledger = bench.ledger
        self.survey = Survey(of.campaign, bench.target, bench.ledger)
        self.progress = progress
        self.target = of.campaign.target.profile
        self.plan: Plan = of.plan
        self.untied: set[tuple[str, str]] = set()

    def run(self, path: Path) -> RollbackResult:
        require_stores(self.of.campaign)
        files = self._files()
        self._begin(path)
        out: list[TakenOut] = []
        kept: list[Difference] = []
        parts = list(reversed(self.plan.datasets))
        for number, part in enumerate(parts):
            self.progress(f"rollback {part.system}/{part.dataset}", number, len(parts))
            self._untie(part.system, part.dataset)
            removed, left = self._dataset(part.system, part.dataset, part.target)
            out.append(TakenOut(system=part.system, dataset=part.dataset, removed=removed, kept=len(left)))
            kept += left
        for source in reversed(self.of.campaign.sources):
            files.remove(source)
        self._end(kept)
        return RollbackResult(
            run=self.of.run.id,
            state="done",
            removed=sum(one.removed for one in out),
            kept_rows=len(kept),
            datasets=tuple(out),
            kept=tuple(kept),
            files=tuple(files.removed),
            file_notes=tuple(files.notes),
        )

    def _files(self) -> RunFiles:
        """The files that the run's rows name, read before any row is taken out; the files themselves go after
        their rows, so that no row is ever without its file."""
        files = RunFiles(self.of.campaign, self.store, self.ledger, self.of.run.id, self.progress)
        for source in self.of.campaign.sources:
            if files.moves(source):
                with self.bench.source(source) as store:
                    stages = self.survey.follow(source, store, self.plan).stages
                    files.read(source, stages.values(), moving=False)
        return files

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
        with self.store.transaction():
            for one in ledger_rows(state):
                values = {**one, "action": "rollback", "run": self.of.run.id}
                self.connection.execute(sa.insert(self.ledger.approval).values(values))
            self._state("rolling-back")
            self.ledger.record(operator(), "rollback-started", {"run": self.of.run.id, **anchored()})
            reach("before-rollback-start")
        reach("after-rollback-start")

    def _untie(self, system: str, name: str) -> None:
        """Unties the run's rows of the circle that a dataset is of, once, before any of them is taken out."""
        if (system, name) in self.untied:
            return
        stages = self.survey.stages(self.of.campaign.source(system), self.store).values()
        for circle in circles_of(stages):
            if name in (one.name for one in circle):
                self.untied |= {(system, one.name) for one in circle}
                mine = moved_by(self.of.run.id)
                Untying(self.of.campaign, self.store, self.ledger, circle, mine).run()

    def _dataset(self, system: str, name: str, target_name: str) -> tuple[int, list[Difference]]:
        """Removes one dataset's rows, some at a time. Answers how many, and which stay."""
        dataset_id = self.ledger.dataset_id(system, name)
        row = self.ledger.row.c
        mine = sa.and_(row.dataset_id == dataset_id, row.run == self.of.run.id)
        with self.store.transaction():
            self._forget(mine)
            reach("before-rollback-commit")
        reach("after-rollback-commit")
        stage = self.survey.stages(self.of.campaign.source(system), self.store)[name]
        there = found(self.of.campaign, stage, self.store, self.ledger, 1, numbers=False)
        free = self._free(target_name)
        removed = 0
        keys = self._keys(mine)
        while keys:
            with self.store.transaction():
                removed += self._rows(target_name, there, mine, free, keys)
                reach("before-rollback-commit")
            reach("after-rollback-commit")
            keys = self._keys(mine, row.source_key > keys[-1])
        left = sa.select(row.source_key).where(
            row.dataset_id == dataset_id, sa.or_(row.run == self.of.run.id, row.changed_by == self.of.run.id)
        )
        kept = [
            Difference(system=system, dataset=name, key=str(key), kind="changed")
            for (key,) in self.connection.execute(left)
        ]
        return removed, kept

    def _free(self, target_name: str) -> sa.ColumnElement[bool]:
        """That nothing refers to a row of the ledger, and nobody was merged into it."""
        target = self.target.datasets[target_name]
        key = self.store.columns(target.table)[target.key[0]]
        row = self.ledger.row
        referred = [
            sa.exists().where(is_here(row.c.target_key, one, key, self.store))
            for one in referring(self.target, target_name, self.store)
        ]
        alone = self.ledger.nobody_merged_into(row, list(self.ledger.datasets_into(target_name)))
        return sa.and_(alone, *[sa.not_(one) for one in referred])

    def _forget(self, mine: sa.ColumnElement[bool]) -> None:
        """Takes the entries of rows that have no row of their own in the target out of the ledger: what they
        were merged into can go then."""
        row = self.ledger.row
        without = sa.or_(row.c.merged == sa.true(), row.c.state == WITHDRAWN)
        self.connection.execute(sa.delete(row).where(mine, without))

    def _keys(self, *which: sa.ColumnElement[bool]) -> list[str]:
        """The next keys of the ledger's rows, in their order, which its index has."""
        key = self.ledger.row.c.source_key
        return list(
            self.connection.execute(sa.select(key).where(*which).order_by(key).limit(AT_ONCE)).scalars()
        )

    def _rows(
        self,
        target_name: str,
        there: RowSet,
        mine: sa.ColumnElement[bool],
        free: sa.ColumnElement[bool],
        keys: Sequence[str],
    ) -> int:
        """Removes those of the rows with these keys that are as they were moved and `free`. Answers how
        many."""
        target = self.target.datasets[target_name]
        row = self.ledger.row
        key = self.store.columns(target.table)[target.key[0]]
        assert there.among is not None
        now = there.among(keys).subquery("now")
        asked = (
            sa.select(row.c.source_key, row.c.target_key)
            .select_from(sa.join(row, now, now.c.key == row.c.source_key))
            .where(mine, free, now.c.hash == row.c.row_hash)
        )
        chosen = self.connection.execute(asked).all()
        if not chosen:
            return 0
        table = sa.table(target.table, sa.column(key.name), schema=self.store.schema)
        targets = [as_value(one.target_key, key, self.store) for one in chosen]
        gone = self.connection.execute(sa.delete(table).where(table.c[key.name].in_(targets))).rowcount
        if gone != len(chosen):
            raise MergerError("migrate.not-taken-out", table=target.table, expected=len(chosen), removed=gone)
        taken = row.c.source_key.in_([one.source_key for one in chosen])
        self.connection.execute(sa.delete(row).where(mine, taken))
        return gone

    def _end(self, kept: list[Difference]) -> None:
        with self.store.transaction():
            parts = self.plan.datasets
            if not any(self.ledger.rows_of(self.of.run.id, one.system, one.dataset) for one in parts):
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
            Counter(self.connection, self.target.datasets[target_name], self.store.schema).put_back(
                before, after
            )

    def _state(self, state: str) -> None:
        self.connection.execute(
            sa.update(self.ledger.run).values(state=state).where(self.ledger.run.c.id == self.of.run.id)
        )
