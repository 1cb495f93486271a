"""The dry run: asks, decides, looks for collisions, counts. Writes nothing but its plan."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Literal

import merger
from merger.approval import canonical_digest
from merger.errors import Finding, InputError, Place, Refused, Severity
from merger.mapping.models import UnitKind
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.caveats import caveats_of, not_following
from merger.migrate.collisions import Claims
from merger.migrate.counters import Counter as KeyCounter
from merger.migrate.counting import held_by_service
from merger.migrate.failpoints import reach
from merger.migrate.files import beside, read_json
from merger.migrate.filing import count_naming, keys_naming, moves_files
from merger.migrate.fingerprints import fingerprint, schema_digest
from merger.migrate.flows import flows_of
from merger.migrate.groups import holder_of
from merger.migrate.isolation import isolations
from merger.migrate.ledger import Ledger
from merger.migrate.model import (
    ADDRESS,
    AgencyCount,
    Candidate,
    Caveat,
    DatasetPlan,
    Digests,
    Due,
    Fate,
    Fingerprint,
    Flow,
    Hold,
    Outcome,
    Plan,
    RowException,
    UnitCount,
)
from merger.migrate.presence import absent
from merger.migrate.same_tables import WHILE_PLANNED, explained, seen
from merger.migrate.since import Since, conflicts_as_exceptions, since
from merger.migrate.stage import Stage
from merger.migrate.state import column_of, fate_of
from merger.migrate.survey import Survey, Surveyed
from merger.migrate.widths import too_long, widths_of
from merger.migrate.workbench import Workbench
from merger.migrate.writing import write_whole, written
from merger.systems.stores import SourceStore, Store

Exceptions = dict[tuple[str, str], list[RowException]]
Progress = Callable[[str, int, int], None]
ALREADY = "already-moved"


def quiet(_stage: str, _done: int, _total: int) -> None:
    """A progress callback that says nothing."""


def make_plan(
    job: Path, out: Path, *, scope: Iterable[str] = (), final: bool = False, progress: Progress = quiet
) -> Plan:
    """Writes the plan of one run of a job to `out` and returns it. Raises InputError, Refused."""
    campaign = Campaign(job)
    scope = tuple(scope)
    _require_units(campaign, scope)
    with Workbench(campaign) as bench, bench.target.snapshot(), bench.sources() as stores:
        bench.require_writable()
        require_present(campaign, bench, stores)
        _require_counters(campaign, bench.target)
        with explained(campaign, seen(campaign, bench.target, stores), WHILE_PLANNED):
            plan = _Planning(campaign, bench, stores, scope, final, progress).plan(out)
    reach("before-plan-written")
    write_whole(out, written(plan))
    reach("after-plan-written")
    return plan


def _require_units(campaign: Campaign, scope: tuple[str, ...]) -> None:
    """Raises InputError for codes of a pilot's scope that no commune bears on the day of the cut-over."""
    lineage, day = campaign.lineage, campaign.day
    unknown = [code for code in scope if lineage.version_at(UnitKind.COMMUNE, code, day) is None]
    if unknown:
        raise InputError(_finding("unknown-scope", code=code, day=day.isoformat()) for code in unknown)


def _finding(problem: str, **fields: object) -> Finding:
    return Finding("migrate", problem, Severity.ERROR, Place("--scope"), fields)


def load_plan(path: Path) -> tuple[Plan, bytes]:
    """A plan and its exact bytes. Raises InputError for a file that is none."""
    return read_json(path, Plan)


def require_present(campaign: Campaign, bench: Workbench, stores: Mapping[str, Store]) -> None:
    """Raises InputError, with every finding, where a database lacks what profiles and job name."""
    findings = list(absent(campaign, campaign.target, bench.target, bench.target))
    for source in campaign.sources:
        findings += absent(campaign, source, stores[source.system], bench.target)
    if findings:
        raise InputError(findings)


