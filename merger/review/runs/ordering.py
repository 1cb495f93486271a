"""Beginning work: what is noted of it in the trail of the pages, and in the ledger's."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread

from merger.approval import trail
from merger.errors import MergerError, Refused
from merger.migrate import api
from merger.migrate.files import job_of
from merger.review.runs.views import PlanFile, parts_of, plan_file
from merger.review.web.desk import Desk
from merger.review.work import Kind, Order, Work, new_id, works

LEDGER_END = "ledger-end"
"""The action that notes where the ledger's trail ends, as `number:hash` in its digest."""


def order(
    desk: Desk,
    file: PlanFile,
    kind: Kind,
    by: str,
    lang: str,
    *,
    quick: bool = False,
    values: bool = False,
    extra: Mapping[str, str] | None = None,
) -> Work:
    """Begins work on a plan for the person `by`. Raises Refused while other work on it is under way."""
    at = datetime.now(UTC)
    wanted = Order(
        schema_="merger/order/1", id=new_id(at), kind=kind, subject=file.identifier, sha256=file.sha256,
        by=by, at=at, lang=lang, quick=quick, values=values, parts=parts_of(file.plan),
    )  # fmt: skip
    arguments = [kind.value, str(file.path), "--json"]
    arguments += ["--quick"] if quick else []
    arguments += ["--show-values"] if values else []

    def noted() -> str:
        note_ledger_end(desk, file, by)
        record = desk.trail.note(by, f"{kind.value}-begun", file.identifier, file.sha256)
        return f"{record.seq}:{record.hash}"

    work = works(desk).begin(wanted, arguments, Refused("review_runs.under-way"), noted, extra)
    Thread(target=_afterwards, args=(desk, work), daemon=True).start()
    return work


def settle(desk: Desk, work: Work) -> None:
    """Notes the end of a work on a plan and of the ledger's trail, once, whichever server finds it ended.

    Raises Refused where the trail of the pages is bent.
    """
    if work.alive or work.order.kind is Kind.PLAN:
        return
    with works(desk).once(work, "noted") as first:
        if first:
            what = f"{work.order.kind.value}-{work.state.value}"
            desk.trail.note(work.order.by, what, work.order.subject, work.order.sha256)
            with suppress(MergerError):  # the plan may have been taken away since
                note_ledger_end(desk, plan_file(desk, work.order.subject), work.order.by)


def note_ledger_end(desk: Desk, file: PlanFile, by: str) -> trail.Anchor | None:
    """Notes where the ledger's trail ends, so that it cannot be cut off unnoticed."""
    job = job_of(file.path, file.plan.job_file, file.plan.job_beside).resolve()
    if job not in desk.jobs():
        return None
    try:
        end = api.anchor(job)
    except MergerError:
        return None
    if not end.seq:
        return None
    desk.trail.note(by, LEDGER_END, desk.identifier(job), f"{end.seq}:{end.hash}")
    return end


def _afterwards(desk: Desk, work: Work) -> None:
    here = works(desk)
    here.wait(work)
    try:
        settle(desk, here.get(work.order.id))
    except MergerError:
        return
