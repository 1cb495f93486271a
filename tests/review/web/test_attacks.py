"""Attacks on pages and sessions that docs/security.md tells of, each tried."""

import csv
import io
import logging
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import openpyxl
import pytest
import yaml
from starlette.testclient import TestClient

from merger.errors import Refused
from merger.report.sheets import add_table, saved
from merger.review import Settings, create_app
from merger.review.web.accounts import Accounts
from merger.review.web.app import all_pages, create
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing
from merger.review.web.headers import POLICY
from merger.review.web.pages import Page, disposition, is_local
from merger.review.web.rights import ROLES, Right
from merger.review.web.serving import checked, is_loopback
from merger.review.web.templates import data
from tests.review.web.browsing import Browser
from tests.review.web.conftest import PASSWORD

HTML = "text/html; charset=utf-8"
SCRIPT_IN_ADDRESS = "%3Cscript%3Ealert(1)%3C%2Fscript%3E"
SCRIPT = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'"'
GETS = [page for page in all_pages() if "GET" in page.methods]


# --- script in a unit's name


def write_evil_mapping(folder):
    """A mapping that holds a script wherever text may stand."""
    units = {
        "schema": "merger/units/1",
        "id": "evil",
        "title": {"vi": SCRIPT, "en": SCRIPT},
        "effective": "2025-07-01",
        "legal_basis": [{"number": SCRIPT, "date": "2025-06-16", "on": "communes"}],
        "province": {"into": f"99 Tỉnh {SCRIPT}", "from": [f"99 Tỉnh {SCRIPT}"]},
        "communes": [
            {
                "clause": SCRIPT,
                "into": f"99001 Xã {SCRIPT}",
                "words": SCRIPT,
                "note": SCRIPT,
                "from": [{"unit": f"99002 Xã {SCRIPT} cũ", "words": SCRIPT, "note": SCRIPT}],
            }
        ],
    }
    folder.mkdir()
    (folder / "units.yaml").write_text(yaml.safe_dump(units, allow_unicode=True, width=10_000), "utf-8")
    return folder


@pytest.fixture(scope="module")
def crawled(made_folder, tmp_path_factory):
    """Every page of a folder whose mapping, job, file names and trail hold scripts and formulas."""
    folder = tmp_path_factory.mktemp("evil") / "folder"
    shutil.copytree(made_folder, folder)
    evil = write_evil_mapping(folder / "evil")
    job = yaml.safe_load((folder / "job.yaml").read_text("utf-8"))
    job["title"] = {"vi": SCRIPT, "en": SCRIPT}
    (folder / "job.yaml").write_text(yaml.safe_dump(job, allow_unicode=True), "utf-8")
    shutil.copy(folder / "job.yaml", folder / '=1+1<img src=x onerror="alert(2)">.yaml')
    app = create_app(Settings(folder, token="token", hosts=("testserver",)))
    browser = Browser(TestClient(app, follow_redirects=False))
    browser.enter("token")
    desk = app.state.frame.desk
    desk.trail.note("=1+1", "=1+1", "<script>alert(1)</script>", "=1+1")
    assert desk.definitions(evil).mapping.units[0].title.vi == SCRIPT
    found = [desk.identifier(path) for path in (*desk.jobs(), *desk.plans(), *desk.mappings())]
    assert len(found) == 5
    answers = []
    for page in GETS:
        for identifier in [*found, "99001", SCRIPT_IN_ADDRESS] if "{" in page.path else [""]:
            address = re.sub(r"\{[^}]*\}", identifier, page.path)
            answers.append((page.name, browser.get(f"{address}?q={SCRIPT}&code={SCRIPT}&unit=99001")))
    return answers


def test_a_script_in_a_mapping_never_becomes_one_on_a_page(crawled):
    shown = [(name, answer) for name, answer in crawled if answer.headers.get("content-type") == HTML]
    assert len(shown) > 10
    assert any("&lt;script&gt;alert" in answer.text for _, answer in shown)
    for name, answer in shown:
        assert answer.status_code < 500, name
        assert "<script>alert" not in answer.text, name
        assert "<img src=x" not in answer.text, name
        assert answer.headers["content-security-policy"] == POLICY


