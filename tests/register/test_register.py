"""The register on a day, its files, and what differs between two."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from merger.errors import InputError
from merger.lineage import Agencies, build
from merger.mapping import load
from merger.messages import catalogue
from merger.register import (
    COLUMNS,
    Entry,
    How,
    differences,
    entries_of,
    read_register,
    waiting,
    write_register,
)

EVE, DAY, LATER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 7, 1)

FIRST = """\
schema: merger/agencies/1
id: first
effective: 2025-07-01
legal_basis: [{number: 1/NQ, date: 2025-06-16}]
before:
  - {agency: H90 UBND tỉnh A, former: 000.00.00.H90, level: province, function: committee, unit: 90,
     into: H90}
  - {agency: H90.03 Sở Ba, level: province, function: three, unit: 90, into: H90.05}
  - {agency: H90.05 Sở Năm, level: province, function: five, unit: 90, into: H90.05}
  - {agency: H90.21 UBND huyện D, level: district, function: committee, unit: 901, into: competence}
  - {agency: H90.21.04 UBND xã Hai, level: commune, function: committee, unit: 90004, into: H90.101}
after:
  - {agency: H90 UBND tỉnh A, level: province, function: committee, unit: 90}
  - {agency: H90.05 Sở Năm và Ba, level: province, function: five, unit: 90}
  - {agency: H90.101 UBND xã Một, level: commune, function: committee, unit: 90001}
"""
SECOND = """\
schema: merger/agencies/1
id: second
effective: 2026-07-01
legal_basis: [{number: 2/NQ, date: 2026-06-16}]
before:
  - {agency: H90.05 Sở Năm và Ba, level: province, function: five, unit: 90, into: H90.06}
  - {agency: H90.77 Ban Cũ, level: province, function: board, unit: 90, into: H90.06}
after:
  - {agency: H90.06 Sở Mới, level: province, function: six, unit: 90}
