"""`merger mapping import` and `merger mapping export`."""

import csv
import errno
import json
import os
import time
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from merger.cli.run import run
from merger.mapping import shipped

ISLES = Path(__file__).parents[1] / "mapping" / "cases" / "two-isles.csv"
HEADER = "date,event_id,kind,from_code,from_name,to_code,to_name,extent,share\n"
CHAIN = "2025-07-01,E1,recode,A,,B,,whole,\n2025-07-01,E2,recode,B,,C,,whole,\n"


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("MERGER_LANG", "en")


def importing(*arguments):
    return run(["mapping", "import", *map(str, arguments)])


def exporting(*arguments):
    return run(["mapping", "export", *map(str, arguments)])


def test_drafts_are_written_under_an_id_made_of_the_files_name(tmp_path, capsys):
    source = tmp_path / "Sáp nhập Đảo (2).csv"
    source.write_bytes(ISLES.read_bytes())
    assert importing("--from", "changes-csv", source, "--out", tmp_path / "a" / "b") == 0
    file = tmp_path / "a" / "b" / "sap-nhap-dao-2.yaml"
    assert capsys.readouterr().out == f"{file}: 8 units, 12 changes\n"
    assert file.read_text("utf-8").splitlines()[1] == "id: sap-nhap-dao-2"


def test_import_and_export_give_the_table_back(tmp_path):
    assert importing("--from", "changes-csv", ISLES, "--out", tmp_path, "--id", "isles") == 0
    assert exporting(tmp_path / "isles.yaml", "--to", "changes-csv", "--out", tmp_path / "back.csv") == 0
    assert (
        importing("--from", "changes-csv", tmp_path / "back.csv", "--out", tmp_path / "2", "--id", "isles")
        == 0
    )
    assert exporting(tmp_path / "2", "--to", "changes-csv", "--out", tmp_path / "again.csv") == 0
    tables = [list(csv.DictReader(path.open(encoding="utf-8", newline=""))) for path in
              (ISLES, tmp_path / "back.csv", tmp_path / "again.csv")]  # fmt: skip
    assert tables[0] == tables[1] == tables[2]


def test_what_was_drafted_before_stays_and_other_content_is_never_overwritten(tmp_path, capsys):
    arguments = ("--from", "changes-csv", ISLES, "--out", tmp_path)
    assert importing(*arguments) == 0
    file = tmp_path / "two-isles.yaml"
    before = file.stat().st_mtime_ns
    assert importing(*arguments) == 0
    assert file.stat().st_mtime_ns == before
    file.write_text("mine", "utf-8")
    assert importing(*arguments) == 3
    assert f"nothing was written: {file} is there with other content" in capsys.readouterr().err
    assert file.read_text("utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [file]


def test_an_input_that_cannot_be_used_ends_with_2_and_writes_nothing(tmp_path, capsys):
    source = tmp_path / "a.csv"
    source.write_text(HEADER + "soon,E,fuse,A,,B,,whole,\n", "utf-8")
    assert importing("--from", "changes-csv", source, "--out", tmp_path / "out") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{source}:2:8: DOC221 kind:" in err
    assert f'{source}:2:1: DOC220 date: "soon" is no day' in err
    assert not (tmp_path / "out").exists()
    assert importing("--from", "changes-csv", source, "--out", tmp_path / "out", "--json") == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["drafts"], said["errors"], said["warnings"]) == ([], 2, 0)
    assert set(said["findings"][0]) == {"code", "severity", "file", "line", "column", "message", "mend"}


