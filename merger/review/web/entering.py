"""The first pages: entering, leaving, the language, and the start page."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.responses import Response

from merger.messages import LANGUAGES
from merger.migrate.writing import operator
from merger.review.web.pages import Page, Visit, is_local
from merger.review.web.rights import Right
from merger.review.web.visiting import LOCAL, forget, keep

LANGUAGE_SECONDS = 365 * 24 * 3600


def sign_in_address(visit: Visit, to: str) -> str:
    """The sign-in page that leads to `to` afterwards."""
    wanted = f"?{urlencode({'to': to})}" if is_local(to) and to != "/" else ""
    return visit.url("web.sign-in") + wanted


def home(visit: Visit) -> Response:
    """What lies in the folder, and the way to every part."""
    desk = visit.desk
    counts = {
        "jobs": len(desk.jobs()),
        "mappings": len(desk.mappings()),
        "plans": len(desk.plans()),
        "runs": len(desk.runs()),
    }
    return visit.page("home.html.j2", counts=counts)


def enter(visit: Visit) -> Response:
    """Shows the form that hands in the one-time token. A script hands it in at once."""
    return visit.page("enter.html.j2", token=visit.query.get("token", ""))


def entered(visit: Visit) -> Response:
    """Takes the one-time token and opens the local session."""
    token = visit.form.get("token")
    frame = visit.frame
    if frame.settings.accounts or not isinstance(token, str) or not frame.take_token(token):
        return visit.page("enter.html.j2", status=403, token="")
    open_session(visit, LOCAL)
    visit.desk.trail.note(LOCAL, "signed-in", f"os-user:{operator()}")
    return visit.go("web.home")


def open_session(visit: Visit, account: str, stamp: str = "") -> None:
    """Signs in: always under a new id."""
    frame = visit.frame
    if visit.session:
        frame.sessions.end(visit.session)
    id_ = frame.sessions.begin(account, stamp)
    visit.effects.append(
        lambda response: keep(frame, response, "session", id_, int(frame.settings.session_life))
    )
    visit.effects.append(lambda response: forget(frame, response, "visit"))


def sign_out(visit: Visit) -> Response:
    """Ends this session, or all of the account's."""
    frame = visit.frame
    if visit.form.get("everywhere") == "yes":
        frame.sessions.end_all(visit.person.name)
    frame.sessions.end(visit.session)
    visit.noted("signed-out")
    visit.effects.append(lambda response: forget(frame, response, "session"))
    return visit.go("web.sign-in")


def language(visit: Visit) -> Response:
    """Chooses the language of pages and goes back."""
    lang = visit.form.get("lang")
    if lang in LANGUAGES:
        secure = visit.frame.settings.secure
        visit.effects.append(
            lambda response: response.set_cookie(
                "merger-lang", str(lang), LANGUAGE_SECONDS, secure=secure, httponly=True, samesite="strict"
            )
        )
    return visit.to(wanted(visit.form.get("to")))


def wanted(to: object) -> str:
    """Where somebody wants to go on: an address of ours, else the start."""
    return to if isinstance(to, str) and is_local(to) else "/"


PAGES: Sequence[Page] = (
    Page("/", "web.home", Right.READ, home),
    Page("/enter", "web.enter", None, enter),
    Page("/enter", "web.entered", None, entered, ("POST",), 4_096),
    Page("/sign-out", "web.sign-out", Right.READ, sign_out, ("POST",), 4_096),
    Page("/language", "web.language", None, language, ("POST",), 8_192),
)
