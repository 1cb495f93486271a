"""The pages of hand-over records and of the report, over a made-up folder."""

import html
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from merger.approval import trail_text
from merger.migrate import api
from merger.report.handing import HandOver, hand_overs
from tests.review.conftest import PASSPHRASE
from tests.review.web.browsing import Browser


@pytest.fixture
def plan(folder: Path) -> Path:
    return folder / "plan.json"


@pytest.fixture
def address(client: Browser) -> str:
    """The address of the plan's agencies."""
    found = re.search(r'href="(/handover/[0-9a-f]{16})"', client.get("/handover").text)
    assert found is not None
    return found[1]


def busiest(plan: Path, *, gives: bool) -> HandOver:
    return max(hand_overs(api.summary(str(plan)), gives=gives), key=lambda hand: hand.rows)


def english(client: Browser) -> None:
    assert client.post("/language", {"lang": "en", "to": "/"}).status_code == 303


def test_plans_are_listed_and_lead_to_their_agencies_and_report(client, address):
    page = client.get("/handover").text
    assert "chưa chạy" in page
    assert f'href="{address}/report"' in page


def test_agencies_are_listed_searched_and_counted(client, address, plan):
    hand = busiest(plan, gives=True)
    page = client.get(address).text
    assert "Đây là số liệu theo kế hoạch" in page
    assert '<label for="q">' in page
    found = client.get(f"{address}?{urlencode({'q': hand.agency.code, 'side': 'old'})}").text
    assert html.escape(hand.agency.name) in found
    assert f'<td class="number">{hand.rows}</td>' in found
    none = client.get(f"{address}?q=khong-co-co-quan-nay").text
    assert re.search(r"0 trên \d+ cơ quan", none)


def test_searching_while_typing_answers_the_list_alone(client, address):
    part = client.get(f"{address}?q=so", headers={"hx-request": "true"}).text
    assert part.lstrip().startswith('<div id="agencies">')
    assert "<html" not in part


@pytest.mark.parametrize("gives", [True, False])
def test_an_agency_s_page_shows_its_work_by_service_state_and_deadline(client, address, plan, gives):
    hand = busiest(plan, gives=gives)
    where = urlencode({"side": hand.side, "code": hand.agency.code})
    page = client.get(f"{address}/agency?{where}").text
    assert f"<h1>{html.escape(hand.agency.name)} ({hand.agency.code})</h1>" in page
    for part in hand.counterparts:
        assert html.escape(part.agency.name) in page
    line = hand.counterparts[0].lines[0]
    assert f'<td class="number">{line.rows}</td>' in page
    assert "Quá hạn" in page
    assert f'href="{address}/record?{html.escape(where)}"' in page


def test_states_are_shown_as_the_profile_calls_them(client, address, plan):
    titles = api.summary(str(plan)).titles
    shown = 0
    for hand in hand_overs(api.summary(str(plan)), gives=True)[:10]:
        page = client.get(f"{address}/agency?{urlencode({'side': 'old', 'code': hand.agency.code})}").text
        for line in (line for part in hand.counterparts for line in part.lines):
            title = titles.get(f"state {line.system}/{line.dataset} {line.state}")
            assert f"<td>{f'{title.vi} ({line.state})' if title else line.state}</td>" in page
            shown += title is not None
    assert shown


def test_the_record_to_be_printed_is_an_official_document_without_scripts(client, address, plan):
    hand = busiest(plan, gives=True)
    where = urlencode({"side": "old", "code": hand.agency.code})
    answer = client.get(f"{address}/record?{where}")
    text = answer.text
    for said in ("Cộng hòa xã hội chủ nghĩa Việt Nam", "Độc lập - Tự do - Hạnh phúc", "Biên bản", "DỰ THẢO",
                 "Căn cứ 202/2025/QH15", "Đại diện bên giao", "Đại diện bên nhận", "Nơi nhận:"):  # fmt: skip
        assert said in text
    assert "<script" not in text
    assert "<style" not in text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', text)
    css = client.get(html.unescape(style))
    assert css.headers["content-type"].startswith("text/css")
    assert "size: A4" in css.text
    assert 'counter(section, upper-roman) ". "' in css.text
    assert "&#" not in css.text
    english(client)
    assert "Socialist Republic of Viet Nam" in client.get(f"{address}/record?{where}").text