def test_no_page_exports_a_formula(crawled):
    tables = 0
    for name, answer in crawled:
        media = answer.headers.get("content-type", "")
        if media.startswith("text/csv"):
            tables += 1
            rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
            wrong = [cell for row in rows for cell in row if cell[:1] and cell[0] in "=+-@\t\r"]
            assert wrong == [], name
        elif media.endswith("spreadsheetml.sheet"):
            tables += 1
            book = openpyxl.load_workbook(io.BytesIO(answer.content))
            wrong = [
                cell.value
                for sheet in book
                for row in sheet.iter_rows()
                for cell in row
                if cell.data_type == "f"
            ]
            assert wrong == [], name
    assert tables >= 2


def test_a_script_in_the_data_of_a_picture_does_not_end_its_element():
    written = str(data({"name": SCRIPT, "more": ["<!--", "]]>", "\u2028", "&amp;"]}))
    assert not set(written) & set("<>&\u2028")
    assert '"name":"\\u003c/script\\u003e' in written


def test_pages_hold_no_script_and_no_style_of_their_own(client):
    """What the policy would refuse is not there to begin with."""
    for page in GETS:
        if "{" not in page.path:
            text = client.get(page.path).text
            assert not re.search(r"<script(?![^>]*(src=|application/json))", text), page.name
            assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", text), page.name
            assert not re.search(r"(src|href|action)=\"(https?:)?//", text), page.name


# --- formula in a cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")'])
def test_a_formula_in_a_name_stays_text_in_a_workbook(text):
    book = openpyxl.Workbook()
    add_table(book, "Units", ["name"], [[text]])
    cells = openpyxl.load_workbook(io.BytesIO(saved(book)))["Units"]
    found = [cell for row in cells.iter_rows() for cell in row if str(cell.value).strip() == text.strip()]
    assert found
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)


# --- path in an identifier


def test_a_path_in_an_address_leads_nowhere(client):
    for identifier in (
        "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2fjob.yaml", "%2fetc%2fpasswd", "job.yaml", "plan.json",
        "....//....//etc/passwd", "%00", "plan%00.json", "C:%5Cwindows", "file:%2f%2f%2fetc%2fpasswd", "%",
        "*", "",
    ):  # fmt: skip
        for page in GETS:
            if "{" in page.path:
                answer = client.get(re.sub(r"\{[^}]*\}", identifier, page.path))
                assert answer.status_code in (200, 303, 400, 404, 405, 422), (page.name, identifier)
                assert "root:" not in answer.text
        assert client.get(f"/static/{identifier}").status_code == 404
        assert client.get(f"/static/vendor/{identifier}").status_code == 404


def test_only_what_the_desk_found_has_an_identifier(folder, tmp_path):
    outside = tmp_path / "outside.json"
    outside.write_text('{"schema":"merger/plan/1"}')
    (folder / "link.json").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "plan.json").write_text('{"schema":"merger/plan/1"}')
    desk = Desk(Settings(folder))
    assert [path.name for path in desk.plans()] == ["plan.json"]
    assert desk.path(desk.identifier(folder / "plan.json")) == folder / "plan.json"
    for given in (
        "",
        "plan.json",
        "../outside.json",
        str(outside),
        desk.identifier(folder / ".hidden" / "plan.json"),
    ):
        with pytest.raises(Missing):
            desk.path(given)


# --- forms of other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_right_token(browser, headers):
    reader = browser("reader")
    assert reader.post("/sign-out", headers=headers).status_code == 403
    assert reader.get("/").status_code == 200
    assert reader.post("/sign-out", headers={"origin": "http://testserver"}).status_code == 303


def test_a_token_of_another_session_or_of_before_signing_in_is_refused(browser):
    stranger = browser()
    before = stranger.token()
    stranger.post("/sign-in", {"name": "reader", "password": PASSWORD})
    assert stranger.post("/sign-out", csrf=before).status_code == 403
    assert stranger.post("/sign-out", csrf=browser("reader").token()).status_code == 403


def test_htmx_sends_the_token_as_a_header(browser):
    reader = browser("reader")
    token = reader.token()
    answer = reader.post("/sign-out", csrf="", headers={"x-csrf-token": token, "hx-request": "true"})
    assert answer.headers["hx-redirect"] == "/sign-in"


