"""Recoding: the laws, the formats, and what is no table."""

import csv
import io
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_country import CODES, mapping

from merger.errors import InputError, Refused
from merger.lineage import Request
from merger.mapping.models import UnitKind
from merger.recode import Column, Days, Task, answering, csv_rows, recode, recoding

DECIDED = ("unchanged", "unique")

TO = date(2020, 1, 1)
BY_ROW = Task((Column("code"),), Days(TO, at_column="day"))
DAYS = st.dates(date(2008, 1, 1), date(2022, 1, 1))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
ROWS = st.lists(st.tuples(st.sampled_from(CODES), DAYS, TEXTS), max_size=12)


def row_by_row(knowledge, code, day, to=TO):
    """The answer of the lineage itself to one question on the very day."""
    return knowledge._lineage.resolve(Request(code, UnitKind.COMMUNE, day, to))


def written_csv(folder, text, name="in.csv"):
    path = Path(folder) / name
    path.write_bytes(text.encode())
    return path


def read_csv(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, to=DAYS)
def test_column_wise_is_row_wise_and_every_other_cell_stays(knowledge, rows, to):
    with TemporaryDirectory() as folder:
        source, out, rest = (Path(folder) / name for name in ("in.parquet", "out.parquet", "rest.parquet"))
        before = pl.DataFrame(
            {
                "code": pl.Series([row[0] for row in rows], dtype=pl.String),
                "day": pl.Series([row[1] for row in rows], dtype=pl.Date),
                "x": pl.Series([row[2] for row in rows], dtype=pl.String),
                "n": pl.Series(range(len(rows)), dtype=pl.UInt16),
            }
        )
        before.write_parquet(source)
        task = Task((Column("code"),), Days(to, at_column="day"))
        result = recode(source, task, knowledge, out, rest)
        after, unresolved = pl.read_parquet(out), pl.read_parquet(rest)
    assert_frame_equal(after.select(before.columns), before)
    for code, day, new, outcome in after.select("code", "day", "code_new", "code_outcome").iter_rows():
        found = row_by_row(knowledge, code, day, to)
        assert outcome == found.outcome.value
        assert new == (found.successor.code if found.outcome.decided else None)
    decided = after.filter(pl.col("code_outcome").is_in(DECIDED))
    undecided = after.filter(~pl.col("code_outcome").is_in(DECIDED))
    assert_frame_equal(unresolved.drop("code_reason"), undecided)
    assert decided.height + unresolved.height == before.height == result.rows
    assert result.unresolved == unresolved.height
    assert sum(count.rows for count in result.counts) == result.rows


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(CODES), TEXTS), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_a_csv_keeps_every_byte_of_its_rows(knowledge, rows, quoting, end, delimiter, mark):
    if quoting == csv.QUOTE_MINIMAL:  # it leaves a carriage return without quotes, which ends a row
        rows = [(code, x.replace("\r", "")) for code, x in rows]
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=end, delimiter=delimiter)
    writer.writerow(["code", "x"])
    writer.writerows(rows)
    with TemporaryDirectory() as folder:
        source = written_csv(folder, mark + text.getvalue())
        out = Path(folder) / "out.csv"
        recode(source, Task((Column("code"),), Days(TO, at=date(2019, 1, 1))), knowledge, out, None)
        result = out.read_bytes().decode()
    expected = mark + text.getvalue().split(end, 1)[0] + f"{delimiter}code_new{delimiter}code_outcome" + end
    single = io.StringIO(newline="")
    one = csv.writer(single, quoting=quoting, lineterminator=end, delimiter=delimiter)
    for code, x in rows:
        single.seek(0)
        single.truncate()
        one.writerow([code, x])
        found = row_by_row(knowledge, code, date(2019, 1, 1))
        new = found.successor.code if found.outcome.decided else ""
        expected += (
            single.getvalue().removesuffix(end) + delimiter + new + delimiter + found.outcome.value + end
        )
    assert result == expected


