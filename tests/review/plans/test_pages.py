"""The pages of plans and holds, over the application."""

import io
import json
import re
import time
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import yaml
from openpyxl import load_workbook

from merger.migrate import api
from merger.report.answers import COLUMNS, FIRST_ROW
from merger.review.plans.groups import groups_of
from tests.migrate.world import PASSPHRASE, quiet, sign_by
from tests.review.plans.conftest import HELD, NASTY

NAME = "small-decisions.yaml"


def identifier(folder, path):
    return sha256(path.relative_to(folder).as_posix().encode()).hexdigest()[:16]


@pytest.fixture
def plan(folder):
    return f"/plans/{identifier(folder, folder / 'plan.json')}"


@pytest.fixture
def decisions(folder):
    return f"/plans/decisions/{identifier(folder, folder / 'job.yaml')}"


def great(folder, name="plan.json"):
    """The group of the 500."""
    return next(one for one in groups_of(api.load_plan(folder / name)) if one.rows >= HELD and one.decidable)


def answer(**fields):
    return {
        "what": "code",
        "code-place": "10004",
        "reason": "Biên bản số 3",
        "author": "Trần Văn Duyệt",
    } | fields


def settle(client, folder, plan, **fields):
    return client.post(f"{plan}/holds/{great(folder).id}/decide", answer(**fields))


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def test_the_list_names_jobs_plans_and_their_states(client):
    page = client.get("/plans")
    assert page.status_code == 200
    assert "plan.json" in page.text
    assert "chờ chữ ký" in page.text
    assert "0 trên 2 chữ ký" in page.text


def test_a_plan_shows_its_counts_first_and_that_they_add_up(client, plan, folder):
    page = client.get(plan).text
    made = api.load_plan(folder / "plan.json")
    scope, moved = (sum(getattr(one, name) for one in made.datasets) for name in ("in_scope", "to_move"))
    shown = f"{scope:,} dòng trong phạm vi = {moved:,} sẽ chuyển".replace(",", ".")
    assert shown in page
    assert "Tổng khớp." in page
    assert page.index(shown) < page.index("<details")
    assert made.digests.mapping in page


def test_a_plan_of_another_mapping_is_stale(client, plan, folder):
    with (folder / "mapping" / "localities.yaml").open("a", encoding="utf-8") as file:
        file.write("# a thought\n")
    page = client.get(plan).text
    assert "đã cũ: có thay đổi từ khi lập" in page
    assert "Từ khi lập kế hoạch đã có thay đổi ở: bảng chuyển đổi." in page


def test_a_plan_is_waiting_then_approved_then_run(client, plan, folder):
    sign_by(folder, folder / "plan.json", "one")
    page = client.get(plan).text
    assert "Cần 2 người khác nhau ký; đã có 1, còn thiếu 1." in page
    sign_by(folder, folder / "plan.json", "writer", "two")
    page = client.get(plan).text
    assert "đã phê duyệt" in page
    assert "đã có 2, còn thiếu 0." in page
    assert "writer" in page
    api.apply(folder / "plan.json", 1, quiet)
    assert "lần chạy: đã xong" in client.get("/plans").text
    assert "Đã chạy với tên" in client.get(plan).text


def test_what_cannot_be_read_of_a_job_is_told_and_the_plan_still_shown(client, plan, folder):
    (folder / "mapping" / "units.yaml").write_text("schema: [")
    page = client.get(plan)
    assert "Chưa xác định được đầy đủ trạng thái" in page.text
    assert "Tổng khớp." in page.text
    assert "mapping/units.yaml:1" in page.text
    assert str(folder) not in page.text
    assert "chưa rõ trạng thái" in client.get("/plans").text


def test_where_work_goes_is_found_by_unit_agency_and_service(client, plan):
    by_unit = client.get(f"{plan}/where?unit=10005").text
    assert "Commune South" in by_unit
    by_agency = client.get(f"{plan}/where?agency=Z02.05").text
    assert "Z02.05" in by_agency
    assert "Z01.30" not in re.sub("<select.*?</select>", "", by_agency, flags=re.DOTALL)
    assert client.get(f"{plan}/where?q=FIVE").text.count("?unit=") == 1
    assert "Không tìm thấy" in client.get(f"{plan}/where?q=zzz").text


