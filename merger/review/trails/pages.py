"""The pages of the trail: who saw, decided, signed and ran what, when; to be filtered, exported, verified."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.responses import Response

from merger.approval import digest_bytes, trail, trail_text
from merger.errors import Refused
from merger.review.trails.views import (
    PAGES as OWN,
)
from merger.review.trails.views import (
    Asked,
    actions,
    as_csv,
    checked,
    entries,
    names,
    pages_content,
    people,
    said,
    sources,
)
from merger.review.web.failures import Missing
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right

AT_ONCE = 100
"""Records that one page shows."""
_FILTERS = ("source", "who", "what", "content")


def shown(visit: Visit) -> Response:
    """The records of all trails in the order of time, newest first."""
    _noted(visit, "trail-seen")
    found = sources(visit.desk)
    asked = _asked(visit)
    chosen = entries(found, asked)
    pages = max(1, -(-len(chosen) // AT_ONCE))
    page = min(_number(visit.query.get("page", "1")), pages)
    query = urlencode({name: getattr(asked, name) for name in _FILTERS if getattr(asked, name)})
    return visit.page(
        "trails/list.html.j2", sources=found, asked=asked, total=len(chosen), page=page, pages=pages,
        query=query, entries=chosen[(page - 1) * AT_ONCE : page * AT_ONCE], people=people(found),
        actions=actions(found), own=OWN, names=names(visit.desk), said=lambda one: said(one, visit.words),
    )  # fmt: skip


def verify(visit: Visit) -> Response:
    """Whether each trail is whole, and whether a printed anchor lies in one."""
    text, of = visit.query.get("anchor", "").strip(), visit.query.get("source", OWN)
    wrong = False
    printed: dict[str, trail.Anchor] = {}
    if text:
        try:
            printed[of] = trail_text.read_anchor(text)
        except ValueError:
            wrong = True
    found = sources(visit.desk)
    results = checked(visit.desk, found, printed)
    _noted(visit, "trail-verified", "bent" if any(one.bent for one in results) else "whole")
    return visit.page(
        "trails/verify.html.j2", results=results, text=text, of=of, wrong=wrong, own=OWN,
        tried=bool(printed), status=422 if wrong else 200,
    )  # fmt: skip


def lines(visit: Visit) -> Response:
    """One whole trail as JSON lines, which `merger audit FILE.jsonl verify` reads."""
    wanted = visit.path["source"]
    for source in sources(visit.desk):
        if source.key == wanted and not source.problem:
            content = pages_content(visit.desk) if wanted == OWN else source.lines
            _noted(visit, "trail-exported", wanted, digest_bytes(content))
            return visit.file(content, f"trail-{wanted}.jsonl", "application/x-ndjson; charset=utf-8")
    raise Missing(wanted)


def table(visit: Visit) -> Response:
    """The records that are asked for, as CSV."""
    content = as_csv(entries(sources(visit.desk), _asked(visit))).encode()
    _noted(visit, "trail-exported", "csv", digest_bytes(content))
    return visit.file(b"\xef\xbb\xbf" + content, "trail.csv", "text/csv; charset=utf-8")


def _asked(visit: Visit) -> Asked:
    return Asked(**{name: visit.query.get(name, "") for name in _FILTERS})


def _noted(visit: Visit, what: str, subject: str = "", digest: str = "") -> None:
    """Enters the trail of the pages; where that is bent nothing can be added, and the page says so."""
    try:
        visit.noted(what, subject, digest)
    except Refused:
        return


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and int(text[:9]) > 0 else 1


PAGES: Sequence[Page] = (
    Page("/trail", "trail.list", Right.TRAIL, shown),
    Page("/trail/verify", "trail.verify", Right.TRAIL, verify),
    Page("/trail/export/{source}", "trail.lines", Right.TRAIL, lines),
    Page("/trail/table", "trail.table", Right.TRAIL, table),
)
