"""The application: every part's pages behind the checks that all of them share."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from merger import messages
from merger.errors import MergerError
from merger.review.handover import pages as handover
from merger.review.keys import pages as keys
from merger.review.mapping import pages as mapping
from merger.review.plans import pages as plans
from merger.review.runs import pages as runs
from merger.review.trails import pages as trails
from merger.review.web import account_pages, assets, csrf, entering, signing_in
from merger.review.web.accounts import Accounts
from merger.review.web.bounds import Limits
from merger.review.web.desk import Desk
from merger.review.web.errors import failure_of, failure_page
from merger.review.web.frame import Frame
from merger.review.web.headers import Headers
from merger.review.web.hosts import Hosts
from merger.review.web.limits import MAX_FIELDS, MAX_FILES, TooLarge, TooSlow, bounded
from merger.review.web.logging import PAGE, Requests, failed
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right
from merger.review.web.sessions import Sessions
from merger.review.web.settings import Settings
from merger.review.web.visiting import visit_of

THREADS = 8
"""So many handlers run at a time; further visits wait."""

PARTS = ("mapping", "plans", "runs", "handover", "trail", "keys", "accounts")
"""The first segments of the parts' addresses, in the order of the navigation."""


def all_pages() -> Sequence[Page]:
    """Every page there is."""
    return (
        *entering.PAGES,
        *signing_in.PAGES,
        *mapping.PAGES,
        *plans.PAGES,
        *runs.PAGES,
        *handover.PAGES,
        *trails.PAGES,
        *keys.PAGES,
        *account_pages.PAGES,
    )


def create(settings: Settings, pages: Sequence[Page] | None = None) -> Starlette:
    """The application over a folder, with these pages (all there are, unless said)."""
    shown = all_pages() if pages is None else pages
    frame = Frame(
        settings,
        Desk(settings),
        Sessions(settings.session_life, settings.session_idle),
        Accounts(settings.accounts_file),
        token=settings.token,
        navigation=_navigation(shown),
    )
    limiter = CapacityLimiter(THREADS)
    routes = [
        Route(page.path, _endpoint(frame, page, limiter), name=page.name, methods=list(page.methods))
        for page in shown
    ]
    routes.append(Route(f"{assets.PREFIX}/{{key:path}}", _asset, name="static"))
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Requests),
            Middleware(Headers, secure=settings.secure),
            Middleware(Hosts, known=settings.known_hosts),
        ],
        exception_handlers={HTTPException: partial(_failed_routing, frame)},
    )
    app.router.redirect_slashes = False
    app.state.frame = frame
    frame.url = partial(_address, app)
    return app


def _address(app: Starlette, name: str, **path: str) -> str:
    """The address of a page; whatever its fields hold, it stays one segment of a path."""
    return str(app.url_path_for(name, **{field: quote(value, safe="") for field, value in path.items()}))


def _navigation(pages: Sequence[Page]) -> tuple[tuple[str, str, Right], ...]:
    first = {page.path.strip("/"): page for page in pages if "GET" in page.methods and page.needs is not None}
    found = ((part, first.get(part)) for part in PARTS)
    return tuple((part, page.path, page.needs) for part, page in found if page and page.needs)


def _endpoint(frame: Frame, page: Page, limiter: CapacityLimiter):  # type: ignore[no-untyped-def]
    async def answer(request: Request) -> Response:
        visit = visit_of(frame, request, page.name)
        request.scope[PAGE] = page.name
        messages.use(visit.lang)
        try:
            response = await _answer(visit, page, request, limiter)
        except MergerError as error:
            response = failure_of(visit, error)
        except Exception as error:
            failed(page.name, error)
            response = failure_page(visit, 500)
        finally:
            await visit.form.close()
        for effect in visit.effects:
            effect(response)
        return response

    return answer


async def _answer(visit: Visit, page: Page, request: Request, limiter: CapacityLimiter) -> Response:
    if page.needs is not None and not visit.session:
        return _to_sign_in(visit)
    if page.needs is not None and not visit.person.may(page.needs):
        return failure_page(visit, 403)
    if page.needs is not None and page.name not in signing_in.CHANGE_FIRST and _must_change(visit):
        return visit.go("accounts.password")
    if request.method not in ("GET", "HEAD"):
        try:
            visit.form = await _form(request, page.body_limit, visit.frame.settings.limits)
        except TooLarge:
            return failure_page(visit, 413)
        except TooSlow:
            return failure_page(visit, 408)
        except HTTPException:
            return failure_page(visit, 400)
        if not _ours(visit, request):
            return failure_page(visit, 403, visit.word("review_web.error.csrf"))
    return await to_thread.run_sync(page.handler, visit, limiter=limiter)


def _must_change(visit: Visit) -> bool:
    account = visit.frame.accounts.of(visit.person.name) if visit.frame.settings.accounts else None
    return account is not None and account.must_change


async def _form(request: Request, limit: int, limits: Limits) -> FormData:
    try:
        announced = int(request.headers.get("content-length", "0"))
    except ValueError:
        raise HTTPException(400) from None
    if announced > limit:
        raise TooLarge
    reading = Request(request.scope, bounded(request.receive, limit, limits))
    return await reading.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=limit)


def _ours(visit: Visit, request: Request) -> bool:
    given = visit.form.get(csrf.FIELD) or request.headers.get(csrf.HEADER, "")
    return (
        csrf.from_here(request.headers, request.headers.get("host", ""), visit.frame.settings.secure)
        and isinstance(given, str)
        and csrf.matches(visit.frame.secret, visit.visitor, given)
    )


def _to_sign_in(visit: Visit) -> Response:
    if visit.method == "GET" and not visit.htmx:
        return visit.to(entering.sign_in_address(visit, visit.here))
    return visit.go("web.sign-in")


async def _failed_routing(frame: Frame, request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    visit = visit_of(frame, request, "web.error")
    messages.use(visit.lang)
    response = failure_page(visit, status)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


async def _asset(request: Request) -> Response:
    request.scope[PAGE] = "static"
    found = assets.asset(request.path_params["key"])
    if found is None:
        raise HTTPException(404)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(found.packed if packed else found.content, media_type=found.media, headers=headers)
