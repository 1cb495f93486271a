"""The page on which administrators add people, give roles, and let nobody in any more."""

from collections.abc import Callable, Sequence

from starlette.responses import Response

from merger.errors import Refused
from merger.review.web.accounts import made_up
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import ROLES, Right
from merger.review.web.trail import ROLES_GIVEN


def accounts(visit: Visit) -> Response:
    """Everyone who may enter."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """A new account. Its first password is shown once, and has to be changed at the first sign-in."""
    name, password = _name(visit), made_up()
    try:
        visit.frame.accounts.add(name, _roles(visit), password, must_change=True)
    except Refused as error:
        return _page(visit, 409, problem=str(error))
    visit.noted("account-added", name)
    return _page(visit, made=name, password=password)


def roles(visit: Visit) -> Response:
    """Other roles for somebody else: nobody gives himself rights."""
    given = _roles(visit)
    return _changed(
        visit, lambda name: visit.frame.accounts.change_roles(name, given), ROLES_GIVEN + ".".join(given)
    )


def disable(visit: Visit) -> Response:
    """Lets somebody in no more, from now on."""
    return _changed(visit, visit.frame.accounts.disable, "account-disabled")


def enable(visit: Visit) -> Response:
    """Lets somebody in again."""
    return _changed(visit, visit.frame.accounts.enable, "account-enabled")


def new_password(visit: Visit) -> Response:
    """A new first password for somebody who lost theirs."""
    name, password = _name(visit), made_up()
    if name == visit.person.name:
        return _page(visit, 409, problem=visit.word("review_accounts.not-oneself"))
    try:
        visit.frame.accounts.set_password(name, password, must_change=True)
    except Refused as error:
        return _page(visit, 409, problem=str(error))
    visit.noted("password-reset", name)
    return _page(visit, made=name, password=password)


def _changed(visit: Visit, change: Callable[[str], None], what: str) -> Response:
    name = _name(visit)
    if name == visit.person.name:
        return _page(visit, 409, problem=visit.word("review_accounts.not-oneself"))
    try:
        change(name)
    except Refused as error:
        return _page(visit, 409, problem=str(error))
    visit.noted(what, name)
    return visit.go("accounts.list")


def _name(visit: Visit) -> str:
    return str(visit.form.get("name", "")).strip()


def _roles(visit: Visit) -> list[str]:
    return [role for role in ROLES if role in visit.form.getlist("roles")]


def _page(visit: Visit, status: int = 200, problem: str = "", made: str = "", password: str = "") -> Response:
    return visit.page(
        "accounts.html.j2",
        status=status,
        problem=problem,
        made=made,
        password=password,
        people=visit.frame.accounts.all(),
        roles=list(ROLES),
        local=not visit.frame.settings.accounts,
    )


PAGES: Sequence[Page] = (
    Page("/accounts", "accounts.list", Right.ACCOUNTS, accounts),
    Page("/accounts/add", "accounts.add", Right.ACCOUNTS, add, ("POST",), 16_384),
    Page("/accounts/roles", "accounts.roles", Right.ACCOUNTS, roles, ("POST",), 16_384),
    Page("/accounts/disable", "accounts.disable", Right.ACCOUNTS, disable, ("POST",), 16_384),
    Page("/accounts/enable", "accounts.enable", Right.ACCOUNTS, enable, ("POST",), 16_384),
    Page("/accounts/new-password", "accounts.new-password", Right.ACCOUNTS, new_password, ("POST",), 16_384),
)