def _require_counters(campaign: Campaign, target: Store) -> None:
    """Raises Refused where keys are to be given out that nothing counts."""
    for name in campaign.fed:
        dataset = campaign.target.profile.datasets[name]
        if dataset.keys.way == "block":
            KeyCounter(target.connection, dataset, target.schema).require()


class _Planning:
    def __init__(
        self,
        campaign: Campaign,
        bench: Workbench,
        stores: Mapping[str, SourceStore],
        scope: tuple[str, ...],
        final: bool,
        progress: Progress,
    ) -> None:
        self.campaign = campaign
        self.bench = bench
        self.ledger = bench.ledger
        self.stores = stores
        self.scope = scope
        self.final = final
        self.progress = progress
        self.caveats: dict[str, tuple[Caveat, ...]] = {}

    def plan(self, out: Path) -> Plan:
        campaign, ledger = self.campaign, self.ledger
        survey = Survey(campaign, self.bench.target, ledger)
        widths = widths_of(self.bench.target, campaign)
        claims = Claims(campaign, self.bench.target, ledger)
        surveyed: list[Surveyed] = []
        fingerprints: dict[str, Fingerprint] = {}
        total = 2 * len(campaign.sources)
        for number, source in enumerate(campaign.sources):
            self.progress(f"plan {source.system}", number, total)
            store = self.stores[source.system]
            self._read(source, store)
            found = survey.decide(source, store, self.scope)
            for stage in found.stages.values():
                claims.add(stage)
            keys = {name: [one.key for one in some] for name, some in found.combinations.items()}
            fingerprints[source.system] = fingerprint(store, source, keys, content=self.final)
            found.combinations.clear()
            surveyed.append(found)
        exceptions = claims.settle()
        datasets: list[DatasetPlan] = []
        holds: list[Hold] = []
        flows: list[tuple[Flow, Due]] = []
        cut: list[Finding] = []
        for number, found in enumerate(surveyed):
            self.progress(f"plan {found.source.system}", len(surveyed) + number, total)
            lately_of = self._since(found, exceptions, claims)
            for name, stage in found.stages.items():
                rows, lately = exceptions.get((found.source.system, name), []), lately_of[name]
                one, held = _dataset_plan(campaign, found, stage, rows, lately)
                datasets.append(one)
                holds += held
                cut += too_long(campaign, found, stage, widths, lately.moving())
            flows += flows_of(campaign, found)
        if cut:
            raise InputError(cut)
        self.progress("plan", total, total)
        now = datetime.now(UTC).replace(microsecond=0)
        return Plan(
            schema_="merger/plan/1",
            id=f"{campaign.job.id}-{now:%Y%m%dT%H%M%SZ}",
            job=campaign.job.id,
            job_file=str(campaign.path.resolve()),
            job_beside=beside(out, campaign.path),
            author=campaign.job.author,
            kind=_kind(campaign, ledger, self.scope, self.final),
            scope=self.scope,
            cutover=campaign.job.cutover,
            created=now,
            digests=digests_of(campaign),
            source_fingerprints=fingerprints,
            isolation=isolations(self.stores),
            caveats=self.caveats,
            service_classes={one.source.system: one.services.labels for one in surveyed},
            target_schema=schema_digest(self.bench.target, campaign.target.profile),
            untried={name: tuple(sorted(rules)) for name, rules in claims.rules.untried.items() if rules},
            datasets=tuple(datasets),
            holds=tuple(holds),
            flows=tuple(flow for flow, _ in flows),
            due=tuple(due for _, due in flows),
            approvals_needed=campaign.job.policies.approvals,
        )

    def _read(self, source: SourceSystem, store: SourceStore) -> None:
        """Notes what must be known of how a source is read. Raises Refused for a final plan that would take a
        replica's standing still for its primary's."""
        if self.final and (why := not_following(store)):
            raise Refused("migrate.replica-not-following", system=source.system, why=why)
        if found := caveats_of(source, store):
            self.caveats[source.system] = found

    def _since(self, found: Surveyed, exceptions: Exceptions, claims: Claims) -> dict[str, Since]:
        """What became of the datasets of a source, by name. Rows that are held since both sides changed them
        join the exceptions; along a circle they hold rows of datasets that were asked before, too, so that
        all are asked anew."""
        lately: dict[str, Since] = {}
        again = True
        while again:
            again = False
            for name, stage in found.stages.items():
                lately[name] = since(self.campaign, stage, self.bench.target, self.ledger)
                known = exceptions.get((stage.system, name), [])
                keys = {one.key for one in known}
                new = [one for one in conflicts_as_exceptions(lately[name]) if one.key not in keys]
                if new:
                    exceptions[stage.system, name] = [*known, *new]
                    stage.load_exceptions([*known, *new])
                    again |= bool(stage.circle)
            if again:
                claims.load(exceptions)
        return lately


