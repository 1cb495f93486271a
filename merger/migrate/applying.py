"""Runs a plan: approved, unchanged, one at a time; batch by batch; resumable at any instruction."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from merger.errors import MergerError, Refused
from merger.migrate.approving import require_plan_approval
from merger.migrate.auditing import anchored
from merger.migrate.batching import Inline, Retries, run_all, threads, transient
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.caveats import caveats_of, caveats_recorded, not_following
from merger.migrate.failpoints import reach
from merger.migrate.filing import RunFiles, require_stores, stores_of
from merger.migrate.fingerprints import content_digest, fingerprint, schema_digest
from merger.migrate.isolation import isolations, recorded
from merger.migrate.keys import give_back
from merger.migrate.ledger import HASH_FORM, Batch, upgrade
from merger.migrate.ledger.entries import Run
from merger.migrate.ledger.store import now
from merger.migrate.lock import Require, holding
from merger.migrate.model import Caveat, DatasetPlan, Plan
from merger.migrate.movers import (
    CHANGED,
    GONE,
    MERGED,
    ROWS,
    TIED,
    WORTH_WORKERS,
    Desk,
    Mover,
    by_turns,
    crew,
    prepare,
    usual_workers,
    work,
)
from merger.migrate.movers.move import Move
from merger.migrate.moving import move_of, plan_batches
from merger.migrate.planning import Progress, quiet
from merger.migrate.results import Moved, RunResult
from merger.migrate.runfile import write_run_file
from merger.migrate.same_tables import explained, planned, require_same_tables
from merger.migrate.since import since
from merger.migrate.stage import Stage
from merger.migrate.survey import Survey
from merger.migrate.unchanged import as_signed, require_same_files
from merger.migrate.untying import circles_of, untie_gone
from merger.migrate.workbench import Workbench
from merger.migrate.writing import operator, sha256_of
from merger.systems.stores import SourceStore, Store, read_once
from merger.systems.stores.failures import ENDED

HERE = Retries(transient=lambda error: transient(error) and getattr(error, "key", "") not in ENDED)
"""What is tried again over connections that everything else uses too: not what ended them, or their view."""


def apply(path: Path, *, workers: int | None = None, progress: Progress = quiet) -> RunResult:
    """Runs the plan in `path`, or goes on with it. Raises InputError, Refused, MergerError.

    `workers`: how many batches are moved at a time (see `usual_workers`); where source and target do not
    let several processes see the same, one is.
    Refuses a plan that is not approved, was computed from other files, or whose sources or target are no
    longer what it saw. A plan that was run is `already` done.
    """
    plan, content, campaign = as_signed(path)
    target = campaign.target.database
    workers = workers or usual_workers()
    most = max((one.batches for one in plan.datasets), default=0)
    rows = max((one.to_move for one in plan.datasets), default=0)
    prepare(min(workers, most), rows, [one.database for one in campaign.sources], target)
    with holding(target, plan=sha256_of(content)) as require, read_once():
        with Workbench(campaign) as bench:
            known = bench.ledger.run_of_plan(sha256_of(content))
            if known is None or known.state == "running":
                bench.require_writable()
            if known is None:
                require_same_files(campaign, plan)
                _Application(campaign, plan, path, content, bench, progress, workers, require).require_ready()
        if known is not None and known.state == "rolled-back":
            raise Refused("migrate.plan-used", file=path.name, run=known.id)
        if known is not None and known.state == "done":
            return _again(known, plan, campaign, progress, require)
        if known is not None and known.state == "rolling-back":
            raise Refused("migrate.rolling-back", run=known.id)
        if known is not None and known.hash_form != HASH_FORM:
            raise Refused("migrate.old-run", run=known.id)
        require_same_files(campaign, plan)
        if known is not None:
            require_same_tables(campaign, planned(campaign, plan))
        reach("before-ledger-upgrade")
        upgrade(target)
        reach("after-ledger-upgrade")
        with explained(campaign, planned(campaign, plan)), Workbench(campaign, write=True) as bench:
            return _Application(campaign, plan, path, content, bench, progress, workers, require).run()


MANY = 10_000
"""From so many rows of a dataset on, the server should know of them before it is asked for them."""


class _Application:
    def __init__(
        self,
        campaign: Campaign,
        plan: Plan,
        path: Path,
        content: bytes,
        bench: Workbench,
        progress: Progress,
        workers: int,
        require: Require,
    ) -> None:
        self.campaign = campaign
        self.plan = plan
        self.path = path
        self.content = content
        self.bench = bench
        self.progress = progress
        self.workers = workers
        self.require = require
        self.ledger = bench.ledger
        self.survey = Survey(campaign, bench.target, bench.ledger)
        self.isolation: dict[str, str] = {}
        self.caveats: dict[str, tuple[Caveat, ...]] = {}
        self.done = 0
        self.total = sum(one.to_move for one in plan.datasets)
        self.counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self.already: dict[tuple[str, str], int] = defaultdict(int)

    def run(self) -> RunResult:
        started = time.monotonic()
        run = self._start()
        reach("before-run-file")
        write_run_file(self.path, run.id, self.campaign.path, sha256_of(self.content))
        reach("after-run-file")
        files = RunFiles(self.campaign, self.bench.target, self.ledger, run.id, self.progress, self.require)
        for source in self.campaign.sources:
            with self.bench.pair(source) as store:
                self.isolation |= isolations({source.system: store})
                if caveats := caveats_of(source, store):
                    self.caveats[source.system] = caveats
                found = self.survey.follow(source, store, self.plan)
                self._record_batches(found.stages, store, run.id)
                self._settle_all(list(found.stages.values()), store, run.id)
                files.read(source, found.stages.values())
            files.copy(source)
        if self.plan.kind == "final":
            self._require_still()
        require_same_tables(self.campaign, planned(self.campaign, self.plan))
        seconds = float(run.seconds) + time.monotonic() - started
        self._end(run.id, seconds)
        moved = self._settled()
        elapsed = time.monotonic() - started
        return RunResult(
            run=run.id,
            state="done",
            datasets=tuple(self._result(one) for one in self.plan.datasets),
            seconds=round(seconds, 3),
            rows_per_second=round(moved / elapsed, 1) if elapsed else 0.0,
            isolation=self.isolation,
            caveats=self.caveats,
            files=tuple(files.moved),
            file_notes=tuple(files.notes),
        )

    def require_ready(self) -> None:
        """Raises Refused, before anything is written, unless the plan is approved and source and target are
        what it saw."""
        require_plan_approval(self.campaign, self.plan, self.path, self.content, self.ledger)
        found = schema_digest(self.bench.target, self.campaign.target.profile)
        if found != self.plan.target_schema:
            raise Refused("migrate.target-changed")
        for number, source in enumerate(self.campaign.sources):
            self.progress(f"check {source.system}", number, len(self.campaign.sources))
            with self.bench.source(source) as store:
                self._require_same_source(source, store)
        require_stores(self.campaign)

    def _start(self) -> Run:
        """The run's ledger row, with the approvals that it consumes, in one transaction."""
        known = self.ledger.run_of_plan(sha256_of(self.content))
        if known is not None:
            return known
        approvals = require_plan_approval(self.campaign, self.plan, self.path, self.content, self.ledger)
        run = f"{self.plan.id}-{sha256_of(self.content)[:8]}"
        reach("before-run-start")
        with self.bench.target.transaction():
            self.ledger.connection.execute(
                sa.insert(self.ledger.run).values(
                    id=run, job=self.plan.job, kind=self.plan.kind, state="running",
                    plan_sha256=sha256_of(self.content), plan=self.content, started=now().isoformat(),
                    hash_form=HASH_FORM,
                )
            )  # fmt: skip
            for used in approvals:
                self.ledger.connection.execute(
                    sa.insert(self.ledger.approval).values(**used, action="apply", run=run)
                )
            for one in self.plan.datasets:
                self.ledger.add_dataset(one.system, one.dataset, one.target)
            started = {"run": run, "plan": sha256_of(self.content), **anchored()}
            self.ledger.record(operator(), "run-started", started)
        reach("after-run-start")
        found = self.ledger.run_of_plan(sha256_of(self.content))
        assert found is not None
        return found

    def _require_same_source(self, source: SourceSystem, store: SourceStore) -> None:
        """Raises Refused, before anything is written, where a source is no longer what the plan saw."""
        if self.plan.kind == "final" and (why := not_following(store)):
            raise Refused("migrate.replica-not-following", system=source.system, why=why)
        planned = self.plan.source_fingerprints[source.system]
        if schema_digest(store, source.profile) != planned.schema_:
            raise Refused("migrate.source-schema-changed", system=source.system)
        combinations = self.survey.combinations(source, store, self.plan)
        seen = fingerprint(store, source, combinations, content=self.plan.kind == "final")
        if seen.combinations != planned.combinations:
            raise Refused("migrate.source-changed", system=source.system)
        if seen.content != planned.content:
            raise Refused("migrate.source-moved-on", system=source.system)

    def _require_still(self) -> None:
        """Raises MergerError where a source is not what the plan saw, now that everything was read of it. Of
        what changed meanwhile the view that was read from shows nothing, and a replica shows only what it has
        replayed."""
        for source in self.campaign.sources:
            with self.bench.tables(source) as store:
                why = not_following(store)
            if why:
                raise MergerError("migrate.replica-stopped", system=source.system, why=why)
            with self.bench.anew(source) as store:
                found = content_digest(store, source.profile)
            if found != self.plan.source_fingerprints[source.system].content:
                raise MergerError("migrate.source-not-still", system=source.system)

    def _record_batches(self, stages: dict[str, Stage], store: SourceStore, run: str) -> None:
        """Records the batches of a system and reserves the keys of its rows, in one transaction, once."""
        numbers = [self.ledger.dataset_id(one.system, one.name) for one in stages.values()]
        if self.ledger.is_planned(run, numbers):
            return
        give_back(self.bench.target, self.campaign.target.profile, self.ledger, run, numbers)
        size = self.campaign.batch_rows
        whole = {(one.system, one.dataset): one.to_move == one.in_scope for one in self.plan.datasets}
        with self.bench.still(store):
            lately = {
                name: since(self.campaign, one, self.bench.target, self.ledger, run)
                for name, one in stages.items()
            }
        with self.bench.target.transaction():
            for name, stage in stages.items():
                target = self.campaign.target.profile.datasets[stage.dataset.to]
                plan_batches(
                    stage, target, self.bench.target, self.ledger, run, size, lately[name],
                    whole=whole[stage.system, name] and not stage.survivors,
                )  # fmt: skip
            self.require()
            reach("before-keys-commit")
        reach("after-keys-commit")

    def _settle_all(self, stages: list[Stage], store: Store, run: str) -> None:
        """Moves what is still to be moved of a system; then what needs that all rows are there; last it takes
        out what is gone from the source."""
        for stage in stages:
            where = (stage.system, stage.name)
            self.already[where] = self.ledger.rows_of(run, *where)
            self.done += self.already[where]
            if self.already[where]:
                self.progress(f"apply {stage.label}", self.done, max(self.total, self.done))
            self._move(stage, store, run, *([(ROWS,)] if stage.ties else [(ROWS, CHANGED), (MERGED,)]))
        for stage in stages:
            if stage.ties:
                self._move(stage, store, run, (TIED, CHANGED), (MERGED,))
        circles = circles_of(stages)
        for stage in reversed(stages):
            for circle in [one for one in circles if stage in one]:
                circles.remove(circle)
                untie_gone(self.campaign, self.bench.target, self.ledger, circle, run)
            self._move(stage, store, run, (GONE,))

    def _move(self, stage: Stage, store: Store, run: str, *phases: tuple[str, ...]) -> None:
        """Settles the batches of a dataset that are still planned: of some kinds, then of others."""
        planned = self.ledger.batches(run, self.ledger.dataset_id(stage.system, stage.name), "planned")
        wanted = [[one for one in planned if one.kind in kinds] for kinds in phases]
        if not any(wanted):
            return
        move = move_of(self.campaign, stage, self.bench.target, self.ledger, run)
        for batches in wanted:
            self._settle(move, stage, store, batches)
        if sum(one.expected for batches in wanted for one in batches) >= MANY:
            self.ledger.count_anew()

    def _settle(self, move: Move, stage: Stage, store: Store, batches: list[Batch]) -> None:
        """Moves batches that do not need one another, several at a time where that can be."""
        where = (stage.system, stage.name)

        def wanted() -> Iterator[Batch]:
            for one in batches:
                self.require()
                yield one

        def done(batch: Batch, settled: int) -> None:
            self.counts[batch.kind][where] += settled
            if batch.kind in (ROWS, MERGED):
                self.done += settled
                self.progress(f"apply {stage.label}", self.done, max(self.total, self.done))

        alone = self.bench.target.dialect == "mariadb" and any(one.kind == TIED for one in batches)
        workers = 1 if alone else min(self.workers, len(batches))  # whose foreign keys lock what they mean
        desk = self._desk(move, store, sum(one.expected for one in batches)) if workers > 1 else None
        if desk is not None:
            run_all(wanted(), work, executor=crew(workers, desk), on_done=done, in_flight=workers + 1,
                    label=_label)  # fmt: skip
        elif workers > 1 and self.bench.target.dialect != "sqlite":
            with by_turns(move, store, self.bench.target.url) as turns:
                run_all(wanted(), turns.work, executor=threads(workers), on_done=done, in_flight=workers + 1,
                        retries=HERE, label=_label)  # fmt: skip
        else:
            mover = Mover(move, store, self.bench.target, self.ledger)
            run_all(wanted(), mover.run, executor=Inline, on_done=done, in_flight=1, retries=HERE,
                    label=_label)  # fmt: skip

    def _desk(self, move: Move, store: Store, rows: int) -> Desk | None:
        """What workers are given; None where they cannot see the same, or are not worth being started."""
        target = self.bench.target
        if target.dialect != "sqlite":
            view = store.exported()
            return None if view is None else Desk(store.url, view, target.url, move)
        if store.connection is not target.connection or rows < WORTH_WORKERS:
            return None
        literals = target.kept_literals()
        return None if literals is None else Desk(store.url, None, target.url, move, literals)

    def _end(self, run: str, seconds: float) -> None:
        self.require()
        reach("before-run-end")
        with self.bench.target.transaction():
            self.ledger.connection.execute(
                sa.update(self.ledger.run)
                .values(state="done", ended=now().isoformat(), seconds=seconds)
                .where(self.ledger.run.c.id == run)
            )
            rows = self._settled() + sum(self.already.values())
            read = {**recorded(self.isolation), **caveats_recorded(self.caveats)}
            self.ledger.record(operator(), "run-done", {"run": run, "rows": rows, **read})
        reach("after-run-end")

    def _settled(self) -> int:
        """How many rows were moved or merged."""
        return sum(sum(self.counts[kind].values()) for kind in (ROWS, MERGED))

    def _result(self, part: DatasetPlan) -> Moved:
        where = (part.system, part.dataset)
        return Moved(
            system=part.system, dataset=part.dataset,
            moved=self.counts[ROWS][where] + self.counts[MERGED][where], already=self.already[where],
            held=part.held, excluded=sum(part.excluded.values()), updated=self.counts[CHANGED][where],
            withdrawn=self.counts[GONE][where],
        )  # fmt: skip