def test_same_day_is_a_warning_until_somebody_says_how_to_read_it(tmp_path, capsys):
    source = tmp_path / "a.csv"
    source.write_text(HEADER + CHAIN, "utf-8")
    assert importing("--from", "changes-csv", source, "--out", tmp_path / "1") == 0
    assert f"{source}:2:1: DOC240 warning: on 2025-07-01" in capsys.readouterr().out
    options = ("--same-day", "chained", "--json")
    assert importing("--from", "changes-csv", source, "--out", tmp_path / "2", *options) == 0
    said = json.loads(capsys.readouterr().out)
    assert [finding["severity"] for finding in said["findings"]] == ["note"]
    assert said["drafts"] == [{"file": str(tmp_path / "2" / "a.yaml"), "id": "a", "units": 3, "changes": 2}]
    assert "seq: 2" in (tmp_path / "2" / "a.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "crosswalk-csv"), "--effective is missing"),
        (("--from", "resolution"), "--before is missing"),
        (("--from", "changes-csv", "--effective", "2025-07-01"), "--effective does not go with changes-csv"),
        (("--from", "changes-csv", "--before", "x.csv"), "--before does not go with changes-csv"),
        (("--from", "xlsx", "--same-day", "chained"), "--same-day does not go with xlsx"),
        (("--from", "resolution", "--kind", "commune"), "--kind does not go with resolution"),
        (("--from", "changes-csv", "--id", "dup_unit"), "'dup_unit' cannot be an id: it may consist of"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments, said, tmp_path, capsys):
    assert importing(ISLES, "--out", tmp_path, *arguments) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_crosswalk_comes_back_as_it_was(tmp_path):
    days = ("--at", "1997-12-31", "--on", "1998-01-01")
    assert importing("--from", "changes-csv", ISLES, "--out", tmp_path, "--id", "isles") == 0
    assert (
        exporting(tmp_path / "isles.yaml", "--to", "crosswalk-csv", "--out", tmp_path / "a.csv", *days) == 0
    )
    effective = ("--effective", "1998-01-01", "--kind", "district")
    assert importing("--from", "crosswalk-csv", tmp_path / "a.csv", "--out", tmp_path / "2", *effective) == 0
    back = ("--to", "crosswalk-csv", "--out", tmp_path / "b.csv", "--kind", "district")
    assert exporting(tmp_path / "2", *back) == 0
    before, after = (
        list(csv.DictReader((tmp_path / name).open(encoding="utf-8"))) for name in ("a.csv", "b.csv")
    )
    assert [row["evidence"] for row in before if row["new_code"] == "K01"] == ["Act 7", "Act 7"]
    for row in before:
        row["evidence"] = row["evidence"] or "a"  # a pair that nothing is said of is known by its file
    assert after == before


def test_a_mapping_of_several_days_needs_to_be_told_which(tmp_path, capsys):
    assert exporting(ISLES.with_suffix(".yaml"), "--to", "crosswalk-csv", "--out", tmp_path / "a.csv") == 2
    err = capsys.readouterr().err
    assert "does not have exactly one effective day (its days: 1998-01-01, 2004-05-01" in err
    arguments = ("--to", "crosswalk-csv", "--out", tmp_path / "a.csv", "--at", "1998-01-01")
    assert exporting(ISLES.with_suffix(".yaml"), *arguments) == 2
    assert "--on is missing" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_export_goes_to_stdout_or_whole_into_a_file_but_not_over_what_was_read(tmp_path, capsys):
    source = tmp_path / "a.yaml"
    source.write_bytes(ISLES.with_suffix(".yaml").read_bytes())
    assert exporting(source, "--to", "changes-csv", "--out", "-") == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[0][:14], err) == ("date,event_id,", "")
    assert exporting(source, "--to", "changes-csv", "--out", tmp_path / "b.csv") == 0
    assert (tmp_path / "b.csv").read_text("utf-8") == out
    assert exporting(source, "--to", "changes-csv", "--out", source) == 3
    assert "is one of the files that were read" in capsys.readouterr().err
    assert source.read_bytes() == ISLES.with_suffix(".yaml").read_bytes()


def test_changes_of_other_kinds_are_said_to_be_left_out(capsys):
    assert (
        exporting(ISLES.with_suffix(".yaml"), "--to", "changes-csv", "--out", "-", "--kind", "province") == 0
    )
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert "not written: 12 changes of units of other kinds than province" in err


@pytest.mark.parametrize("format_", ["json", "graphml"])
def test_views_of_the_graph_take_a_kind(format_, tmp_path):
    for name, kind in (
        ("all", ()),
        ("communes", ("--kind", "commune")),
        ("provinces", ("--kind", "province")),
    ):
        assert exporting(ISLES.with_suffix(".yaml"), "--to", format_, "--out", tmp_path / name, *kind) == 0
    assert (tmp_path / "all").read_bytes() == (tmp_path / "communes").read_bytes()
    assert b"commune" not in (tmp_path / "provinces").read_bytes()


