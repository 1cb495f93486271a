"""`merger address` from the command line, and the examples of docs/addresses.md."""

import io
import json
import sys
from pathlib import Path

import pytest

from merger.cli.run import run

PAGE = Path(__file__).parents[2] / "docs" / "addresses.md"
DAY = ["--to", "2025-07-01"]
SECRET = "Bí mật 77, Phường 3, Thành phố Đà Lạt, Lâm Đồng"


@pytest.fixture
def typed(monkeypatch):
    def type_(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))

    return type_


def test_the_examples_of_the_page_are_what_is_printed_and_written(replay):
    assert replay(PAGE) >= 3


def test_json_lines_have_the_parts_and_the_confidence(capsys):
    assert run(["address", SECRET, "Xã Tân Lập", *DAY, "--json"]) == 1
    one, other = map(json.loads, capsys.readouterr().out.splitlines())
    assert (one["text"], one["outcome"], one["successors"]) == (
        SECRET,
        "unique",
        [{"code": "24781", "name": "Phường Xuân Hương - Đà Lạt"}],
    )
    assert one["unit"] == {"code": "24802", "name": "Phường 3"}
    assert one["confidence"] > 0.99
    assert [SECRET[part["start"] : part["end"]] for part in one["parts"]] == ["3", "Đà Lạt", "Lâm Đồng"]
    assert one["evidence"][0]["source"] == "1671/NQ-UBTVQH15 §99"
    assert (other["outcome"], other["reason"], other["unit"]) == ("split", "several-readings", None)


def test_lines_of_stdin_are_answered_one_by_one(typed, capsys):
    typed(f"{SECRET}\n\nWard 5, District 3, HCMC".encode())
    assert run(["address", *DAY, "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["outcome"] for one in found] == ["unique", "unknown", "unique"]
    assert found[1]["reason"] == "text-empty"


def test_decided_answers_alone_end_with_0(capsys):
    assert run(["--lang", "vi", "address", SECRET, *DAY]) == 0
    assert ": một đơn vị, chắc chắn " in capsys.readouterr().out


def test_a_line_that_is_no_utf_8_is_told_without_its_words(typed, capsys):
    typed(b"Ph\xff\xfe B\xed m\xadt 77\n")
    assert run(["address", *DAY]) == 2
    assert "-:1:" in capsys.readouterr().err


def test_a_table_gets_three_columns(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text(f'id,where\n1,"{SECRET}"\n2,Xã Tân Lập\n3,\n', "utf-8")
    assert run(["address", "--table", "in.csv", "--column", "where", "--out", "out.csv", *DAY]) == 1
    lines = Path("out.csv").read_text("utf-8").splitlines()
    assert lines[0] == "id,where,where_new,where_outcome,where_confidence"
    assert lines[1].startswith(f'1,"{SECRET}",24781,unique,0.99')
    assert lines[2].startswith("2,Xã Tân Lập,,split,0.")
    assert lines[3] == "3,,,unknown,0.0000"
    printed = capsys.readouterr()
    assert "3 rows, 2 without a unique successor" in printed.out
    assert "77" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--table", "in.csv", "--column", "where"], 2, "--table, --column and --out go together"),
        (["text", "--table", "in.csv", "--column", "where", "--out", "o.csv"], 2, "go together"),
        (["--table", "in.csv", "--column", "were", "--out", "o.csv"], 2, "near to it: where"),
        (["--table", "in.csv", "--column", "where", "--out", "in.csv"], 3, "choose another file"),
        (["--table", "new.csv", "--column", "where", "--out", "o.csv"], 2, "where_new"),
        (["--table", "none.csv", "--column", "where", "--out", "o.csv"], 2, "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path, monkeypatch, capsys, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("where\nx\n", "utf-8")
    Path("new.csv").write_text("where,where_new\nx,y\n", "utf-8")
    assert run(["address", *arguments, *DAY]) == code
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "new.csv"]


def test_only_the_rule_of_a_signed_job_lets_a_migration_read_addresses():
    root = Path(__file__).parents[2] / "merger"
    asked = [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*.py"))
        if "merger.addresses" in path.read_text("utf-8") and path.parent.name != "addresses"
    ]
    assert asked == [
        "cli/address.py",
        "migrate/campaign.py",
        "recode/addressing.py",
        "testing/calibrating.py",
        "testing/campaigns/addresses.py",
    ]
