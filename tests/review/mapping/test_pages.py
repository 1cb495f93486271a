"""The pages of mappings over HTTP: with and without scripts, in both languages, with names that attack."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from merger.review import Settings, create_app
from tests.review.mapping.made_up import write
from tests.review.web.browsing import Browser

ATTACK = "Xã <script>alert(1)</script>"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write(folder / "m")
    write(folder / "other", ("90007 Phường Ba", "90007 Phường Bốn"))
    (folder / "readme.yaml").write_text("just: notes\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def local(place: Path) -> Iterator[Browser]:
    settings = Settings(place, token="token", hosts=("testserver",))
    with TestClient(create_app(settings), follow_redirects=False) as client:
        browser = Browser(client)
        browser.enter("token")
        yield browser


def addresses(browser: Browser) -> dict[str, str]:
    """The overview of each mapping, by its title."""
    page = browser.get("/mapping").text
    return {title: address for address, title in re.findall(r'<h3><a href="([^"]+)">([^<]+)', page)}


@pytest.fixture(scope="module")
def m(local: Browser) -> str:
    return addresses(local)["m"]


def text(browser: Browser, address: str, status: int = 200, **more: object) -> str:
    answer = browser.get(address, **more)
    assert answer.status_code == status, answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2] or answer.text).split())


def test_the_first_page_lists_mappings_of_the_package_and_of_the_folder(local):
    assert {"m", "other"} < set(addresses(local))
    assert any(one.startswith("/mapping/shipped-") for one in addresses(local).values())


def test_the_overview_counts_and_names_who_may_approve(local, m):
    page = text(local, m)
    assert "tỉnh trước 2" in page
    assert "xã trước 6" in page
    assert "Bên cạnh không có tệp trust.json" in page


def test_findings_come_later_by_htmx_and_at_once_on_their_own_page(local, m):
    part = local.get(f"{m}?part=findings", headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert "lỗi" in text(local, f"{m}/findings")


@pytest.mark.parametrize("question", ["Hòa Lạc", "Hoà Lạc", "HOÀ LẠC", "90001"])
def test_search_answers_a_plain_form_with_a_page_and_htmx_with_the_list_alone(local, m, question):
    page = local.get(f"{m}/search", params={"q": question})
    part = local.get(f"{m}/search", params={"q": question}, headers={"hx-request": "true"})
    assert 'role="search"' in page.text
    assert "<html" not in part.text
    for answer in (page, part):
        assert answer.status_code == 200
        assert "Xã Hòa Lạc" in answer.text


def test_a_unit_page_names_clause_localities_and_the_line_that_says_so(local, m):
    page = text(local, f"{m}/unit?kind=commune&code=90004&since=2020-01-01")
    for words in (
        "1/NQ , khoản 1",
        "1/NQ , khoản 2",
        "Thôn Một, Thôn Hai",
        "Thôn Ba",
        "units.yaml:17",
        "(tỷ lệ 40,0 %)",
        "another list says that all of 90004 went here",
        "H90.30.1",
        "Hồ sơ còn lại được giữ tại chỗ chờ người có trách nhiệm quyết định",
    ):
        assert words in page


def test_the_line_that_a_unit_page_points_to_holds_the_unit(local, m):
    page = local.get(f"{m}/unit?kind=commune&code=90004&since=2020-01-01").text
    address, line = re.findall(r'class="place" href="([^"#]+)#(L\d+)">units', page)[0]
    lines = dict(re.findall(r'<li id="(L\d+)">.*?<code>(.*?)</code>', local.get(address).text))
    assert "90004 Xã Hai" in lines[line]


def test_the_exact_bytes_can_be_taken_home(local, m, place):
    page = local.get(f"{m}/files").text
    taken = {}
    for address in re.findall(r'href="([^"]+/download)"', page):
        answer = local.get(address)
        assert answer.headers["content-disposition"].startswith("attachment")
        taken[answer.content] = address
    assert set(taken) == {path.read_bytes() for path in (place / "m").iterdir()}


def test_a_province_page_lists_its_communes_and_keeps_what_was_asked_on_every_page(local, m):
    page = text(local, f"{m}/province?of=90&district=911&how=kept")
    assert "1 đơn vị" in page
    assert "91001 Xã Bốn" in page
    assert "90007 Phường Ba" not in page


def test_changes_against_another_mapping_of_the_folder_are_said_in_words(local, m):
    identifier = addresses(local)["other"].rpartition("/")[2]
    page = text(local, f"{m}/changes?against={identifier}")
    assert "So với other" in page
    assert "90007 Phường Ba" in page
    assert "Chưa có bản sao nào của nội dung đã ký" in page


@pytest.mark.parametrize(
    "address",
    [
        "/mapping/0123456789abcdef",
        "/mapping/..%2f..%2fetc",
        "/mapping/shipped-..",
        "M/files/0123456789abcdef",
        "M/files/..%2f..%2fjob.yaml",
        "M/unit?kind=commune&code=00000",
        "M/unit?kind=kingdom&code=90001",
        "M/unit?kind=commune&code=90001&since=never",
        "M/province?of=77",
        "M/changes?against=../../etc/passwd",
    ],
)
def test_what_is_not_there_is_told_without_a_trace_and_without_what_was_asked(local, m, address):
    page = text(local, address.replace("M", m), status=404)
    assert "Traceback" not in page
    assert "passwd" not in page


@pytest.mark.parametrize("page", ["", "/search?q=90001", "/province?of=90", "/unit?code=90001", "/files",
                                  "/findings", "/changes"])  # fmt: skip
def test_every_page_speaks_english_too(local, m, page):
    vietnamese = text(local, m + page)
    local.client.cookies.set("merger-lang", "en")
    try:
        english = text(local, m + page)
    finally:
        local.client.cookies.delete("merger-lang")
    assert english != vietnamese
    assert "review_mapping." not in english + vietnamese


def test_a_script_in_a_units_name_stays_text_everywhere(tmp_path: Path):
    edits = (("90007 Phường Ba", f'"90007 {ATTACK}"'), ('words: "toàn bộ', f'words: "{ATTACK}'))
    folder = write(tmp_path / "m", *edits)
    shutil.copytree(folder, tmp_path / "again")
    (tmp_path / "notes.yaml").write_text("just: notes\n", "utf-8")
    settings = Settings(tmp_path, token="token", hosts=("testserver",))
    with TestClient(create_app(settings), follow_redirects=False) as client:
        browser = Browser(client)
        browser.enter("token")
        of = addresses(browser)["m"]
        other = addresses(browser)["again"].rpartition("/")[2]
        name = client.get(f"{of}/files").text
        file = re.findall(r'href="([^"]+/files/[0-9a-f]{16})"', name)
        shown = (
            *("", "/search?q=script", "/province?of=90&district=901", "/unit?code=90007", "/unit?code=90004"),
            *("/findings", f"/changes?against={other}", f"/search?q={quote(ATTACK)}"),
        )
        told = {one: browser.get(of + one).text for one in shown}
        told |= {one: browser.get(one).text for one in file}
    assert ATTACK not in "".join(told.values())
    assert "&lt;script&gt;alert(1)" in told["/unit?code=90007"]
    data = re.search(r'application/json">(.*?)</script>', told["/unit?code=90007"], re.DOTALL)
    assert data
    assert "\\u003cscript\\u003e" in data[1]


def test_a_mapping_with_a_broken_file_is_shown_with_what_is_wrong(tmp_path: Path):
    folder = write(tmp_path / "m")
    (folder / "broken.yaml").write_text("schema: merger/units/1\nid: broken\nnonsense: 1\n", "utf-8")
    (tmp_path / "notes.yaml").write_text("just: notes\n", "utf-8")
    settings = Settings(tmp_path, token="token", hosts=("testserver",))
    with TestClient(create_app(settings), follow_redirects=False) as client:
        browser = Browser(client)
        browser.enter("token")
        of = addresses(browser)["m"]
        assert "chỗ không đọc được" in text(browser, f"{of}/files")
        assert "nonsense" in text(browser, f"{of}/findings")
        assert text(browser, f"{of}/unit?code=90007")


def test_what_was_seen_is_in_the_trail_with_the_digest_of_the_content(local, m, place):
    local.get(m)
    local.get(f"{m}/unit?kind=commune&code=90004")
    trail = (place / ".merger" / "review-trail.jsonl").read_text("utf-8").splitlines()
    assert '"action":"saw-mapping"' in trail[-2]
    assert f'"subject":"{m.rpartition("/")[2]}:commune:90004"' in trail[-1]
    assert re.search(r'"digest":"[0-9a-f]{64}"', trail[-1])
