"""The pages of runs: what runs there are, one run as it goes on, what was verified, and its roll-back."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.routing import NoMatchFound

from merger.errors import Refused
from merger.report.words import Words
from merger.review.runs.ordering import order, settle
from merger.review.runs.progress import ledger_progress, progress_of
from merger.review.runs.verified import AT_ONCE, verified
from merger.review.runs.views import (
    RunView,
    listed,
    make_rollback,
    plan_file,
    rollback_path,
    rollback_view,
    run_view,
)
from merger.review.web.errors import failure_page
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right
from merger.review.work import Kind, Work, works


def runs(visit: Visit) -> Response:
    """The runs of every job, and the plans that wait."""
    _settle(visit)
    return visit.page("runs/list.html.j2", jobs=listed(visit.desk), words=Words(visit.lang))


def run(visit: Visit) -> Response:
    """One plan and its run: how it stands, how far it is, what may be done."""
    _settle(visit)
    seen = run_view(visit.desk, visit.path["plan"])
    return visit.page("runs/run.html.j2", **_context(visit, seen))


def live(visit: Visit) -> Response:
    """The part that says how far the work is; when it has ended, the whole page is asked for again."""
    plan = visit.path["plan"]
    if not visit.htmx:
        return visit.go("runs.run", plan=plan)
    current = next((one for one in works(visit.desk).of(plan) if one.alive), None)
    if current is not None:
        return visit.part("runs/live.html.j2", plan=plan, **_work(visit, current))
    seen = run_view(visit.desk, plan)
    if seen.foreign and seen.stands == visit.query.get("stands"):
        return visit.part("runs/elsewhere.html.j2", **_context(visit, seen))
    return Response(status_code=204, headers={"hx-refresh": "true"})


def apply(visit: Visit) -> Response:
    """Begins a run, or goes on with one."""
    file = plan_file(visit.desk, visit.path["plan"])
    order(visit.desk, file, Kind.APPLY, visit.person.name, visit.lang)
    return visit.go("runs.run", plan=file.identifier)


def pause(visit: Visit) -> Response:
    """Interrupts what is under way on a plan."""
    file = plan_file(visit.desk, visit.path["plan"])
    here = works(visit.desk)
    current = next((one for one in here.of(file.identifier) if one.alive), None)
    if current is None or not here.pause(current):
        raise Refused("review_runs.not-running")
    visit.noted("pause-asked", file.identifier, file.sha256)
    return visit.go("runs.run", plan=file.identifier)


def verify(visit: Visit) -> Response:
    """Begins a verification. Values are asked for only by whoever may see persons."""
    file = plan_file(visit.desk, visit.path["plan"])
    values = visit.form.get("values") == "yes"
    if values and not visit.may(Right.PERSONAL):
        return failure_page(visit, 403)
    if values:
        visit.noted("values-asked", file.identifier, file.sha256)
    quick = visit.form.get("strength") == "quick"
    order(
        visit.desk, file, Kind.VERIFY, visit.person.name, visit.lang, quick=quick, values=values and not quick
    )
    return visit.go("runs.run", plan=file.identifier)


def verification(visit: Visit) -> Response:
    """What was verified: checks by dataset, and differences, with keys for whoever may see persons."""
    _settle(visit)
    seen = run_view(visit.desk, visit.path["plan"])
    found = verified(seen.file, seen.last.get(Kind.VERIFY))
    dataset, column = visit.query.get("dataset", ""), visit.query.get("column", "")
    personal = visit.may(Right.PERSONAL)
    chosen = found.of(dataset, column) if found else []
    pages = max(1, -(-len(chosen) // AT_ONCE))
    page = min(_number(visit.query.get("page", "1")), pages)
    shown = chosen[(page - 1) * AT_ONCE : page * AT_ONCE]
    values = personal and found is not None and found.has_values
    if personal and shown:
        visit.noted("values-seen" if values else "differences-seen", seen.file.identifier, seen.file.sha256)
    return visit.page(
        "runs/verification.html.j2", seen=seen, found=found, dataset=dataset, column=column, shown=shown,
        page=page, pages=pages, personal=personal, values=values, total=len(chosen), words=Words(visit.lang),
    )  # fmt: skip


def forget(visit: Visit) -> Response:
    """Removes the values that a verification showed."""
    file = plan_file(visit.desk, visit.path["plan"])
    here = works(visit.desk)
    for one in here.of(file.identifier):
        if one.order.values:
            here.forget(one)
    visit.noted("values-removed", file.identifier, file.sha256)
    return visit.go("runs.verification", plan=file.identifier)


def rollback(visit: Visit) -> Response:
    """What a roll-back would take out, and who has signed it."""
    _settle(visit)
    seen = rollback_view(visit.desk, visit.path["plan"])
    whole = run_view(visit.desk, visit.path["plan"])
    if seen.path is not None:
        visit.noted("rollback-seen", seen.file.identifier, seen.sha256)
    return visit.page(
        "runs/rollback.html.j2", seen=seen, sign=_sign(visit, seen.path), **_context(visit, whole)
    )


def rollback_make(visit: Visit) -> Response:
    """Writes the file that is signed to allow the roll-back."""
    make_rollback(visit.desk, visit.path["plan"])
    seen = rollback_view(visit.desk, visit.path["plan"])
    visit.noted("rollback-written", seen.file.identifier, seen.sha256)
    return visit.go("runs.rollback", plan=seen.file.identifier)


def rollback_run(visit: Visit) -> Response:
    """Begins the roll-back, or goes on with it. Whether it is approved, the engine decides."""
    file = plan_file(visit.desk, visit.path["plan"])
    if not rollback_path(file).is_file():
        raise Refused("review_runs.no-rollback-file")
    order(visit.desk, file, Kind.ROLLBACK, visit.person.name, visit.lang)
    return visit.go("runs.run", plan=file.identifier)


def _settle(visit: Visit) -> None:
    """Notes the end of works that ended while no server looked. Where the trail is bent, pages are read
    all the same."""
    with suppress(Refused):
        for work in works(visit.desk).all():
            settle(visit.desk, work)


def _context(visit: Visit, seen: RunView) -> dict[str, Any]:
    context: dict[str, Any] = {
        "view": seen,
        "plan": seen.file.identifier,
        "words": Words(visit.lang),
        "sign_plan": _sign(visit, seen.file.path),
        "results": [seen.last[kind] for kind in Kind if kind in seen.last and not seen.last[kind].alive],
    }
    if seen.current is not None:
        context |= _work(visit, seen.current)
    elif seen.foreign:
        context["progress"] = ledger_progress(seen.file.plan, seen.settled)
    return context


def _work(visit: Visit, work: Work) -> dict[str, Any]:
    return {"work": work, "progress": progress_of(work), "words": Words(visit.lang)}


def _sign(visit: Visit, path: Path | None) -> str:
    """The address of the page on which a file is signed; empty where there is none."""
    if path is None:
        return ""
    try:
        return visit.url("keys.sign", identifier=visit.desk.identifier(path))
    except NoMatchFound:
        return ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and int(text[:9]) > 0 else 1


_PLAN = "/runs/{plan}"
PAGES: Sequence[Page] = (
    Page("/runs", "runs.list", Right.READ, runs),
    Page(_PLAN, "runs.run", Right.READ, run),
    Page(f"{_PLAN}/live", "runs.live", Right.READ, live),
    Page(f"{_PLAN}/apply", "runs.apply", Right.RUN, apply, ("POST",)),
    Page(f"{_PLAN}/pause", "runs.pause", Right.RUN, pause, ("POST",)),
    Page(f"{_PLAN}/verify", "runs.verify", Right.RUN, verify, ("POST",)),
    Page(f"{_PLAN}/verification", "runs.verification", Right.READ, verification),
    Page(f"{_PLAN}/verification/forget", "runs.forget", Right.PERSONAL, forget, ("POST",)),
    Page(f"{_PLAN}/rollback", "runs.rollback", Right.READ, rollback),
    Page(f"{_PLAN}/rollback/make", "runs.rollback-make", Right.ROLLBACK, rollback_make, ("POST",)),
    Page(f"{_PLAN}/rollback/run", "runs.rollback-run", Right.ROLLBACK, rollback_run, ("POST",)),
)