def test_a_saved_record_needs_nothing_else(client, address, plan):
    hand = busiest(plan, gives=False)
    where = urlencode({"side": "new", "code": hand.agency.code})
    answer = client.get(f"{address}/record-file?{where}")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert "default-src 'none'; style-src 'unsafe-inline'" in answer.text
    assert "<link" not in answer.text


def test_the_report_leads_to_the_same_figures_as_files(client, address):
    page = client.get(f"{address}/report").text
    assert "Báo cáo kế hoạch chuyển dữ liệu" in page
    told = json.loads(client.get(f"{address}/report/json").content)
    book = load_workbook(io.BytesIO(client.get(f"{address}/report/xlsx").content), read_only=True)
    rows = {tuple(row[:2]): row for row in book["Tổng hợp"].iter_rows(values_only=True)}
    for dataset in told["datasets"]:
        row = rows[dataset["system"], dataset["dataset"]]
        excluded = sum(dataset["excluded"].values())
        assert row[4:8] == (dataset["in_scope"], dataset["to_move"], dataset["held"], excluded)
    assert client.get(f"{address}/report/html").text.count("<style>") == 1


@pytest.mark.parametrize(
    "path",
    ["/handover/0123456789abcdef", "/handover/0123456789abcdef/report", "{at}/report/pdf", "{at}?side=both",
     "{at}/agency?side=old&code=none", "{at}/record?side=none&code=none", "{at}/record-file"],
)  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(client, address, path):
    assert client.get(path.format(at=address)).status_code == 404


def test_a_stylesheet_takes_no_rules_from_an_address(client):
    css = client.get(
        "/handover/style/paper.css?" + urlencode({"mark": 'x"; } body { display: none; } /*'})
    ).text
    (mark,) = re.findall(r'@bottom-center { content: "([^"]*)"', css)
    assert re.fullmatch(r"[\w .:-]*", mark, re.ASCII)
    assert mark.startswith("x")


def test_nobody_reads_records_without_signing_in(stranger):
    assert stranger.get("/handover").status_code == 303
    assert stranger.get("/handover/style/paper.css").status_code == 303


def test_who_printed_which_record_is_in_the_trail(client, address, plan, folder):
    hand = busiest(plan, gives=True)
    client.get(f"{address}/record?{urlencode({'side': 'old', 'code': hand.agency.code})}")
    (trail,) = folder.glob("**/review-trail.jsonl")
    assert "record-printed" in trail.read_text()
    assert hand.agency.code in trail.read_text()


def test_after_the_run_the_record_says_moved_and_verified(client, address, plan, folder):
    for name in ("first", "second"):
        api.sign(plan, folder / f"{name}.key", PASSPHRASE, datetime.now(UTC).replace(microsecond=0))
    api.apply(plan, None, lambda *_: None)
    api.verify(str(plan), False, False, lambda *_: None)
    summary = api.summary(str(plan))
    hand = max(hand_overs(summary, gives=True), key=lambda one: one.rows)
    assert "đã chạy" in client.get("/handover").text
    text = client.get(f"{address}/record?{urlencode({'side': 'old', 'code': hand.agency.code})}").text
    assert "DỰ THẢO" not in text
    assert f"Bên giao đã bàn giao {hand.rows} hồ sơ, văn bản, sổ." in text
    assert "Nguồn và đích khớp nhau. Kiểm chứng đầy đủ" in text
    assert summary.digests["plan"] in text
    assert trail_text.shown(api.anchor(folder / "job.yaml")) in text
    page = client.get(f"{address}/report").text
    for approval in summary.approvals:
        assert approval.keyid in page
        assert approval.envelope in page
    assert summary.verification is not None
    for dataset in summary.verification.datasets:
        assert dataset.expected is not None
        assert dataset.expected == dataset.found
        assert dataset.expected.fold in page
