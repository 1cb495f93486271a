"""What is wrong with CSV files: every problem in one run, each at its line and column."""

import time
from datetime import date
from pathlib import Path

import pytest
from csv_files import HEADER, with_rows, written

from merger.errors import Finding, InputError
from merger.mapping.models import UnitKind
from merger.mapping.tables import csv as tables_csv
from merger.mapping.tables import read_changes, read_crosswalk
from merger.messages import text_in, use

GOOD = "2025-07-01,E,merge,A,One,B,Two,whole,"


def problems(path: Path) -> tuple[Finding, ...]:
    use("en")
    with pytest.raises(InputError) as caught:
        read_changes([path], "x")
    return caught.value.findings


def only(path: Path) -> Finding:
    (finding,) = problems(path)
    return finding


def place(finding: Finding) -> tuple[int, int]:
    return finding.place.line, finding.place.column


@pytest.mark.parametrize(
    ("row", "code", "column", "said"),
    [
        ("01/07/2025,F,merge,A,,B,,whole,", "DOC220", 1, 'date: "01/07/2025" is no day'),
        ("2025-02-30,F,merge,A,,B,,whole,", "DOC220", 1, 'date: "2025-02-30" is no day'),
        ("20250701,F,merge,A,,B,,whole,", "DOC220", 1, 'date: "20250701" is no day'),
        (",F,merge,A,,B,,whole,", "DOC220", 1, 'date: "" is no day'),
        ("2025-07-01,F,Merge,A,,B,,whole,", "DOC221", 14, 'kind: "Merge" is none of merge, split'),
        ("2025-07-01,F,,A,,B,,whole,", "DOC221", 14, 'kind: "" is none of'),
        ("2025-07-01,F,merge,A,,B,,all,", "DOC222", 26, 'extent: "all" is none of whole, part, none'),
        ("2025-07-01,F,merge,A,,B,,whole,1.5", "DOC223", 32, 'share: "1.5" is no share'),
        ("2025-07-01,F,merge,A,,B,,whole,nan", "DOC223", 32, 'share: "nan" is no share'),
        ("2025-07-01,F,merge,A,,B,,whole,inf", "DOC223", 32, 'share: "inf" is no share'),
        ("2025-07-01,F,merge,A,,B,,whole,-0.1", "DOC223", 32, 'share: "-0.1" is no share'),
        ('2025-07-01,F,merge,A,,B,,whole,"0,5"', "DOC223", 32, 'share: "0,5" is no share'),
        ("2025-07-01,F,merge,A,,B,,whole,1e999", "DOC223", 32, 'share: "1e999" is no share'),
        ("2025-07-01,F,merge,A b,,B,,whole,", "DOC224", 20, 'from_code: the code "A b" holds a space'),
        ("2025-07-01,F,merge,A,, B,,whole,", "DOC224", 23, "to_code: the code"),
        ('2025-07-01,F,merge,A,,"B\nC",,whole,', "DOC224", 23, 'the code "B C" holds a space'),
        ("2025-07-01,F,merge,A,,B\u00a0,,whole,", "DOC224", 23, "to_code: the code"),
        ("2025-07-01,F,merge,A,,,Two,whole,", "DOC225", 23, "to_code is empty, but there is a name: Two"),
        ("2025-07-01,F,merge,,,,,whole,", "DOC226", 20, "both codes are empty"),
        ("2025-07-01,F,create,A,,B,,whole,", "DOC230", 21, "create has one side only, but from_code holds A"),
        ("2025-07-01,F,abolish,A,,B,,whole,", "DOC230", 25, "abolish has one side only, but to_code holds B"),
        ("2025-07-01,F,merge,A,,B,,whole", "DOC215", 26, "the row has 8 cells, the header 9"),
        ("2025-07-01,F,merge,A,,B,,whole,,", "DOC215", 33, "the row has 10 cells, the header 9"),
        ('2025-07-01,F,merge,A,O"ne,B,,whole,', "DOC206", 22, "a quote in the middle of a cell"),
        ('2025-07-01,F,merge,A,"O"ne,B,,whole,', "DOC206", 22, "a quote in the middle of a cell"),
        ('2025-07-01,F,merge,A,"One,B,,whole,', "DOC205", 22, "a quote is opened here and never closed"),
        ("2025-07-01,F,merge,A,O\0e,B,,whole,", "DOC204", 23, "control character U+0000"),
        ("2025-07-01,F,merge,A,O\u200be,B,,whole,", "DOC204", 23, "invisible or control character U+200B"),
        (GOOD, "DOC228", 20, "the change from A to B was given already on line 2"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_at_its_cell(
    row: str, code: str, column: int, said: str, tmp_path: Path
) -> None:
    finding = only(with_rows(tmp_path / "a.csv", GOOD, row))
    assert (finding.code, place(finding)) == (code, (3, column))
    assert said in finding.message
    assert str(finding).startswith(f"{tmp_path / 'a.csv'}:3:{column}: {code} ")


@pytest.mark.parametrize("seq", ["one", "-1", "1.5", "²"])
def test_a_seq_is_a_whole_number(seq: str, tmp_path: Path) -> None:
    finding = only(with_rows(tmp_path / "a.csv", f"{GOOD},{seq}", header=f"{HEADER},seq"))
    assert (finding.code, place(finding)) == ("DOC227", (2, 39))


@pytest.mark.parametrize(
    ("header", "code", "said"),
    [
        (HEADER.replace("event_id,", ""), "DOC212", "there is no column event_id"),
        (HEADER.replace("date", "Date"), "DOC212", "there is no column date (near to it: Date)"),
        (f"{HEADER},note,note", "DOC213", "the column note stands there twice"),
        (f"{HEADER},", "DOC214", '"" cannot be the name of a column'),
        (f"{HEADER},<<", "DOC214", '"<<" cannot be the name of a column'),
        (f"{HEADER},{'x' * 101}", "DOC214", "cannot be the name of a column"),
        (HEADER.replace(",", ";"), "DOC211", "the cells are not separated by commas"),
        (HEADER.replace(",", "\t"), "DOC211", "the cells are not separated by commas"),
        (HEADER + "," + ",".join(map(str, range(100))), "DOC218", "more than 100 columns"),
    ],
)
def test_what_is_wrong_with_a_header_is_told_before_any_row(
    header: str, code: str, said: str, tmp_path: Path
) -> None:
    finding = only(with_rows(tmp_path / "a.csv", "no row", header=header))
    assert (finding.code, finding.place.line) == (code, 1)
    assert said in finding.message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "DOC201"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16-le"), "DOC201"),
        (f"{HEADER}\n2025-07-01,E,merge,A,Đắk,B,ơ,whole,\n".encode("cp1258", "replace"), "DOC202"),
        (f"{HEADER}\n2025-07-01,E,merge,A,".encode() + b"\x81\x8d,B,,whole,\n", "DOC200"),
        (b"PK\x03\x04....", "DOC203"),
        (b"\xd0\xcf\x11\xe0....", "DOC203"),
        (b"", "DOC210"),
        (b"\n\n,,\n", "DOC210"),
        (f"{HEADER}\n".encode(), "DOC219"),
    ],
)
def test_files_that_are_something_else_are_told_with_how_to_save_them(
    content: bytes, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    finding = only(path)
    assert finding.code == code
    assert finding.mend


def test_a_byte_that_is_not_utf_8_is_told_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{HEADER}\n2025-07-01,E,merge,A,Xã".encode() + b"\x81,B,,whole,\n")
    finding = only(path)
    assert (finding.code, place(finding), finding.fields["byte"]) == ("DOC200", (2, 24), "0x81")


def test_every_problem_of_every_file_comes_out_in_one_run(tmp_path: Path) -> None:
    first = with_rows(tmp_path / "a.csv", "soon,E,fuse,A b,,B,,much,2", "x", GOOD)
    second = with_rows(tmp_path / "b.csv", 'x,"', GOOD)
    with pytest.raises(InputError) as caught:
        read_changes([first, second], "x")
    assert [(Path(one.place.file).name, one.code) for one in caught.value.findings] == [
        ("a.csv", "DOC215"),
        ("a.csv", "DOC221"),
        ("a.csv", "DOC220"),
        ("a.csv", "DOC224"),
        ("a.csv", "DOC222"),
        ("a.csv", "DOC223"),
        ("b.csv", "DOC205"),
    ]


def test_the_place_of_a_cell_after_quoted_line_breaks_is_on_its_own_line(tmp_path: Path) -> None:
    finding = only(
        written(tmp_path / "a.csv", f'{HEADER}\n2025-07-01,E,merge,A,"One\nand\r\nmore",B b,,whole,\n')
    )
    assert (finding.code, place(finding)) == ("DOC224", (4, 7))


def test_the_same_edge_in_two_events_is_no_duplicate(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "a.csv", GOOD, GOOD.replace(",E,", ",F,"), GOOD.replace(",E,", ",,"))
    assert len(read_changes([path], "x").drafts[0].value.changes) == 3


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [GOOD.replace(",E,", f",E{number},") for number in range(4)]
    path = with_rows(tmp_path / "a.csv", *rows)
    monkeypatch.setattr(tables_csv, "MAX_ROWS", 3)
    assert (only(path).code, place(only(path))) == ("DOC217", (5, 1))
    monkeypatch.setattr(tables_csv, "MAX_BYTES", 20)
    assert only(path).code == "DOC002"
    monkeypatch.undo()
    long = with_rows(tmp_path / "b.csv", GOOD.replace("One", "o" * 32_768))
    assert (only(long).code, place(only(long))) == ("DOC216", (2, 22))


def test_of_too_many_problems_the_rest_is_only_mentioned(tmp_path: Path) -> None:
    found = problems(with_rows(tmp_path / "a.csv", *["x"] * 1000))
    assert len(found) == 301
    assert (found[-1].code, found[-1].place.line) == ("DOC249", 302)


def test_without_events_a_survivor_may_be_named_with_each_unit_that_it_takes_in(tmp_path: Path) -> None:
    rows = ["2010-01-01,,merge,B,,A,,whole,", "2010-01-01,,merge,A,,A,,whole,"]
    rows += ["2010-01-01,,merge,C,,A,,whole,", "2010-01-01,,merge,A,,A,,whole,"]
    read = read_changes([with_rows(tmp_path / "a.csv", *rows)], "x")
    assert read.findings == ()
    assert sum(len(draft.value.changes) for draft in read.drafts) == 4
    twice = only(with_rows(tmp_path / "b.csv", *rows, rows[0]))
    assert (twice.code, place(twice)) == ("DOC228", (6, 19))


def test_many_remarks_keep_nothing_from_being_read(tmp_path: Path) -> None:
    rows = [f"2020-01-01,E{number},merge,{number},,,,," for number in range(1, 1001)]
    rows += ["2020-01-01,F,recode,a,,b,,whole,", "2020-01-01,G,recode,b,,c,,whole,"]
    read = read_changes([with_rows(tmp_path / "a.csv", *rows)], "many")
    assert sum(len(draft.value.changes) for draft in read.drafts) == 1002
    codes = [finding.code for finding in read.findings]
    assert codes == ["DOC231"] * 300 + ["DOC248", "DOC240"]
    said = text_in("en", "tables.DOC248.message", limit=300, code="DOC231")
    assert said == "more than 300 remarks DOC231; the others are not listed"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert only(tmp_path / "none.csv").code == "DOC001"
    assert only(tmp_path).code == "DOC001"


def test_a_crosswalk_is_checked_in_the_same_way(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.csv",
        "old_code,old_name,new_code,new_name,extent,population,share,evidence\n"
        "A,One,B,Two,whole,most,1,\nA,One,B,Two,part,,0,\n,,,,,,,x\nA,,C\nA c,,B,,whole,all,1,\n",
    )
    with pytest.raises(InputError) as caught:
        read_crosswalk([path], "x", UnitKind.COMMUNE, date(2025, 7, 1))
    assert [(one.code, *place(one)) for one in caught.value.findings] == [
        ("DOC215", 5, 4),
        ("DOC222", 2, 19),
        ("DOC228", 3, 1),
        ("DOC226", 4, 1),
        ("DOC224", 6, 1),
    ]


def test_spaces_around_a_name_are_left_out_with_a_warning(tmp_path: Path) -> None:
    imported = read_changes(
        [with_rows(tmp_path / "a.csv", GOOD.replace("merge", "recode").replace("One", " One "))], "x"
    )
    assert [(one.code, one.severity, *place(one)) for one in imported.findings] == [
        ("DOC234", "warning", 2, 23)
    ]
    assert imported.drafts[0].value.changes[0].from_.name == "One"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_messages_name_the_codes_they_are_about(language: str) -> None:
    for code in ("DOC231", "DOC232"):
        assert "K7" in text_in(
            language, f"tables.{code}.message", kind="merge", unit="K7", value="", column=""
        )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\n" * 500_000, "DOC217"),
        ("\r" * 500_000, "DOC217"),
        ("x\n" * 500_000, "DOC249"),
        ("," * 500_000, "DOC218"),
        ('"' * 500_001, "DOC205"),
        ('"a"b\n' * 100_000, "DOC249"),
        ('"",' * 200_000, "DOC218"),
        ("\u200b\n" * 100_000, "DOC249"),
        (f"{GOOD}\n" * 20_000, "DOC249"),
        ("x,E,y,A b,One,B,Two,w,z\n" * 20_000, "DOC249"),
    ],
)
def test_files_made_to_hold_a_reader_up_are_refused_at_once(text: str, code: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{HEADER}\n{text}")
    began = time.process_time()
    assert problems(path)[-1].code == code
    assert time.process_time() - began < 30
