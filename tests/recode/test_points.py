"""Recode with columns of latitude and longitude."""
# ruff: noqa: E501 (geometries that read best with one a line)

from datetime import date

import polars as pl
import pytest
from divided_commune import UNITS

from merger.cli.run import run
from merger.errors import InputError
from merger.recode import Column, Days, Task, recode
from merger.recode.knowledge import Knowledge

POLYGONS = """\
schema: merger/polygons/1
id: drawn
effective: 2025-07-01
units:
  - unit: 00001
    geometry: {type: Polygon, coordinates: [[[108, 12], [108.1, 12], [108.1, 12.1], [108, 12.1], [108, 12]]]}
  - unit: 00002
    geometry: {type: Polygon, coordinates: [[[108.1, 12], [108.2, 12], [108.2, 12.1], [108.1, 12.1], [108.1, 12]]]}
"""
TASK = Task((Column("code"),), Days(date(2025, 7, 1), date(2025, 6, 30)), point=("lat", "lon"))
ROWS = [
    ("00001", 12.05, 108.05, "00001", None),
    ("00001", 12.05, 108.15, "00002", None),
    ("00001", 12.05, 108.1, None, "point-near-border"),
    ("00001", 12.05, 109.0, None, "point-elsewhere"),
    ("00001", 108.05, 12.05, None, "divided"),
    ("00001", None, 108.05, None, "divided"),
    ("00001", float("nan"), 108.05, None, "divided"),
    ("00002", 12.05, 109.0, "00002", None),
]


@pytest.fixture(scope="module")
def mapping(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mapping")
    (folder / "units.yaml").write_text(UNITS, "utf-8")
    (folder / "polygons.yaml").write_text(POLYGONS, "utf-8")
    return folder


def recoded(mapping, folder, frame):
    source, out, rest = folder / "in.parquet", folder / "out.parquet", folder / "rest.parquet"
    frame.write_parquet(source)
    found = recode(source, TASK, Knowledge([mapping]), out, rest)
    return found, pl.read_parquet(out), pl.read_parquet(rest)


@pytest.mark.parametrize("as_text", [False, True])
def test_points_decide_rows_of_divided_units(mapping, tmp_path, as_text):
    frame = pl.DataFrame(
        {name: [row[at] for row in ROWS] for at, name in enumerate(["code", "lat", "lon"])}, strict=False
    )
    if as_text:
        frame = frame.cast({"lat": pl.String, "lon": pl.String})
    found, out, rest = recoded(mapping, tmp_path, frame)
    assert out["code_new"].to_list() == [row[3] for row in ROWS]
    assert rest["code_reason"].to_list() == [row[4] for row in ROWS if row[4]]
    assert (found.rows, found.unresolved) == (len(ROWS), 5)


def test_a_point_with_a_decimal_comma_is_told_and_an_empty_one_is_none(mapping, tmp_path):
    frame = pl.DataFrame(
        [("00001", "12,05", "108,05"), ("00001", "12.05", "108,05"), ("00001", "", "108,05"),
         ("00001", " ", ""), ("00001", None, "108,05"), ("00002", "12,05", "108,05")],
        ["code", "lat", "lon"], orient="row",
    )  # fmt: skip
    _, out, rest = recoded(mapping, tmp_path, frame)
    assert rest["code_reason"].to_list() == ["point-unreadable"] * 2 + ["divided"] * 3
    assert out["code_new"].to_list() == [None] * 5 + ["00002"]


def test_a_column_that_holds_no_degrees_is_named(mapping, tmp_path):
    frame = pl.DataFrame({"code": ["00001"], "lat": [date(2025, 1, 1)], "lon": [108.0]})
    with pytest.raises(InputError, match="no-degrees the column 'lat' holds Date, not degrees"):
        recoded(mapping, tmp_path, frame)
    with pytest.raises(InputError, match="no-column"):
        recoded(mapping, tmp_path, frame.drop("lon"))


def test_the_command_takes_two_columns(mapping, tmp_path, capsys):
    (tmp_path / "in.csv").write_text("code,y,x\n00001,12.05,108.15\n", "utf-8")
    given = [
        "--lang",
        "en",
        "recode",
        str(tmp_path / "in.csv"),
        "--column",
        "code",
        "--mappings",
        str(mapping),
    ]
    given += ["--at", "2025-06-30", "--to", "2025-07-01", "--out", str(tmp_path / "out.csv")]
    assert run([*given, "--point-columns", "y"]) == 2
    assert "'y' does not name two columns" in capsys.readouterr().err
    assert run([*given, "--point-columns", "y,x"]) == 0
    assert (tmp_path / "out.csv").read_text("utf-8").splitlines()[1] == "00001,12.05,108.15,00002,unique"
