"""The pages of holds: groups, one group with its decision form, the rows behind it, the sheet out and in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.responses import Response

from merger.errors import Finding, InputError, Place, Refused, Severity
from merger.migrate.held_rows import HeldRow, held_rows
from merger.report import holds as sheets
from merger.report.sheets import FILE_LIMIT
from merger.review.plans import settling
from merger.review.plans.common import PlanVisit, link, noted, paged
from merger.review.plans.groups import Group, facets, narrowed
from merger.review.plans.reading import campaign_of
from merger.review.web.failures import Missing
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right
from merger.review.web.visiting import LOCAL

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_GROUPS = 100
SHOWN_HOLDS = 200
SHOWN_ROWS = 200
NARROW = "only-"
"""How the names of fields begin by which a group is narrowed."""


def groups(visit: Visit) -> Response:
    """All holds of a plan, put together."""
    seen = PlanVisit.of(visit)
    reason = visit.query.get("reason", "")
    decidable = [one for one in seen.groups if one.decidable]
    shown = [one for one in decidable if reason in ("", one.reason)]
    number, pages, part = paged(visit, len(shown), SHOWN_GROUPS)
    rows: dict[str, int] = defaultdict(int)
    for one in decidable:
        rows[one.reason] += one.rows
    return visit.page(
        "plans/holds.html.j2",
        **seen.context,
        decidable=decidable,
        shown=shown[part],
        reasons=sorted(rows.items(), key=lambda item: -item[1]),
        reason=reason,
        number=number,
        pages=pages,
        others=[one for one in seen.groups if not one.decidable],
        decided=_decided(seen),
    )


def group(visit: Visit) -> Response:
    """One group: what holds it, what may become of it, and the form that decides it."""
    seen, whole, part, wanted = _asked(visit, visit.query)
    return _group_page(visit, seen, whole, part, wanted)


def decide(visit: Visit) -> Response:
    """Writes the decision on a group, or on the part of it that was chosen."""
    form = {name: value for name, value in visit.form.items() if isinstance(value, str)}
    seen, whole, part, wanted = _asked(visit, form)
    choice = settling.Choice(
        then=_codes(form, part) if form.get("what") != "exclude" else {},
        exclude=form.get("exclude", "").strip() if form.get("what") == "exclude" else "",
        author=form.get("author", "").strip() if _alone(visit) else visit.person.name,
        reason=form.get("reason", "").strip(),
    )
    try:
        _require_answer(form, choice)
        settling.require_known(campaign_of(seen.job), part.holds, choice.then)
        written = settling.decide(seen.job, seen.file.plan, part.holds, choice, date.today(), visit.lang)
    except InputError as error:
        seldom = {(one.code, one.message): one for one in error.findings}
        return _group_page(visit, seen, whole, part, wanted, findings=[*seldom.values()], given=form)
    noted(visit, "holds-decided", written.path.name, written.sha256)
    return visit.go("plans.decisions", job=visit.desk.identifier(seen.job))


def rows(visit: Visit) -> Response:
    """The rows of a group by their keys, on demand: noted in the trail."""
    form = {name: value for name, value in visit.form.items() if isinstance(value, str)}
    seen, whole, part, wanted = _asked(visit, form)
    noted(visit, "held-rows-seen", part.id, seen.file.sha256)
    found = held_rows(seen.job, seen.file.plan, part.holds, SHOWN_ROWS)
    return _group_page(visit, seen, whole, part, wanted, rows=found)


def sheet(visit: Visit) -> Response:
    """The sheet of a plan's holds."""
    seen = PlanVisit.of(visit)
    content = sheets.write(seen.file.plan, seen.file.sha256, visit.lang)
    noted(visit, "holds-sheet-taken", seen.file.path.name, seen.file.sha256)
    return visit.file(content, f"{seen.file.path.stem}-holds.xlsx", XLSX)


def upload(visit: Visit) -> Response:
    """Takes in a filled-in sheet."""
    seen = PlanVisit.of(visit)
    given = visit.form.get("sheet")
    if not isinstance(given, UploadFile) or not given.filename:
        raise InputError([_finding("no-sheet")])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "holds.xlsx"
        path.write_bytes(given.file.read(FILE_LIMIT + 1))
        try:
            made = sheets.read(path, seen.file.plan, seen.file.sha256, date.today())
        except InputError as error:
            return visit.page(
                "plans/sheet.html.j2", status=422, **seen.context, findings=error.findings, written=None
            )
        except Refused as error:
            if error.key != "report.other-plan":
                raise
            raise Refused("review_plans.other-plan", plan=seen.file.plan.id) from error
    written = settling.add(seen.job, made)
    noted(visit, "holds-decided-by-sheet", written.path.name, written.sha256)
    return visit.page(
        "plans/sheet.html.j2", **seen.context, findings=made.warnings, written=written, made=made
    )