"""


def agencies(folder: Path, *files: str) -> Agencies:
    for number, file in enumerate(files):
        (folder / f"{number}.yaml").write_text(file, "utf-8")
    mapping = load([folder]).mapping
    return Agencies(mapping, build(mapping))


def entry(code: str, **more: object) -> Entry:
    said = {"name": f"Sở {code}", "level": "province", "function": "x", "unit": "90", "state": "active"}
    return Entry.model_validate({"code": code, **said, **more})


def rows(found: tuple[Entry, ...]) -> dict[str, tuple[object, ...]]:
    return {
        one.code: (one.state, one.valid_from, one.valid_to, " ".join(one.successors), one.succession, one.act)
        for one in found
    }


def test_the_register_says_of_every_agency_since_when_until_when_and_who_took_over(tmp_path):
    found = entries_of(agencies(tmp_path, FIRST, SECOND), DAY)
    assert rows(found) == {
        "H90": ("active", None, None, "", "", ""),
        "H90.03": ("closed", None, DAY, "H90.05", "one", "1/NQ"),
        "H90.05": ("active", None, None, "", "", "1/NQ"),
        "H90.101": ("active", DAY, None, "", "", "1/NQ"),
        "H90.21": ("closed", None, DAY, "", "open", "1/NQ"),
        "H90.21.04": ("closed", None, DAY, "H90.101", "one", "1/NQ"),
        "H90.77": ("active", None, None, "", "", ""),
    }
    named = {one.code: (one.name, one.parent, one.former) for one in found}
    assert named["H90"] == ("UBND tỉnh A", "", "000.00.00.H90")
    assert named["H90.05"] == ("Sở Năm và Ba", "H90", "")
    assert named["H90.21.04"] == ("UBND xã Hai", "H90.21", "")


def test_the_register_of_an_earlier_day_knows_nothing_of_later_ones(tmp_path):
    found = entries_of(agencies(tmp_path, FIRST, SECOND), EVE)
    assert {one.state for one in found} == {"active"}
    assert [one.code for one in found] == ["H90", "H90.03", "H90.05", "H90.21", "H90.21.04", "H90.77"]
    later = rows(entries_of(agencies(tmp_path, FIRST, SECOND), LATER))
    assert later["H90.05"] == ("closed", None, LATER, "H90.06", "one", "2/NQ")
    assert later["H90.03"][3] == "H90.05"


def test_parts_and_a_code_given_again_are_lives_of_their_own(tmp_path):
    file = FIRST.replace("into: competence", "into: unit").replace(
        "after:\n", "after:\n  - {agency: H90.03 Sở Khác, level: province, function: other, unit: 90}\n"
    )
    found = [one for one in entries_of(agencies(tmp_path, file), DAY) if one.code == "H90.03"]
    assert [(one.name, one.state, one.valid_from) for one in found] == [
        ("Sở Ba", "closed", None),
        ("Sở Khác", "active", DAY),
    ]


def test_agencies_that_wait_for_a_code_are_left_out_and_counted(tmp_path):
    file = FIRST.replace("H90.101", "new-one")
    found = agencies(tmp_path, file)
    assert (waiting(found, DAY), waiting(found, EVE)) == (1, 0)
    assert "new-one" not in rows(entries_of(found, DAY))


ODD = (
    entry("H90"),
    entry("H90.01", name='=HYPERLINK("x")', former="000.00.01.H90", valid_from=DAY, act="+1; @2"),
    entry("H90.02", name="Sở, hai\nvà 'ba'", state="closed", valid_to=DAY, successors=("H90", "H90.01"),
          succession="several"),
    entry("H90.03", name="-", parent="H90"),
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".json", ".xlsx"])
def test_a_register_reads_back_as_it_was_and_equal_ones_are_equal_bytes(suffix, tmp_path):
    path = tmp_path / f"register{suffix}"
    path.write_bytes(write_register(ODD, DAY, suffix))
    assert read_register(path) == ODD
    assert write_register(read_register(path), DAY, suffix) == path.read_bytes()


def test_no_cell_can_become_a_formula(tmp_path):
    text = write_register(ODD, DAY, ".csv").decode()
    assert '"\'=HYPERLINK(""x"")"' in text
    assert "'+1; @2" in text
    assert ",'-," in text
    path = tmp_path / "register.xlsx"
    path.write_bytes(write_register(ODD, DAY, ".xlsx"))
    sheet = load_workbook(path).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert sheet["C3"].value == '=HYPERLINK("x")'
    assert sheet["C3"].quotePrefix
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)


def test_a_workbook_holds_no_time_of_writing(tmp_path):
    path = tmp_path / "register.xlsx"
    path.write_bytes(write_register(ODD, DAY, ".xlsx"))
    with zipfile.ZipFile(path) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


HEAD = ",".join(COLUMNS)
ROW = "H90,,A,province,x,90,,,,active,,,\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "code,name\nH90,A\n", "a.csv:1:1: no-column columns are missing: former, level, fun"),
        ("a.csv", f"{HEAD}\n{ROW}".replace("active", "open"), "a.csv:2:1: bad-cell this row cannot be used"),
        ("a.csv", f"{HEAD}\n,,A,x,x,90,,soon,,active,,,\n", "value of valid_from"),
        ("a.csv", f"{HEAD}\n{ROW}{ROW}", "a.csv:3:1: entry-twice"),
        ("a.csv", "\xff", "a.csv:1:1"),
        ("a.json", "{", "a.json:1:2: no-json this is not JSON"),
        ("a.json", '{"schema": "other", "agencies": []}', "a.json:1:1: no-register"),
        ("a.json", '{"schema": "merger/agency-register/1", "agencies": [{"code": "H", "x": 1}]}', "bad-cell"),
        ("a.json", "[" * 100_000, "no-json"),
        ("a.xlsx", "PK", "DOC030"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_register_is_told_with_its_place(name, content, said, tmp_path):
    path = tmp_path / name
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        read_register(path)
    assert said in str(caught.value)


def said(old: list[Entry], new: list[Entry]) -> list[tuple[How, str, str, str, str]]:
    return [(one.how, one.code, one.aspect, one.until, one.now) for one in differences(old, new)]


def closed(code: str, *successors: str, **more: object) -> Entry:
    succession = "one" if len(successors) == 1 else "several" if successors else "open"
    more = {"succession": succession, "valid_to": DAY, **more}
    return entry(code, state="closed", successors=successors, **more)


def test_what_differs_is_named_the_heaviest_first():
    old = [
        entry("H90.1"),
        entry("H90.2"),
        entry("H90.3"),
        entry("H90.4"),
        closed("H90.5", "H90.1"),
        closed("H90.6"),
    ]
    new = [
        closed("H90.2", "H90.1", "H90.3"),
        entry("H90.3", name="Sở khác"),
        entry("H90.4", unit="91", parent="H90.3", function="y"),
        closed("H90.5", "H90.3"),
        entry("H90.6"),
        entry("H90.7"),
        closed("H90.8", "H90.1"),
    ]
    assert said(old, new) == [
        (How.DROPPED, "H90.1", "", "active", ""),
        (How.CLOSED, "H90.2", "successors", "active", "H90.1 H90.3"),
        (How.REOPENED, "H90.6", "state", "closed", "active"),
        (How.OPENED, "H90.7", "", "", "active"),
        (How.ENTERED, "H90.8", "", "", "closed"),
        (How.RENAMED, "H90.3", "name", "Sở H90.3", "Sở khác"),
        (How.MOVED, "H90.4", "parent", "", "H90.3"),
        (How.MOVED, "H90.4", "unit", "90", "91"),
        (How.SUCCESSORS, "H90.5", "successors", "H90.1", "H90.3"),
        (How.CHANGED, "H90.4", "function", "x", "y"),
    ]


@pytest.mark.parametrize("gone", [[], [closed("H90.1", "H90.9", name="Sở Một")]], ids=["left out", "closed"])
def test_the_same_agency_under_another_code_is_renumbered(gone):
    old, now = [entry("H90.1", name="Sở Một")], entry("H90.9", name="Sở  một")
    assert said(old, [*gone, now])[0] == (How.RENUMBERED, "H90.9", "code", "H90.1", "H90.9")
    assert [one.how for one in differences(old, [*gone, now])] == [How.RENUMBERED]
    assert [one.how for one in differences([*gone, now], old)] == [How.RENUMBERED]


def test_of_two_alike_none_is_taken_for_the_other():
    old = [entry("H90.1", name="Sở Một")]
    new = [entry("H90.8", name="Sở Một"), entry("H90.9", name="Sở Một")]
    assert [one.how for one in differences(old, new)] == [How.DROPPED, How.OPENED, How.OPENED]


def test_every_difference_has_its_words_in_both_languages():
    for language in ("en", "vi"):
        known = catalogue(language, "register")
        assert {f"said.{how}" for how in How} | {f"heading.{how}" for how in How} <= known.keys()
        assert {f"column.{name}" for name in COLUMNS} <= known.keys()


def test_differences_are_said_in_words():
    (found,) = differences([entry("H90.2")], [closed("H90.2", "H90.1")])
    assert found.message == "H90.2 Sở H90.2 is closed; its work goes to H90.1"
    (found,) = differences([entry("H90.2")], [closed("H90.2")])
    assert (
        found.message == "H90.2 Sở H90.2 is closed; its work goes to –, and some of it to nobody who is named"
    )
    (found,) = differences([entry("H90.2")], [entry("H90.2", former="000.00.02.H90")])
    assert found.message == "H90.2 Sở H90.2, former code: until now –; now 000.00.02.H90"
