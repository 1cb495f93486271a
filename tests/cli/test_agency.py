"""`merger agency`: allocate, register, diff, and the questions asked backward."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from merger.cli.run import run

ROOT = Path(__file__).parents[2]

WAITING = """\
schema: merger/agencies/1
id: example
effective: 2025-07-01
legal_basis: [{number: 1/NQ, date: 2025-06-16}]
before:
  - {agency: H90 UBND tỉnh A, level: province, function: committee, unit: 90, into: H90}
  - {agency: H90.03 Sở Ba, level: province, function: three, unit: 90, into: new-x}
after:
  - {agency: H90 UBND tỉnh A, level: province, function: committee, unit: 90}
  - {agency: new-x Sở Mới, level: province, function: four, unit: 90} # a remark
"""
DONE = WAITING.replace("new-x", "H90.04")


@pytest.fixture
def waiting(tmp_path):
    path = tmp_path / "agencies.yaml"
    path.write_text(WAITING, "utf-8")
    return path


def test_codes_are_shown_and_written_where_asked(waiting, tmp_path, capsys):
    out = tmp_path / "out.yaml"
    assert run(["--lang", "en", "agency", "allocate", str(waiting), "--out", str(out)]) == 0
    assert capsys.readouterr().out == (
        "Code    Former form    How  Agency\nH90.04  000.00.04.H90  new  Sở Mới\n"
    )
    assert out.read_text("utf-8") == DONE
    assert run(["--lang", "en", "mapping", "lint", str(out)]) == 0


def test_the_file_itself_is_only_replaced_when_asked(waiting, capsys):
    assert run(["--lang", "en", "agency", "allocate", str(waiting), "--out", str(waiting)]) == 3
    assert waiting.read_text("utf-8") == WAITING
    assert run(["agency", "allocate", str(waiting), "--out", str(waiting), "--replace"]) == 0
    assert waiting.read_text("utf-8") == DONE
    capsys.readouterr()
    assert run(["--lang", "en", "agency", "allocate", str(waiting), "--out", str(waiting)]) == 0
    assert capsys.readouterr().err == "no agency waits for a code\n"


def test_codes_written_earlier_stay_when_the_source_grows(waiting, tmp_path):
    out = tmp_path / "out.yaml"
    assert run(["agency", "allocate", str(waiting), "--out", str(out)]) == 0
    more = "  - {agency: new-a Sở A, level: province, function: a, unit: 90}\n"
    waiting.write_text(WAITING + more, "utf-8")
    assert run(["agency", "allocate", str(waiting), "--out", str(out), "--replace"]) == 0
    assert out.read_text("utf-8") == DONE + more.replace("new-a", "H90.05")


def test_json_tells_codes_and_findings_and_an_error_ends_with_1(waiting, tmp_path, capsys):
    arguments = [
        "agency",
        "allocate",
        str(waiting),
        "--out",
        str(tmp_path / "out.yaml"),
        "--width",
        "5",
        "--json",
    ]
    assert run(arguments) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["allocated"] == [
        {
            "file": "example",
            "waiting": "new-x",
            "name": "Sở Mới",
            "code": "H90.04",
            "parent": "H90",
            "kept": False,
            "former": "000.00.04.H90",
            "why_no_former": "",
        }
    ]
    assert (said["errors"], [one["code"] for one in said["findings"]]) == (1, ["cut"])
    assert said["findings"][0]["line"] == 10


def test_to_stdout_goes_the_file_alone(waiting, capsys):
    assert run(["agency", "allocate", str(waiting), "--out", "-"]) == 0
    assert capsys.readouterr().out == DONE
    assert run(["--lang", "en", "agency", "allocate", str(waiting), "--out", "-", "--json"]) == 2
    assert "--json does not go with --out -" in capsys.readouterr().err


def test_several_files_go_into_a_folder(waiting, tmp_path, capsys):
    head = "schema: merger/competence/1\nid: c\neffective: 2025-07-01\n"
    rules = f"{head}rules:\n  - {{rule: a, to: {{agency: new-x}}}}\n"
    (tmp_path / "rules.yaml").write_text(rules, "utf-8")
    inputs = [str(waiting), str(tmp_path / "rules.yaml")]
    assert run(["--lang", "en", "agency", "allocate", *inputs, "--out", str(tmp_path / "out.yaml")]) == 2
    assert "several files change (agencies.yaml, rules.yaml)" in capsys.readouterr().err
    (tmp_path / "out").mkdir()
    assert run(["agency", "allocate", *inputs, "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "rules.yaml").read_text("utf-8") == rules.replace("new-x", "H90.04")
    assert (tmp_path / "out" / "agencies.yaml").read_text("utf-8") == DONE
    (tmp_path / "out" / "agencies.yaml").unlink()
    (tmp_path / "out" / "rules.yaml").write_text("# other\n", "utf-8")
    assert run(["agency", "allocate", *inputs, "--out", str(tmp_path / "out")]) == 3
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rules.yaml"]


def test_codes_of_a_register_are_not_given(waiting, tmp_path):
    old = tmp_path / "old.yaml"
    old.write_text(DONE.replace("id: example", "id: other").replace("Sở Mới", "Sở Xưa"), "utf-8")
    register = tmp_path / "register.csv"
    assert run(["agency", "register", str(old), "--on", "2025-07-01", "--out", str(register)]) == 0
    out = tmp_path / "out.yaml"
    arguments = ["agency", "allocate", str(waiting), "--register", str(register), "--out", str(out)]
    assert run(arguments) == 0
    assert "H90.05 Sở Mới" in out.read_text("utf-8")


def test_a_register_is_refused_while_agencies_wait(waiting, tmp_path, capsys):
    arguments = ["agency", "register", str(waiting), "--on", "2025-07-01", "--out", str(tmp_path / "a.csv")]
    assert run(["--lang", "en", *arguments]) == 3
    assert "agencies without a code: 1;" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def test_contradicting_definitions_give_no_register(waiting, tmp_path, capsys):
    waiting.write_text(
        DONE + "  - {agency: H90.03 Sở Khác, level: province, function: x, unit: 90}\n", "utf-8"
    )
    arguments = ["agency", "register", str(waiting), "--on", "2025-07-01", "--out", str(tmp_path / "a.csv")]
    assert run(["--lang", "en", *arguments]) == 2
    assert "its code stood for H90.03, which was closed on 2025-07-01" in capsys.readouterr().err


def test_an_unknown_format_is_refused(waiting, tmp_path, capsys):
    arguments = ["agency", "register", str(waiting), "--on", "2025-07-01", "--out", str(tmp_path / "a.pdf")]
    assert run(["--lang", "en", *arguments]) == 2
    assert "is none of the formats of a register: .csv, .json, .xlsx" in capsys.readouterr().err


@pytest.fixture
def registers(tmp_path):
    path = tmp_path / "done.yaml"
    path.write_text(DONE, "utf-8")
    made = []
    for day, name in (("2025-06-30", "old.csv"), ("2025-07-01", "new.json")):
        made.append(str(tmp_path / name))
        assert run(["agency", "register", str(path), "--on", day, "--out", made[-1]]) == 0
    return [*made, str(path)]


def test_differences_of_two_registers_are_said_by_kind(registers, capsys):
    old, new, path = registers
    capsys.readouterr()
    assert run(["--lang", "en", "agency", "diff", old, new]) == 1
    assert capsys.readouterr().out == (
        "closed: 1\n  H90.03 Sở Ba is closed; its work goes to H90.04\nopened: 1\n  H90.04 Sở Mới works\n"
    )
    assert run(["--lang", "vi", "agency", "diff", old, new]) == 1
    assert "H90.03 Sở Ba đã đóng; công việc về H90.04" in capsys.readouterr().out
    assert run(["--lang", "en", "agency", "diff", new, path]) == 0
    assert capsys.readouterr().out == "no difference\n"
    assert run(["--lang", "en", "agency", "diff", old, path, "--on", "2025-06-30"]) == 0


def test_differences_as_json_are_grouped(registers, capsys):
    old, new, _ = registers
    capsys.readouterr()
    assert run(["agency", "diff", old, new, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["old"], said["new"], said["differences"]) == (old, new, 2)
    assert [(one["group"], one["count"]) for one in said["groups"]] == [
        ("closed", 1),
        ("opened", 1),
    ]
    first = said["groups"][0]["differences"][0]
    assert first.pop("message")
    assert first == {
        "code": "H90.03",
        "name": "Sở Ba",
        "aspect": "successors",
        "until": "active",
        "now": "H90.04",
    }


def test_problems_of_both_sides_are_told_in_one_run(tmp_path, capsys):
    for name in ("old.csv", "new.csv"):
        (tmp_path / name).write_text("code\nH90\n", "utf-8")
    arguments = ["agency", "diff", str(tmp_path / "old.csv"), str(tmp_path / "new.csv")]
    assert run(["--lang", "en", *arguments]) == 2
    err = capsys.readouterr().err
    assert "old.csv:1:1: no-column" in err
    assert "new.csv:1:1: no-column" in err


def test_who_did_the_work_before_is_answered(registers, capsys):
    arguments = ["resolve", "H90.04", "--kind", "agency", "--at", "2025-07-01", "--to", "2025-06-30"]
    assert run(["--lang", "en", *arguments, "--mappings", registers[2]]) == 0
    assert "H90.04: one successor (one predecessor)\n    H90.03 Sở Ba\n" in capsys.readouterr().out


def test_the_demo_has_a_register_and_its_codes_are_in_order(tmp_path):
    mapping = [
        str(ROOT / "mappings" / "vn-2025" / "68-lam-dong.yaml"),
        str(ROOT / "fixtures" / "lam-dong" / "mapping"),
    ]
    out = tmp_path / "register.xlsx"
    assert run(["agency", "register", *mapping, "--on", "2025-07-01", "--out", str(out)]) == 0
    assert run(["agency", "diff", str(out), str(out)]) == 0


PROFILE = """\
schema: merger/profile/1
id: platform
database: {path: platform.db}
datasets:
  dossiers: {table: dossier, key: [id], holder_columns: [agency, office]}