def _asked(visit: Visit, given: Mapping[str, str]) -> tuple[PlanVisit, Group, Group, dict[str, str]]:
    """The plan, the whole group, the part of it that is chosen, and by what it is chosen. Raises Missing."""
    seen = PlanVisit.of(visit)
    whole = seen.group(visit.path["group"])
    wanted = {
        name.removeprefix(NARROW): value for name, value in given.items() if name.startswith(NARROW) and value
    }
    part = narrowed(whole, wanted)
    if not part.holds:
        raise Missing(visit.path["group"])
    return seen, whole, part, wanted


def _group_page(
    visit: Visit,
    seen: PlanVisit,
    whole: Group,
    part: Group,
    wanted: dict[str, str],
    findings: Sequence[Finding] = (),
    given: dict[str, str] | None = None,
    rows: Sequence[HeldRow] | None = None,
) -> Response:
    decided = _decided(seen)
    return visit.page(
        "plans/group.html.j2",
        status=422 if findings else 200,
        **seen.context,
        group=part,
        whole=whole,
        facets=facets(whole),
        wanted=wanted,
        findings=findings,
        given=given or {},
        rows=rows,
        holds=sorted(part.holds, key=lambda one: (-one.rows, one.id))[:SHOWN_HOLDS],
        localities=seen.names.localities(part),
        units=_unit_pages(seen, part),
        children=any("parent-held" in dataset.held_by_reason for dataset in seen.file.plan.datasets),
        decided=decided,
        deciders=sorted({decided[hold.id] for hold in part.holds if hold.id in decided}),
        alone=_alone(visit),
    )


def _unit_pages(seen: PlanVisit, part: Group) -> dict[tuple[str, str], str]:
    """By field and code, the pages of the units that a group is about and of those that may follow, as the
    job's mapping has them; none where that part is not served."""
    first = part.holds[0]
    named = [(one.field, one.code) for one in part.candidates]
    named += [(field, code) for field, code in part.cause if code]
    out = {}
    for field, code in named:
        kind = seen.names.kind(field, first.system, first.dataset)
        page = link(seen.visit, "mapping.unit", mapping=seen.visit.desk.identifier(seen.job)) if kind else ""
        if page:
            out[field, code] = f"{page}?{urlencode({'kind': kind, 'code': code})}"
    return out


def _alone(visit: Visit) -> bool:
    """Whether it is the one local user, who has no account and so says at each decision who decides."""
    return visit.person.name == LOCAL


def _codes(form: dict[str, str], part: Group) -> dict[str, str]:
    """The new codes of a form: of each field the code that was written, else the one that was chosen."""
    out = {}
    for field in part.fields:
        code = form.get(f"other-{field}", "").strip() or form.get(f"code-{field}", "").strip()
        if code:
            out[field] = code
    return out


def _require_answer(form: dict[str, str], choice: settling.Choice) -> None:
    """Raises InputError with everything that a form leaves out."""
    findings = []
    if not choice.then and not choice.exclude:
        findings.append(_finding("nothing-chosen" if form.get("what") != "exclude" else "no-name"))
    if not choice.reason:
        findings.append(_finding("no-reason"))
    if not choice.author:
        findings.append(_finding("no-author"))
    if findings:
        raise InputError(findings)


def _decided(seen: PlanVisit) -> dict[str, str]:
    """Which holds of a plan have a decision by now, and who decided, by the holds' ids."""
    try:
        files = settling.files_of(seen.job)
    except InputError:
        return {}
    taken = [one for file in files for act in file.acts for one in act.decisions]
    if not taken:
        return {}
    said = {settling.codes_of(one): one.author for one in taken}
    found = ((hold.id, said.get(settling.codes_held(hold))) for hold in seen.file.plan.holds)
    return {identifier: author for identifier, author in found if author is not None}


def _finding(code: str, **fields: object) -> Finding:
    return Finding("review_plans", code, Severity.ERROR, Place(), fields)


PAGES: Sequence[Page] = (
    Page("/plans/{plan}/holds", "plans.holds", Right.READ, groups),
    Page("/plans/{plan}/holds.xlsx", "plans.sheet", Right.READ, sheet),
    Page("/plans/{plan}/sheet", "plans.upload", Right.DECIDE, upload, ("POST",), FILE_LIMIT + (1 << 20)),
    Page("/plans/{plan}/holds/{group}", "plans.group", Right.READ, group),
    Page("/plans/{plan}/holds/{group}/decide", "plans.decide", Right.DECIDE, decide, ("POST",)),
    Page("/plans/{plan}/holds/{group}/rows", "plans.rows", Right.PERSONAL, rows, ("POST",)),
)