@pytest.mark.parametrize("format_", ["json", "graphml"])
def test_views_are_the_same_bytes_each_time(format_, tmp_path):
    for name in ("a", "b"):
        assert exporting(ISLES.with_suffix(".yaml"), "--to", format_, "--out", tmp_path / name) == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def facts():
    named = os.environ.get("MERGER_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents]
    for place in places:
        if (place / "data" / "vn").is_dir():
            return place / "data" / "vn"
    pytest.skip("the folder ../shared is not beside this checkout")
    return Path()


def pairs(path):
    with path.open(encoding="utf-8", newline="") as file:
        return Counter(
            (row["old_code"], row["new_code"], row["extent"], row["population"])
            for row in csv.DictReader(file)
        )


DAYS = ("--at", "2025-06-30", "--on", "2025-07-01")


@pytest.mark.shared
def test_the_whole_countrys_crosswalk_equals_the_facts_pair_for_pair(tmp_path):
    published = pairs(facts() / "commune_crosswalk.csv")
    began = time.process_time()
    assert exporting(shipped(), "--to", "crosswalk-csv", "--out", tmp_path / "a.csv", *DAYS) == 0
    assert time.process_time() - began < 40
    found = pairs(tmp_path / "a.csv")
    assert found.total() == 10_566
    assert found == published


@pytest.mark.shared
def test_the_whole_country_survives_a_round_trip(tmp_path):
    facts()
    assert exporting(shipped(), "--to", "changes-csv", "--out", tmp_path / "a.csv") == 0
    assert importing("--from", "changes-csv", tmp_path / "a.csv", "--out", tmp_path / "in") == 0
    assert exporting(tmp_path / "in", "--to", "changes-csv", "--out", tmp_path / "b.csv") == 0
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
    for name, mapping in (("c.csv", shipped()), ("d.csv", tmp_path / "in")):
        assert exporting(mapping, "--to", "crosswalk-csv", "--out", tmp_path / name, *DAYS) == 0
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "d.csv").read_bytes()


def test_a_workbook_holds_the_same_mapping(tmp_path):
    assert exporting(ISLES.with_suffix(".yaml"), "--to", "xlsx", "--out", tmp_path / "a.xlsx") == 0
    assert importing("--from", "xlsx", tmp_path / "a.xlsx", "--out", tmp_path / "in") == 0
    assert exporting(tmp_path / "in", "--to", "changes-csv", "--out", tmp_path / "a.csv") == 0
    assert exporting(ISLES.with_suffix(".yaml"), "--to", "changes-csv", "--out", tmp_path / "b.csv") == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_workbook_with_findings_comes_back_with_its_bad_cells_marked(tmp_path, capsys):
    book, marked, out = tmp_path / "book.xlsx", tmp_path / "marked.xlsx", tmp_path / "out"
    units = shipped() / "vn-2025" / "68-lam-dong.yaml"
    run(["mapping", "export", str(units), "--to", "xlsx", "--out", str(book)])
    opened = openpyxl.load_workbook(book)
    cell = next(c for row in opened["Districts"].iter_rows(min_row=4) for c in row if c.value == "593")
    cell.value = "5930"
    opened.save(book)
    capsys.readouterr()
    given = ["mapping", "import", "--from", "xlsx", str(book), "--out", str(out), "--marked", str(marked)]
    run(given)
    place = f"book.xlsx#Districts!{cell.coordinate}"
    assert place in capsys.readouterr().out
    comment = openpyxl.load_workbook(marked)["Districts"][cell.coordinate].comment
    assert comment is not None
    assert "5930" in comment.text