def test_a_stranger_cannot_sign_somebody_in_from_another_site(browser):
    form = {"name": "reader", "password": PASSWORD}
    assert browser().post("/sign-in", form, csrf="").status_code == 403


# --- forced browsing


def test_no_role_reaches_a_page_of_another_by_its_address(browser):
    for role in ROLES:
        answer = browser(role).get("/accounts")
        assert answer.status_code == (200 if role == "administrator" else 403)
    approver = browser("approver")
    form = {"name": "approver", "roles": ["administrator"]}
    assert approver.post("/accounts/roles", form).status_code == 403
    assert approver.get("/accounts", headers={"x-http-method-override": "POST"}).status_code == 403
    assert approver.client.request("PUT", "/accounts/roles").status_code == 405


# --- one-time token, sessions


def test_the_one_time_address_serves_once_also_for_many_at_once(folder):
    app = create_app(Settings(folder, token="token", hosts=("testserver",)))

    def enter(_number):
        return Browser(TestClient(app, follow_redirects=False)).enter("token").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(enter, range(16)))
    assert statuses == [303] + [403] * 15


@pytest.mark.parametrize("token", ["", "tokem", "token ", "TOKEN", "tok\u00e9n", "x" * 3000])
def test_another_token_opens_nothing(stranger, token):
    assert stranger.enter(token).status_code == 403
    assert stranger.get("/").status_code == 303


def test_opening_the_address_twice_without_entering_uses_nothing_up(stranger):
    for _ in range(3):
        assert stranger.get("/enter?token=token").status_code == 200
    assert stranger.enter("token").status_code == 303


def test_a_planted_session_is_not_taken_over(browser):
    victim = browser()
    victim.client.cookies.set("merger-session", "planted", domain="testserver.local")
    victim.post("/sign-in", {"name": "reader", "password": PASSWORD})
    assert victim.get("/").status_code == 200
    assert "planted" not in [
        cookie.value for cookie in victim.client.cookies.jar if cookie.name == "merger-session"
    ]
    attacker = browser()
    attacker.client.cookies.set("merger-session", "planted", domain="testserver.local")
    assert attacker.get("/").headers["location"] == "/sign-in"


def test_a_session_that_was_left_cannot_be_replayed(browser):
    reader = browser("reader")
    (kept,) = [cookie.value for cookie in reader.client.cookies.jar if cookie.name == "merger-session"]
    reader.post("/sign-out")
    thief = browser()
    thief.client.cookies.set("merger-session", kept, domain="testserver.local")
    assert thief.get("/").headers["location"] == "/sign-in"


# --- brute force


def test_trying_passwords_ends_in_waiting_and_the_right_one_waits_too(browser):
    attacker = browser()
    statuses = [
        attacker.post("/sign-in", {"name": "reader", "password": f"guess number {n}"}).status_code
        for n in range(8)
    ]
    assert statuses == [403] * 5 + [429] * 3
    answer = attacker.post("/sign-in", {"name": "reader", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) <= 2
    assert "Đã thử sai nhiều lần. Hãy đợi 2 giây" in answer.text


def test_a_name_that_there_is_not_takes_as_long_as_one_that_there_is(tmp_path):
    accounts = Accounts(tmp_path / "accounts.json")
    accounts.add("an", ["administrator"], PASSWORD)

    def seconds(name):
        start = time.perf_counter()
        accounts.check(name, "not the password")
        return time.perf_counter() - start

    seconds("nobody")
    known, unknown = (min(seconds(name) for _ in range(2)) for name in ("an", "nobody"))
    assert unknown > known / 3


# --- DNS rebinding


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8765",
        "user@127.0.0.1",
        "127.0.0.1/evil",
        "",
        "[::1",
        "0",
    ],
)
def test_a_foreign_name_that_leads_here_is_refused(browser, host):
    answer = browser().get("/sign-in", headers={"host": host})
    assert answer.status_code == 421
    assert "merger" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "LOCALHOST", "[::1]:8765", "testserver"])
def test_our_own_names_are_known(browser, host):
    assert browser().get("/sign-in", headers={"host": host}).status_code == 200


# --- clickjacking


def test_no_page_can_be_put_into_a_frame(browser):
    reader = browser("reader")
    for answer in (
        reader.get("/"), reader.get("/none"), reader.get("/accounts"), reader.get("/static/none"),
        reader.post("/sign-out", csrf=""), reader.get("/", headers={"host": "evil.example"}),
    ):  # fmt: skip
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


