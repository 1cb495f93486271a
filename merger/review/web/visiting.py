"""Who visits, and in which language: what a request's cookies say."""

import secrets
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from merger.messages import LANGUAGES
from merger.review.web.frame import Frame
from merger.review.web.logging import SESSION
from merger.review.web.pages import Visit
from merger.review.web.rights import NOBODY, ROLES, SignedIn, signed_in
from merger.review.web.sessions import Session

DEFAULT_LANGUAGE = "vi"
LOCAL = "local"
"""The name of the one local user, who has all roles."""

POLL = "x-poll"
"""The header of requests that a page makes of itself from time to time; they keep no session alive."""


def visit_of(frame: Frame, request: Request, name: str) -> Visit:
    """The visit that a request is, without its form."""
    id_ = request.cookies.get(frame.cookie("session"), "")
    session = frame.sessions.of(id_, seen=POLL not in request.headers) if id_ else None
    person = person_of(frame, session) if session else NOBODY
    if not person.name:
        session = None
    if session:
        request.scope[SESSION] = session.short
    lang = request.cookies.get("merger-lang", DEFAULT_LANGUAGE)
    visit = Visit(
        frame,
        person,
        lang if lang in LANGUAGES else DEFAULT_LANGUAGE,
        name,
        "GET" if request.method == "HEAD" else request.method,
        _here(request),
        dict(request.path_params),
        request.query_params,
        htmx=request.headers.get("hx-request") == "true",
        session=id_ if session else "",
        visitor=id_ if session else request.cookies.get(frame.cookie("visit"), ""),
        client=request.client.host if request.client else "",
    )
    if not visit.visitor:
        visit.visitor = secrets.token_urlsafe(32)
        visit.effects.append(lambda response: keep(frame, response, "visit", visit.visitor, None))
    return visit


def person_of(frame: Frame, session: Session) -> SignedIn:
    """The person of a session with the rights of this moment; nobody where the account was disabled, or its
    password changed, since. The one local user has all roles."""
    if not frame.settings.accounts:
        return signed_in(session.account, ROLES, frame.settings.read_only)
    account = frame.accounts.of(session.account)
    if account is None or account.stamp != session.stamp:
        return NOBODY
    return signed_in(account.name, account.roles, frame.settings.read_only)


def keep(frame: Frame, response: Response, name: str, value: str, seconds: int | None) -> None:
    """Sets a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(
        frame.cookie(name),
        value,
        max_age=seconds,
        path="/",
        secure=frame.settings.secure,
        httponly=True,
        samesite="strict",
    )


def forget(frame: Frame, response: Response, name: str) -> None:
    """Takes a cookie away."""
    response.delete_cookie(
        frame.cookie(name), path="/", secure=frame.settings.secure, httponly=True, samesite="strict"
    )


def _here(request: Request) -> str:
    query = request.url.query
    return quote(request.url.path) + (f"?{query}" if query else "")
