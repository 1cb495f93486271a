"""The pages of plans. Those of holds and of decisions are in modules of their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.responses import Response

from merger.errors import Finding, InputError, Place, Severity
from merger.migrate.planning import digests_of
from merger.report import figures
from merger.report.words import Words
from merger.review.plans import decision_pages, hold_pages, making, where
from merger.review.plans.common import PlanVisit, job_at, link, noted, paged
from merger.review.plans.reading import before, campaign_of, listed, plan_file, state_of
from merger.review.web.failures import Missing
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right
from merger.review.web.visiting import LOCAL

SHOWN_GROUPS = 8
"""So many groups of holds stand on a plan's page itself."""
MAX_SCOPE = 500


def overview(visit: Visit) -> Response:
    """Every job of the folder with its plans, and the dry runs that are under way."""
    desk = visit.desk
    jobs, lost = listed(desk.jobs(), desk.plans(), desk.folder)
    return visit.page(
        "plans/overview.html.j2",
        jobs=jobs,
        lost=lost,
        running=[one for one in making.all_of(desk) if not one.ended],
        words=Words(visit.lang),
        make=_make_name(visit),
        desk=desk,
    )


def plan(visit: Visit) -> Response:
    """One plan: what it would do, in figures first."""
    seen = PlanVisit.of(visit)
    one = seen.file.plan
    counts = [(dataset, figures.dataset_count(dataset)) for dataset in one.datasets]
    last = before(seen.file.head, visit.desk.plans())
    earlier = plan_file(last.path) if last else None
    found = seen.changes(earlier) if earlier else None
    noted(visit, "plan-seen", seen.file.path.name, seen.file.sha256)
    return visit.page(
        "plans/plan.html.j2",
        **seen.context,
        state=state_of(seen.file.head, seen.job),
        counts=counts,
        total=figures.total(count for _, count in counts),
        held=figures.held_rows_by_reason(one.datasets),
        excluded=figures.excluded_by_rule(one.datasets),
        units=figures.unit_lines(one.datasets),
        sums={
            name: sum(getattr(dataset, name) for dataset in one.datasets)
            for name in ("collisions", "files", "by_address", "to_update", "to_withdraw", "batches")
        },
        groups=[group for group in seen.groups if group.decidable][:SHOWN_GROUPS],
        earlier=visit.desk.identifier(earlier.path) if earlier else "",
        earlier_file=earlier,
        changes=found,
        make=_make_name(visit),
        links={
            "sign": link(visit, "keys.sign", identifier=seen.id),
            "run": link(visit, "runs.run", plan=seen.id),
            "handover": link(visit, "handover.plan", identifier=seen.id),
        },
    )


def where_to(visit: Visit) -> Response:
    """Where the work of old units and agencies goes."""
    seen = PlanVisit.of(visit)
    one, names = seen.file.plan, seen.names
    asked = {name: visit.query.get(name, "").strip()[:100] for name in ("q", "unit", "agency", "service")}
    units = where.units(one, asked["q"])
    streams = where.streams(
        one,
        asked["agency"],
        asked["service"],
        lambda system, dataset, state: names.state(system, dataset, state, visit.lang),
    )
    if asked["q"] and not asked["agency"] and not asked["service"]:
        known = {code for code, _ in where.matching(where.agencies(one), names.agency, asked["q"])}
        streams = [each for each in streams if {each.from_agency, each.to_agency} & known]
    number, pages, part = paged(visit, max(len(units), len(streams)), where.MOST)
    return visit.page(
        "plans/where.html.j2",
        **seen.context,
        asked=asked,
        units=units[part],
        units_found=len(units),
        goes=where.destinations(one, asked["unit"]) if asked["unit"] else [],
        unit=next((line for line in units if line.unit == asked["unit"]), None),
        streams=streams[part],
        streams_found=len(streams),
        services=[(code, names.service(code)) for code in where.services(one)],
        number=number,
        pages=pages,
    )


