"""changes-csv: what is written, and that nothing is lost between writing and reading."""

from datetime import date
from pathlib import Path

import pytest
from csv_files import DAY, HEADER, ISLES, read, rows, saved, there_and_back, with_rows, written

from merger.lineage import build, crosswalk
from merger.mapping import load
from merger.mapping.models import Mapping, Ref, UnitKind
from merger.mapping.tables import drafts as drafts_module
from merger.mapping.tables import read_changes, write_changes
from merger.testing.histories import mapping, units_file


def entries() -> Mapping:
    return mapping(
        units_file(
            DAY,
            [
                {
                    "clause": "1",
                    "into": "00001 Phường Một",
                    "from": [
                        {"unit": "00001 Xã Một", "land": "part", "people": "all", "words": "một phần",
                         "note": "x"},
                        "00002 Xã Hai",
                    ],
                    "area_km2": 12.5,
                    "point": [11.5, 108.25],
                    "words": "Sắp xếp",
                    "note": "đã xem",
                },
                {"clause": "2", "into": "00004 Xã Bốn", "from": [
                    {"unit": "00001 Xã Một", "land": "part", "people": "none", "share": 0.25}]},
                {"keep": "00005 Xã Năm"},
                {"clause": "4", "into": "00006 Đặc khu", "areas": [{"district": "901 Huyện đảo"}]},
                {"clause": "5", "into": "00007 Phường Bảy", "from": ["00007 Xã Bảy"]},
                {"clause": "6", "into": "00008 Xã Tám", "from": ["00009 Xã Chín"]},
            ],
            id="made-up",
            province={"into": "90 Tỉnh A", "from": ["90 Tỉnh A", "91 Tỉnh B"]},
            districts=[
                {"unit": "901 Huyện đảo", "province": "90", "communes": []},
                {"unit": "902 Huyện", "province": "91", "communes": ["00002", "00010"]},
            ],
            changes=[{"date": "2020-01-01", "what": "rename", "from": "00002 Xã Nhị", "to": "00002 Xã Hai"}],
        )
    )  # fmt: skip


def test_a_foreign_country_is_drafted_as_the_file_beside_it() -> None:
    (draft,) = read_changes([ISLES], "two-isles", UnitKind.COMMUNE).drafts
    assert draft.name == "two-isles.yaml"
    assert draft.value == load([ISLES.with_suffix(".yaml")]).mapping.units[0]


def test_a_foreign_country_comes_back_row_for_row() -> None:
    back = write_changes(load([ISLES.with_suffix(".yaml")]).mapping)
    assert rows(back.text) == rows(ISLES.read_text("utf-8"))
    assert back.left_out == 0


def test_a_formula_that_nobody_guarded_is_read_as_text_and_written_with_a_guard(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "a.csv", "2025-07-01,E,merge,001,=cmd(),002,Two,whole,")
    changes = read(path)
    assert changes[0].from_ == Ref(code="001", name="=cmd()")
    text = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping).text
    assert ",001,'=cmd(),002," in text


def test_line_breaks_within_quotes_stay(tmp_path: Path) -> None:
    header = f"{HEADER},remark"
    text = f'{header}\r\n2025-07-01,E,merge,A,"One\nTwo",B,Hai,whole,,"x\r\ny"\r\n'
    mapping_ = saved(read_changes([written(tmp_path / "a.csv", text)], "x"), tmp_path / "x").mapping
    (change,) = mapping_.units[0].changes
    assert (change.from_.name, change.notes) == ("One\nTwo", {"remark": "x\r\ny"})
    assert rows(write_changes(mapping_).text)[0]["remark"] == "x\r\ny"


@pytest.mark.parametrize(("given", "back"), [("0.50", "0.5"), ("1.0", "1"), ("0", "0"), (".25", "0.25")])
def test_a_share_keeps_its_number(given: str, back: str, tmp_path: Path) -> None:
    path = with_rows(tmp_path / "a.csv", f"2025-07-01,E,merge,A,,B,,part,{given}")
    text = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping).text
    assert rows(text)[0]["share"] == back


def test_columns_of_notes_keep_their_order_even_if_empty(tmp_path: Path) -> None:
    header = f"{HEADER},population,seq,zeta,note,dated,alpha"
    path = with_rows(
        tmp_path / "a.csv",
        "2025-07-01,E,merge,A,,B,,whole,,all,,,,draft,",
        "2025-07-02,F,merge,B,,C,,whole,,all,,,,signed,",
        header=header,
    )
    back = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping)
    assert back.header[11:] == ("dated", "zeta", "note", "alpha")
    assert rows(back.text) == rows(path.read_text("utf-8"))