# --- header injection, open redirect


ELSEWHERE = [
    "//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example", "/\t/evil.example",
    "javascript:x",
    "/\r\nSet-Cookie: a=b", "/a\nb", "", "evil", " //evil.example", "/%0d%0aX: y\r\n", "///evil.example",
]  # fmt: skip


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_is_led_elsewhere_after_a_form(browser, to):
    answers = [
        browser().post("/language", {"lang": "en", "to": to}),
        browser().post("/sign-in", {"name": "reader", "password": PASSWORD, "to": to}),
    ]
    for answer in answers:
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        assert "a" not in answer.cookies


def test_a_name_of_a_file_stays_one_header():
    for name in ('a"b\r\nSet-Cookie: x=y', "Biên bản bàn giao.xlsx", "../../etc/passwd", "\u202egnp.exe", ""):
        header = disposition(name)
        assert re.fullmatch(
            r"attachment; filename=\"[A-Za-z0-9._-]+\"; filename\*=UTF-8''[A-Za-z0-9%._~-]*", header
        )


def test_only_our_own_addresses_are_local():
    assert is_local("/plans/0123?a=b&c=%20")
    assert not any(is_local(to) for to in ELSEWHERE if not to.startswith("/%0d"))


# --- what an answer and the log give away


@pytest.fixture
def failing(folder):
    def handle(visit):
        raise RuntimeError(f"row of Nguyễn Văn A, 012345678901, {visit.query.get('q')}")

    page = Page("/fail/{number}", "test.fail", Right.READ, handle)
    settings = Settings(folder, token="token", hosts=("testserver",))
    browser = Browser(TestClient(create(settings, [*all_pages(), page]), follow_redirects=False))
    browser.enter("token")
    return browser


def test_a_mistake_of_ours_shows_and_logs_no_data(failing, caplog):
    caplog.set_level(logging.DEBUG)
    answer = failing.get("/fail/079012345678?q=0903123456")
    assert answer.status_code == 500
    assert "Lỗi của chương trình" in answer.text
    logged = "\n".join(
        record.getMessage() + (record.exc_text or "")
        for record in caplog.records
        if record.name.startswith("merger")
    )
    assert "test.fail failed: RuntimeError at" in logged
    for private in ("Nguyễn", "012345678901", "Traceback"):
        assert private not in answer.text
        assert private not in logged
    assert "079012345678" not in logged
    assert "0903123456" not in logged


def test_the_log_holds_no_query_no_form_no_name_and_no_session(browser, caplog):
    caplog.set_level(logging.INFO, "merger.review")
    reader = browser("reader")
    reader.get("/?citizen=012345678901")
    reader.get("/012345678901")
    reader.post("/sign-in", {"name": "012345678901", "password": "secret secret secret"})
    logged = [record.getMessage() for record in caplog.records if record.name == "merger.review"]
    assert all(re.fullmatch(r"(GET|POST) [a-z.-]+ \d{3} \d+ms ([0-9a-f]{8}|-)", line) for line in logged), (
        logged
    )
    assert any(line.startswith("GET web.home 200") for line in logged)


# --- served to the network


def test_the_network_is_served_only_with_accounts_and_tls(tmp_path, office):
    with pytest.raises(Refused, match="Without accounts the pages are for this machine alone"):
        checked(Settings(tmp_path, host="0.0.0.0"))
    with pytest.raises(Refused, match="needs TLS"):
        checked(replace(office, host="192.0.2.1"))
    with pytest.raises(Refused, match="There is no folder"):
        checked(Settings(tmp_path / "none"))
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(Refused, match=r"The certificate .* cannot be used"):
        checked(replace(office, host="0.0.0.0", tls_cert=tmp_path / "no.pem", tls_key=tmp_path / "no.pem"))
    hosts = ("127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "::", "192.0.2.1", "review.example")
    assert [host for host in hosts if is_loopback(host)] == list(hosts[:4])


def test_the_local_token_is_new_with_every_start_and_long(tmp_path):
    tokens = {checked(Settings(tmp_path)).token for _ in range(5)}
    assert len(tokens) == 5
    assert min(map(len, tokens)) >= 43
