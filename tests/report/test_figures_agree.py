"""The same figures in the page, in the records, in the workbook and in the JSON document."""

import io
import json as stdlib_json
from collections import Counter

import pytest
from openpyxl import load_workbook
from report_samples import DATASETS, SUMMARY

from merger.migrate.model import AgencyCount
from merger.report import handing, html, json, record, workbook
from merger.report.words import Words


@pytest.fixture
def shown(monkeypatch):
    """Every number that a page shows, as it is asked for."""
    asked: list[int] = []
    number = Words.number

    def heard(self, value):
        asked.append(value)
        return number(self, value)

    monkeypatch.setattr(Words, "number", heard)
    return asked


def in_workbook(summary=SUMMARY):
    book = load_workbook(io.BytesIO(workbook(summary, "en")))
    return {
        cell
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if type(cell) is int
    }


def test_every_figure_of_the_page_is_in_the_workbook(shown):
    html(SUMMARY, "en")
    assert len(shown) > 150
    assert set(shown) - in_workbook() == set()


def test_every_figure_of_every_record_is_in_the_workbook(shown):
    for gives in (True, False):
        for hand in handing.hand_overs(SUMMARY, gives=gives):
            record(SUMMARY, hand.agency.code, "en", gives=gives)
    assert len(shown) > 60
    assert set(shown) - in_workbook() == set()


def test_a_figure_that_only_the_page_has_would_be_noticed(shown):
    changed = SUMMARY.model_copy(update={"work_list": 987_654})
    html(changed, "en")
    assert set(shown) - in_workbook() == {987_654}


def test_the_records_add_up_to_what_the_json_document_says():
    told = stdlib_json.loads(json(SUMMARY))
    given, got = (handing.hand_overs(SUMMARY, gives=gives) for gives in (True, False))
    rows = sum(flow["rows"] for flow in told["flows"])
    assert sum(hand.rows for hand in given) == sum(hand.rows for hand in got) == rows
    spans = [sum(column) for column in zip(*told["due"], strict=True)]
    assert list(handing.sums(given).spans) == list(handing.sums(got).spans) == spans
    assert sum(spans) == rows
    held: Counter[str] = Counter()
    for dataset in told["datasets"]:
        for one in dataset["by_agency"]:
            held.update(one["held"])
    (first, second) = given
    assert first.held == held
    assert (second.rows, second.kept, second.counterparts) == (0, 0, ())


def test_a_plan_made_before_deadlines_were_counted_shows_the_two_figures_that_it_has():
    before = SUMMARY.model_copy(update={"due": ()})
    (hand, _) = handing.hand_overs(before, gives=True)
    assert handing.spans_of(before) == ("overdue", "due-7")
    assert (hand.spans, hand.overdue, hand.due_soon) == ((4, 5), 4, 5)
    assert "Due within 3 days" not in record(before, "A01", "en", gives=True).decode()


def test_what_earlier_runs_moved_is_not_told_as_left_behind():
    earlier = AgencyCount(old="A01", excluded={"already-moved": 77, "not-pending": 10})
    dataset = DATASETS[0].model_copy(update={"by_agency": (earlier, *DATASETS[0].by_agency[1:])})
    later = SUMMARY.model_copy(update={"datasets": (dataset,)})
    hand = handing.hand_overs(later, gives=True)[0]
    assert (hand.share.before, hand.share.excluded, hand.excluded) == (77, 10, {"not-pending": 10})
    assert "Moved by earlier runs" in record(later, "A01", "en", gives=True).decode()
    assert 77 in in_workbook(later)
