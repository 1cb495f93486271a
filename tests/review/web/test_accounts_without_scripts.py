"""Accounts are kept by plain forms: made, given other roles and passwords, closed and opened."""

import re
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from merger.messages import text_in
from merger.review import Settings
from merger.review.web.accounts import Accounts
from tests.review.web.conftest import PASSWORD
from tests.review.web.forms import PlainBrowser

NEW = "chi.le"
OWN = "câu dài của riêng Chi"


def word(key: str, **fields: object) -> str:
    return text_in("vi", key, **fields)


@pytest.fixture
def enter(app: Starlette) -> Callable[[str, str], PlainBrowser]:
    """Opens a browser and fills in the form that lets people in."""

    def sign_in(name: str, password: str = PASSWORD) -> PlainBrowser:
        browser = PlainBrowser(TestClient(app))
        browser.open("/accounts")
        assert browser.address == "/sign-in"
        browser.press(word("review_web.sign-in.do"), name=name, password=password)
        return browser

    return sign_in


def first_password(page: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found is not None
    return found[1]


def test_an_account_is_made_and_its_person_chooses_a_password(
    enter: Callable[..., PlainBrowser], office: Settings
) -> None:
    chief = enter("administrator")
    assert chief.address == "/accounts"
    page = chief.press(word("review_accounts.add"), name=NEW, roles=["decider", "operator"])
    given = first_password(page)
    person = enter(NEW, given)
    assert person.address == "/password"
    page = person.press(word("review_accounts.own.do"), old=given, new=OWN, again="câu khác hẳn câu trên")
    assert 'role="alert"' in page
    person.press(word("review_accounts.own.do"), old=given, new=OWN, again=OWN)
    assert person.address == "/"
    assert Accounts(office.accounts_file).of(NEW).roles == ("decider", "operator")  # type: ignore[union-attr]


def test_roles_change_and_an_account_is_closed_and_opened_again(
    enter: Callable[..., PlainBrowser], office: Settings
) -> None:
    chief, reader = enter("administrator"), enter("reader")
    reader.open("/trail")
    assert reader.page.status_code == 403
    page = chief.press(word("review_accounts.set-roles"), {"name": "reader"}, roles=["reader", "auditor"])
    assert chief.address == "/accounts"
    assert word("review_web.role.auditor") in page
    reader.open("/trail")
    assert reader.page.status_code == 200
    assert "giao vai trò: người xem, người kiểm tra" in reader.page.text
    page = chief.press(word("review_accounts.set-roles"), {"name": "reader"}, roles=[])
    assert chief.page.status_code == 409
    assert 'role="alert"' in page
    chief.open("/accounts")
    chief.press(word("review_accounts.disable"), {"name": "reader"})
    reader.open("/")
    assert reader.address == "/sign-in"
    assert 'role="alert"' in enter("reader").page.text
    page = chief.press(word("review_accounts.enable"), {"name": "reader"})
    assert chief.forms(word("review_accounts.disable"), name="reader")
    given = first_password(chief.press(word("review_accounts.new-password"), {"name": "reader"}))
    assert enter("reader", given).address == "/password"
    assert Accounts(office.accounts_file).of("reader").roles == ("reader", "auditor")  # type: ignore[union-attr]


def test_nobody_can_change_his_own_account(enter: Callable[..., PlainBrowser]) -> None:
    chief = enter("administrator")
    for button in ("set-roles", "disable", "new-password"):
        assert chief.forms(word(f"review_accounts.{button}"), name="administrator") == []
        assert chief.forms(word(f"review_accounts.{button}"), name="reader")


def test_leaving_is_a_form_too(enter: Callable[..., PlainBrowser]) -> None:
    reader = enter("reader")
    reader.press(word("review_web.sign-out"))
    reader.open("/mapping")
    assert reader.address == "/sign-in"