@pytest.mark.parametrize("format_", ["crosswalk-csv", "changes-csv", "xlsx", "json", "graphml"])
@pytest.mark.parametrize("out", [".", "/", "", "..", "here"])
def test_a_folder_is_no_target_of_an_export(format_, out, tmp_path, monkeypatch, capsys):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    assert exporting(ISLES.with_suffix(".yaml"), "--to", format_, "--out", out) == 2
    assert capsys.readouterr().err == (
        f"{out or '.'}: target-folder no file can be written here: this is a folder\n"
        "    Name a file in it with --out.\n"
        "1 problem(s) found; nothing was changed\n"
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "no file can be written here: there is no folder {folder}\n    Make the folder first, or"),
        ("vi", "không ghi tệp ở đây được: không có thư mục {folder}\n    Hãy tạo thư mục trước, hoặc"),
    ],
)
def test_a_target_in_a_folder_that_is_not_there_is_named_with_what_to_do(language, said, tmp_path, capsys):
    folder = tmp_path / "absent"
    out = folder / "a.csv"
    given = (ISLES.with_suffix(".yaml"), "--to", "changes-csv", "--out", out, "--lang", language)
    assert exporting(*given) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"{out}: target-absent {said.format(folder=folder)}")
    assert not folder.exists()


def test_a_target_that_may_not_be_written_or_does_not_fit_is_named_without_a_temporary_name(
    tmp_path, monkeypatch, capsys
):
    out = tmp_path / "a.csv"
    given = (ISLES.with_suffix(".yaml"), "--to", "changes-csv", "--out", out)

    def full(part, _data):
        raise OSError(errno.ENOSPC, "No space left on device", str(part))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert exporting(*given) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"{out}: target-fails the file cannot be written: no space is left\n")
    assert ".part" not in err
    monkeypatch.setattr(os, "access", lambda _, mode: not mode & os.W_OK)
    assert exporting(*given) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"{out}: target-closed no file can be written here: you may not write into")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", [".", "/", ""])
def test_a_folder_is_no_target_for_a_key(out, capsys):
    assert run(["keys", "new", "--name", "Lan", "--out", out]) == 2
    assert capsys.readouterr().err.startswith(
        f"{out or '.'}: target-folder no file can be written here: this is a folder\n"
    )


@pytest.mark.parametrize("format_", ["changes-csv", "xlsx", "json", "graphml"])
def test_an_export_replaces_a_file_of_other_content_only_if_told(format_, tmp_path, capsys):
    out = tmp_path / "a"
    out.write_text("an official's work", "utf-8")
    given = (ISLES.with_suffix(".yaml"), "--to", format_, "--out", out)
    assert exporting(*given) == 3
    assert capsys.readouterr().err == (
        f"nothing was written: {out} is there with other content. "
        "Give another name, or replace it with --replace\n"
    )
    assert out.read_text("utf-8") == "an official's work"
    assert exporting(*given, "--replace") == 0
    assert out.read_bytes() != b"an official's work"


def test_an_export_over_the_same_content_is_no_loss(tmp_path):
    given = (ISLES.with_suffix(".yaml"), "--to", "changes-csv", "--out", tmp_path / "a.csv")
    assert exporting(*given) == exporting(*given) == 0


def test_a_marked_copy_replaces_a_file_of_other_content_only_if_told(tmp_path, capsys):
    book, marked = tmp_path / "a.xlsx", tmp_path / "marked.xlsx"
    assert exporting(ISLES.with_suffix(".yaml"), "--to", "xlsx", "--out", book) == 0
    marked.write_text("an official's work", "utf-8")
    given = ("--from", "xlsx", book, "--out", tmp_path / "in", "--marked", marked)
    assert importing(*given) == 3
    assert f"nothing was written: {marked} is there with other content" in capsys.readouterr().err
    assert marked.read_text("utf-8") == "an official's work"
    assert not (tmp_path / "in").exists()
    assert importing(*given, "--replace") in (0, 1)
    assert openpyxl.load_workbook(marked).sheetnames
    assert importing("--from", "changes-csv", ISLES, "--out", tmp_path, "--replace") == 2
    assert "--marked is missing" in capsys.readouterr().err


def test_a_name_of_which_no_id_can_be_made_asks_for_one(tmp_path, capsys):
    source = tmp_path / "--.csv"
    source.write_bytes(ISLES.read_bytes())
    assert importing("--from", "changes-csv", "--out", tmp_path / "in", "--", source) == 2
    assert "no id can be made of the name '--.csv'; give one with --id" in capsys.readouterr().err


