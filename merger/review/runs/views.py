"""What the pages of runs show, as plain data: runs of a job, one run with its works, and its roll-back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from merger.approval import ApprovalState, digest_bytes
from merger.errors import MergerError, Refused
from merger.mapping.models import Title
from merger.migrate import api
from merger.migrate.api import RunInfo
from merger.migrate.approving import RollbackPlan
from merger.migrate.campaign import Campaign
from merger.migrate.files import job_of, read_json
from merger.migrate.model import Plan
from merger.migrate.rolling_back import rollback_file
from merger.migrate.runfile import RunFile
from merger.migrate.verifying import run_of
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing
from merger.review.work import Kind, Part, State, Work, works

FOREIGN = ("elsewhere", "unclear", "taking-out")
"""How a run stands that a process of others may be working on."""


@dataclass(frozen=True)
class RunRow:
    """A run of the ledger, or a plan that was not run (`info` is None). `plan`: the desk's identifier of it,
    empty where the plan is not in the folder. `stands`: see `standing`."""

    plan: str
    name: str
    info: RunInfo | None
    kind: str
    stands: str


@dataclass(frozen=True)
class JobRuns:
    """The runs of a job, newest first, and the plans that wait. `problem`: why they cannot be told."""

    name: str
    title: Title | None
    runs: tuple[RunRow, ...] = ()
    waiting: tuple[RunRow, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class PlanFile:
    """A plan of the folder with what was noted beside it. `run`: the id that apply gave it."""

    identifier: str
    path: Path
    plan: Plan
    sha256: str
    run: str


@dataclass(frozen=True)
class RunView:
    """A plan, the run of it that the ledger knows (`state` is empty where there is none), and its works.

    `earlier`: whether the job has runs of other plans, so that it may need no signature. `stands` is the
    truth about the run: see `standing`. `settled`: the rows that it has moved so far as its ledger knows, by
    system and dataset.
    """

    file: PlanFile
    approvals: ApprovalState | None
    info: RunInfo | None
    stands: str
    earlier: bool
    current: Work | None
    last: dict[Kind, Work]
    settled: dict[tuple[str, str], int]

    @property
    def foreign(self) -> bool:
        """Whether a process may be working on the run that these pages did not begin."""
        return self.current is None and self.stands in FOREIGN


@dataclass(frozen=True)
class RollbackView:
    """What a roll-back would take out, by dataset, and who has signed it. `path` is None where the file is
    still to be made."""

    file: PlanFile
    path: Path | None
    rows: dict[str, int]
    sha256: str
    approvals: ApprovalState | None
    state: str


def plan_file(desk: Desk, identifier: str) -> PlanFile:
    """The plan of this identifier. Raises Missing for what is no plan of the folder."""
    path = desk.path(identifier)
    if path not in desk.plans():
        raise Missing(identifier)
    plan, content = read_json(path, Plan)
    beside = path.with_name(f"{path.stem}.run.json")
    sha256 = digest_bytes(content)
    run = ""
    if beside.is_file():
        noted, _ = read_json(beside, RunFile)
        run = noted.run if noted.plan_sha256 == sha256 else ""
    return PlanFile(identifier, path, plan, sha256, run)


def listed(desk: Desk) -> list[JobRuns]:
    """The runs of every job of the folder."""
    known = works(desk).all()
    plans: dict[Path, list[PlanFile]] = {}
    unusable: list[JobRuns] = []
    for path in desk.plans():
        try:
            file = plan_file(desk, desk.identifier(path))
        except MergerError as error:
            unusable.append(JobRuns(path.relative_to(desk.folder).as_posix(), None, problem=str(error)))
            continue
        job = job_of(path, file.plan.job_file, file.plan.job_beside).resolve()
        plans.setdefault(job, []).append(file)
    return [*(_job(desk, job, plans.get(job.resolve(), []), known) for job in desk.jobs()), *unusable]


def run_view(desk: Desk, identifier: str) -> RunView:
    """A plan and its run. Raises Missing, InputError."""
    file = plan_file(desk, identifier)
    job = job_of(file.path, file.plan.job_file, file.plan.job_beside)
    found = works(desk).all()  # before the lock is looked at: what ends meanwhile is not taken for another's
    current, last = _works_on(file, found)
    worked_on = api.worked_on(job)  # before the runs are read: one that ended meanwhile is told to be done
    known = {one.run: one for one in api.runs(job)}
    info = known.get(run_id(file))
    stands = standing(info.state if info else "", current, last.get(Kind.APPLY), worked_on.get(run_id(file)))
    return RunView(
        file=file,
        approvals=None if info else api.approvals(file.path),
        info=info,
        stands=stands,
        earlier=bool(known.keys() - {run_id(file)}),
        current=current,
        last=last,
        settled=api.settled(job, info.run) if info and current is None and stands in FOREIGN else {},
    )


def run_id(file: PlanFile) -> str:
    """The id of the run of a plan, whether it was run or not."""
    return f"{file.plan.id}-{file.sha256[:8]}"


def standing(
    state: str, current: Work | None, last: Work | None = None, worked_on: bool | None = False
) -> str:
    """How a run stands. `state`: what the ledger says, empty where it has no run; `current` is under way on
    the plan, `last` moved its rows last; `worked_on`: what the target's lock says (`api.worked_on`).

    `running`: a process of these pages works on it; `elsewhere`: another one does; `unclear`: a process holds
    the target and does not say for what; `paused`: none works on it, which was asked for here; `interrupted`:
    none works on it; `taking-out`: a process rolls it back. Else as the ledger says; `planned` where it has
    none.
    """
    if current is not None and current.order.kind is Kind.APPLY:
        return "running" if current.state is State.RUNNING else "pausing"
    if current is not None and current.order.kind is Kind.ROLLBACK:
        return "taking-out"
    if state == "running":
        if worked_on is not False:
            return "elsewhere" if worked_on else "unclear"
        return "paused" if last is not None and last.state is State.PAUSED else "interrupted"
    return "taking-out" if state == "rolling-back" and worked_on else state or "planned"


def parts_of(plan: Plan) -> tuple[Part, ...]:
    """The datasets of a plan as a work keeps them."""
    return tuple(Part(system=one.system, dataset=one.dataset, rows=one.to_move) for one in plan.datasets)


def rollback_view(desk: Desk, identifier: str) -> RollbackView:
    """What a roll-back of the plan's run would take out. Raises Refused where it was not run."""
    file = plan_file(desk, identifier)
    state = run_of(str(file.path)).run.state
    path = rollback_path(file)
    if not path.is_file():
        return RollbackView(file, None, {}, "", None, state)
    content, data = read_json(path, RollbackPlan)
    used = state in ("rolling-back", "rolled-back")
    approvals = None if used else api.approvals(path)
    return RollbackView(file, path, content.rows, digest_bytes(data), approvals, state)


