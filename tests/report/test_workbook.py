"""The report as a workbook."""

import io
import json as stdlib_json

import pytest
from openpyxl import load_workbook
from report_samples import DATASETS, HOLDS, NASTY, SUMMARY

from merger.errors import Refused
from merger.messages import use
from merger.migrate.model import Summary
from merger.report import json, render, workbook


def sheets(language="en", **changes):
    book = load_workbook(io.BytesIO(workbook(SUMMARY.model_copy(update=changes), language)))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_it_holds_every_figure_of_the_summary():
    found = sheets()
    assert found["Counts"][1][:3] == ["old-a", "dossier", "Old A / Dossiers"]
    assert found["Counts"][1][3:9] == ["work", 1020, 1000, 9, 11, "adds up"]
    assert found["Counts"][-1][4:9] == [1025, 1002, 12, 11, "adds up"]
    assert ["old-a", "dossier", "00101", "Xã Cũ", 1018, 1000, 7, 11, "adds up"] in found["By old unit"]
    assert {row[0] for row in found["Holds"][1:]} == {"Total"} | {hold.id for hold in HOLDS}
    assert sum(row[-1] for row in found["Excluded"][1:]) == 11
    assert [row[9:] for row in found["Hand-over"][1:]] == [
        [600, 21, 4, 2, 3, 10, 81, 500],
        [400, 0, 0, 0, 0, 0, 0, 400],
    ]
    assert [row[8] for row in found["Hand-over"][1:]] == ["In progress (processing)", "new"]
    assert found["Old agencies"][1] == ["A01", f"Phòng {NASTY}", 1000, 21, 4, 2, 3, 10, 81, 900, 9, 11]
    assert found["Checks"][2][4:] == ["failed", "1"]
    assert found["Sums of both sides"][2] == ["old-a", "dossier", 1000, "Target", 1000, "2" * 64]
    assert found["Differences"][1] == ["old-a", "dossier", "17", "due", "changed"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_a_text_that_looks_like_a_formula_stays_text(start):
    dataset = DATASETS[0].model_copy(update={"excluded": {start: 11}})
    book = load_workbook(io.BytesIO(workbook(SUMMARY.model_copy(update={"datasets": (dataset,)}), "en")))
    cell = book["Excluded"]["A2"]
    assert cell.data_type == "s"
    assert cell.value == start
    assert cell.quotePrefix


def test_a_control_character_does_not_stop_the_report():
    dataset = DATASETS[0].model_copy(update={"excluded": {"a\x01b": 11}})
    assert sheets(datasets=(dataset,))["Excluded"][1][0] == "a\N{REPLACEMENT CHARACTER}b"


def test_a_vietnamese_workbook_has_vietnamese_sheets():
    assert "Bàn giao" in sheets("vi")


def test_json_reads_back_as_the_same_summary():
    assert Summary.model_validate_json(json(SUMMARY)) == SUMMARY
    assert stdlib_json.loads(json(SUMMARY))["flows"][0]["service"] == "1.000001"


def test_a_suffix_that_is_no_format_is_refused_by_name():
    use("en")
    with pytest.raises(Refused) as refusal:
        render(SUMMARY, ".doc", "en")
    formats = ".html, .pdf, .xlsx, .json"
    assert str(refusal.value) == f"a report cannot be written as '.doc'; choose one of {formats}"
