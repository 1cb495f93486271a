"""Proves source against target: counted, hashed cell by cell, and each rule checked on its own.

Full strength: the rows as the source says they should be, against the target's rows, as sums of SHA-256
computed by the two databases; what differs is read to the row and column. Quick: of one kind of database, the
two by its own hash of 64 bits; else the target's rows against the hashes that the ledger keeps, and the
source is not read.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.auditing import anchored
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.checks import (
    abolished,
    conservation,
    counted,
    duplicates,
    entries,
    files_check,
    references,
    told,
    unchanged,
)
from merger.migrate.comparing import Comparison, Differing, Total, at_once, buckets_for, cells, spooled
from merger.migrate.failpoints import reach
from merger.migrate.filing import RunFiles
from merger.migrate.ledger import HASH_FORM, Tally, tally
from merger.migrate.ledger.entries import Run
from merger.migrate.model import (
    Check,
    DatasetChecks,
    DatasetPlan,
    Difference,
    Plan,
    SideTotal,
    State,
    Verification,
)
from merger.migrate.planning import Progress, quiet
from merger.migrate.row_keys import merging, present
from merger.migrate.rowsets import PREFIX, expected, found, has_numbers, kept
from merger.migrate.runfile import target_of
from merger.migrate.same_tables import SINCE_PLAN, explained, planned
from merger.migrate.since import still_moving, touched
from merger.migrate.stage import Stage
from merger.migrate.survey import Survey
from merger.migrate.workbench import Workbench
from merger.migrate.writing import operator, sha256_of
from merger.systems.stores import Store

SHOWN = 100_000
"""How many differences of a dataset are told."""
WORDS = {"own-hash": "own-hash", "ledger-hash": "quick"}
"""What a quick check says that it counted, by its code."""
AT_ONCE = 1_000
"""Rows of which the ledger and the source are asked at once."""


@dataclass(frozen=True)
class RunOf:
    """A run with its campaign and its plan, as the ledger keeps it."""

    campaign: Campaign
    run: Run
    plan: Plan


def run_of(given: str) -> RunOf:
    """The run that `given` (a plan, a run file or a run's id) names. Raises Refused where it was not run."""
    target = target_of(given)
    campaign = Campaign(target.job_file)
    with Workbench(campaign) as bench:
        ledger = bench.ledger
        if target.run:
            run = next((one for one in ledger.runs() if one.id == target.run), None)
        else:
            assert target.plan_file is not None
            run = ledger.run_of_plan(sha256_of(target.plan_file.read_bytes()))
        if run is None:
            raise Refused("migrate.not-run", plan=given)
        return RunOf(campaign, run, Plan.model_validate_json(ledger.plan_of(run.id)))


def verify(
    given: str, *, quick: bool = False, show_values: bool = False, progress: Progress = quiet
) -> Verification:
    """Verifies a run, at any time after it began. Raises Refused, InputError."""
    of = run_of(given)
    if of.run.state == "rolled-back":
        raise Refused("migrate.rolled-back", run=of.run.id)
    if quick and of.run.hash_form != HASH_FORM:
        raise Refused("migrate.old-quick", run=of.run.id)
    saw = planned(of.campaign, of.plan)
    with explained(of.campaign, saw, SINCE_PLAN), Workbench(of.campaign) as bench:
        bench.require_writable()
        verifier = _Verifier(of, bench, show_values, progress)
        result = verifier.quick() if quick else verifier.full()
    keep(of, result)
    return result


def keep(of: RunOf, found: Verification) -> None:
    """Notes the result in the ledger and in the trail, without values and keys."""
    told = found.model_copy(update={"differences": (), "files": ()})
    with Workbench(of.campaign, write=True) as bench:
        ledger = bench.ledger
        with bench.target.transaction():
            ledger.connection.execute(
                sa.update(ledger.run)
                .values(verification=told.model_dump_json())
                .where(ledger.run.c.id == of.run.id)
            )
            ledger.record(
                operator(),
                "verified",
                {"run": of.run.id, "strength": found.strength, "state": found.state,
                 "differences": len(found.differences), **anchored()},
            )  # fmt: skip
            reach("before-verified")
        reach("after-verified")


@dataclass
class _Differing:
    """The rows of a dataset that differ and are the run's. `rows`: how many; `beyond`: how many, of whatever
    run, only the target has; `since`: how many rows of earlier runs the platform changed since, which only a
    final run counts; `told`: the first of them, with their cells where these were read; `cut`: there are more
    differences than are told."""

    rows: int = 0
    beyond: int = 0
    since: int = 0
    told: tuple[Difference, ...] = ()
    cut: bool = False

    def detail(self, word: str, rows: int) -> str:
        """What the check `word` counted among so many rows."""
        differing = {"differing": self.rows} if self.cut else {}
        return told(f"{word}-more" if self.cut else word, rows=rows, differences=len(self.told), **differing)


class _Verifier:
    def __init__(self, of: RunOf, bench: Workbench, show_values: bool, progress: Progress) -> None:
        self.of = of
        self.campaign = of.campaign
        self.bench = bench
        self.target = bench.target
        self.ledger = bench.ledger
        self.show_values = show_values
        self.progress = progress
        self.compared: Comparison
        self.others = {one.id for one in bench.ledger.runs()} - {of.run.id}
        self.final = of.plan.kind == "final"
        self.files = RunFiles(of.campaign, bench.target, bench.ledger, of.run.id, progress)
        self.parts = {(one.system, one.dataset): one for one in of.plan.datasets}

    def full(self) -> Verification:
        datasets: list[DatasetChecks] = []
        differences: list[Difference] = []
        survey = Survey(self.campaign, self.target, self.ledger)
        for source in self.campaign.sources:
            with self.bench.source(source) as store, self.target.snapshot():
                parts = {name: self.parts[source.system, name] for name in source.order}
                surveyed = survey.follow(source, store, self.of.plan)
                for name, stage in surveyed.stages.items():
                    self.progress(f"verify {stage.label}", len(datasets), len(self.parts))
                    checks, differing = self._dataset(stage, parts[name], parts)
                    datasets.append(checks)
                    differences += differing
                self.files.read(source, surveyed.stages.values())
            self._prove_files(source, datasets, quick=False)
        return _verification("full", datasets, differences, self.files)

    def quick(self) -> Verification:
        datasets: list[DatasetChecks] = []
        differences: list[Difference] = []
        survey = Survey(self.campaign, self.target, self.ledger)
        for source in self.campaign.sources:
            with ExitStack() as stack:
                for stage, code, differing in self._quickly(source, survey, stack):
                    self.progress(f"verify {stage.label}", len(datasets), len(self.parts))
                    entered = tally(self.ledger, source.system, stage.name)
                    rows = entered.of(self.of.run.id)
                    state: State = "failed" if differing.rows else "ok"
                    check = Check(code=code, state=state, detail=differing.detail(WORDS[code], rows))
                    checks = (check, *self._since(differing), entries(entered))
                    datasets.append(self._checked(stage, rows, checks))
                    differences += differing.told
            if self.files.moves(source):
                with self.bench.source(source) as store, self.target.snapshot():
                    self.files.read(source, survey.follow(source, store, self.of.plan).stages.values())
                self._prove_files(source, datasets, quick=True)
        return _verification("quick", datasets, differences, self.files)

    def _quickly(
        self, source: SourceSystem, survey: Survey, stack: ExitStack
    ) -> Iterator[tuple[Stage, str, _Differing]]:
        """The rows in which each dataset differs, and what was compared: source and target by the hash of
        their own, where they are of one kind that has such a hash, else the ledger's hashes and the
        target."""
        store: Store = self.target
        if source.database.get_backend_name() == self.target.dialect == "postgresql":
            store = stack.enter_context(self.bench.source(source))
        stack.enter_context(self.target.snapshot())
        if store is not self.target and _has_own_hash(store) and _has_own_hash(self.target):
            for stage in survey.follow(source, store, self.of.plan).stages.values():
                yield stage, "own-hash", self._differences(stage, 1, 0, quick=True)
            return
        for stage in survey.stages(source, self.target).values():
            rows = self.ledger.count(stage.system, stage.name)
            now = found(
                self.campaign, stage, self.target, self.ledger, 1, numbers=False, hashed=True, rows=rows
            )
            then = kept(stage, self.ledger, 1, numbers=False)
            self.compared = Comparison(then, now, alike=True)
            found_of, rows_of = self._of_the_run(stage, source=False)
            found_of.told = tuple(_difference(stage, one.key, one.kind) for one in rows_of)
            yield stage, "ledger-hash", found_of

    def _prove_files(self, source: SourceSystem, datasets: list[DatasetChecks], *, quick: bool) -> None:
        """Adds what is found of the files of a source to the checks of its datasets."""
        proved = self.files.verify(source, quick=quick)
        for number, one in enumerate(datasets):
            if one.system == source.system and one.dataset in proved:
                check = files_check(proved[one.dataset])
                datasets[number] = one.model_copy(update={"checks": (*one.checks, check)})

    def _dataset(
        self, stage: Stage, part: DatasetPlan, parts: dict[str, DatasetPlan]
    ) -> tuple[DatasetChecks, list[Difference]]:
        differing = self._differences(stage, buckets_for(part.in_scope), part.in_scope)
        counts, (entered, found) = at_once(
            stage.store.connection, partial(counted, stage),
            self.target.connection, partial(self._of_target, stage),
        )  # fmt: skip
        rows = entered.of(self.of.run.id)
        in_ledger = entered.standing - differing.beyond - self._merged_apart(stage)
        if in_ledger != counts.moving:  # of some rows in the ledger, neither side has or moves any
            in_ledger = still_moving(stage, self.ledger)
        state: State = "failed" if differing.rows else "ok"
        checks = [
            conservation(counts, stage, part, parts, in_ledger, still=self.of.plan.kind == "final"),
            Check(code="cells", state=state, detail=differing.detail("cells", rows)),
            *self._since(differing),
            *found,
            *unchanged(stage, differing.told),
        ]
        return self._checked(stage, rows, tuple(checks)), list(differing.told)

    def _since(self, differing: _Differing) -> Iterator[Check]:
        """What a final run tells of the rows that earlier ones moved, beside that all others are as the
        source has them."""
        if self.final:
            yield Check(code="changed-since", state="ok", detail=told("changed-since", rows=differing.since))

    def _merged_apart(self, stage: Stage) -> int:
        """How many of the rows that were merged the source does not have, or holds, now. They have no row of
        their own in the target that could be found without one in the source."""
        keys = sorted(stage.earlier)
        return len(keys) - len(merging(stage, keys))

    def _of_target(self, stage: Stage) -> tuple[Tally, tuple[Check, ...]]:
        """The ledger's rows, and the checks that ask nothing but the target."""
        target = self.campaign.target.profile
        entered = tally(self.ledger, stage.system, stage.name)
        return entered, (
            entries(entered),
            references(self.target, self.ledger, target, stage),
            duplicates(self.target, target.datasets[stage.dataset.to]),
            abolished(self.target, self.ledger, self.campaign, stage),
        )

    def _checked(self, stage: Stage, rows: int, checks: tuple[Check, ...]) -> DatasetChecks:
        """What is found of a dataset, with the sums of both sides."""
        return DatasetChecks(
            system=stage.system, dataset=stage.name, rows=rows, checks=checks,
            expected=_told_total(self.compared.a), found=_told_total(self.compared.b),
        )  # fmt: skip

    def _differences(self, stage: Stage, buckets: int, rows: int, *, quick: bool = False) -> _Differing:
        """The rows and columns in which the target is not what the source says it should be; rows only, by
        the databases' own hash, where it is to be `quick`. `rows`: about how many are compared."""
        wanted = expected(self.campaign, stage, buckets, quick=quick)
        numbers = has_numbers(stage)
        there = found(
            self.campaign, stage, self.target, self.ledger, buckets, numbers=numbers, quick=quick, rows=rows,
        )  # fmt: skip
        self.compared = Comparison(wanted, there, alike=True)
        out, of_the_run = self._of_the_run(stage, source=True)
        changed: list[str] = []
        told: list[Difference] = []
        for one in of_the_run:
            if one.kind == "changed" and one.key is not None and not quick:
                changed.append(one.key)
            else:
                told.append(_difference(stage, one.key, one.kind))
        for cell in cells(wanted, there, changed):
            values = (cell.a, cell.b) if self.show_values else (None, None)
            column = cell.column.removeprefix(PREFIX)
            if len(told) == SHOWN:
                out.cut = True
                break
            told.append(_difference(stage, cell.key, "changed", column, *values))
        out.told = tuple(told)
        return out

    def _of_the_run(self, stage: Stage, *, source: bool) -> tuple[_Differing, list[Differing]]:
        """The differing rows of what was compared that the run moved or changed, or that no run did: counted,
        and the first of them, those that differ in single cells last. A final run answers for the rows of
        those before it too, but for what the platform changed since. `source`: it was compared with; rows
        that were moved and are held now are no difference then: their holds tell of them."""
        out = _Differing()
        first: dict[str, list[Differing]] = {"missing": [], "extra": [], "changed": []}
        with spooled(self.compared.differing(), AT_ONCE) as parts:
            for part in parts:
                extra = [one.key for one in part if one.kind == "extra" and one.key is not None]
                out.beyond += len(extra)
                held = present(stage, extra) if source else set()
                left = self._left(stage, part, source=source)
                out.since += sum(changed for key, changed in left.items() if key not in held)
                for one in part:
                    if one.key is not None and (one.key in left or (one.kind == "extra" and one.key in held)):
                        continue
                    out.rows += 1
                    if len(first[one.kind]) < SHOWN:
                        first[one.kind].append(one)
        every = [one for some in first.values() for one in some][:SHOWN]
        out.cut = out.rows > len(every)
        return out, every

    def _left(self, stage: Stage, part: list[Differing], *, source: bool) -> dict[str, bool]:
        """The keys of differing rows for which the run does not answer, since others moved and changed them,
        and whether the platform did so later: these are all for which a final run does not answer."""
        keys = sorted({one.key for one in part if one.key is not None}) if self.others else []
        runs = self.ledger.runs_of(stage.system, stage.name, keys)
        others = [key for key in keys if self._of_others(runs.get(key))]
        if not self.final:
            return dict.fromkeys(others, False)
        if not source:
            return dict.fromkeys(others, True)
        extra = {one.key for one in part if one.kind == "extra"}
        later = {key for key, _ in touched(self.campaign, stage, self.target, self.ledger, others)}
        return {key: key in later for key in others if key in later or key in extra}

    def _of_others(self, runs: tuple[str, str | None] | None) -> bool:
        """Whether other runs, and only such as there are, moved and changed a row."""
        return runs is not None and self.of.run.id not in runs and runs[0] in self.others


def _has_own_hash(store: Store) -> bool:
    """Whether the server is new enough to hash rows by itself (PostgreSQL 14)."""
    return (store.connection.dialect.server_version_info or (0,)) >= (14,)


def _told_total(total: Total) -> SideTotal:
    return SideTotal(rows=total.rows, fold=total.fold)


def _difference(
    stage: Stage,
    key: object,
    kind: str,
    column: str = "",
    expected: str | None = None,
    found: str | None = None,
) -> Difference:
    return Difference.model_validate(
        {"system": stage.system, "dataset": stage.name, "key": str(key), "column": column, "kind": kind,
         "expected": expected, "found": found}
    )  # fmt: skip


def _verification(
    strength: str, datasets: list[DatasetChecks], differences: list[Difference], files: RunFiles
) -> Verification:
    bad = bool(differences) or any(check.state == "failed" for one in datasets for check in one.checks)
    return Verification.model_validate(
        {
            "when": datetime.now(UTC).replace(microsecond=0),
            "state": "different" if bad else "equal",
            "strength": strength,
            "datasets": datasets,
            "differences": differences,
            "files": files.notes,
        }
    )