def make_rollback(desk: Desk, identifier: str) -> Path:
    """Writes the file that is signed to allow the roll-back. Raises Refused where there is nothing to roll
    back."""
    file = plan_file(desk, identifier)
    of = run_of(str(file.path))
    if of.run.state == "rolled-back":
        raise Refused("migrate.rolled-back", run=of.run.id)
    return rollback_file(str(file.path), of)


def rollback_path(file: PlanFile) -> Path:
    """Where the engine writes the roll-back file."""
    return file.path.with_name(f"{file.path.stem}.rollback.json")


def ended_at(work: Work) -> datetime | None:
    """When a work last told of itself, once it is over."""
    if work.alive or work.watched is None or not work.watched.steps:
        return None
    return datetime.fromtimestamp(max(one.at for one in work.watched.steps)).astimezone()


def _job(desk: Desk, job: Path, files: list[PlanFile], all_works: list[Work]) -> JobRuns:
    name = job.relative_to(desk.folder).as_posix()
    try:
        title = Campaign(job).job.title
        worked_on = api.worked_on(job)
        known = api.runs(job)
    except MergerError as error:
        return JobRuns(name, None, problem=str(error))
    by_run = {run_id(one): one for one in files}
    runs = []
    for info in reversed(known):
        file = by_run.pop(info.run, None)
        current, last = _works_on(file, all_works)
        stands = standing(info.state, current, last.get(Kind.APPLY), worked_on.get(info.run))
        identifier, name_of = (file.identifier, file.path.name) if file else ("", "")
        runs.append(RunRow(identifier, name_of, info, info.kind, stands))
    waiting = [
        RunRow(one.identifier, one.path.name, None, one.plan.kind,
               standing("", _works_on(one, all_works)[0]))
        for one in by_run.values()
    ]  # fmt: skip
    return JobRuns(name, title, tuple(runs), tuple(waiting))


def _works_on(file: PlanFile | None, all_works: list[Work]) -> tuple[Work | None, dict[Kind, Work]]:
    """The work that is under way on a plan, and the last of each kind on exactly its content."""
    last: dict[Kind, Work] = {}
    if file is None:
        return None, last
    of_plan = [one for one in all_works if one.order.subject == file.identifier]
    for work in of_plan:
        if work.order.sha256 == file.sha256:
            last.setdefault(work.order.kind, work)
    return next((one for one in of_plan if one.alive), None), last
