"""Codes for new agencies: which, in whose place, and what cannot be done."""

import re
from datetime import date
from pathlib import Path

import pytest

from merger.mapping import load
from merger.register import Allocation, Entry, allocate, fill

ROOT = Path(__file__).parents[2]

HEAD = """\
schema: merger/agencies/1
id: example
effective: 2025-07-01
legal_basis: [{number: 1/NQ, date: 2025-06-16}]
"""
TOP = "  - {agency: H90 UBND tỉnh A, level: province, function: committee, unit: 90%s}\n"
OLD_TOP, NEW_TOP = TOP % ", into: H90", TOP % ""


def one(ref: str, function: str = "office", level: str = "province", unit: str = "90", more: str = "") -> str:
    return f"  - {{agency: {ref}, level: {level}, function: {function}, unit: {unit}{more}}}\n"


def write(folder: Path, after: str, before: str = OLD_TOP, top: str = NEW_TOP, name: str = "a") -> Path:
    path = folder / f"{name}.yaml"
    head = HEAD.replace("id: example", f"id: {name}")
    path.write_text(f"{head}before:\n{before}after:\n{top}{after}", "utf-8")
    return path


def codes(found: Allocation) -> dict[str, str]:
    return {one.wanted.agency.agency.name: one.code for one in found.codes}


def problems(found: Allocation) -> list[str]:
    return [finding.code for finding in found.findings]


def allocated(folder: Path, after: str, before: str = "", **more: object) -> Allocation:
    return allocate(load([write(folder, after, OLD_TOP + before)]), **more)  # type: ignore[arg-type]


def test_a_new_agency_follows_the_highest_of_its_siblings(tmp_path):
    before = one("H90.03 Sở Ba", into := "office", more=", into: H90") + one(
        "H90.07 Sở Bảy", into, more=", into: H90"
    )
    found = allocated(tmp_path, one("new Sở Mới"), before)
    assert codes(found) == {"Sở Mới": "H90.08"}
    (given,) = found.codes
    assert (given.parent, given.kept, given.former) == ("H90", False, "000.00.08.H90")
    assert found.findings == ()


def test_the_first_agency_of_a_level_is_two_digits_wide_and_a_deeper_one_three(tmp_path):
    after = (
        one("new-a Sở Mới")
        + one("new-b Phòng Mới", more=", parent: new-a")
        + one("new-c Tổ Mới", more=", parent: new-b")
    )
    assert codes(allocated(tmp_path, after)) == {
        "Sở Mới": "H90.01",
        "Phòng Mới": "H90.01.01",
        "Tổ Mới": "H90.01.01.001",
    }


def test_numbers_are_as_wide_as_those_of_the_siblings_of_that_level_and_function(tmp_path):
    before = (
        one("H90.07 Sở", more=", into: H90")
        + one("H90.101 UBND xã Cũ", "committee", "commune", "90009", ", into: H90")
        + one("H90.5 Ban", "board", more=", into: H90")
    )
    after = (
        one("new UBND xã Mới", "committee", "commune", "90001")
        + one("new Sở Mới")
        + one("new Ban Mới", "board")
    )
    assert codes(allocated(tmp_path, after, before)) == {
        "UBND xã Mới": "H90.102",
        "Sở Mới": "H90.08",
        "Ban Mới": "H90.6",
    }


def test_many_agencies_of_a_new_kind_get_numbers_that_hold_them_all(tmp_path):
    after = "".join(one(f"new UBND xã {n}", "committee", "commune", f"{90000 + n}") for n in range(1, 125))
    found = allocated(tmp_path, after, one("H90.07 Sở", more=", into: H90"))
    given = [one.code for one in found.codes]
    assert (given[0], given[-1], len(set(given))) == ("H90.101", "H90.224", 124)
    assert set(problems(found)) == {"no-former"}
    assert "cannot be written in the former form: the former form takes two, two and three digits" in str(
        found.findings[0]
    )