def _kind(
    campaign: Campaign, ledger: Ledger, scope: tuple[str, ...], final: bool
) -> Literal["pilot", "bulk", "catch-up", "final"]:
    """What kind of run a plan is for; a run that was taken out again does not count as the first."""
    if final:
        return "final"
    if scope:
        return "pilot"
    earlier = [one for one in ledger.runs(campaign.job.id) if one.state != "rolled-back"]
    return "catch-up" if earlier else "bulk"


def digests_of(campaign: Campaign) -> Digests:
    """SHA-256 of everything that a plan is computed from."""
    return Digests(
        job=campaign.document.sha256,
        mapping=campaign.mapping_digest,
        profiles={one.system: one.profile_sha256 for one in (*campaign.sources, campaign.target)},
        engine=f"merger {merger.__version__}",
    )


def _dataset_plan(
    campaign: Campaign,
    found: Surveyed,
    stage: Stage,
    exceptions: list[RowException],
    lately: Since,
) -> tuple[DatasetPlan, list[Hold]]:
    decisions = found.decisions[stage.profile.root_of(stage.name)]
    moved: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    excluded: dict[str, int] = defaultdict(int)
    units: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    agencies = _Agencies(stage)
    held_rows: dict[tuple[str, str], int] = defaultdict(int)
    held_decisions: list[int] = []
    by_address = 0
    for (number, state, _, done), rows in sorted(lately.counts.items(), key=str):
        fate, why = fate_of(state)
        if done and fate is not Fate.HOLD:
            fate, why = Fate.EXCLUDE, ALREADY
        unit = "unknown" if number is None else decisions.outcome(number).old_unit
        units[unit][[Fate.MOVE, Fate.HOLD, Fate.EXCLUDE].index(fate)] += rows
        agencies.add(None if number is None else decisions.outcome(number), fate, why, rows)
        if fate is Fate.MOVE:
            moved[why] += rows
            if number is not None and ADDRESS in decisions.outcome(number).decided_by.split(", "):
                by_address += rows
        elif fate is Fate.HOLD:
            held[why] += rows
            if stage.parent is None and number is not None and decisions.outcome(number).why == why:
                held_decisions.append(number)
            else:
                held_rows[why, column_of(state)] += rows
        else:
            excluded[why] += rows
    to_move = sum(moved.values())
    plan = DatasetPlan(
        system=stage.system,
        dataset=stage.name,
        target=stage.dataset.to,
        in_scope=to_move + sum(held.values()) + sum(excluded.values()),
        to_move=to_move,
        held=sum(held.values()),
        excluded=dict(sorted(excluded.items())),
        held_by_reason=dict(sorted(held.items())),
        collisions=len(exceptions),
        batches=ceil(to_move / campaign.batch_rows),
        by_address=by_address,
        to_update=len(lately.changed),
        to_withdraw=len(lately.gone),
        files=_files(campaign, found.source, stage, lately),
        by_unit=tuple(_unit_counts(campaign, units)),
        by_agency=agencies.counted(),
        parts=decisions.parts if stage.parent is None else (),
        outcomes=tuple(decisions.outcomes) if stage.parent is None else (),
        decisions=tuple(decisions.decisions) if stage.parent is None else (),
        exceptions=tuple(sorted(exceptions, key=lambda one: one.key)),
    )
    holds = [_hold(stage, {}, why, rows, column=column) for (why, column), rows in held_rows.items()]
    for number, service, rows in held_by_service(stage, held_decisions):
        outcome = decisions.outcome(number)
        codes = {part: code for part, code in decisions.codes(number).items() if part != "rule"}
        if "service" in codes:
            codes["service"] = service
        candidates = found.candidates.get((stage.name, number), ())
        hold = _hold(stage, codes, outcome.why, rows, candidates, outcome.evidence)
        holds.append(hold.model_copy(update={"field": outcome.field}))
    return plan, holds


