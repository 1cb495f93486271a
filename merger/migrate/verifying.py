"""Proves source against target: counted, hashed cell by cell, and each rule checked on its own.

Full strength: the source's rows are projected as they should be and compared with the target's rows,
as sums of SHA-256 over buckets of rows; buckets that differ are read to the row and column. Quick: the
target's rows against the hashes that the ledger keeps; the source is not read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.campaign import Campaign
from merger.migrate.checks import abolished, conservation, duplicates, references, told, unchanged
from merger.migrate.failpoints import reach
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.store import Run
from merger.migrate.model import Check, DatasetChecks, DatasetPlan, Difference, Plan, State, Verification
from merger.migrate.planning import Progress, quiet
from merger.migrate.projection import moved_columns, project
from merger.migrate.runfile import target_of
from merger.migrate.stage import MOVE, Stage
from merger.migrate.survey import Survey
from merger.migrate.writing import operator, sha256_of
from merger.systems.canonical import text_of
from merger.systems.sqlite import TARGET, Workbench

BUCKET = 1000
SHOWN = 100_000


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
    with Workbench(campaign.target.database) as bench:
        ledger = Ledger(bench.connection)
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
    with Workbench(of.campaign.target.database) as bench:
        verifier = _Verifier(of, bench, show_values, progress)
        found = verifier.quick() if quick else verifier.full()
    keep(of, found)
    return found


def keep(of: RunOf, found: Verification) -> None:
    """Notes the result in the ledger and in the trail, without values and keys."""
    told = found.model_copy(update={"differences": ()})
    with Workbench(of.campaign.target.database, write=True) as bench:
        ledger = Ledger(bench.connection)
        with bench.transaction():
            bench.connection.execute(
                sa.update(ledger.run)
                .values(verification=told.model_dump_json())
                .where(ledger.run.c.id == of.run.id)
            )
            ledger.record(
                operator(),
                "verified",
                {"run": of.run.id, "strength": found.strength, "state": found.state,
                 "differences": len(found.differences)},
            )  # fmt: skip
            reach("before-verified")
        reach("after-verified")


class _Verifier:
    def __init__(self, of: RunOf, bench: Workbench, show_values: bool, progress: Progress) -> None:
        self.of = of
        self.campaign = of.campaign
        self.bench = bench
        self.connection = bench.connection
        self.ledger = Ledger(bench.connection)
        self.show_values = show_values
        self.progress = progress
        self.parts = {(one.system, one.dataset): one for one in of.plan.datasets}

    def full(self) -> Verification:
        datasets: list[DatasetChecks] = []
        differences: list[Difference] = []
        survey = Survey(self.bench, self.campaign, self.ledger)
        for source in self.campaign.sources:
            with survey.attached(source), self.bench.snapshot():
                parts = {name: self.parts[source.system, name] for name in source.order}
                found = survey.follow(source, self.of.plan)
                for name, stage in found.stages.items():
                    self.progress(f"verify {stage.label}", len(datasets), len(self.parts))
                    checks, differing = self._dataset(stage, found.stages, parts[name], parts)
                    datasets.append(checks)
                    differences += differing
        return _verification("full", datasets, differences)

    def quick(self) -> Verification:
        datasets: list[DatasetChecks] = []
        differences: list[Difference] = []
        for (system, name), part in self.parts.items():
            self.progress(f"verify {system}/{name}", len(datasets), len(self.parts))
            found = list(self._against_ledger(system, name, part.target))
            rows = self._moved_rows(system, name)
            detail = told("quick", rows=rows, differences=len(found))
            check = Check(code="ledger-hash", state="failed" if found else "ok", detail=detail)
            datasets.append(DatasetChecks(system=system, dataset=name, rows=rows, checks=(check,)))
            differences += found
        return _verification("quick", datasets, differences)

    def _dataset(
        self, stage: Stage, stages: dict[str, Stage], part: DatasetPlan, parts: dict[str, DatasetPlan]
    ) -> tuple[DatasetChecks, list[Difference]]:
        rows = self._moved_rows(stage.system, stage.name)
        differences = [*self._unmoved(stage), *self._vanished(stage, rows)]
        differences += self._cells(stage, stages)
        target = self.campaign.target.profile
        state: State = "failed" if differences else "ok"
        checks = [
            conservation(stage, part, parts, self.ledger, still=self.of.plan.kind == "final"),
            Check(code="cells", state=state, detail=told("cells", rows=rows, differences=len(differences))),
            references(self.connection, self.ledger, target, stage),
            duplicates(self.connection, target.datasets[stage.dataset.to]),
            abolished(self.connection, self.ledger, self.campaign, stage),
            *unchanged(self.campaign, self.ledger, stage, stages, self.of.run.id),
        ]
        return (
            DatasetChecks(system=stage.system, dataset=stage.name, rows=rows, checks=tuple(checks)),
            differences,
        )

    def _moved_rows(self, system: str, name: str) -> int:
        row = self.ledger.row
        asked = sa.select(sa.func.count()).select_from(row).where(*self._mine(system, name))
        return self.connection.execute(asked).scalar() or 0

    def _mine(self, system: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
        row = self.ledger.row.c
        return row.dataset_id == self.ledger.dataset_id(system, name), row.run == self.of.run.id

    def _unmoved(self, stage: Stage) -> Iterator[Difference]:
        """Rows that the plan moves and no run has moved."""
        rows = stage.rows.c
        asked = sa.select(rows.key).where(rows.fate == MOVE, rows.done == 0).order_by(rows.key).limit(SHOWN)
        for (key,) in self.connection.execute(asked):
            yield _difference(stage, key, "missing")

    def _vanished(self, stage: Stage, moved: int) -> Iterator[Difference]:
        """Rows that were moved and are no longer in the source."""
        row, rows = self.ledger.row, stage.rows
        staged = sa.select(sa.func.count()).select_from(
            sa.join(rows, row, row.c.source_key == sa.cast(rows.c.key, sa.Text))
        )
        if self.connection.execute(staged.where(*self._mine(stage.system, stage.name))).scalar() == moved:
            return
        known = sa.select(sa.cast(rows.c.key, sa.Text))
        asked = sa.select(row.c.source_key).where(
            *self._mine(stage.system, stage.name), row.c.source_key.not_in(known)
        )
        for (key,) in self.connection.execute(asked.limit(SHOWN)):
            yield _difference(stage, key, "extra")

    def _cells(self, stage: Stage, stages: dict[str, Stage]) -> Iterator[Difference]:
        """Rows and columns in which the target is not what the source says it should be."""
        rows = stage.rows
        numbered = sa.select(
            rows.c.key, (sa.func.row_number().over(order_by=rows.c.key) - 1).label("number")
        ).subquery("numbered")
        bucket = numbered.c.number.op("/")(BUCKET)
        self.connection.execute(sa.update(rows).values(ordinal=bucket).where(rows.c.key == numbered.c.key))
        projection = project(self.campaign, stage, stages, keyed=True)
        expected, found = self._expected(stage, stages), self._found(stage)
        wanted = self._folds(expected, projection.columns)
        got = self._folds(found, projection.columns)
        buckets = sorted(number for number in wanted if wanted[number] != got.get(number))
        for start in range(0, len(buckets), 50):
            yield from self._compare(stage, expected, found, buckets[start : start + 50])

    def _folds(
        self, rows: sa.Select[tuple[object, ...]], columns: Iterable[str]
    ) -> dict[int, tuple[str, int]]:
        inner = rows.subquery("inner")
        fold = sa.func.merger_fold(*[inner.c[name] for name in columns])
        asked = sa.select(inner.c.merger_bucket, fold, sa.func.count()).group_by(inner.c.merger_bucket)
        return {number: (total, count) for number, total, count in self.connection.execute(asked)}

    def _expected(self, stage: Stage, stages: dict[str, Stage]) -> sa.Select[tuple[object, ...]]:
        projection = project(self.campaign, stage, stages, keyed=True)
        row, st = self.ledger.row, projection.rows.c
        projection.row.join(row, row.c.source_key == sa.cast(st.key, sa.Text))
        return projection.select(st.key.label("merger_key"), st.ordinal.label("merger_bucket")).where(
            *self._mine(stage.system, stage.name), row.c.merged == sa.false()
        )

    def _found(self, stage: Stage) -> sa.Select[tuple[object, ...]]:
        target = self.campaign.target.profile.datasets[stage.dataset.to]
        columns = moved_columns(self.campaign, stage.dataset)
        names = dict.fromkeys([target.key[0], *columns])
        table = sa.table(target.table, *[sa.column(name) for name in names], schema=TARGET).alias("t")
        row, st = self.ledger.row, stage.rows.alias("st")
        joined = sa.join(st, row, row.c.source_key == sa.cast(st.c.key, sa.Text)).join(
            table, table.c[target.key[0]] == row.c.target_key
        )
        return (
            sa.select(
                st.c.key.label("merger_key"), st.c.ordinal.label("merger_bucket"),
                *[table.c[name] for name in columns],
            )
            .select_from(joined)
            .where(*self._mine(stage.system, stage.name), row.c.merged == sa.false())
        )  # fmt: skip

    def _compare(
        self,
        stage: Stage,
        expected: sa.Select[tuple[object, ...]],
        found: sa.Select[tuple[object, ...]],
        buckets: list[int],
    ) -> Iterator[Difference]:
        got = {row["merger_key"]: row for row in self._rows(found, buckets)}
        for row in self._rows(expected, buckets):
            other = got.get(row["merger_key"])
            if other is None:
                yield _difference(stage, row["merger_key"], "missing")
                continue
            for column, value in row.items():
                if column not in ("merger_key", "merger_bucket") and _text(value) != _text(other[column]):
                    yield _difference(
                        stage, row["merger_key"], "changed", column,
                        *((_text(value), _text(other[column])) if self.show_values else (None, None)),
                    )  # fmt: skip

    def _rows(self, rows: sa.Select[tuple[object, ...]], buckets: list[int]) -> Iterator[dict[str, object]]:
        inner = rows.subquery("inner")
        for row in self.connection.execute(sa.select(inner).where(inner.c.merger_bucket.in_(buckets))):
            yield dict(row._mapping)

    def _against_ledger(self, system: str, name: str, target_name: str) -> Iterator[Difference]:
        """Rows of the target whose hash is no longer the ledger's."""
        target = self.campaign.target.profile.datasets[target_name]
        source = self.campaign.source(system).profile.datasets[name]
        columns = moved_columns(self.campaign, source)
        table = sa.table(target.table, *[sa.column(one) for one in columns], schema=TARGET).alias("t")
        row = self.ledger.row
        here = table.c[target.key[0]]
        asked = (
            sa.select(row.c.source_key, here.is_(None))
            .select_from(sa.outerjoin(row, table, here == row.c.target_key))
            .where(
                *self._mine(system, name),
                row.c.merged == sa.false(),
                sa.or_(
                    here.is_(None),
                    sa.func.merger_hash(*[table.c[one] for one in columns]) != row.c.row_hash,
                ),
            )
        )
        for key, gone in self.connection.execute(asked):
            yield Difference(system=system, dataset=name, key=str(key), kind="missing" if gone else "changed")


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


def _text(value: object) -> str | None:
    return None if value is None else text_of(value)


def _verification(
    strength: str, datasets: list[DatasetChecks], differences: list[Difference]
) -> Verification:
    bad = bool(differences) or any(check.state == "failed" for one in datasets for check in one.checks)
    return Verification.model_validate(
        {
            "state": "different" if bad else "equal",
            "strength": strength,
            "datasets": datasets,
            "differences": differences,
        }
    )