def test_each_row_is_read_on_its_own_day_and_a_bad_day_is_an_outcome(knowledge, tmp_path):
    lines = [
        "code,day",
        "F1,2012-05-05",
        "007,2019-01-01T10:00",
        "007,2012-05-05",
        "F1,",
        "F1,5/5/2012",
        "A1,",
    ]
    source = written_csv(tmp_path, "\n".join([*lines, "F1,2012-13-45", ",x"]))
    result = recode(source, BY_ROW, knowledge, tmp_path / "out.csv", tmp_path / "rest.csv")
    assert [row[2:] for row in read_csv(tmp_path / "out.csv")[1:]] == [
        ["007", "unique"],
        ["007", "unchanged"],
        ["", "not-valid"],
        ["", "unknown"],
        ["", "unknown"],
        ["", "unknown"],
        ["", "unknown"],
        ["", "unknown"],
    ]
    assert [row[-1] for row in read_csv(tmp_path / "rest.csv")[1:]] == [
        "not-valid-then",
        "day-missing",
        "day-unreadable",
        "day-missing",
        "day-unreadable",
        "code-empty",
    ]
    assert (result.rows, result.unresolved) == (8, 6)


def test_several_columns_are_recoded_in_one_pass(knowledge, tmp_path):
    source = written_csv(tmp_path, "a,b\nF1,C1\nE1,F1\nF1,B1\n")
    task = Task((Column("a"), Column("b")), Days(TO, at=date(2017, 1, 1)))
    result = recode(source, task, knowledge, tmp_path / "out.csv", tmp_path / "rest.csv")
    assert read_csv(tmp_path / "out.csv") == [
        ["a", "b", "a_new", "a_outcome", "b_new", "b_outcome"],
        ["F1", "C1", "007", "unique", "C1", "unchanged"],
        ["E1", "F1", "", "ended", "007", "unique"],
        ["F1", "B1", "007", "unique", "", "not-valid"],
    ]
    assert result.unresolved == 2
    assert [row[:2] for row in read_csv(tmp_path / "rest.csv")[1:]] == [["E1", "F1"], ["F1", "B1"]]


def test_unresolved_rows_of_a_table_without_any_are_an_empty_table(knowledge, tmp_path):
    source = written_csv(tmp_path, "code\nF1\n")
    task = Task((Column("code"),), Days(TO, at=date(2017, 1, 1)))
    assert recode(source, task, knowledge, tmp_path / "o.csv", tmp_path / "r.csv").unresolved == 0
    assert (tmp_path / "r.csv").read_text() == "code,code_new,code_outcome,code_reason\n"


