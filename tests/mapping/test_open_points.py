"""What a draft leaves open goes along in every form of it, until a person settles it or takes it out."""

import json
from pathlib import Path
from textwrap import dedent

import pytest
from csv_files import saved, with_rows, written
from drafting_files import read_changed, units

from merger import messages
from merger.errors import InputError, Severity
from merger.mapping import LoadedMapping, load
from merger.mapping.imported import Imported
from merger.mapping.models import OpenPoint
from merger.mapping.tables import read_changes, write_changes
from merger.mapping.workbook import read_workbook, write_workbook
from merger.quality import check


@pytest.fixture(autouse=True)
def _english() -> None:
    messages.use("en")


@pytest.fixture
def drafted(tmp_path: Path) -> Imported:
    """The example with a name that no list holds."""
    (tmp_path / "text").mkdir()
    return read_changed(tmp_path / "text", "các xã Cồn Dài,", "các xã Cồn Dải,")


def points(loaded: LoadedMapping) -> list[OpenPoint]:
    return [point for document in loaded.documents for point in document.value.open_]


def test_every_error_and_warning_of_a_draft_is_an_open_point(drafted: Imported) -> None:
    open_ = units(drafted).open_
    weighty = [one for one in drafted.findings if one.severity is not Severity.NOTE]
    assert [(one.code, one.settle) for one in open_] == [(one.code, one.message) for one in weighty]
    unknown = next(one for one in open_ if one.code == "RES010")
    assert (unknown.of, unknown.at, unknown.weight) == ("5", "changed.md:35:14", "error")
    assert not unknown.settled


def test_a_draft_without_an_error_leaves_open_what_it_warns_of_only(tmp_path: Path) -> None:
    imported = read_changed(tmp_path, "các xã Cồn Dài,", "các xã Cồn Dài,")
    assert [(one.code, one.weight) for one in units(imported).open_] == [("RES017", "warning")]


def test_open_points_survive_every_form_of_a_draft(drafted: Imported, tmp_path: Path) -> None:
    loaded = saved(drafted, tmp_path / "yaml")
    before = points(loaded)
    assert len(before) > 1
    write_workbook(loaded.mapping, tmp_path / "book.xlsx")
    assert points(saved(read_workbook([tmp_path / "book.xlsx"], "a"), tmp_path / "xlsx")) == before
    table = written(tmp_path / "changes.csv", write_changes(loaded.mapping).text)
    again = saved(read_changes([table], "again"), tmp_path / "csv")
    assert points(again) == before
    assert write_changes(again.mapping).text == table.read_bytes().decode("utf-8")


def test_more_open_points_than_rows_survive_too(tmp_path: Path) -> None:
    said = "".join(f"  - {{code: RES010, settle: point {number}}}\n" for number in range(7))
    loaded = mapping(tmp_path, f"open:\n{said}")
    table = written(tmp_path / "changes.csv", write_changes(loaded.mapping).text)
    again = saved(read_changes([table], "again"), tmp_path / "csv")
    assert [point.settle for point in points(again)] == [f"point {number}" for number in range(7)]


def test_lint_asks_for_every_open_point_until_a_person_settles_it(tmp_path: Path) -> None:
    loaded = mapping(
        tmp_path,
        """\
        open:
          - {code: RES010, of: "5", at: "nq.md:3:1", settle: a name is in no list}
          - {code: RES013, settle: namesakes, weight: warning}
          - {code: RES010, settle: another, by: Trần A, reason: annex 2}
        """,
    )
    assert [(one.code, one.severity, one.message) for one in check(loaded)] == [
        (
            "MAP161",
            Severity.ERROR,
            "still open since the draft (RES010, 5, nq.md:3:1): a name is in no list",
        ),
        ("MAP162", Severity.WARNING, "to be looked at since the draft (RES013, –): namesakes"),
    ]


def test_an_open_point_cannot_be_suppressed(tmp_path: Path) -> None:
    loaded = mapping(
        tmp_path,
        """\
        suppress: [{rule: MAP162, reason: never mind}]
        open: [{code: RES013, settle: namesakes, weight: warning}]
        """,
    )
    assert [one.code for one in check(loaded)] == ["MAP902", "MAP162"]


def test_a_point_is_settled_by_a_person_and_for_a_reason(tmp_path: Path) -> None:
    for half in ("by: Trần A", "reason: annex 2", "by: ' ', reason: annex 2"):
        with pytest.raises(InputError) as refused:
            mapping(tmp_path, f"open: [{{code: RES013, settle: namesakes, {half}}}]\n")
        assert [one.code for one in refused.value.findings] == ["open-needs-by-and-reason"]


def test_a_column_of_open_points_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    header = "date,event_id,kind,from_code,from_name,to_code,to_name,extent,share,open_points"
    row = "2025-07-01,1,merge,1,A,2,B,whole,,{}"
    for wrong in ("yes", '"[{""code"": ""RES010""}]"', "[1]"):
        table = with_rows(tmp_path / "a.csv", row.format(wrong), header=header)
        with pytest.raises(InputError) as refused:
            read_changes([table], "a")
        (finding,) = refused.value.findings
        assert (finding.code, finding.place.line, finding.place.column) == ("DOC235", 2, 35)
    point = json.dumps([{"code": "RES010", "settle": "x"}]).replace('"', '""')
    table = with_rows(tmp_path / "a.csv", row.format(f'"{point}"'), header=header)
    assert [one.settle for one in units(read_changes([table], "a")).open_] == ["x"]


def mapping(folder: Path, more: str) -> LoadedMapping:
    text = (
        "schema: merger/units/1\nid: a\neffective: 2025-07-01\n"
        "legal_basis: [{number: 1/NQ, date: 2025-06-16}]\n"
        "communes: [{clause: 1, into: 00001 Xã A, from: [00001 Xã A, 00002 Xã B]}]\n"
    )
    (folder / "a.yaml").write_text(text + dedent(more), "utf-8")
    return load([folder / "a.yaml"])
