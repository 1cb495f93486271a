"""Error pages: what is wrong and what to do, in the visit's language, never a trace."""

from starlette.responses import Response

from merger.errors import Finding, InputError, MergerError, Refused
from merger.review.web.failures import Missing
from merger.review.web.pages import Visit

KNOWN = (400, 403, 404, 405, 408, 409, 413, 422, 429, 500)
MAX_FINDINGS = 200


def failure_page(visit: Visit, status: int, detail: str = "", findings: tuple[Finding, ...] = ()) -> Response:
    """The page of a failure; for htmx the part that goes into the page's notice."""
    kind = status if status in KNOWN else (400 if status < 500 else 500)
    context = {
        "code": status,
        "kind": kind,
        "detail": detail,
        "findings": findings[:MAX_FINDINGS],
        "more": max(0, len(findings) - MAX_FINDINGS),
    }
    if visit.htmx:
        answer = visit.part("error.html.j2", block="failure", status=status, **context)
        answer.headers["hx-retarget"] = "#notice"
        answer.headers["hx-reswap"] = "innerHTML"
        return answer
    return visit.page("error.html.j2", status=status, **context)


def failure_of(visit: Visit, error: MergerError) -> Response:
    """The page of an error that a handler raised."""
    if isinstance(error, Missing):
        return failure_page(visit, 404)
    if isinstance(error, Refused):
        return failure_page(visit, 409, str(error))
    if isinstance(error, InputError):
        return failure_page(visit, 422, "", error.findings)
    return failure_page(visit, 422, str(error))
