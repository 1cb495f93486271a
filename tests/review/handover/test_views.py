"""Agencies searched and ordered, records found, files named."""

from pathlib import Path

import pytest

from merger.migrate.model import AgencyName, Flow, Summary
from merger.report.handing import hand_overs
from merger.review import Settings
from merger.review.handover import views
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing

SUMMARY = Summary.model_validate(
    {
        "what": "plan",
        "id": "p-1",
        "state": "planned",
        "job": "made-up",
        "cutover": "2025-07-01T00:00:00+07:00",
        "made": "2025-06-01T00:00:00+07:00",
        "flows": [
            Flow("dossiers", "one", "A01", "B01", "1.000001", "4", rows=5, overdue=1, due_soon=1),
            Flow("dossiers", "one", "A02", "B01", "1.000001", "4", rows=9),
            Flow("dossiers", "one", "A03", "B02", "", "", rows=1, overdue=1),
        ],
        "due": [(1, 1, 0, 0, 3, 0), (0, 0, 0, 9, 0, 0), (1, 0, 0, 0, 0, 0)],
        "old_agencies": [
            AgencyName(code="A01", name="Ủy ban nhân dân huyện Đơn Dương", former="000.00.31.A"),
            AgencyName(code="A02", name="Ủy ban nhân dân huyện Đức Trọng"),
            AgencyName(code="A03", name="Phòng Tư pháp"),
        ],
        "new_agencies": [AgencyName(code="B01", name="Xã Một"), AgencyName(code="B02", name="Xã Hai")],
    }
)
OLD = views.searched(hand_overs(SUMMARY, gives=True))


def codes(asked: str = "", **more) -> list[str]:
    return [hand.agency.code for hand in views.agencies(OLD, asked, **more).hands]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("don duong", ["A01"]), ("ĐỨC", ["A02"]), ("a0", ["A01", "A02", "A03"]), ("huyện a02", ["A02"]),
     ("000.00.31", ["A01"]), ("nothing", [])],
)  # fmt: skip
def test_agencies_are_found_by_code_name_and_older_code_with_or_without_marks(asked, found):
    assert codes(asked) == found


def test_agencies_are_ordered_by_work_and_by_what_is_urgent():
    assert codes(order="rows") == ["A02", "A01", "A03"]
    assert codes(order="due") == ["A01", "A03", "A02"]
    assert codes(order="no such order") == ["A01", "A02", "A03"]


def test_a_page_beyond_the_last_is_the_last():
    found = views.agencies(OLD, page=9, per_page=2)
    assert ([hand.agency.code for hand in found.hands], found.page, found.pages, found.found) == (
        ["A03"],
        2,
        2,
        3,
    )


def test_a_record_is_of_one_side_and_one_code():
    read = views.Read(SUMMARY)
    assert read.hand("new", "B01").rows == 14
    for side, code in (("old", "B01"), ("new", "A01"), ("both", "A01"), ("", "")):
        with pytest.raises(Missing):
            read.hand(side, code)


def test_a_file_s_name_holds_nothing_that_leads_elsewhere():
    assert views.file_name(("run-1", "old", "../../H36;x\r\ny"), ".html") == "run-1-old-..-..-H36-x-y.html"


def test_a_plan_and_its_run_are_one_entry(tmp_path: Path):
    (tmp_path / "a").mkdir()
    for name, schema in (("plan.json", "plan"), ("plan.run.json", "run"), ("a/lost.run.json", "run")):
        (tmp_path / name).write_text(f'{{"schema":"merger/{schema}/1"}}')
    listed = views.entries(Desk(Settings(tmp_path)))
    assert sorted((one.place, one.ran) for one in listed) == [("a/lost.run.json", True), ("plan.json", True)]
