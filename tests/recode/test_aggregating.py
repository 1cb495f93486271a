"""Aggregate: nothing is lost, nothing is guessed."""

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_country import CODES

from merger.errors import InputError
from merger.recode import Column, Days, aggregate
from merger.recode.aggregating import Rate, Statistics

TO = date(2020, 1, 1)
AT = Days(TO, at=date(2012, 1, 1))


def restated(knowledge, folder, text, asked):
    source, out = Path(folder) / "in.csv", Path(folder) / "out.csv"
    source.write_text(text, "utf-8")
    result = aggregate(source, asked, knowledge, out)
    with out.open(encoding="utf-8", newline="") as file:
        return result, list(csv.DictReader(file))


def test_sums_are_divided_by_share_and_marked_as_estimates(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("people",), (), AT)
    text = "code,people\nB1,100\nF1,7\nB1,60\n"
    result, lines = restated(knowledge, tmp_path, text, asked)
    shown = [(one["code"], one["code_name"], one["people"], one["code_estimate"]) for one in lines]
    assert shown == [("007", "Same", "7", "no"), ("C1", "North", "40", "yes"), ("C2", "South", "120", "yes")]
    assert (result.totals[0].total, result.totals[0].estimated, result.totals[0].undivided) == (167, 160, 0)


def test_a_unit_divided_without_shares_keeps_a_line_with_its_candidates(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("people",), (), AT)
    result, lines = restated(knowledge, tmp_path, "code,people\nD1,50\nE1,3\nnothing,2\n,1\n", asked)
    shown = [(one["code"], one["code_outcome"], one["code_candidates"], one["people"]) for one in lines]
    assert shown == [
        ("", "ended", "", "3"),
        ("", "split", "C2 South; D2 Rest", "50"),
        ("", "unknown", "", "1"),
        ("", "unknown", "", "2"),
    ]
    assert {one["code_estimate"] for one in lines} == {"no"}
    assert (result.units, result.undivided, result.totals[0].undivided) == (0, 4, 56)


def test_rates_are_averaged_by_weight_and_missing_ones_do_not_count(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("people",), (Rate("poor", "people"),), Days(TO, at=date(2009, 1, 1)))
    text = "code,people,poor\nA1,100,0.1\nA2,300,0.5\nA2,999,\nF1,,0.5\n"
    _, lines = restated(knowledge, tmp_path, text, asked)
    rates = {one["code"]: float(one["poor"]) for one in lines if one["poor"]}
    assert rates == pytest.approx({"C1": 0.4, "C2": 0.4})
    assert next(one["people"] for one in lines if one["code"] == "007") == ""


def test_years_stay_apart_and_each_row_has_its_own_day(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("n",), (), Days(TO, at_column="day"), by=("year",))
    text = "code,year,day,n\nF1,2016,2016-01-01,1\n007,2019,2019-01-01,2\nF1,2019,2019-01-01,4\n"
    _, lines = restated(knowledge, tmp_path, text, asked)
    assert [(one["year"], one["code"], one["code_outcome"], one["n"]) for one in lines] == [
        ("2016", "007", "decided", "1"),
        ("2019", "007", "decided", "2"),
        ("2019", "", "not-valid", "4"),
    ]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(CODES), st.dates(date(2008, 1, 1), date(2021, 1, 1)), st.integers(0, 10**6)
        ),
        max_size=12,
    )
)
def test_totals_are_conserved(knowledge, rows):
    with TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        names = {"code": pl.String, "day": pl.Date, "n": pl.Int64}
        pl.DataFrame(rows, schema=names, orient="row").write_parquet(source)
        asked = Statistics(Column("code"), ("n",), (), Days(TO, at_column="day"))
        result = aggregate(source, asked, knowledge, out)
        after = pl.read_parquet(out)
    total = sum(number for _, _, number in rows)
    assert sum(map(Fraction, after["n"].to_list())) == total
    assert result.totals[0].total == total
    undivided = after.filter(pl.col("code").is_null())
    assert sum(undivided["n"].to_list()) == result.totals[0].undivided


@pytest.mark.parametrize("bad", ["x", "1.000,5", "nan", "inf", "1 000"])
def test_a_figure_that_is_no_number_is_told_with_its_line(knowledge, tmp_path, bad):
    asked = Statistics(Column("code"), ("n",), (), AT)
    with pytest.raises(
        InputError, match=r"in\.csv:4:1: no-number the column 'n' does not hold a number here"
    ):
        restated(knowledge, tmp_path, f'code,n\nB1,1\nB1,\nB1,"{bad}"\n', asked)


def test_figures_that_would_stand_twice_are_refused(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("n", "n"), (), AT)
    with pytest.raises(InputError, match="the column 'n' would be there twice"):
        restated(knowledge, tmp_path, "code,n\nB1,1\n", asked)
