"""The pages of the trail."""

from pathlib import Path
from urllib.parse import urlencode

from merger.approval import trail_text
from merger.review.trails.views import pages_content, pages_trail, sources
from merger.review.web.desk import Desk
from tests.review.trails.test_views import run_sql
from tests.review.web.browsing import Browser


def test_the_trail_is_read_filtered_and_reading_it_is_noted(client: Browser, ran: Path, desk: Desk) -> None:
    page = client.get("/trail")
    assert page.status_code == 200
    assert "bắt đầu lần chạy" in page.text
    assert "xem nhật ký" in page.text
    assert "bắt đầu lần chạy</th>" not in client.get("/trail?what=trail-seen").text
    assert "Không có mục nào phù hợp." in client.get("/trail?who=nobody").text
    assert client.get("/trail?page=99999999999999").status_code == 200
    assert [one.action for one in desk.trail.records()].count("trail-seen") == 4
    assert (ran / "plan.json").exists()


def test_the_trail_is_exported_as_it_is(client: Browser, ran: Path, desk: Desk) -> None:
    client.get("/trail")
    answer = client.get("/trail/export/pages")
    assert answer.headers["content-disposition"].startswith('attachment; filename="trail-pages.jsonl"')
    assert pages_content(desk).startswith(answer.content)
    assert trail_text.verify_lines(answer.content) is None
    ledger = client.get(f"/trail/export/{desk.identifier(ran / 'job.yaml')}")
    assert trail_text.verify_lines(ledger.content) is None
    assert ledger.content.count(b"\n") == 2
    assert client.get("/trail/export/0123456789abcdef").status_code == 404
    table = client.get("/trail/table?what=run-done")
    assert table.content.decode("utf-8-sig").count("\n") == 2
    assert table.headers["content-type"].startswith("text/csv")


def test_whole_trails_are_said_to_be_whole_with_their_anchors(client: Browser, ran: Path, desk: Desk) -> None:
    page = client.get("/trail/verify").text
    assert page.count("Nguyên vẹn") == 2
    ledger = sources(desk)[1]
    assert ledger.end_text in page
    key = desk.identifier(ran / "job.yaml")
    proved = client.get("/trail/verify?" + urlencode({"source": key, "anchor": ledger.end_text}))
    assert "Mốc neo đã in nằm trong nhật ký này." in proved.text
    wrong = client.get("/trail/verify?" + urlencode({"source": key, "anchor": ledger.end_text[:-1] + "?"}))
    assert wrong.status_code == 422
    assert "chép sai" in wrong.text
    assert wrong.text.count("Nguyên vẹn") == 2


def test_a_bent_record_of_the_ledger_is_named(client: Browser, ran: Path) -> None:
    run_sql(ran, "UPDATE merger_trail SET actor = 'nobody' WHERE seq = 2")
    page = client.get("/trail/verify").text
    assert "Bị làm sai ở mục 2:" in page
    assert "nội dung không khớp với mã băm của mục." in page
    assert client.get("/trail").status_code == 200


def test_a_bent_trail_of_the_pages_is_still_shown_and_named(client: Browser, ran: Path, desk: Desk) -> None:
    client.get("/trail")
    content = desk.trail.path.read_bytes()
    (first, *_) = pages_trail(desk).records
    desk.trail.path.write_bytes(content.replace(first.hash[:8].encode(), b"00000000", 1))
    page = client.get("/trail/verify").text
    assert "Bị làm sai ở mục 1:" in page
    desk.trail.path.write_bytes(content[:-20])
    assert client.get("/trail").status_code == 200
    assert (ran / "plan.json").exists()


def test_what_is_in_a_record_cannot_become_markup(client: Browser, ran: Path, desk: Desk) -> None:
    desk.trail.note("<script>alert(1)</script>", "<b>x</b>", "<i>", "<u>")
    page = client.get("/trail").text
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert (ran / "plan.json").exists()