def test_a_column_seq_that_is_empty_throughout_does_not_hide_the_order_of_a_day(tmp_path, capsys):
    source = tmp_path / "a.csv"
    head, *rows = (HEADER + CHAIN).splitlines()
    source.write_text("\n".join([f"{head},seq", *(f"{row}," for row in rows)]), "utf-8")
    given = ("--from", "changes-csv", source, "--out", tmp_path / "in", "--same-day", "chained")
    assert importing(*given) == 0
    assert "DOC241" in capsys.readouterr().out
    assert "seq: 2" in (tmp_path / "in" / "a.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("format_", "name", "suffix"),
    [
        ("crosswalk-csv", "x.xlsx", ".csv"),
        ("json", "x.CSV", ".json"),
        ("xlsx", "x.json", ".xlsx"),
        ("changes-csv", "x.graphml", ".csv"),
    ],
)
def test_a_file_with_the_suffix_of_another_format_is_not_written(format_, name, suffix, tmp_path, capsys):
    out = tmp_path / name
    assert exporting(ISLES.with_suffix(".yaml"), "--to", format_, "--out", out) == 2
    said = f"{out} has the suffix of another format; files of {format_} end in {suffix}\n"
    assert capsys.readouterr().err.startswith(said)
    assert not out.exists()


CONTRADICTIONS = """\
date,event_id,kind,from_code,from_name,to_code,to_name,extent,share,population
2001-01-01,E1,merge,A,Alpha,B,Beta,whole,,
2001-01-01,E2,merge,A,Alpha,C,Gamma,whole,,
2002-01-01,E3,abolish,B,Beta,,,,,
2002-01-01,E3,merge,B,Beta,D,Delta,whole,,
2003-01-01,E4,merge,E,Epsilon,D,Delta,none,,none
2003-01-01,E4,merge,D,Delta,D,Delta,whole,,
2004-01-01,E5,merge,P,Pi,Q,Qoppa,whole,,
2004-01-01,E5,merge,Q,Qoppa,P,Pi,whole,,
2005-01-01,E6,split,D,Delta,F,Phi,whole,,
2005-01-01,E6,split,D,Delta,G,Gamma,,,
0001-01-01,E7,rename,K,Kappa,K,Koppa,,,
"""


@pytest.mark.parametrize("language", ["en", "vi"])
def test_contradictory_changes_are_told_at_their_lines_in_the_table(tmp_path, capsys, language):
    file = tmp_path / "changes.csv"
    file.write_text(CONTRADICTIONS, "utf-8")
    given = ["--from", "changes-csv", str(file), "--out", str(tmp_path / "out"), "--json"]
    assert run(["--lang", language, "mapping", "import", *given]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert all(one["file"] == str(file) and one["message"] and one["mend"] for one in found)
    assert [(one["line"], one["column"], one["code"]) for one in found] == [
        (2, 21, "MAP513"),
        (2, 21, "MAP514"),
        (4, 23, "MAP515"),
        (6, 21, "MAP113"),
        (8, 21, "MAP158"),
        (11, 21, "MAP118"),
        (12, 1, "MAP510"),
    ]


def test_of_very_many_contradictions_the_first_are_listed(tmp_path, capsys):
    rows = [f"20{n:02d}-01-01,E,split,A{m},A,B{n}x{m},B,whole,," for n in range(20) for m in range(10)]
    rows += [f"20{n:02d}-01-01,E,split,A{m},A,C{n}x{m},C,whole,," for n in range(20) for m in range(10)]
    file = tmp_path / "changes.csv"
    file.write_text("\n".join([CONTRADICTIONS.splitlines()[0], *rows]) + "\n", "utf-8")
    given = ["--from", "changes-csv", str(file), "--out", str(tmp_path / "out")]
    assert run(["--lang", "en", "mapping", "import", *given]) == 1
    shown = capsys.readouterr()
    assert shown.out.count(": MAP") == 300
    assert "contradictions; the first 300 are listed" in shown.err
