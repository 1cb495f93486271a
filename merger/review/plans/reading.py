"""Jobs and plans as they lie in the folder, and what is known of a plan: whether it is stale, approved, run.

What was read is kept for as long as the files are unchanged.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from merger.approval import ApprovalState, Subject
from merger.errors import InputError, MergerError, Refused
from merger.mapping import read_document
from merger.mapping.files import contents_of, shipped
from merger.migrate.approving import approvals_of, plan_subject
from merger.migrate.campaign import SHIPPED, Campaign
from merger.migrate.files import job_of
from merger.migrate.job import Job
from merger.migrate.model import Digests, Plan
from merger.migrate.planning import digests_of, load_plan
from merger.migrate.workbench import Workbench

T = TypeVar("T")


class Kept(Generic[T]):
    """The last few things that were made of files, each as long as its files say the same."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Path, tuple[Hashable, T]] = OrderedDict()
        self._lock = Lock()

    def get(self, path: Path, signature: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            known = self._made.get(path)
            if known is None or known[0] != signature:
                known = self._made[path] = signature, make()
            self._made.move_to_end(path)
            while len(self._made) > self._most:
                self._made.popitem(last=False)
            return known[1]


@dataclass(frozen=True, slots=True)
class Head:
    """What lists say of a plan; heads are kept of more plans than whole ones. `sha256` of the plan's bytes;
    `subject`: what a signature on it says."""

    path: Path
    sha256: str
    subject: Subject
    id: str
    job: str
    job_file: str
    job_beside: str
    kind: str
    created: datetime
    digests: Digests
    to_move: int
    held: int


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan and its head."""

    head: Head
    plan: Plan

    @property
    def path(self) -> Path:
        return self.head.path

    @property
    def sha256(self) -> str:
        return self.head.sha256


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a plan. `changed`: which of job, mapping, profiles and engine are others than those it
    was computed from. `run`: the state of its run, empty without one. `problem`: why something of this is
    not known."""

    changed: tuple[str, ...] = ()
    run: str = ""
    run_id: str = ""
    approval: ApprovalState | None = None
    problem: str = ""

    @property
    def word(self) -> str:
        """One word for it: `unknown`, `run`, `stale`, `approved` or `waiting`."""
        if self.run:
            return "run"
        if self.changed:
            return "stale"
        if self.approval is None:
            return "unknown"
        return "waiting" if self.approval.missing else "approved"


@dataclass(frozen=True, slots=True)
class Listed:
    """A plan of a list; `head` is missing where the file cannot be read (`state.problem`)."""

    path: Path
    head: Head | None
    state: State


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job of a list with its plans, the newest first; `job` is missing where the file cannot be read."""

    path: Path
    job: Job | None
    problem: str = ""
    plans: tuple[Listed, ...] = field(default=())


_heads: Kept[Head] = Kept(5000)
_plans: Kept[PlanFile] = Kept(6)
_campaigns: Kept[Campaign] = Kept(4)


def plan_file(path: Path) -> PlanFile:
    """A plan with its head. Raises InputError."""
    stamp = _stamps([path])
    return _plans.get(path, stamp, lambda: _read(path))


def head_of(path: Path) -> Head:
    """What lists say of a plan. Raises InputError."""
    return _heads.get(path, _stamps([path]), lambda: _read(path).head)


def _read(path: Path) -> PlanFile:
    plan, content = load_plan(path)
    head = Head(
        path, sha256(content).hexdigest(), plan_subject(path, plan, content),
        plan.id, plan.job, plan.job_file, plan.job_beside, plan.kind, plan.created, plan.digests,
        to_move=sum(one.to_move for one in plan.datasets), held=sum(one.held for one in plan.datasets),
    )  # fmt: skip
    return PlanFile(head, plan)


def campaign_of(job: Path) -> Campaign:
    """A job with everything it names. Raises InputError."""
    named = read_document(job, Job).value
    systems = [job.parent / one.profile for one in (*named.sources, named.target)]
    contents = contents_of(places(job, named))
    signature = _stamps([job, *systems]), tuple(contents.digests), contents.findings == ()
    return _campaigns.get(job, signature, lambda: Campaign(job))


def places(job: Path, named: Job) -> list[Path]:
    """The files and folders that a job's mapping is read from."""
    return [
        shipped() / name.removeprefix(SHIPPED) if name.startswith(SHIPPED) else job.parent / name
        for name in named.mapping
    ]


def job_path(plan: Head, folder: Path) -> Path:
    """The job of a plan. Raises Refused where it lies outside of the folder that is served."""
    job = job_of(plan.path, plan.job_file, plan.job_beside).resolve()
    if not job.is_relative_to(folder):
        raise Refused("review_plans.job-outside", plan=plan.path.name)
    return job


def listed(jobs: Iterable[Path], plans: Iterable[Path], folder: Path) -> tuple[list[ListedJob], list[Listed]]:
    """Every job with its plans, and the plans that belong to none of them."""
    by_job: dict[Path, list[Head]] = {}
    lost: list[Listed] = []
    for path in plans:
        try:
            one = head_of(path)
            by_job.setdefault(job_path(one, folder), []).append(one)
        except MergerError as error:
            lost.append(Listed(path, None, State(problem=told(error, path))))
    out = []
    for job in jobs:
        own = sorted(by_job.pop(job.resolve(), []), key=lambda one: one.created, reverse=True)
        try:
            named = read_document(job, Job).value
        except InputError as error:
            problem = told(error, job)
            out.append(ListedJob(job, None, problem, tuple(_unknown(one, error) for one in own)))
            continue
        states = states_of(job, own)
        rows = tuple(Listed(one.path, one, state) for one, state in zip(own, states, strict=True))
        out.append(ListedJob(job, named, plans=rows))
    missing = Refused("review_plans.job-gone")
    lost += [_unknown(one, missing) for group in by_job.values() for one in group]
    return out, lost


def states_of(job: Path, plans: list[Head]) -> list[State]:
    """What is known of each of a job's plans. The job's target is opened once, for reading."""
    if not plans:
        return []
    try:
        campaign = campaign_of(job)
    except MergerError as error:
        return [State(problem=told(error, job)) for _ in plans]
    digests = digests_of(campaign).model_dump()
    changed = [
        tuple(name for name, value in one.digests.model_dump().items() if value != digests[name])
        for one in plans
    ]
    try:
        with Workbench(campaign) as bench:
            runs = {one.plan_sha256: one for one in bench.ledger.runs(campaign.job.id)}
            used = bench.ledger.used_approvals()
    except MergerError as error:
        return [State(changed=one, problem=told(error, job)) for one in changed]
    out = []
    for one, differs in zip(plans, changed, strict=True):
        run = runs.get(one.sha256)
        approval, problem = _approval(one, campaign, used)
        out.append(State(differs, run.state if run else "", run.id if run else "", approval, problem))
    return out


def state_of(plan: Head, job: Path) -> State:
    """What is known of one plan."""
    return states_of(job, [plan])[0]


def before(plan: Head, plans: Iterable[Path]) -> Head | None:
    """The plan of the same job that was made last before this one."""
    return max(
        (one for one in heads(plans) if one.job == plan.job and one.created < plan.created),
        key=lambda one: one.created,
        default=None,
    )


def heads(plans: Iterable[Path]) -> Iterator[Head]:
    """The heads of the plans that can be read."""
    for path in plans:
        try:
            yield head_of(path)
        except InputError:
            continue


def _approval(plan: Head, campaign: Campaign, used: set[str]) -> tuple[ApprovalState | None, str]:
    try:
        return approvals_of(plan.path, plan.subject, campaign, used), ""
    except MergerError as error:
        return None, told(error, campaign.path)


def _unknown(plan: Head, error: MergerError) -> Listed:
    return Listed(plan.path, plan, State(problem=told(error, plan.path)))


def told(error: MergerError, beside: Path) -> str:
    """What is wrong, with the names of files as they are seen from the folder of `beside`."""
    return str(error).replace(f"{beside.parent}/", "")


def _stamps(paths: list[Path]) -> Hashable:
    """By what a change of files is noticed."""
    out = []
    for path in paths:
        try:
            status = path.stat()
            out.append((str(path), status.st_ino, status.st_size, status.st_mtime_ns))
        except OSError:
            out.append((str(path), 0, 0, 0))
    return tuple(out)