def compare(visit: Visit) -> Response:
    """What a plan says differently than another one of the same job: the one before, or one that is named."""
    seen = PlanVisit.of(visit)
    named = visit.query.get("than", "")
    last = before(seen.file.head, visit.desk.plans())
    path = _plan_at(visit, named) if named else last.path if last else None
    earlier = plan_file(path) if path else None
    if earlier is not None and earlier.plan.job != seen.file.plan.job:
        raise Missing(named)
    return visit.page(
        "plans/changes.html.j2",
        **seen.context,
        earlier=visit.desk.identifier(earlier.path) if earlier else "",
        earlier_file=earlier,
        changes=seen.changes(earlier) if earlier else None,
    )


def make(visit: Visit) -> Response:
    """Starts a dry run."""
    job = job_at(visit, str(visit.form.get("job", "")))
    scope = str(visit.form.get("scope", "")).replace(",", " ").split()[:MAX_SCOPE]
    wrong = [code for code in scope if not (code.isascii() and code.isalnum())]
    if wrong:
        raise InputError([_finding("bad-scope", unit=code[:40]) for code in wrong])
    named = str(visit.form.get("before", ""))
    if named:
        _plan_at(visit, named)
    final = visit.form.get("kind") == "final"
    digest = digests_of(campaign_of(job)).job
    started = making.start(visit.desk, job, digest, visit.person.name, visit.lang, scope, final, named)
    noted(visit, "plan-asked", job.name, digest)
    return visit.go("plans.making", making=started.id)


def stop(visit: Visit) -> Response:
    """Ends a dry run that is under way."""
    made = making.stop(visit.desk, visit.path["making"])
    noted(visit, "plan-stopped", Path(made.asked.job).name)
    return visit.go("plans.making", making=made.id)


def progress(visit: Visit) -> Response:
    """A dry run while it is under way, and how it ended."""
    found = making.look(visit.desk, visit.path["making"])
    path = visit.desk.folder / found.asked.plan
    context: dict[str, Any] = {
        "made": found,
        "by": visit.word("review_web.local") if found.by == LOCAL else found.by,
        "job": visit.desk.identifier(visit.desk.folder / found.asked.job),
        "plan": visit.desk.identifier(path) if found.done and path.is_file() else "",
        "here": visit.url("plans.making", making=found.id),
        "stop": _stop_name(visit),
    }
    if visit.htmx:
        return visit.part("plans/making.html.j2", "state", **context)
    return visit.page("plans/making.html.j2", **context)


def _plan_at(visit: Visit, identifier: str) -> Path:
    path = visit.desk.path(identifier)
    if path not in visit.desk.plans():
        raise Missing(identifier)
    return path


def _make_name(visit: Visit) -> str:
    """The page by which this person may start a dry run; none for those who may not."""
    if visit.may(Right.DECIDE):
        return "plans.make-anew"
    return "plans.make" if visit.may(Right.RUN) else ""


def _stop_name(visit: Visit) -> str:
    """The page by which this person may stop one."""
    return {"plans.make-anew": "plans.stop-anew", "plans.make": "plans.stop", "": ""}[_make_name(visit)]


def _finding(code: str, **fields: object) -> Finding:
    return Finding("review_plans", code, Severity.ERROR, Place(), fields)


PAGES: Sequence[Page] = (
    Page("/plans", "plans.overview", Right.READ, overview),
    Page("/plans/make", "plans.make", Right.RUN, make, ("POST",)),
    Page("/plans/make-anew", "plans.make-anew", Right.DECIDE, make, ("POST",)),
    Page("/plans/making/{making}", "plans.making", Right.READ, progress),
    Page("/plans/making/{making}/stop", "plans.stop", Right.RUN, stop, ("POST",)),
    Page("/plans/making/{making}/stop-anew", "plans.stop-anew", Right.DECIDE, stop, ("POST",)),
    *decision_pages.PAGES,
    Page("/plans/{plan}", "plans.plan", Right.READ, plan),
    Page("/plans/{plan}/where", "plans.where", Right.READ, where_to),
    Page("/plans/{plan}/changes", "plans.changes", Right.READ, compare),
    *hold_pages.PAGES,
)
