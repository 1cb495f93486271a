"""Vintage: from which time the codes of a column are."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_country import CODES

from merger.errors import InputError
from merger.recode import Column, dating, vintage
from merger.recode.dating import Group, Span, Time


def dated(knowledge, folder, codes):
    source = Path(folder) / "in.parquet"
    pl.DataFrame({"code": pl.Series(codes, dtype=pl.String)}).write_parquet(source)
    return vintage(source, (Column("code"),), knowledge)[0]


def test_codes_of_one_time_are_valid_together(knowledge, tmp_path):
    found = dated(knowledge, tmp_path, ["B1", "D1", "B1", "E1", None])
    assert found.together == (Span(date(2010, 1, 1), date(2014, 12, 31)),)
    assert (found.rows, found.empty, found.codes) == (5, 1, 3)


def test_codes_of_different_times_are_told_apart_with_their_rows(knowledge, tmp_path):
    found = dated(knowledge, tmp_path, ["B1", "B1", "C1", "nothing"])
    assert found.together == ()
    middle, late = Span(date(2010, 1, 1), date(2014, 12, 31)), Span(date(2015, 1, 1), None)
    assert found.groups == (Group((middle,), ("B1",), 2), Group((late,), ("C1",), 1))
    assert found.times == (Time(Span(None, date(2009, 12, 31)), 0, 0), Time(middle, 1, 2), Time(late, 1, 1))
    assert found.unknown == Group((), ("nothing",), 1)


def test_a_column_without_any_known_code_has_no_time(knowledge, tmp_path):
    found = dated(knowledge, tmp_path, ["nothing", "", " "])
    assert (found.together, found.times, found.groups, found.empty) == ((), (), (), 2)


@settings(max_examples=40, deadline=None)
@given(codes=st.lists(st.sampled_from(CODES), max_size=8), day=st.dates(date(2008, 1, 1), date(2022, 1, 1)))
def test_a_day_lies_in_together_exactly_if_every_known_code_is_valid_on_it(knowledge, codes, day):
    with TemporaryDirectory() as folder:
        found = dated(knowledge, folder, codes)
    span = sum(change <= day for change in knowledge.changes)
    known = [code for code in codes if code.strip() and knowledge.known("commune", code)]
    inside = any((s.first or date.min) <= day <= (s.last or date.max) for s in found.together)
    assert inside == (bool(known) and all(knowledge.valid("commune", code, span) for code in known))
    here = next(
        (t for t in found.times if (t.span.first or date.min) <= day <= (t.span.last or date.max)), None
    )
    if here is not None:
        assert here.rows == sum(knowledge.valid("commune", code, span) for code in known)
    ends = [one.span.last for one in found.times][:-1]
    assert [one.span.first for one in found.times][1:] == [last + timedelta(days=1) for last in ends]


def test_a_missing_column_is_told(knowledge, tmp_path):
    (tmp_path / "a.csv").write_text("code\nB1\n")
    with pytest.raises(InputError, match="there is no column 'kode'"):
        vintage(tmp_path / "a.csv", (Column("kode"),), knowledge)


def test_codes_of_no_definition_are_listed_up_to_a_bound_and_counted_beyond(knowledge, tmp_path, monkeypatch):
    monkeypatch.setattr(dating, "LISTED", 2)
    found = dated(knowledge, tmp_path, ["x1", "x1", "x2", "x3", "x4", "x4", "B1", ""])
    assert len(found.unknown.codes) == 2
    assert (found.unknown.rows, found.rows, found.empty, found.codes) == (6, 8, 1, 1)
    assert found.unlisted == 6 - sum({"x1": 2, "x2": 1, "x3": 1, "x4": 2}[one] for one in found.unknown.codes)


def test_the_time_of_most_rows_is_told_where_a_few_rows_are_of_another(knowledge, tmp_path):
    found = dated(knowledge, tmp_path, ["B1"] * 5 + ["C1"])
    assert found.together == ()
    assert found.most == Time(Span(date(2010, 1, 1), date(2014, 12, 31)), 1, 5)