def test_the_500_stand_in_one_group_with_candidates_evidence_and_localities(client, plan, folder):
    group = great(folder)
    assert (group.rows, len(group.holds)) == (HELD + 1, 3)
    page = client.get(f"{plan}/holds/{group.id}").text
    assert "Commune South" in page
    assert "Thôn 1, Thôn 2" in page
    assert "1/ACT §3" in page


def test_names_from_definitions_are_escaped(client, plan, folder):
    page = client.get(f"{plan}/holds/{great(folder).id}").text
    assert NASTY not in page
    assert "&lt;script&gt;alert" in page


def test_one_form_settles_500_rows_and_the_new_plan_moves_them(client, plan, folder, decisions):
    held = sum(one.held for one in api.load_plan(folder / "plan.json").datasets)
    assert settle(client, folder, plan).headers["location"] == decisions
    written = yaml.safe_load((folder / NAME).read_text("utf-8"))["decisions"]
    assert len(written) == 3
    assert {one["author"] for one in written} == {"Trần Văn Duyệt"}
    page = client.get(decisions)
    assert "công việc chưa nêu tên" in page.text
    assert f"mapping: [mapping, {NAME}]" in page.text
    client.post(f"{decisions}/name", {"file": NAME, "sha256": hidden(page, "sha256")})
    assert "công việc có nêu tên" in client.get(decisions).text
    new = api.make_plan(folder / "job.yaml", folder / "next.json", (), False, quiet)
    assert sum(one.held for one in new.datasets) == held - (HELD + 1) - HELD
    changes = client.get(f"/plans/{identifier(folder, folder / 'next.json')}/changes").text
    assert f"{HELD + 1} dòng không còn bị giữ lại vì lý do này: chuyển đến" in changes
    assert "Commune East" in changes
    assert re.search(r"căn cứ: [^)]*quyết định\)", changes)
    assert not re.search(r"\((place|decision|locality|[a-z]+, decision)\)", changes)
    trail = [
        json.loads(line) for line in (folder / ".merger" / "review-trail.jsonl").read_text().splitlines()
    ]
    decided = next(one for one in trail if one["action"] == "holds-decided")
    assert decided["detail"]["subject"] == NAME


def test_a_part_of_a_group_can_be_decided_alone(client, plan, folder):
    group = great(folder)
    service = sorted({hold.codes["service"] for hold in group.holds})[0]
    page = client.get(f"{plan}/holds/{group.id}?only-service={service}").text
    part = next(hold for hold in group.holds if hold.codes["service"] == service)
    assert f"<dd>{part.rows}</dd>" in page
    settle(client, folder, plan, **{"only-service": service})
    written = yaml.safe_load((folder / NAME).read_text("utf-8"))["decisions"]
    assert [one["when"]["service"] for one in written] == [service]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reason": ""}, "quyết định phải có lý do"),
        ({"author": " "}, "quyết định phải có tên người quyết định"),
        ({"code-place": ""}, "chưa chọn mã mới nào"),
        ({"what": "exclude"}, "chưa ghi tên quy tắc để lại ở nguồn"),
        ({"other-place": "99999"}, "99999 không phải là mã có hiệu lực"),
        ({"reason": "x" * 2001}, "dài hơn 2000 ký tự"),
    ],
)
def test_a_form_that_lacks_something_is_shown_again_with_what_was_filled_in(
    client, plan, folder, fields, told
):
    page = settle(client, folder, plan, **fields)
    assert page.status_code == 422
    assert told in page.text
    assert fields.get("author", "Trần Văn Duyệt").strip() in page.text
    assert not (folder / NAME).exists()


def test_rows_can_be_left_in_the_source_under_a_name(client, plan, folder):
    settle(client, folder, plan, what="exclude", exclude="test-records")
    assert {one["exclude"] for one in yaml.safe_load((folder / NAME).read_text("utf-8"))["decisions"]} == {
        "test-records"
    }