def test_a_workbook_keeps_values_kinds_and_number_formats(knowledge, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Dữ liệu"
    when = datetime(2012, 5, 5, 7, 30)
    sheet.append(["code", "day", "n", "text", "yes"])
    sheet.append(["F1", when, 1.5, "=kept as text", True])
    sheet["D2"].data_type = "s"
    sheet["C2"].number_format = "0.000"
    sheet.append(["007", "2019-01-01", 7, None, None])
    book.save(tmp_path / "in.xlsx")
    recode(tmp_path / "in.xlsx", BY_ROW, knowledge, tmp_path / "out.xlsx", None)
    found = openpyxl.load_workbook(tmp_path / "out.xlsx")["Dữ liệu"]
    assert [[cell.value for cell in row] for row in found.iter_rows()] == [
        ["code", "day", "n", "text", "yes", "code_new", "code_outcome"],
        ["F1", when, 1.5, "=kept as text", True, "007", "unique"],
        ["007", "2019-01-01", 7, None, None, "007", "unchanged"],
    ]
    assert found["D2"].data_type == "s"
    assert found["C2"].number_format == "0.000"


@pytest.mark.parametrize("first", [".csv", ".parquet", ".xlsx"])
@pytest.mark.parametrize("second", [".csv", ".parquet", ".xlsx"])
def test_every_format_becomes_every_other(knowledge, tmp_path, first, second):
    source = written_csv(tmp_path, 'code,x\n007,"a, ""b"""\nF1,\nnothing,01\n')
    task = Task((Column("code"),), Days(TO, at=date(2017, 1, 1)))
    again = Task((Column("code_new"),), Days(TO, at=date(2019, 1, 1)))
    middle, out, back = tmp_path / f"middle{first}", tmp_path / f"out{second}", tmp_path / "back.csv"
    recode(source, task, knowledge, middle, None)
    recode(middle, again, knowledge, out, None)
    recode(out, Task((Column("x"),), Days(TO, at=TO)), knowledge, back, None)
    assert [row[:6] for row in read_csv(back)[1:]] == [
        ["007", 'a, "b"', "", "not-valid", "", "unknown"],
        ["F1", "", "007", "unique", "007", "unchanged"],
        ["nothing", "01", "", "unknown", "", "unknown"],
    ]


def test_types_of_parquet_stay_and_numbers_are_read_as_codes_without_guessing(knowledge, tmp_path):
    before = pl.DataFrame(
        {"code": pl.Series([7, None], dtype=pl.Int16), "c": pl.Series(["F1", "F1"], dtype=pl.Categorical)}
    )
    before.write_parquet(tmp_path / "in.parquet")
    task = Task((Column("code"), Column("c")), Days(TO, at=date(2017, 1, 1)))
    recode(tmp_path / "in.parquet", task, knowledge, tmp_path / "out.parquet", None)
    after = pl.read_parquet(tmp_path / "out.parquet")
    assert after.schema["code"] == pl.Int16
    assert after["code_outcome"].to_list() == ["unknown", "unknown"]
    assert after["c_new"].to_list() == ["007", "007"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "in.csv: empty there are no names of columns"),
        (b"code,x\nF1,1\nF1\nF1,1,2\n", "in.csv:3:1: bad-row the row has 1 cells, the first row 2"),
        (b"code,x\nF1,1\nF1\nF1,1,2\n", "in.csv:4:1: bad-row the row has 3 cells, the first row 2"),
        (b'code,x\nF1,"1\n\n2\n', "bad-csv from here on the CSV cannot be read (open-quote)"),
        (b'code,x\nF1,"1"2\n', "in.csv:2:1: bad-csv from here on the CSV cannot be read (after-quote)"),
        (b"code,x\nF1,\xff\n", "in.csv:2:4: not-utf-8 this is not UTF-8"),
        (b"code,code\nF1,1\n", "in.csv:1:1: column-twice two columns are called 'code'"),
        (b"coed,x\nF1,1\n", "in.csv: no-column there is no column 'code'"),
        (b"code,code_new\nF1,1\n", "in.csv: column-taken the column 'code_new' would be there twice"),
        (
            b"code," + b"x" * 1_000_001 + b"\n",
            "in.csv:1:1: bad-csv from here on the CSV cannot be read (long-cell)",
        ),
    ],
)
def test_a_csv_that_cannot_be_used_is_told_with_its_line_and_nothing_is_written(
    knowledge, tmp_path, text, said
):
    (tmp_path / "in.csv").write_bytes(text)
    task = Task((Column("code"),), Days(TO, at=TO))
    with pytest.raises(InputError) as caught:
        recode(tmp_path / "in.csv", task, knowledge, tmp_path / "out.csv", None)
    assert said in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_missing_column_is_told_with_a_name_near_to_it(knowledge, tmp_path):
    source = written_csv(tmp_path, "commune_code,x\nF1,1\n")
    with pytest.raises(InputError) as caught:
        recode(source, Task((Column("comune_code"),), Days(TO, at=TO)), knowledge, tmp_path / "o.csv", None)
    assert caught.value.findings[0].mend == "Check the name; near to it: commune_code"


