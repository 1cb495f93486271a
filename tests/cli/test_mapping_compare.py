"""`merger mapping compare`: counts first, then the contradictions with what both sides rest on."""

import json
import re

import pytest

from merger.cli.run import run

UNITS = """\
schema: merger/units/1
id: made-up
effective: 2025-07-01
legal_basis: [{number: 1/NQ, date: 2025-06-16, on: communes}]
communes:
  - {clause: 1, into: 00001 Xã Một, from: [00001 Xã Một, 00002 Xã Hai]}
  - {clause: 2, into: 00003 Xã Ba, from: [00003 Xã Ba]}
  - {clause: 3, keep: 00006 Xã Sáu}
"""
TABLE = """\
old_code,new_code,new_name,extent,population,source
00001,00001,Xã Một,whole,all,list
00002,00003,Xã Ba,whole,all,list
00003,00003,Xã Bá,whole,unspecified,list
00009,00003,Xã Ba,whole,all,list
"""
FULL = """\
old_code,new_code,new_name,extent,population
00001,00001,Xã Một,whole,all
00002,00001,Xã Một,whole,all
00003,00003,Xã Ba,whole,all
00006,00006,Xã Sáu,whole,all
"""


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "a.yaml").write_text(UNITS, "utf-8")
    (tmp_path / "b.csv").write_text(TABLE, "utf-8")
    return str(tmp_path / "a.yaml"), str(tmp_path / "b.csv")


def test_counts_come_first_and_contradictions_show_both_sides(sources, capsys):
    a, b = sources
    assert run(["--lang", "en", "mapping", "compare", a, b]) == 1
    assert (
        capsys.readouterr().out
        == f"""\
A: {a}
B: {b}
pairs: 2 common, 2 only in A, 2 only in B; Jaccard 33.33 %
old units: 4 in A, 4 in B, 3 in both; 2 of these with the same successors (66.67 %)
where both say: the same land in 2 of 2 common pairs, the same people in 1 of 1
contradict: 1
  00002 Xã Hai: other successors
    A: 00001 Xã Một – 1/NQ §1 ({a}:6:58)
    B: 00003 Xã Ba – list ({b}:3:1)
differ, one side says less: 1
  00003 Xã Ba: people
agree: 1
only in A: 1
  00006 Xã Sáu
only in B: 1
  00009
names that differ beyond their spelling: 0
"""
    )


def test_the_other_way_round_the_sides_are_exchanged(sources, capsys):
    assert run(["--lang", "vi", "mapping", "compare", *reversed(sources)]) == 1
    out = capsys.readouterr().out
    assert "cặp: 2 chung, 2 chỉ có ở A, 2 chỉ có ở B; Jaccard 33,33 %" in out
    assert f"    B: 00001 Xã Một – 1/NQ §1 ({sources[0]}:6:58)" in out


def test_a_source_that_only_says_less_ends_with_1(sources, tmp_path, capsys):
    (tmp_path / "b.csv").write_text("old_code,new_code\n00002,00001\n", "utf-8")
    assert run(["--lang", "en", "mapping", "compare", *sources]) == 1
    assert "differ, one side says less: 1\n  00002 Xã Hai: land, people\n" in capsys.readouterr().out


def test_json_holds_all_units_but_those_that_agree(sources, capsys):
    assert run(["mapping", "compare", *sources, "--json", "--on", "2025-07-01", "--kind", "commune"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["verdicts"] == {"contradict": 1, "differ": 1, "agree": 1, "only-a": 1, "only-b": 1}
    assert found["counts"]["jaccard"] == 0.333333
    assert [(unit["code"], unit["verdict"], unit["aspects"]) for unit in found["units"]] == [
        ("00002", "contradict", ["successors"]),
        ("00003", "differ", ["people"]),
        ("00006", "only-a", []),
        ("00009", "only-b", []),
    ]
    assert found["units"][0]["a"] == [
        {
            "code": "00001",
            "name": "Xã Một",
            "extent": "whole",
            "population": "all",
            "share": 1.0,
            "evidence": "1/NQ §1",
            "file": sources[0],
            "line": 6,
        }
    ]


def test_names_that_differ_are_listed_and_end_with_1(sources, tmp_path, capsys):
    (tmp_path / "b.csv").write_text(FULL.replace("00003,Xã Ba", "00003,Xã Bá"), "utf-8")
    assert run(["--lang", "en", "mapping", "compare", *sources]) == 1
    out = capsys.readouterr().out
    a, b = sources
    assert f"spelling: 1\n  00003: A Xã Ba ({a}:7:43); B Xã Bá ({b}:4:1)\n" in out


def test_sources_that_cannot_be_read_end_with_2_with_every_problem(sources, tmp_path, capsys):
    (tmp_path / "a.yaml").write_text(UNITS.replace("2025-07-01", "soon"), "utf-8")
    (tmp_path / "b.csv").write_text("old_code,new_code,extent\n1,2,half\n,3,\n", "utf-8")
    assert run(["--lang", "en", "mapping", "compare", *sources]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.findall(": ([A-Z]{3}[0-9]{3}) ", err) == ["DOC112", "CMP015", "CMP015"]


def test_only_sources_that_agree_in_everything_end_with_0(sources, tmp_path, capsys):
    (tmp_path / "b.csv").write_text(FULL, "utf-8")
    assert run(["--lang", "en", "mapping", "compare", *sources]) == 0
    assert "agree: 4\nonly in A: 0\nonly in B: 0\n" in capsys.readouterr().out
    (tmp_path / "b.csv").write_text(FULL + "00009,00003,Xã Ba,whole,all\n", "utf-8")
    assert run(["--lang", "en", "mapping", "compare", *sources]) == 1
    assert "only in B: 1\n  00009\n" in capsys.readouterr().out


def test_of_nothing_there_is_no_percentage(sources, tmp_path, capsys):
    (tmp_path / "b.csv").write_text("old_code,new_code\n00011,00012\n00014,00012\n", "utf-8")
    assert run(["--lang", "en", "mapping", "compare", *sources]) == 1
    out = capsys.readouterr().out
    assert "old units: 4 in A, 2 in B, none in both\n" in out
    (tmp_path / "b.csv").write_text("old_code,new_code\n00011,\n", "utf-8")
    assert run(["--lang", "en", "mapping", "compare", sources[1], sources[1]]) == 0
    assert "\npairs: none\nold units: 1 in A, 1 in B, 1 in both; 1 of these" in capsys.readouterr().out


def test_a_day_that_is_none_is_refused(sources, capsys):
    assert run(["--lang", "en", "mapping", "compare", *sources, "--on", "soon"]) == 2
    assert "'soon' is no day" in capsys.readouterr().err
