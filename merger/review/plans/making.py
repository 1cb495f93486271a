"""Dry runs: works (`merger.review.work`) on a job, which write a new plan beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from merger.errors import Refused
from merger.mapping.models import Model
from merger.migrate.watched import Step
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing
from merger.review.work import Kind, Order, State, Work, new_id, works


class Asked(Model):
    """What a dry run is asked for. `job` and `plan`: places in the folder, of what is read and what is
    written; `before`: the identifier of the plan from which it was asked for, to compare with, or nothing;
    `scope`: the new units of a pilot, all where there are none."""

    job: str
    plan: str
    before: str = ""
    scope: tuple[str, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Making:
    """A dry run. `code`: its exit code, -1 where it ended without one. `done`: whether a plan was written,
    also one that holds more rows than the job allows; `stopped`: somebody asked for its end. `step`: what it
    is at or was at last. `wrong` is what it said of troubles, `said` what it said at its end."""

    id: str
    by: str
    asked: Asked
    ended: bool
    done: bool
    stopped: bool
    code: int
    step: Step | None
    wrong: str
    said: str

    @property
    def failed(self) -> bool:
        return self.ended and not self.done and not self.stopped


def start(
    desk: Desk,
    job: Path,
    sha256: str,
    by: str,
    lang: str,
    scope: Sequence[str] = (),
    final: bool = False,
    before: str = "",
) -> Making:
    """Starts the dry run of a job of this digest. Raises Refused while one of the same job is under way."""
    now = datetime.now(UTC)
    out = _free(job.with_name(f"{job.stem}-plan-{now:%Y%m%dT%H%M%SZ}.json"))
    asked = Asked(
        job=job.relative_to(desk.folder).as_posix(), plan=out.relative_to(desk.folder).as_posix(),
        before=before, scope=tuple(scope), final=final,
    )  # fmt: skip
    order = Order(
        schema_="merger/order/1", id=new_id(now), kind=Kind.PLAN, subject=desk.identifier(job), sha256=sha256,
        by=by, at=now, lang=lang, asked=asked.model_dump(mode="json"),
    )  # fmt: skip
    arguments = [Kind.PLAN.value, str(job), "--out", str(out)]
    for code in scope:
        arguments += ["--scope", code]
    arguments += ["--final"] if final else []
    busy = Refused("review_plans.planning-already", job=job.name)
    return _making(works(desk).begin(order, arguments, busy))


def look(desk: Desk, identifier: str) -> Making:
    """A dry run as it is now. Raises Missing."""
    work = works(desk).get(identifier)
    if work.order.kind is not Kind.PLAN:
        raise Missing(identifier)
    return _making(work)


def stop(desk: Desk, identifier: str) -> Making:
    """Ends a dry run that is under way: it writes nothing, so nothing goes on from where it was. Raises
    Missing, and Refused where there is nothing to be stopped."""
    made = look(desk, identifier)
    here = works(desk)
    if not here.pause(here.get(identifier)):
        raise Refused("review_runs.not-running")
    return made


def all_of(desk: Desk) -> list[Making]:
    """Every dry run that is kept, the newest first."""
    return [_making(one) for one in works(desk).all() if one.order.kind is Kind.PLAN]


def _making(work: Work) -> Making:
    watched = work.watched
    told = None if watched is None else watched.exit_code
    return Making(
        id=work.order.id,
        by=work.order.by,
        asked=Asked.model_validate(work.order.asked),
        ended=not work.alive,
        done=work.state in (State.DONE, State.ATTENTION),
        stopped=work.state is State.PAUSED,
        code=-1 if told is None else told,
        step=max(watched.steps, key=lambda one: one.at, default=None) if watched else None,
        wrong="\n".join(work.messages),
        said=work.said,
    )


def _free(path: Path) -> Path:
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free