def test_the_agency_that_goes_on_keeps_the_code_of_its_own_family(tmp_path):
    before = (
        one("H90.03 Sở Giao thông", "transport", more=", into: new-works")
        + one("H90.05 Sở Xây dựng A", "works", more=", former: 000.00.15.H90, into: new-works")
        + one("H91.04 Sở Xây dựng B", "works", unit="91", more=", into: new-works")
    )
    found = allocated(tmp_path, one("new-works Sở Xây dựng", "works"), before)
    (given,) = found.codes
    assert (given.code, given.kept, given.former) == ("H90.05", True, "000.00.15.H90")


def test_of_several_old_agencies_the_one_of_the_same_name_goes_on(tmp_path):
    before = one("H90.03 Sở Một", "works", more=", into: new-x") + one(
        "H90.04 Sở Hai", "works", more=", into: new-x"
    )
    assert codes(allocated(tmp_path, one("new-x Sở  HAI", "works"), before)) == {"Sở  HAI": "H90.04"}
    found = allocated(tmp_path, one("new-x Sở Ba", "works"), before)
    assert (codes(found), problems(found)) == ({}, ["survivor-unclear"])
    assert "H90.03, H90.04" in found.findings[0].message


def test_an_agency_of_which_only_a_part_comes_does_not_go_on(tmp_path):
    before = one("H90.03 Sở Một", "works", more=", into: competence")
    assert codes(allocated(tmp_path, one("new-x Sở Một", "works"), before)) == {"Sở Một": "H90.04"}


def test_a_committee_under_a_district_that_ended_does_not_keep_its_code(tmp_path):
    before = one("H90.30.04 UBND xã A", "committee", "commune", "90001", ", into: new-x")
    after = one("new-x UBND xã A", "committee", "commune", "90001")
    assert codes(allocated(tmp_path, after, before)) == {"UBND xã A": "H90.01"}


@pytest.mark.parametrize(
    "taken",
    [
        one("H90.01 Sở", more=", into: H90"),
        one("H90.1 Sở", more=", into: H90"),
        one("H90.001 Sở", more=", into: H90"),
        one("H90.44 Sở", "other", more=", former: 000.00.01.H90, into: H90"),
        one("H90.01.07 Phòng", "other", more=", into: H90"),
        one("000.00.01.H90 Sở", "other", more=", into: H90"),
    ],
    ids=[
        "same",
        "without its zero",
        "with two zeros",
        "as a former code",
        "as what stands above one",
        "former form",
    ],
)
def test_a_code_ever_used_in_either_form_is_not_given_again(taken, tmp_path):
    after = one("H90.99 Sở Chín", "x") + one("new Sở Mới", "x")
    (given,) = allocated(tmp_path, after, taken).codes
    assert given.code == "H90.02"


def test_numbers_that_are_used_up_at_the_end_go_on_in_the_gaps_and_then_are_full(tmp_path):
    before = "".join(one(f"H90.{n} Ban {n}", "board", more=", into: H90") for n in range(1, 10) if n != 4)
    assert codes(allocated(tmp_path, one("new Ban", "board"), before)) == {"Ban": "H90.4"}
    found = allocated(tmp_path, one("new Ban", "board") + one("new Ban nữa", "board"), before)
    assert (len(found.codes), problems(found)) == (1, ["range-full"])
    assert found.findings[0].message == "Ban nữa: all 9 numbers under H90 have been used"


def test_codes_of_a_published_register_are_taken_too(tmp_path):
    known = [Entry(code="H90.01", level="province", function="office", state="closed")]
    assert codes(allocated(tmp_path, one("new Sở Mới"), known=known)) == {"Sở Mới": "H90.02"}


