"""Signing in by name and password, and changing one's own password."""

import math
from collections.abc import Sequence

from starlette.responses import Response

from merger.errors import Refused
from merger.review.web.entering import open_session, wanted
from merger.review.web.errors import failure_page
from merger.review.web.logging import LOG
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right

CHANGE_FIRST = frozenset({"accounts.password", "accounts.password-set", "web.sign-out", "web.language"})
"""The pages that somebody may visit whose password was another's choice."""


def sign_in(visit: Visit) -> Response:
    """The form for people with accounts; for the local user how to get in."""
    if visit.session:
        return visit.go("web.home")
    return _form(visit, visit.query.get("to"))


def signed_in(visit: Visit) -> Response:
    """Takes name and password. What was wrong is not said; after some failures one has to wait."""
    frame = visit.frame
    if not frame.settings.accounts:
        return failure_page(visit, 403, visit.word("review_web.sign-in.local"))
    name, password = (str(visit.form.get(field, "")).strip() for field in ("name", "password"))
    name = name.lower()[:100]
    wait = frame.attempts.begin(name, visit.client)
    if wait > 0:
        LOG.warning("too many failed attempts to sign in")
        detail = visit.word("review_accounts.wait", seconds=math.ceil(wait))
        answer = failure_page(visit, 429, detail)
        answer.headers["retry-after"] = str(math.ceil(wait))
        return answer
    account = frame.accounts.check(name, password)
    if account is None:
        return _form(visit, visit.form.get("to"), 403, visit.word("review_accounts.wrong"), name)
    frame.attempts.succeeded(name, visit.client)
    open_session(visit, account.name, account.stamp)
    visit.desk.trail.note(account.name, "signed-in")
    return visit.go("accounts.password") if account.must_change else visit.to(wanted(visit.form.get("to")))


def password(visit: Visit) -> Response:
    """The form for one's own password."""
    return _password_form(visit)


def password_set(visit: Visit) -> Response:
    """Changes one's own password; every other session of the account ends."""
    frame = visit.frame
    old, new, again = (str(visit.form.get(field, "")) for field in ("old", "new", "again"))
    name = visit.person.name
    if not frame.settings.accounts:
        return failure_page(visit, 403)
    if new != again:
        return _password_form(visit, 422, visit.word("review_accounts.not-the-same"))
    wait = frame.attempts.begin(name, visit.client)
    if wait > 0:
        return failure_page(visit, 429, visit.word("review_accounts.wait", seconds=math.ceil(wait)))
    if frame.accounts.check(name, old.strip()) is None:
        return _password_form(visit, 403, visit.word("review_accounts.wrong-old"))
    frame.attempts.succeeded(name, visit.client)
    if new == old:
        return _password_form(visit, 422, visit.word("review_accounts.same-as-old"))
    try:
        account = frame.accounts.set_password(name, new.strip())
    except Refused as error:
        return _password_form(visit, 422, str(error))
    frame.sessions.end_all(name)
    open_session(visit, name, account.stamp)
    visit.noted("password-changed", name)
    return visit.go("web.home")


def _form(visit: Visit, to: object, status: int = 200, problem: str = "", name: str = "") -> Response:
    return visit.page(
        "sign_in.html.j2",
        status=status,
        to=wanted(to),
        problem=problem,
        name=name,
        accounts=visit.frame.settings.accounts,
    )


def _password_form(visit: Visit, status: int = 200, problem: str = "") -> Response:
    account = visit.frame.accounts.of(visit.person.name) if visit.frame.settings.accounts else None
    return visit.page("password.html.j2", status=status, problem=problem, account=account)


PAGES: Sequence[Page] = (
    Page("/sign-in", "web.sign-in", None, sign_in),
    Page("/sign-in", "web.signed-in", None, signed_in, ("POST",), 16_384),
    Page("/password", "accounts.password", Right.READ, password),
    Page("/password", "accounts.password-set", Right.READ, password_set, ("POST",), 16_384),
)