def test_the_author_is_who_signed_in_whatever_the_form_says(people, plan, folder):
    client = people("quyet.le", "decider")
    assert 'name="author"' not in client.get(f"{plan}/holds/{great(folder).id}").text
    settle(client, folder, plan, author="Somebody Else")
    assert {one["author"] for one in yaml.safe_load((folder / NAME).read_text("utf-8"))["decisions"]} == {
        "quyet.le"
    }


def test_an_unsigned_decision_is_taken_back_and_both_are_in_the_trail(client, plan, folder, decisions):
    settle(client, folder, plan)
    page = client.get(decisions)
    act = {
        "file": NAME,
        "act": hidden(page, "act"),
        "sha256": sha256((folder / NAME).read_bytes()).hexdigest(),
    }
    assert client.post(f"{decisions}/take-back", act).status_code == 303
    assert yaml.safe_load((folder / NAME).read_text("utf-8"))["decisions"] == []
    lines = (folder / ".merger" / "review-trail.jsonl").read_text().splitlines()
    actions = [json.loads(line)["action"] for line in lines]
    assert actions.index("holds-decided") < actions.index("decision-taken-back")
    assert client.post(f"{decisions}/take-back", act).status_code == 409


def test_a_signed_decision_stays_and_the_next_goes_into_another_file(client, plan, folder, decisions):
    settle(client, folder, plan)
    api.sign(folder / NAME, folder / "one.key", PASSPHRASE, datetime.now(UTC))
    page = client.get(decisions)
    assert "đã ký" in page.text
    assert "take-back" not in page.text
    act = {"file": NAME, "act": "0", "sha256": sha256((folder / NAME).read_bytes()).hexdigest()}
    assert "không rút quyết định của nó ở đây" in client.post(f"{decisions}/take-back", act).text
    again = settle(client, folder, plan, reason="Another reason")
    assert again.status_code == 409
    assert "Trần Văn Duyệt đã quyết định việc này" in again.text


def test_a_signed_job_stays_as_it_is_and_its_new_text_goes_beside_it(client, plan, folder, decisions):
    settle(client, folder, plan)
    api.sign(folder / "job.yaml", folder / "one.key", PASSPHRASE, datetime.now(UTC))
    before = (folder / "job.yaml").read_bytes()
    page = client.get(decisions)
    assert "Công việc đã ký nên giữ nguyên" in page.text
    client.post(f"{decisions}/name", {"file": NAME, "sha256": hidden(page, "sha256")})
    assert (folder / "job.yaml").read_bytes() == before
    assert f"[mapping, {NAME}]" in (folder / "job-2.yaml").read_text("utf-8")


def test_a_plan_is_made_anew_in_a_process_of_its_own(client, plan, folder):
    job = identifier(folder, folder / "job.yaml")
    started = client.post("/plans/make-anew", {"job": job, "before": plan.rpartition("/")[2]})
    here = started.headers["location"]
    until = time.monotonic() + 60
    while "hx-trigger" in (page := client.get(here, headers={"hx-request": "true"}).text):
        assert time.monotonic() < until
        time.sleep(0.3)
    assert "Đã lập xong kế hoạch." in page
    assert "<html" not in page
    (made,) = folder.glob("job-plan-*.json")
    assert f"/plans/{identifier(folder, made)}/changes?than=" in page


def test_codes_of_a_pilot_that_are_no_codes_are_refused(client, folder):
    job = identifier(folder, folder / "job.yaml")
    page = client.post("/plans/make", {"job": job, "scope": "10001 --final"})
    assert page.status_code == 422
    assert "--final không thể là mã đơn vị" in page.text


def test_rows_are_shown_to_those_who_may_see_them_and_the_trail_knows(client, plan, folder):
    where = f"{plan}/holds/{great(folder).id}"
    assert "held-001" not in client.get(where).text
    page = client.post(f"{where}/rows").text
    assert page.count("<code>d-held-") == 199 or page.count("<code>d-held-") == 200
    assert "ngõ 1" in page
    assert "Lý Thị Kín" not in page
    assert "held-rows-seen" in (folder / ".merger" / "review-trail.jsonl").read_text()