"""


def test_columns_of_a_profile_that_would_cut_codes_are_listed(waiting, tmp_path, capsys):
    profile = tmp_path / "platform.yaml"
    profile.write_text(PROFILE, "utf-8")
    with closing(sqlite3.connect(tmp_path / "platform.db")) as database:
        database.execute("CREATE TABLE dossier (id INTEGER, agency VARCHAR(5), office CHAR(35))")
        database.execute("INSERT INTO dossier VALUES (1, 'H90', NULL)")
        database.commit()
    asked = ["--lang", "en", "agency", "allocate", str(waiting), "--out", str(tmp_path / "out.yaml")]
    assert run([*asked, "--profile", str(profile)]) == 1
    err = capsys.readouterr().err
    assert "platform dossier.agency takes 5 characters and would cut 1 codes, the longest of 6: H90.04" in err
    assert f"{profile}:5:" in err
    assert "platform dossier.office takes 35 characters: every code fits" in err
    assert run([*asked, "--replace", "--json", "--profile", str(profile)]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["columns"] == [
        {"profile": "platform", "column": "dossier.agency", "width": 5, "said_by": "database",
         "forms": ["new"], "cut": ["H90.04"], "alike": []},
        {"profile": "platform", "column": "dossier.office", "width": 35, "said_by": "database",
         "forms": ["former", "new"], "cut": [], "alike": []},
    ]  # fmt: skip


def test_a_profile_whose_database_is_not_there_is_a_warning_and_a_wrong_profile_an_error(
    waiting, tmp_path, capsys
):
    profile = tmp_path / "platform.yaml"
    profile.write_text(PROFILE, "utf-8")
    asked = ["--lang", "en", "agency", "allocate", str(waiting), "--out", str(tmp_path / "out.yaml")]
    assert run([*asked, "--profile", str(profile)]) == 0
    assert "the database of platform cannot be read" in capsys.readouterr().err
    profile.write_text(PROFILE.replace("table:", "tabel:"), "utf-8")
    assert run([*asked, "--profile", str(profile), "--profile", str(tmp_path / "none.yaml")]) == 2
    err = capsys.readouterr().err
    assert "tabel" in err
    assert "none.yaml" in err
