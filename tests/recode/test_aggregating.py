"""Aggregate: nothing is lost, nothing is guessed."""

import csv
import io
from datetime import date
from decimal import Decimal
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
    result = aggregate(source, asked, knowledge, out, replace=True)
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


NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, places=3)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(CODES), st.dates(date(2008, 1, 1), date(2021, 1, 1)), NUMBERS), max_size=12
    ),
    to=st.dates(date(2008, 1, 1), date(2021, 1, 1)),
)
def test_decimals_are_conserved_to_the_last_digit_in_both_directions(knowledge, rows, to):
    with TemporaryDirectory() as folder:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([("code", "day", "n"), *rows])
        asked = Statistics(Column("code"), ("n",), (), Days(to, at_column="day"), decimal="point")
        result, lines = restated(knowledge, folder, text.getvalue(), asked)
    total = sum((number for _, _, number in rows), Decimal(0))
    assert sum((Decimal(one["n"]) for one in lines), Decimal(0)) == total == result.totals[0].total
    undivided = [Decimal(one["n"]) for one in lines if not one["code"]]
    assert sum(undivided, Decimal(0)) == result.totals[0].undivided
    estimated = {one["code"] for one in lines if one["code_estimate"] == "yes"}
    assert estimated <= {"C1", "C2"}


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(["A1", "A2", "F1"]), st.integers(0, 10**6)), min_size=1))
def test_two_steps_are_one_and_whole_mergers_are_no_estimate(knowledge, rows):
    with TemporaryDirectory() as name:
        folder = Path(name)
        text = "code,n\n" + "".join(f"{code},{number}\n" for code, number in rows)
        first = Statistics(Column("code"), ("n",), (), Days(date(2012, 1, 1), at=date(2009, 1, 1)))
        _, middle = restated(knowledge, folder, text, first)
        assert {one["code_estimate"] for one in middle} == {"no"}
        again = "code,n\n" + "".join(f"{one['code']},{one['n']}\n" for one in middle)
        _, twice = restated(knowledge, folder, again, Statistics(Column("code"), ("n",), (), AT))
        once = Statistics(Column("code"), ("n",), (), Days(TO, at=date(2009, 1, 1)))
        _, direct = restated(knowledge, folder, text, once)
    assert [(one["code"], Decimal(one["n"])) for one in twice] == [
        (one["code"], Decimal(one["n"])) for one in direct
    ]


def test_a_tenth_is_a_tenth_also_in_a_column_of_floats(knowledge, tmp_path):
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pl.DataFrame({"code": ["F1"] * 10, "n": [0.1] * 9 + [1e-7]}).write_parquet(source)
    result = aggregate(source, Statistics(Column("code"), ("n",), (), AT), knowledge, out)
    assert pl.read_parquet(out)["n"].to_list() == [Decimal("0.9000001")]
    assert (result.totals[0].total, result.repeated) == (Fraction(9000001, 10**7), 1)


def test_old_units_that_stand_in_no_row_are_named(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("n",), (), Days(date(2012, 1, 1), at=date(2009, 1, 1)), by=("year",))
    text = "code,year,n\nA1,2008,1\nA1,2009,1\nA2,2009,1\nF1,2009,1\n"
    _, lines = restated(knowledge, tmp_path, text, asked)
    assert [(one["year"], one["code"], one["code_missing"]) for one in lines] == [
        ("2008", "B1", "A2"),
        ("2009", "B1", ""),
        ("2009", "F1", ""),
    ]


def test_backward_shares_say_nothing(knowledge, tmp_path):
    back = Days(date(2009, 1, 1), at=date(2016, 1, 1))
    _, lines = restated(
        knowledge, tmp_path, "code,n\nC1,4\n007,3\n", Statistics(Column("code"), ("n",), (), back)
    )
    assert [(one["code"], one["code_candidates"], one["n"], one["code_estimate"]) for one in lines] == [
        ("", "", "3", "no"),
        ("", "A1 One; A2 Two", "4", "no"),
    ]


def test_numbers_are_read_as_it_is_said_that_they_are_written(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("n",), (), AT, decimal="comma")
    text = "code;n\nF1;1.234.567,5\nF1;-1.234\nF1;0,25\nF1;\n"
    restated(knowledge, tmp_path, text, asked)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [one["n"] for one in csv.DictReader(file, delimiter=";")] == ["1233333.75"]
    asked = Statistics(Column("code"), ("n",), (), AT, decimal="point")
    _, lines = restated(knowledge, tmp_path, 'code,n\nF1,"1,234,567.5"\nF1,1.234\n', asked)
    assert lines[0]["n"] == "1234568.734"


def test_a_column_that_may_mean_thousands_or_decimals_is_told(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("n",), (), AT)
    with pytest.raises(
        InputError, match=r"in\.csv:3:1: either-way the column 'n' holds numbers such as 1\.234"
    ):
        restated(knowledge, tmp_path, "code,n\nF1,12\nF1,12.345\n", asked)
    _, lines = restated(knowledge, tmp_path, "code,n\nF1,12.5\nF1,12.345\n", asked)
    assert lines[0]["n"] == "24.845"


def test_weights_of_nought_give_no_rate_and_negative_ones_are_told(knowledge, tmp_path):
    asked = Statistics(Column("code"), (), (Rate("poor", "people"),), AT)
    _, lines = restated(knowledge, tmp_path, "code,people,poor\nF1,0,0.5\n", asked)
    assert [(one["people"], one["poor"]) for one in lines] == [("0", "")]
    with pytest.raises(
        InputError, match=r"in\.csv:2:1: negative-weight the weight in column 'people' is negative"
    ):
        restated(knowledge, tmp_path, "code,people,poor\nF1,-1,0.5\n", asked)


def test_numbers_too_long_to_be_added_exactly_are_told(knowledge, tmp_path):
    asked = Statistics(Column("code"), ("n",), (), AT)
    with pytest.raises(InputError, match="sums would have more than 38 digits"):
        restated(knowledge, tmp_path, "code,n\nF1,1e30\nF1,1e-9\n", asked)
    _, lines = restated(knowledge, tmp_path, "code,n\nF1,1e30\nF1,1\n", asked)
    assert lines[0]["n"] == "1" + "0" * 29 + "1"


@pytest.mark.parametrize("bad", ["x", "1.000,5", "nan", "inf", "1 000", ".", "-", "1,5", "1.2.3", "٣"])
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