def test_our_own_columns_become_parts_of_the_change(tmp_path: Path) -> None:
    path = with_rows(
        tmp_path / "a.csv",
        "2025-07-01,E,merge,A,,B,,whole,,Act 1,2025-01-01,signed,why",
        "2025-07-01,E,merge,C,,B,,whole,,,spring 2025,,",
        header=f"{HEADER},source,after,dated,note",
    )
    one, two = read(path)
    assert (one.source, one.after, one.dated, one.note) == ("Act 1", date(2025, 1, 1), "signed", "why")
    assert (two.after, two.notes) == (None, {"after": "spring 2025"})
    back = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping)
    assert [row["after"] for row in rows(back.text)] == ["2025-01-01", "spring 2025"]


def test_entries_become_rows_with_their_evidence() -> None:
    made = rows(write_changes(entries()).text)
    assert [(row["event_id"], row["kind"], row["from_code"], row["to_code"]) for row in made] == [
        ("made-up:1", "split", "00001", "00001"),
        ("made-up:1", "merge", "00002", "00001"),
        ("made-up:2", "split", "00001", "00004"),
        ("made-up:entry-3", "rename", "00005", "00005"),
        ("made-up:4", "create", "", "00006"),
        ("made-up:5", "rename", "00007", "00007"),
        ("made-up:6", "recode", "00009", "00008"),
        ("", "rename", "00002", "00002"),
        ("made-up:left-out", "merge", "00010", ""),
    ]
    first, second, third, *_ = made
    assert first["source"] == "act-2025 §1"
    assert (first["note"], first["words"], first["clause"]) == ("x", "một phần", "1")
    assert (first["clause_words"], first["clause_note"]) == ("Sắp xếp", "đã xem")
    assert (first["area_km2"], first["point"]) == ("12.5", "11.5,108.25")
    assert (second["clause"], second["area_km2"]) == ("", "")
    assert (third["extent"], third["population"], third["share"]) == ("part", "none", "0.25")
    assert made[4]["areas"] == '[{"district": "901 Huyện đảo"}]'


def test_entries_give_the_same_lineage_after_a_round_trip(tmp_path: Path) -> None:
    before = entries()
    again = there_and_back(before, tmp_path)
    assert write_changes(again).text == write_changes(before).text
    for at, on in (("2025-06-30", "2025-07-01"), ("2025-07-01", "2025-06-30")):
        days = date.fromisoformat(at), date.fromisoformat(on)
        known = [row for row in crosswalk(build(before), *days) if row.old_code != "00010"]
        assert known
        assert [row for row in crosswalk(build(again), *days) if row.old_code != "00010"] == known


def test_provinces_and_districts_are_exported_by_kind(tmp_path: Path) -> None:
    mapping_ = entries()
    provinces = rows(write_changes(mapping_, UnitKind.PROVINCE).text)
    assert [(row["kind"], row["from_code"], row["to_code"]) for row in provinces] == [
        ("merge", "90", "90"),
        ("merge", "91", "90"),
    ]
    districts = write_changes(mapping_, UnitKind.DISTRICT)
    assert [(row["kind"], row["from_code"], row["province"]) for row in rows(districts.text)] == [
        ("abolish", "901", "90"),
        ("abolish", "902", "91"),
    ]
    assert districts.left_out == 1
    again = there_and_back(mapping_, tmp_path, list(UnitKind))
    for kind in (UnitKind.PROVINCE, UnitKind.DISTRICT):
        before = list(crosswalk(build(mapping_), date(2025, 6, 30), DAY, kind))
        assert before
        assert list(crosswalk(build(again), date(2025, 6, 30), DAY, kind)) == before


def test_what_one_file_cannot_hold_is_divided_and_loaded_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts_module, "MAX_VALUES", 100)
    path = with_rows(tmp_path / "a.csv", *(f"2024-01-01,E{i},merge,A{i},,B{i},,whole," for i in range(31)))
    imported = read_changes([path], "many")
    assert len(imported.drafts) > 10
    again = write_changes(saved(imported, tmp_path / "x").mapping)
    assert [row["event_id"] for row in rows(again.text)] == [f"E{i}" for i in range(31)]
