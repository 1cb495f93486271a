import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from merger.review import create_app
from merger.review.web.accounts import Accounts
from merger.review.web.trail import ReviewTrail
from tests.review.web.browsing import Browser
from tests.review.web.conftest import PASSWORD


def test_a_person_signs_in_and_comes_to_the_page_that_was_asked_for(browser):
    stranger = browser()
    asked = stranger.get("/accounts?x=1")
    assert asked.headers["location"] == "/sign-in?to=%2Faccounts%3Fx%3D1"
    page = stranger.get(asked.headers["location"])
    assert 'name="to" value="/accounts?x=1"' in page.text
    form = {"name": " Administrator ", "password": PASSWORD, "to": "/accounts?x=1"}
    assert stranger.post("/sign-in", form).headers["location"] == "/accounts?x=1"
    assert stranger.get("/accounts").status_code == 200


def test_a_wrong_password_and_an_unknown_name_are_told_alike(browser):
    answers = [
        browser().post("/sign-in", {"name": name, "password": "wrong wrong wrong"})
        for name in ("reader", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    said = {re.search(r'id="problem"><b>(.*?)</b>', answer.text)[1] for answer in answers}
    assert said == {"Tên đăng nhập hoặc mật khẩu không đúng, hoặc tài khoản đã bị khóa."}
    assert all("wrong wrong" not in answer.text for answer in answers)


def test_the_cookie_of_a_session_is_for_this_site_and_no_script(browser):
    answer = browser().post("/sign-in", {"name": "reader", "password": PASSWORD})
    cookie = answer.headers.get_list("set-cookie")[0]
    assert cookie.startswith("merger-session=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_behind_tls_cookies_are_secure_and_of_this_host_alone(office):
    app = create_app(replace(office, behind_tls=True))
    browser = Browser(TestClient(app, base_url="https://testserver", follow_redirects=False))
    answer = browser.post("/sign-in", {"name": "reader", "password": PASSWORD})
    cookie = answer.headers.get_list("set-cookie")[0]
    assert cookie.startswith("__Host-merger-session=")
    assert "Secure" in cookie.split("; ")
    assert browser.get("/").headers["strict-transport-security"] == "max-age=31536000"


def test_a_disabled_account_is_out_with_its_next_page(office, browser):
    reader = browser("reader")
    assert reader.get("/").status_code == 200
    Accounts(office.accounts_file).disable("reader")
    assert reader.get("/").headers["location"] == "/sign-in"


def test_a_changed_password_ends_the_sessions_under_the_old_one(office, browser):
    reader = browser("reader")
    Accounts(office.accounts_file).set_password("reader", "another long sentence")
    assert reader.get("/").headers["location"] == "/sign-in"


def test_roles_taken_away_are_gone_with_the_next_page(office, browser):
    auditor = browser("auditor")
    assert "người kiểm tra" in auditor.get("/").text
    Accounts(office.accounts_file).change_roles("auditor", ["reader"])
    assert "người kiểm tra" not in auditor.get("/").text


def test_signing_out_everywhere_ends_every_session_of_the_account(browser):
    here, there, other = browser("reader"), browser("reader"), browser("auditor")
    here.post("/sign-out", {"everywhere": "yes"})
    assert there.get("/").headers["location"] == "/sign-in"
    assert other.get("/").status_code == 200


def test_a_session_ends_when_nobody_comes_for_a_while(app, browser):
    reader = browser("reader")
    app.state.frame.sessions.idle = -1
    assert reader.get("/").headers["location"] == "/sign-in"


def test_what_a_page_asks_of_itself_keeps_no_session_alive(app, browser):
    reader = browser("reader")
    sessions = app.state.frame.sessions
    now = sessions._clock()
    for seconds in (3000, 3500):
        sessions._clock = lambda at=now + seconds: at
        assert reader.get("/", headers={"x-poll": "1"}).status_code == 200
    sessions._clock = lambda: now + 3700
    assert reader.get("/").headers["location"] == "/sign-in"


def test_one_changes_ones_own_password_and_stays_signed_in_here_alone(browser):
    here, there = browser("reader"), browser("reader")
    form = {"old": PASSWORD, "new": "another long sentence", "again": "another long sentence"}
    assert here.post("/password", form).headers["location"] == "/"
    assert here.get("/").status_code == 200
    assert there.get("/").headers["location"] == "/sign-in"
    browser("reader", "another long sentence")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"old": "wrong", "new": "n" * 12, "again": "n" * 12}, "Mật khẩu hiện tại không đúng."),
        ({"old": PASSWORD, "new": "n" * 12, "again": "m" * 12}, "không giống nhau"),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "phải khác mật khẩu hiện tại"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "từ 12 đến 200 ký tự"),
        ({}, "Mật khẩu hiện tại không đúng."),
    ],
)
def test_a_password_that_cannot_be_is_refused_in_words(browser, form, said):
    reader = browser("reader")
    answer = reader.post("/password", form)
    assert answer.status_code in (403, 422)
    assert said in answer.text
    browser("reader", PASSWORD)


def test_a_first_password_is_shown_once_and_has_to_be_changed(browser):
    administrator = browser("administrator")
    made = administrator.post("/accounts/add", {"name": "moi.tran", "roles": ["reader"]})
    password = re.search(r'class="secret">([a-z0-9-]+)<', made.text)[1]
    assert password not in administrator.get("/accounts").text
    newcomer = browser("moi.tran", password)
    assert newcomer.get("/").headers["location"] == "/password"
    form = {"old": password, "new": "a sentence of my own", "again": "a sentence of my own"}
    assert newcomer.post("/password", form).status_code == 303
    assert newcomer.get("/").status_code == 200


def test_nobody_changes_their_own_roles(browser):
    administrator = browser("administrator")
    every = {"name": "administrator", "roles": ["administrator", "approver", "decider"]}
    for address in ("roles", "disable", "new-password"):
        answer = administrator.post(f"/accounts/{address}", every)
        assert answer.status_code == 409
        assert "Không ai tự đổi vai trò" in answer.text


def test_accounts_are_changed_and_the_trail_says_by_whom(office, browser):
    administrator = browser("administrator")
    for address, form in (
        ("add", {"name": "moi.tran", "roles": ["reader", "auditor"]}),
        ("roles", {"name": "moi.tran", "roles": ["approver", "operator"]}),
        ("disable", {"name": "moi.tran"}),
        ("enable", {"name": "moi.tran"}),
        ("new-password", {"name": "moi.tran"}),
    ):
        assert administrator.post(f"/accounts/{address}", form).status_code in (200, 303)
    records = ReviewTrail(office.trail_file).records()
    assert {record.actor for record in records} == {"administrator"}
    assert [(record.action, record.detail.get("subject")) for record in records[1:]] == [
        ("account-added", "moi.tran"),
        ("roles-approver.operator", "moi.tran"),
        ("account-disabled", "moi.tran"),
        ("account-enabled", "moi.tran"),
        ("password-reset", "moi.tran"),
    ]


def test_reading_only_takes_the_changing_rights_from_everybody(office):
    app = create_app(replace(office, read_only=True))
    browser = Browser(TestClient(app, follow_redirects=False))
    browser.post("/sign-in", {"name": "approver", "password": PASSWORD})
    assert "chế độ chỉ xem" in browser.get("/").text
