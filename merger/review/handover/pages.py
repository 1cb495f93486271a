"""The pages of hand-over records, and the report for the file."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from merger import report as forms
from merger.migrate.model import Summary
from merger.report import figures, handing
from merger.report.page import Shown, mark_of, style
from merger.report.page import page as report_page
from merger.report.page import record as record_page
from merger.report.words import Words
from merger.review.handover import views
from merger.review.web.failures import Missing
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right

CSS = "text/css; charset=utf-8"
HTML = "text/html; charset=utf-8"
MEDIA = {
    "html": HTML,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=utf-8",
}
LONGEST = 100

_shelf = views.Shelf()


def index(visit: Visit) -> Response:
    """The plans and runs that have records."""
    return visit.page("handover/index.html.j2", entries=views.entries(visit.desk))


def plan(visit: Visit) -> Response:
    """The agencies of one plan or run, searched, and what all of them hand over."""
    read = _read(visit)
    summary = read.summary
    side = visit.query.get("side", "old")
    order = visit.query.get("order", "code")
    asked = visit.query.get("q", "").strip()[:LONGEST]
    number = visit.query.get("page", "1")
    hands = read.hands(side)
    found = views.agencies(
        read.searched(side), asked, order, int(number) if number.isdecimal() and len(number) < 7 else 1
    )
    context: dict[str, Any] = {
        **_context(visit, summary),
        "side": side,
        "order": order if order in views.ORDERS else "code",
        "orders": [one for one in views.ORDERS if side == "old" or one != "kept"],
        "asked": asked,
        "all": len(hands),
        "sums": handing.sums(hands),
        "found": found,
        "counts": figures.total(figures.dataset_count(one) for one in summary.datasets),
        "list_address": lambda **given: _address(
            visit, "handover.plan", {"side": side, "order": order, "q": asked, **given}
        ),
        "agency_address": lambda code: _address(visit, "handover.agency", {"side": side, "code": code}),
    }
    if visit.htmx:
        return visit.part("handover/plan.html.j2", "list", **context)
    visit.noted("handover-seen", _subject(summary), summary.digests["plan"])
    return visit.page("handover/plan.html.j2", **context)


def agency(visit: Visit) -> Response:
    """The record of one agency."""
    read = _read(visit)
    summary = read.summary
    side, code = visit.query.get("side", ""), visit.query.get("code", "")
    hand = read.hand(side, code)
    other = "new" if side == "old" else "old"
    known = summary.new_agencies if side == "old" else summary.old_agencies
    visit.noted("record-seen", _subject(summary, side, code), summary.digests["plan"])
    return visit.page(
        "handover/agency.html.j2",
        **_context(visit, summary),
        hand=hand,
        side=side,
        both=any(one.code == code for one in known),
        agency_address=lambda one, its=other: _address(visit, "handover.agency", {"side": its, "code": one}),
        record_address=_address(visit, "handover.record", {"side": side, "code": code}),
        file_address=_address(visit, "handover.record-file", {"side": side, "code": code}),
    )


def record(visit: Visit) -> Response:
    """The record of one agency as the page that is printed and signed."""
    read = _read(visit)
    summary = read.summary
    side, code = visit.query.get("side", ""), visit.query.get("code", "")
    read.hand(side, code)
    shown = _shown(
        visit,
        summary,
        ("back", _address(visit, "handover.agency", {"side": side, "code": code})),
        ("save", _address(visit, "handover.record-file", {"side": side, "code": code})),
    )
    content = record_page(summary, code, visit.lang, gives=side == "old", shown=shown)
    visit.noted("record-printed", _subject(summary, side, code), sha256(content).hexdigest())
    return Response(content, media_type=HTML)


def record_file(visit: Visit) -> Response:
    """The same as a file that needs nothing else."""
    read = _read(visit)
    summary = read.summary
    side, code = visit.query.get("side", ""), visit.query.get("code", "")
    read.hand(side, code)
    content = forms.record(summary, code, visit.lang, gives=side == "old")
    visit.noted("record-saved", _subject(summary, side, code), sha256(content).hexdigest())
    return visit.file(content, views.file_name((summary.id, side, code), ".html"), HTML)


def report(visit: Visit) -> Response:
    """The report for the file, as the page that is printed."""
    summary = _read(visit).summary
    files = (
        (kind, visit.url("handover.report-file", identifier=visit.path["identifier"], kind=kind))
        for kind in MEDIA
    )
    back = ("back-list", visit.url("handover.plan", identifier=visit.path["identifier"]))
    content = report_page(summary, visit.lang, _shown(visit, summary, back, *files))
    visit.noted("report-seen", _subject(summary), sha256(content).hexdigest())
    return Response(content, media_type=HTML)


def report_file(visit: Visit) -> Response:
    """The report as a file: HTML, XLSX or JSON."""
    summary = _read(visit).summary
    kind = visit.path["kind"]
    if kind not in MEDIA:
        raise Missing(kind)
    content = forms.render(summary, f".{kind}", visit.lang)
    visit.noted("report-saved", _subject(summary), sha256(content).hexdigest())
    return visit.file(content, views.file_name((summary.id,), f".{kind}"), MEDIA[kind])


def paper(visit: Visit) -> Response:
    """The stylesheet of what is printed."""
    return Response(style(visit.query.get("mark", "")[:LONGEST]), media_type=CSS)


PAGES: Sequence[Page] = (
    Page("/handover", "handover.index", Right.READ, index),
    Page("/handover/style/paper.css", "handover.style", Right.READ, paper),
    Page("/handover/{identifier}", "handover.plan", Right.READ, plan),
    Page("/handover/{identifier}/agency", "handover.agency", Right.READ, agency),
    Page("/handover/{identifier}/record", "handover.record", Right.READ, record),
    Page("/handover/{identifier}/record-file", "handover.record-file", Right.READ, record_file),
    Page("/handover/{identifier}/report", "handover.report", Right.READ, report),
    Page("/handover/{identifier}/report/{kind}", "handover.report-file", Right.READ, report_file),
)


def _read(visit: Visit) -> views.Read:
    return _shelf.read(visit.desk, visit.path["identifier"])


def _context(visit: Visit, summary: Summary) -> dict[str, Any]:
    words = Words(visit.lang, summary.titles)
    return {
        "summary": summary,
        "id": visit.path["identifier"],
        "what": figures.counts_as(summary),
        "words": words,
        "r": words.text,
        "spans": handing.spans_of(summary),
    }


def _shown(visit: Visit, summary: Summary, *links: tuple[str, str]) -> Shown:
    mark = urlencode({"mark": mark_of(summary)})
    return Shown(
        f"{visit.url('handover.style')}?{mark}",
        tuple((visit.word(f"review_handover.{name}"), address) for name, address in links),
    )


def _address(visit: Visit, name: str, asked: dict[str, object]) -> str:
    said = urlencode({key: value for key, value in asked.items() if value != ""})
    return f"{visit.url(name, identifier=visit.path['identifier'])}?{said}"


def _subject(summary: Summary, *more: str) -> str:
    """What the trail calls a record: printable ASCII without spaces."""
    words = ":".join((summary.id, *more))
    return "".join(letter if "!" <= letter <= "~" else "_" for letter in words)[:200]
