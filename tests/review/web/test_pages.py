import re
from hashlib import sha256
from importlib import resources

import pytest

from merger.migrate.writing import operator
from merger.review.web.app import all_pages, create
from merger.review.web.assets import url_of, vendored
from merger.review.web.pages import Page
from merger.review.web.rights import Right
from merger.review.web.trail import ReviewTrail

VENDOR = resources.files("merger.review") / "static" / "vendor"


def test_the_one_time_address_opens_the_local_session(stranger):
    assert stranger.get("/").headers["location"] == "/sign-in"
    page = stranger.get("/enter?token=token")
    assert page.status_code == 200
    assert 'value="token"' in page.text
    assert stranger.enter("token").headers["location"] == "/"
    home = stranger.get("/")
    assert home.status_code == 200
    assert "Trang đầu" in home.text


def test_the_trail_says_who_opened_the_local_session(client, settings):
    client.post("/sign-out")
    records = ReviewTrail(settings.trail_file).records()
    assert [(record.actor, record.action) for record in records] == [
        ("local", "signed-in"),
        ("local", "signed-out"),
    ]
    assert records[0].detail == {"subject": f"os-user:{operator()}"}


def test_the_start_page_counts_what_lies_in_the_folder(client):
    text = client.get("/").text
    assert re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", text) == [
        ("công việc", "1"), ("bảng chuyển đổi", "1"), ("kế hoạch", "1"), ("lần chạy", "0"),
    ]  # fmt: skip


def test_the_language_is_chosen_and_kept(client):
    assert client.post("/language", {"lang": "en", "to": "/"}).headers["location"] == "/"
    text = client.get("/").text
    assert '<html lang="en">' in text
    assert "Your roles:" in text
    client.post("/language", {"lang": "xx", "to": "/"})
    assert '<html lang="en">' in client.get("/").text


def test_signing_out_ends_the_session(client):
    session = client.client.cookies["merger-session"]
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    client.client.cookies.set("merger-session", session)
    assert client.get("/").headers["location"] == "/sign-in"


def test_the_field_of_an_address_stays_one_segment(settings):
    app = create(
        settings, [*all_pages(), Page("/x/{one}", "test.x", Right.READ, lambda visit: visit.page(""))]
    )
    url = app.state.frame.url
    assert url("test.x", one="a/../b?c#d\x00\r\n") == "/x/a%2F..%2Fb%3Fc%23d%00%0D%0A"
    assert url("web.home") == "/"


def test_an_unknown_page_is_told_in_words(client):
    answer = client.get("/nothing/here")
    assert answer.status_code == 404
    assert "Không có trang hoặc nội dung này" in answer.text


def test_a_page_asked_for_in_the_wrong_way_is_told_in_words(client):
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert "Cách gọi không đúng" in answer.text


def test_static_files_are_served_by_their_content_and_kept(client):
    answer = client.get(url_of("review.css"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/").status_code == 404
    assert client.get("/static/review.css").status_code == 404
    assert client.get("/static/vendor").status_code == 404


@pytest.mark.parametrize("name", ["htmx-", "echarts-"])
def test_vendored_scripts_are_what_their_list_says(name):
    file = vendored(name).removeprefix("vendor/")
    rows = [line.split(" | ") for line in (VENDOR / "VENDOR.md").read_text("utf-8").splitlines()]
    (listed,) = (row for row in rows if row[0] == f"| {file}")
    assert sha256((VENDOR / file).read_bytes()).hexdigest() == listed[3]
    for licence in re.findall(r"[a-z]+-(?:LICENSE|NOTICE)[-a-z0-9]*", listed[4]):
        assert (VENDOR / licence).is_file()


def test_every_vendored_file_is_listed():
    text = (VENDOR / "VENDOR.md").read_text("utf-8")
    assert {item.name for item in VENDOR.iterdir() if item.name not in text} == {"VENDOR.md"}