def _again(run: Run, plan: Plan, campaign: Campaign, progress: Progress, require: Require) -> RunResult:
    """A run that is done is `already` done; the files that it holds are tried again."""
    if not stores_of(campaign):
        return _already(run, plan)
    upgrade(campaign.target.database)
    with Workbench(campaign, write=True) as bench:
        files = RunFiles(campaign, bench.target, bench.ledger, run.id, progress, require)
        if files.book.unfinished(run.id):
            require_same_files(campaign, plan)
            survey = Survey(campaign, bench.target, bench.ledger)
            for source in campaign.sources:
                with bench.source(source) as store:
                    files.read(source, survey.follow(source, store, plan).stages.values())
                files.copy(source)
            with bench.target.transaction():
                copied, held = (sum(getattr(one, name) for one in files.moved) for name in ("copied", "held"))
                bench.ledger.record(
                    operator(), "files-again", {"run": run.id, "copied": copied, "held": held}
                )
    return _already(run, plan).model_copy(
        update={"files": tuple(files.moved), "file_notes": tuple(files.notes)}
    )


def _label(batch: Batch) -> str:
    return str(batch.number)


def _already(run: Run, plan: Plan) -> RunResult:
    return RunResult(
        run=run.id,
        state="already",
        datasets=tuple(
            Moved(
                system=one.system, dataset=one.dataset, moved=0,
                already=one.to_move if run.state == "done" else 0, held=one.held,
                excluded=sum(one.excluded.values()),
            )
            for one in plan.datasets
        ),
        seconds=0.0,
        rows_per_second=0.0,
    )  # fmt: skip