def test_a_code_of_more_than_35_characters_is_refused(tmp_path):
    parent = "H90" + ".0001" * 5 + ".01"
    found = allocated(tmp_path, one(f"{parent} Tổ", "x") + one("new Tổ con", "y", more=f", parent: {parent}"))
    assert (codes(found), problems(found)) == ({"Tổ con": f"{parent}.001"}, ["no-former"])
    parent += "1"
    found = allocated(tmp_path, one(f"{parent} Tổ", "x") + one("new Tổ con", "y", more=f", parent: {parent}"))
    assert (codes(found), problems(found)) == ({}, ["too-long"])
    assert found.findings[0].message.endswith(f"{parent}.001, which is longer than 35 characters")


def test_a_parent_that_is_none_is_told(tmp_path):
    found = allocated(tmp_path, one("new Phòng", more=", parent: H90.77"))
    assert (found.codes, problems(found)) == ((), ["parent-unknown"])
    after = one("new-a Phòng", more=", parent: new-b") + one("new-b Ban", more=", parent: new-a")
    assert problems(allocated(tmp_path, after)) == ["parent-waits", "parent-waits"]


def test_level_one_is_kept_by_the_province_of_the_same_name_and_never_made_up(tmp_path):
    (tmp_path / "u.yaml").write_text(
        "schema: merger/units/1\nid: u\neffective: 2025-07-01\n"
        "province: {into: 92 Tỉnh B, from: [90 Tỉnh A, 92 Tỉnh B]}\n",
        "utf-8",
    )
    before = "".join(
        one(f"H{unit} UBND", "committee", unit=unit, more=", into: new-top") for unit in ("90", "92")
    )
    top = one("new-top UBND tỉnh", "committee", unit="92")
    write(tmp_path, one("new Sở Mới", unit="92"), before, top)
    found = allocate(load([tmp_path]))
    assert codes(found) == {"UBND tỉnh": "H92", "Sở Mới": "H92.01"}
    write(tmp_path, one("new Sở Mới", unit="92"), before.replace("H92", "H92.07"), top)
    assert problems(allocate(load([tmp_path]))) == ["level-one", "parent-waits"]


def test_without_one_agency_at_level_one_the_root_is_not_guessed(tmp_path):
    found = allocate(load([write(tmp_path, one("new Sở Mới"), top="")]))
    assert (found.codes, problems(found)) == ((), ["root-unknown"])
    second = one("H94 UBND nữa", "committee")
    assert problems(allocated(tmp_path, second + one("new Sở Mới"))) == ["root-unknown"]
    council = one("K05 HĐND", "council")
    assert codes(allocated(tmp_path, council + one("new Sở Mới"))) == {"Sở Mới": "H90.01"}


def test_an_agency_entered_twice_gets_one_code_and_a_finding(tmp_path):
    found = allocated(tmp_path, one("new Sở Mới") + one("new-b Sở mới"))
    assert (list(codes(found).values()), problems(found)) == (["H90.01"], ["wanted-twice"])
    assert found.findings[0].place.line == 10


def test_a_column_that_cuts_codes_is_told_with_every_code_and_those_that_are_alike(tmp_path):
    after = one("H90.07 Sở", "x") + one("new Phòng", "x", more=", parent: H90.07")
    assert problems(allocated(tmp_path, after, width=9)) == []
    found = allocated(tmp_path, after, width=8)
    assert found.findings[0].message == "Phòng: a column of 8 characters cuts H90.07.01, which has 9"
    assert problems(allocated(tmp_path, after, width=6)) == ["cut-alike"]


def test_only_the_files_of_the_day_asked_for(tmp_path):
    path = write(tmp_path, one("new-a Sở Mới"))
    later = write(tmp_path, one("new-b Sở Sau"), name="b")
    later.write_text(later.read_text("utf-8").replace("2025-07-01", "2026-07-01"), "utf-8")
    loaded = load([path, later])
    found = allocate(loaded, date(2025, 7, 1))
    assert codes(found) == {"Sở Mới": "H90.01"}
    filled = fill(loaded, found, date(2025, 7, 1))
    assert (len(filled.files), filled.findings) == (1, ())


