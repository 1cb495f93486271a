"""Every page there is, asked for by everybody there is."""

import re
from collections.abc import Iterator
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from merger.review import Settings, create_app
from merger.review.web.accounts import Accounts
from merger.review.web.app import all_pages
from merger.review.web.rights import CHANGING, ROLES, Right, signed_in
from tests.review.web.browsing import Browser
from tests.review.web.conftest import PASSWORD

PAGES = all_pages()
NO_RIGHT = "Vai trò của bạn không cho phép mở trang này."
NOT_OURS = "Biểu mẫu này không đến từ phiên làm việc hiện tại của bạn."
GETS = [page for page in PAGES if "GET" in page.methods]
POSTS = [page for page in PAGES if "POST" in page.methods]
ROLE_SETS = [frozenset({role}) for role in ROLES]


def address_of(page, identifier="0123456789abcdef"):
    return re.sub(r"\{[^}]*\}", identifier, page.path)


@pytest.fixture(scope="module")
def browsers(tmp_path_factory) -> Iterator[dict[str, Browser]]:
    """A browser of every role, of somebody with none of the others' rights, and of a stranger."""
    folder = tmp_path_factory.mktemp("rights")
    settings = Settings(folder, accounts=True, hosts=("testserver",))
    people = Accounts(settings.accounts_file)
    app = create_app(settings)
    frame = app.state.frame
    made = {"": Browser(TestClient(app, follow_redirects=False))}
    for role in sorted(ROLES, key=lambda role: role != "administrator"):
        people.add(role, [role], PASSWORD)
        browser = made[role] = Browser(TestClient(app, follow_redirects=False))
        id_ = frame.sessions.begin(role, people.of(role).stamp)
        browser.client.cookies.set("merger-session", id_, domain="testserver.local")
        assert browser.get("/").status_code == 200
    return made


def test_every_page_has_its_own_name_and_address():
    assert len({page.name for page in PAGES}) == len(PAGES)
    assert len({(page.path, method) for page in PAGES for method in page.methods}) == len(PAGES)
    assert {method for page in PAGES for method in page.methods} <= {"GET", "POST"}


def test_only_pages_before_signing_in_ask_for_no_right():
    assert {page.name for page in PAGES if page.needs is None} == {
        "web.sign-in", "web.signed-in", "web.enter", "web.entered", "web.language",
    }  # fmt: skip


def test_nothing_that_only_reads_rights_is_a_post_of_decisions():
    """What a POST may be asked of with the right to read alone: leaving, one's own password."""
    harmless = {page.name for page in POSTS if page.needs is Right.READ}
    assert harmless <= {"web.sign-out", "accounts.password-set"}


@pytest.mark.parametrize("role", [*ROLES, ""])
@pytest.mark.parametrize("page", GETS, ids=lambda page: page.name)
def test_a_page_is_shown_exactly_to_those_whose_right_it_needs(browsers, page, role):
    answer = browsers[role].get(address_of(page))
    if page.needs is None:
        assert answer.status_code in (200, 303)
    elif not role:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
    elif page.needs in ROLES[role]:
        assert answer.status_code != 403
        assert NO_RIGHT not in answer.text
    else:
        assert answer.status_code == 403
        assert NO_RIGHT in answer.text


@pytest.mark.parametrize("role", [*ROLES, ""])
@pytest.mark.parametrize("page", POSTS, ids=lambda page: page.name)
def test_a_form_without_the_sessions_own_token_is_refused_to_everybody(browsers, page, role):
    other = browsers["administrator" if role != "administrator" else "reader"].token()
    for token in ("", "0" * 64, other):
        answer = browsers[role].post(address_of(page), {"name": "x"}, csrf=token)
        if page.needs is not None and not role:
            assert answer.headers["location"] == "/sign-in"
        else:
            assert answer.status_code == 403
            allowed = page.needs is None or page.needs in ROLES[role]
            assert (NOT_OURS if allowed else NO_RIGHT) in answer.text


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", POSTS, ids=lambda page: page.name)
def test_a_form_of_another_right_is_refused_with_the_right_token_too(browsers, page, role):
    if page.needs is None or page.needs in ROLES[role]:
        return
    answer = browsers[role].post(address_of(page), {"name": "x"})
    assert answer.status_code == 403
    assert NO_RIGHT in answer.text


def test_every_role_reads_and_no_two_roles_share_another_right():
    rest = [ROLES[role] - {Right.READ} for role in ROLES]
    assert all(Right.READ in ROLES[role] for role in ROLES)
    assert sum(map(len, rest)) == len(frozenset().union(*rest))
    assert frozenset().union(*ROLES.values()) == frozenset(Right)


def test_reading_only_leaves_nobody_a_right_to_change():
    everything = signed_in("an", ROLES, read_only=True)
    assert everything.rights == frozenset(Right) - CHANGING
    assert signed_in("an", ["no-such-role"]).rights == frozenset()


def snapshot(folder, trail):
    return {
        path.relative_to(folder): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != trail
    }


def test_no_get_ever_changes_anything(settings):
    """All pages, of everything that lies in the made-up folder. Only the trail of who saw what grows."""
    app = create_app(settings)
    browser = Browser(TestClient(app, follow_redirects=False))
    browser.enter("token")
    desk = app.state.frame.desk
    found = [*desk.jobs(), *desk.plans(), *desk.runs(), *desk.mappings()]
    before = snapshot(settings.folder, settings.trail_file)
    asked = 0
    for page in GETS:
        identifiers = [desk.identifier(path) for path in found] if "{" in page.path else [""]
        for identifier in identifiers:
            answer = browser.get(address_of(page, identifier))
            assert answer.status_code < 500, page.name
            asked += 1
    assert asked >= len(GETS)
    assert snapshot(settings.folder, settings.trail_file) == before
    assert desk.trail.verify() is None
