"""`merger recode`, `vintage`, `aggregate` from the command line, and the examples of docs/recoding.md."""

import json
from pathlib import Path

import pytest

from merger.cli.run import run

PAGE = Path(__file__).parents[2] / "docs" / "recoding.md"


def test_the_examples_of_the_page_are_what_is_printed_and_written(replay):
    assert replay(PAGE) == 7


@pytest.fixture
def people(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("commune,day\n24865,2024-01-01\n24848,2025-07-01\n", "utf-8")


@pytest.mark.usefixtures("people")
def test_recode_ends_with_0_if_every_row_has_a_successor(capsys):
    arguments = ["people.csv", "--column", "commune", "--at-column", "day", "--to", "2025-07-01"]
    assert run(["--lang", "vi", "recode", *arguments, "--out", "new.csv"]) == 0
    printed = capsys.readouterr()
    assert "2 dòng, 0 dòng chưa có" in printed.out
    assert printed.err == "đã ghi: new.csv\n"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            "recode people.csv --column commune --to 2025-07-01 --out o.csv",
            2,
            "give either",
        ),
        (
            "recode none.csv --column c --at-column d --to 2025-07-01 --out o.csv",
            2,
            "none.csv: no-file there is no such file",
        ),
        (
            "recode people.csv --column comune --at-column day --to 2025-07-01 --out o.csv",
            2,
            "near to it: commune",
        ),
        (
            "recode people.csv --column commune:hamlet --at-column day --to 2025-07-01 --out o.csv",
            2,
            "there is no column 'commune:hamlet', and 'hamlet' is no kind of code",
        ),
        (
            "vintage people.csv --column comune:hamlet",
            2,
            "Names near to it: commune. Kinds: commune, province, district, agency, service.",
        ),
        (
            "recode people.csv --column commune --at-column day:x --to 2025-07-01 --out o.csv",
            2,
            "no-column there is no column 'day:x'",
        ),
        (
            "recode people.csv --column commune --at-column day --to 2025-07-01 --out people.csv",
            3,
            "people.csv is the input or another output",
        ),
        (
            "recode people.csv --column commune --at-column day --to 2025-07-01 --out no/o.csv",
            2,
            "there is no folder no",
        ),
        ("vintage people.csv --column commune:service", 2, "codes of services have no time"),
        (
            "aggregate people.csv --unit commune --rate day --at 2025-01-01 --to 2025-07-01 --out o.csv",
            2,
            "each --rate needs its --weight",
        ),
        (
            "aggregate people.csv --unit commune --at 2025-01-01 --to 2025-07-01 --out o.csv",
            2,
            "--sum is missing",
        ),
        (
            "aggregate people.csv --unit commune --sum day --at 2025-01-01 --to 2025-07-01 --out o.csv",
            2,
            "people.csv:2:1: no-number",
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(capsys, arguments, code, said):
    assert run(["--lang", "en", *arguments.split()]) == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""
    assert [path.name for path in Path().iterdir()] == ["people.csv"]


@pytest.mark.usefixtures("people")
def test_vintage_json_has_times_groups_and_what_is_unknown(capsys):
    Path("p.csv").write_text("commune\n24865\n24865\n99999\n", "utf-8")
    assert run(["vintage", "p.csv", "--column", "commune", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["columns"][0]
    assert found["together"] == [{"first": None, "last": "2025-06-30"}]
    assert found["unknown"] == {"codes": ["99999"], "rows": 1}
    assert found["groups"] == [{"spans": found["together"], "codes": ["24865"], "rows": 2}]


@pytest.mark.usefixtures("people")
def test_agencies_and_services_are_recoded_beside_units():
    Path("a.csv").write_text("agency,service,commune\nnone,none,24865\n", "utf-8")
    columns = ["--column", "agency:agency", "--column", "service:service", "--column", "commune"]
    days = ["--at", "2025-06-30", "--to", "2025-07-01"]
    assert run(["recode", "a.csv", *columns, *days, "--out", "o.csv"]) == 1
    assert (
        Path("o.csv").read_text("utf-8").splitlines()[1] == "none,none,24865,,unknown,,unknown,24848,unique"
    )