def test_codes_go_where_the_place_holders_stand_and_nothing_else_changes(tmp_path):
    before = one("H90.03 Sở Cũ", "y", more=", into: new-x, documents: new-x") + one(
        "H91.03 Sở Kia", "y", unit="91", more=", into: 'new-x'"
    )
    after = (
        one('"new-x Sở Mới, chung"', "x", more=" # a remark: new-x").replace(
            " # a remark: new-x}", "} # a remark: new-x"
        )
        + "  - agency: {code: new, name: Sở Hai}\n    level: province\n    function: z\n    unit: 90\n"
        + one("new-y Phòng", "z", more=", parent: new-x")
    )
    path = write(tmp_path, after, OLD_TOP + before)
    (tmp_path / "c.yaml").write_text(
        "schema: merger/competence/1\nid: c\neffective: 2025-07-01\n"
        "rules:\n  - {rule: a, to: {agency: new-x}}\n",
        "utf-8",
    )
    loaded = load([tmp_path])
    filling = fill(loaded, allocate(loaded))
    assert filling.findings == ()
    own = {filled.document.path.name: filled.content.decode() for filled in filling.files}
    text = path.read_text("utf-8")
    expected = (
        text.replace("into: new-x", "into: H90.04")
        .replace("documents: new-x", "documents: H90.04")
        .replace("'new-x'", "'H90.04'")
        .replace('"new-x Sở', '"H90.04 Sở')
        .replace("code: new,", "code: H90.05,")
        .replace("new-y Phòng", "H90.04.01 Phòng")
        .replace("parent: new-x", "parent: H90.04")
    )
    assert own["a.yaml"] == expected
    assert "# a remark: new-x" in expected
    assert own["c.yaml"].endswith("{agency: H90.04}}\n")


def test_a_place_holder_without_a_code_is_told_where_it_stands(tmp_path):
    before = OLD_TOP + one("H90.03 Sở Cũ", "y", more=", into: new-lost")
    path = write(tmp_path, one("new Sở Mới"), before)
    loaded = load([path])
    (finding,) = fill(loaded, allocate(loaded)).findings
    assert str(finding).endswith("there is no code for the place-holder new-lost")
    assert finding.place.line == 7


def test_line_ends_and_a_byte_order_mark_stay_as_they_are(tmp_path):
    path = write(tmp_path, one("new Sở Mới"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    loaded = load([path])
    (filled,) = fill(loaded, allocate(loaded)).files
    assert filled.content == path.read_bytes().replace("new Sở".encode(), "H90.01 Sở".encode())


def test_codes_that_were_written_earlier_stay_when_an_agency_is_added(tmp_path):
    loaded = load([write(tmp_path, one("new-m Sở M", "m"))])
    (filled,) = fill(loaded, allocate(loaded)).files
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.yaml").write_bytes(filled.content)
    written = load([tmp_path / "out"]).mapping.agencies
    again = load([write(tmp_path, one("new-a Sở A", "a") + one("new-m Sở M", "m"))])
    assert codes(allocate(again)) == {"Sở A": "H90.01", "Sở M": "H90.02"}
    assert codes(allocate(again, written=written)) == {"Sở A": "H90.02", "Sở M": "H90.01"}


def test_the_committees_of_a_whole_province_get_the_codes_that_the_demo_has(tmp_path):
    """The demo numbers them 101, 102 … by the units' codes; so does allocation, and nothing else changes."""
    text = (ROOT / "fixtures" / "lam-dong" / "mapping" / "agencies.yaml").read_text("utf-8")
    waiting, count = re.subn(r"H36\.([12][0-9]{2})\b", r"new-\1", text)
    assert count > 124
    (tmp_path / "agencies.yaml").write_text(waiting, "utf-8")
    loaded = load([tmp_path, ROOT / "mappings" / "vn-2025" / "68-lam-dong.yaml"])
    found = allocate(loaded)
    assert (len(found.codes), set(problems(found))) == (124, {"no-former"})
    filling = fill(loaded, found)
    (filled,) = filling.files
    assert filling.findings == ()
    assert filled.content.decode() == text