@pytest.mark.parametrize("name", ["in.parquet", "in.xlsx"])
@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 40 + b"PAR1", b"PK\3\4 not a zip"])
def test_what_is_no_table_is_a_finding(knowledge, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        recode(tmp_path / name, BY_ROW, knowledge, tmp_path / "out.csv", None)
    assert name in str(caught.value)


def test_formulas_and_several_sheets_are_refused(knowledge, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["code", "day"])
    book.active.append(["F1", "=TODAY()"])
    book.save(tmp_path / "formula.xlsx")
    book.create_sheet("More")
    book.save(tmp_path / "sheets.xlsx")
    with pytest.raises(InputError, match=r"formula\.xlsx#Sheet!B2: formula the cell holds a formula"):
        recode(tmp_path / "formula.xlsx", BY_ROW, knowledge, tmp_path / "out.csv", None)
    with pytest.raises(InputError, match="not exactly one sheet: Sheet, More"):
        recode(tmp_path / "sheets.xlsx", BY_ROW, knowledge, tmp_path / "out.csv", None)


def test_a_number_that_lost_its_zeros_is_told_and_never_completed(knowledge, tmp_path):
    pl.DataFrame({"code": [7, 70, None]}).write_parquet(tmp_path / "in.parquet")
    task = Task((Column("code"),), Days(TO, at=date(2019, 1, 1)))
    recode(tmp_path / "in.parquet", task, knowledge, tmp_path / "o.parquet", tmp_path / "r.parquet")
    rest = pl.read_parquet(tmp_path / "r.parquet")
    assert rest["code_new"].to_list() == [None] * 3
    assert rest["code_reason"].to_list() == ["zeros-lost", "code-unknown", "code-empty"]
    assert knowledge.ask("commune", "7", date(2019, 1, 1), TO).reason == "zeros-lost"


@pytest.mark.parametrize("block", [1, 20, 60])
def test_a_csv_is_staged_alike_in_blocks_and_row_by_row(knowledge, tmp_path, monkeypatch, block):
    plain = "code,x\r\nF1,1\n\nE1,ă\r\n" + "".join(f"F1,{number}\n" for number in range(9))
    source = written_csv(tmp_path, plain + '"F1","a\n""b"""\n007,z\n')
    task = Task((Column("code"),), Days(TO, at=date(2017, 1, 1)))
    recode(source, task, knowledge, tmp_path / "whole.csv")
    monkeypatch.setattr(csv_rows, "BLOCK", block)
    recode(source, task, knowledge, tmp_path / "blocks.csv")
    assert (tmp_path / "blocks.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert read_csv(tmp_path / "blocks.csv")[-2] == ["F1", 'a\n"b"', "007", "unique"]
    written_csv(tmp_path, plain + "F1\n", "bad.csv")
    with pytest.raises(InputError, match=r"bad\.csv:14:1: bad-row the row has 1 cells"):
        recode(tmp_path / "bad.csv", task, knowledge, tmp_path / "o.csv")


@pytest.mark.parametrize("form", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told(knowledge, tmp_path, form):
    (tmp_path / "in.csv").write_bytes("code,day\nF1,x\n".encode(form))
    with pytest.raises(InputError, match=r"in\.csv:1:1: utf-16 this is UTF-16 or no text at all"):
        recode(tmp_path / "in.csv", BY_ROW, knowledge, tmp_path / "o.csv")


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(CODES), DAYS, st.sampled_from(["", "Thôn Một", "ở thôn hai, xã", "x"])),
        max_size=9,
    ),
    kept=st.sampled_from([1, 1 << 17]),
    size=st.sampled_from([2, 1_000_000]),
)
def test_what_else_a_row_says_decides_as_it_does_row_by_row(knowledge, rows, kept, size):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "KEPT", kept)
        patch.setattr(recoding, "AT_ONCE", size)
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        names = {"code": pl.String, "day": pl.Date, "place": pl.String}
        pl.DataFrame(rows, schema=names, orient="row").write_parquet(source)
        days = Days(TO, at_column="day")
        columns = (Column("code"), Column("place"), Column("code", "agency"))
        for one in columns[:2], columns[2:]:
            task = Task(one, days, locality="place", service="place")
            result = recode(source, task, knowledge, out, replace=True)
            after = pl.read_parquet(out)
            for row in after.iter_rows(named=True):
                for column in one:
                    code, place = row[column.name], row["place"]
                    found = knowledge.ask(column.kind, code, row["day"], TO, locality=place, service=place)
                    new = found.successor.code if found.outcome.decided else None
                    assert (row[column.new], row[column.outcome]) == (new, found.outcome.value)
            open_rows = sum(
                any(row[column.outcome] not in DECIDED for column in one)
                for row in after.iter_rows(named=True)
            )
            assert result.unresolved == open_rows