def _files(campaign: Campaign, source: SourceSystem, stage: Stage, lately: Since) -> int:
    """How many files are named by the rows that are to be moved or updated, where files are moved."""
    system = next(one for one in campaign.job.sources if one.system == source.system)
    if not stage.dataset.files or not moves_files(campaign.job, system, source.profile):
        return 0
    if lately.new is None:
        return count_naming(campaign, stage)
    wanted = {*lately.new, *lately.changed}
    return sum(key in wanted for key in keys_naming(campaign, stage)) if wanted else 0


def _hold(
    stage: Stage,
    codes: dict[str, str | None],
    why: str,
    rows: int,
    candidates: tuple[Candidate, ...] = (),
    evidence: tuple[str, ...] = (),
    column: str = "",
) -> Hold:
    where = {"system": stage.system, "dataset": stage.name, "codes": codes, "reason": why}
    where |= {"column": column} if column else {}
    return Hold(
        id=f"h-{canonical_digest(where)[:12]}", system=stage.system, dataset=stage.name, codes=codes,
        reason=why, column=column, rows=rows, candidates=candidates, evidence=evidence,
    )  # fmt: skip


def _unit_counts(campaign: Campaign, units: dict[str, list[int]]) -> Iterable[UnitCount]:
    for code, (moved, held, excluded) in sorted(units.items()):
        yield UnitCount(
            unit=code, name=campaign.unit_name(code), in_scope=moved + held + excluded,
            moved=moved, held=held, excluded=excluded,
        )  # fmt: skip


class _Agencies:
    """Counts what becomes of the rows of a dataset by old and new agency, where they have a holder."""

    def __init__(self, stage: Stage) -> None:
        self.holder = holder_of(stage)
        self.moved: Counter[tuple[str, str]] = Counter()
        self.others: dict[str, dict[Fate, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def add(self, outcome: Outcome | None, fate: Fate, why: str, rows: int) -> None:
        """Counts rows of one outcome (None: of none) that share a fate."""
        if not self.holder:
            return
        old = "unknown" if outcome is None else outcome.old_agency
        if fate is Fate.MOVE:
            new = "" if outcome is None else outcome.gives.get(f"{self.holder}.code", "")
            self.moved[old, new] += rows
        else:
            self.others[old][fate][why] += rows

    def counted(self) -> tuple[AgencyCount, ...]:
        """By old agency; what does not move first, then by new agency."""
        staying = [
            AgencyCount(
                old=old,
                held=dict(sorted(fates[Fate.HOLD].items())),
                excluded=dict(sorted(fates[Fate.EXCLUDE].items())),
            )
            for old, fates in self.others.items()
        ]
        moving = [AgencyCount(old=old, new=new, moved=rows) for (old, new), rows in self.moved.items()]
        return tuple(sorted((*staying, *moving), key=lambda one: (one.old, one.moved > 0, one.new)))