@pytest.mark.parametrize("role", ["reader", "approver", "operator", "auditor"])
def test_who_may_not_see_persons_sees_no_keys(people, plan, folder, role):
    where = f"{plan}/holds/{great(folder).id}"
    client = people("xem", role)
    page = client.get(where).text
    assert "không được xem khóa" in page
    assert f"{where}/rows" not in page
    refused = client.post(f"{where}/rows")
    assert refused.status_code == 403
    assert "d-held-" not in refused.text + client.get(plan).text + client.get(f"{plan}/holds").text


@pytest.mark.parametrize(
    ("role", "may"), [("reader", False), ("approver", False), ("decider", True), ("operator", True)]
)
def test_plans_are_made_by_those_who_decide_or_run(people, plan, role, may):
    client = people("xem", role)
    assert ("Lập lại kế hoạch" in client.get(plan).text) == may
    assert ("Lập kế hoạch mới" in client.get("/plans").text) == may


@pytest.mark.parametrize("page", ["decide", "make", "make-anew", "take-back", "name", "sheet"])
def test_a_reader_changes_nothing_by_any_form(people, plan, folder, decisions, page):
    where = {"decide": f"{plan}/holds/{great(folder).id}/decide", "sheet": f"{plan}/sheet"}
    address = where.get(page) or (f"/plans/{page}" if page.startswith("make") else f"{decisions}/{page}")
    client = people("doc", "reader")
    assert client.post(address, answer()).status_code == 403
    assert not (folder / NAME).exists()


def test_the_sheet_goes_out_and_comes_back(client, plan, folder):
    response = client.get(f"{plan}/holds.xlsx")
    book = load_workbook(io.BytesIO(response.content))
    sheet = book.worksheets[0]
    held = {one.id for one in great(folder).holds}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        field = sheet.cell(row, COLUMNS.index("field") + 1).value
        if sheet.cell(row, 1).value in held and field == "place":
            for name, value in {
                "decision": "10005",
                "author": "Trần Văn Duyệt",
                "reason": "=1+1 as text",
            }.items():
                cell = sheet.cell(row, COLUMNS.index(name) + 1)
                cell.value = value
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    page = client.post(f"{plan}/sheet", files={"sheet": ("holds.xlsx", out.getvalue())})
    assert page.status_code == 200
    assert "quyết định 3" in page.text
    assert [one["then"] for one in yaml.safe_load((folder / NAME).read_text("utf-8"))["decisions"]] == [
        {"place": "10005"}
    ] * 3


@pytest.mark.parametrize("content", [b"no workbook", b""])
def test_what_is_no_sheet_is_told_and_changes_nothing(client, plan, folder, content):
    page = client.post(f"{plan}/sheet", files={"sheet": ("holds.xlsx", content)})
    assert page.status_code == 422
    assert not (folder / NAME).exists()


def test_a_sheet_that_is_too_large_is_not_read(client, plan):
    page = client.post(f"{plan}/sheet", files={"sheet": ("holds.xlsx", b"x" * 22_000_000)})
    assert page.status_code == 413


def test_a_formula_in_a_reason_stays_text_wherever_it_goes(client, plan, folder, decisions):
    formula = '=HYPERLINK("http://example.org","x")'
    settle(client, folder, plan, reason=formula)
    assert yaml.safe_load((folder / NAME).read_text("utf-8"))["decisions"][0]["reason"] == formula
    assert "=HYPERLINK(&#34;http" in client.get(decisions).text
    book = load_workbook(io.BytesIO(client.get(f"{plan}/holds.xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


@pytest.mark.parametrize("address", ["/plans/ffffffffffffffff", "/plans/..%2Fjob.yaml", "/plans/making/zz"])
def test_what_is_not_there_is_missing(client, address):
    assert client.get(address).status_code == 404


def test_every_page_speaks_both_languages(client, plan, folder, decisions):
    settle(client, folder, plan)
    pages = ["/plans", plan, f"{plan}/where", f"{plan}/holds", f"{plan}/holds/{great(folder).id}", decisions]
    for lang in ("vi", "en"):
        client.post("/language", {"lang": lang})
        for page in pages:
            answered = client.get(page)
            assert answered.status_code == 200
            assert answered.text.count("<h1") == 1
            assert f'<html lang="{lang}">' in answered.text