def test_a_locality_decides_a_divided_unit(knowledge, tmp_path):
    source = written_csv(tmp_path, 'code,at\nD1,"12 Thôn Một"\nD1,Thôn Hai\nD1,\nF1,Thôn Một\nD1,Thôn Ba\n')
    task = Task((Column("code"),), Days(TO, at=date(2012, 1, 1)), locality="at")
    recode(source, task, knowledge, tmp_path / "o.csv")
    assert [row[2:] for row in read_csv(tmp_path / "o.csv")[1:]] == [
        ["C2", "unique"],
        ["D2", "unique"],
        ["", "split"],
        ["007", "unique"],
        ["", "split"],
    ]


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from merger.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.xlsx"])
def test_a_disk_that_is_full_is_told_and_nothing_is_left(tmp_path, name):
    cells = [str(hash(number)) for number in range(60_000)]
    pl.DataFrame({"code": cells, "x": cells}).write_parquet(tmp_path / "in.parquet")
    days = ["--at", "2025-06-30", "--to", "2025-07-01"]
    done = subprocess.run(
        [
            *(sys.executable, "-c", LIMITED, "--lang", "en", "recode", "in.parquet", "--column", "code"),
            *(*days, "--mappings", str(mapping(tmp_path)), "--out", name),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "MERGER_CACHE": "off"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "in.parquet: disk-fails a disk did not read or write as it should" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["country", "in.parquet"]


def test_an_output_is_never_the_input_nor_another_output(knowledge, tmp_path):
    source = written_csv(tmp_path, "code,day\n")
    with pytest.raises(Refused, match="is the input or another output"):
        recode(source, BY_ROW, knowledge, source, None)
    with pytest.raises(Refused, match="is the input or another output"):
        recode(source, BY_ROW, knowledge, tmp_path / "o.csv", tmp_path / "o.csv")


def test_a_file_of_an_unknown_kind_is_told_what_is_known(knowledge, tmp_path):
    with pytest.raises(InputError, match="cannot be told what kind of table") as caught:
        recode(tmp_path / "people.db", BY_ROW, knowledge, tmp_path / "o.csv", None)
    assert "or a table of a database as PROFILE.yaml:TABLE" in caught.value.findings[0].mend


def test_columns_that_hold_no_codes_or_days_are_told(knowledge, tmp_path):
    pl.DataFrame({"code": [1.5], "day": [3]}).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(InputError, match="the column 'day' holds Int64, not days"):
        recode(tmp_path / "in.parquet", BY_ROW, knowledge, tmp_path / "o.csv", None)
    with pytest.raises(InputError, match="the column 'code' holds Float64, not codes"):
        recode(
            tmp_path / "in.parquet",
            Task((Column("code"),), Days(TO, at=TO)),
            knowledge,
            tmp_path / "o.csv",
            None,
        )


@pytest.mark.parametrize("cell", [["a", "b"], "bell\a"])
def test_a_value_that_no_sheet_can_hold_is_told(knowledge, tmp_path, cell):
    pl.DataFrame({"x": [cell], "code": ["F1"]}).write_parquet(tmp_path / "in.parquet")
    task = Task((Column("code"),), Days(TO, at=TO))
    with pytest.raises(InputError, match="a value does not go into a cell of a workbook"):
        recode(tmp_path / "in.parquet", task, knowledge, tmp_path / "o.xlsx", None)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]
