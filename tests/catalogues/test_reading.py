"""Lists of services as offices have them: what is mended with a warning, what nobody can decide."""

import unicodedata
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from merger.catalogues import read_catalogue, read_catalogues
from merger.errors import InputError, Severity
from merger.mapping.models import Level
from merger.testing.catalogues import made_up, planted, written

HEAD = ["Mã TTHC", "Tên TTHC", "Lĩnh vực", "Cấp thực hiện"]


def csv_of(folder: Path, *rows: str, head: str = "ma_tthc;ten_tthc;linh_vuc;cap_thuc_hien") -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def book_of(folder: Path, *rows: list[object], title: bool = True) -> Path:
    book = Workbook()
    sheet = book.active
    if title:
        sheet.append(["DANH MỤC"])
    for row in (HEAD, *rows):
        sheet.append(row)
    path = folder / "list.xlsx"
    book.save(path)
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_catalogue(path, "91")
    return [
        f"{one.place.file.rpartition('/')[2]}:{one.place.line} {one.code}" for one in caught.value.findings
    ]


def test_columns_are_found_by_their_heads_in_either_language(tmp_path):
    for head in ("Mã TTHC;Tên thủ tục;Lĩnh vực;Cấp thực hiện", "Code;Name;Field;Levels", "MÃ SỐ;TÊN;x;y"):
        found = read_catalogue(csv_of(tmp_path, "1.000001.X91;Cấp giấy;Đất đai;cấp xã", head=head), "91")
        (entry,) = found.catalogue.entries
        assert (entry.code, entry.name) == ("1.000001.X91", "Cấp giấy")
        assert found.warnings == ()
    assert entry.field == ""


def test_levels_are_read_from_the_words_of_offices(tmp_path):
    rows = [
        "1.000001;A;F;Sở, ban ngành, đoàn thể",
        '1.000002;B;F;"UBND Huyện/Thành phố; UBND Xã/Phường/Thị Trấn"',
        "1.000003;C;F;Uỷ ban nhân dân cấp xã",
        "1.000004;D;F;Công an",
        "1.000005;E;F;",
    ]
    found = read_catalogue(csv_of(tmp_path, *rows), "91")
    assert [entry.levels for entry in found.catalogue.entries] == [
        (Level.PROVINCE,), (Level.DISTRICT, Level.COMMUNE), (Level.COMMUNE,), (), (),
    ]  # fmt: skip
    assert [(one.code, one.place.line, one.fields["example"]) for one in found.warnings] == [
        ("level-unknown", 5, "Công an")
    ]


def test_spaces_in_codes_decomposed_text_and_repeated_rows_are_mended_and_counted(tmp_path):
    apart = unicodedata.normalize("NFD", "Cấp giấy")
    rows = [f" 1.000001. X91;{apart};Đất đai;cấp tỉnh", "1.000001.000.00.00.X91;Cấp  giấy;Đất Đai;cấp xã"]
    found = read_catalogue(csv_of(tmp_path, *rows), "91")
    (entry,) = found.catalogue.entries
    assert (entry.code, entry.name, entry.levels) == (
        "1.000001.X91",
        "Cấp giấy",
        (Level.PROVINCE, Level.COMMUNE),
    )
    assert [(one.code, one.fields["count"]) for one in found.warnings] == [
        ("decomposed", 1), ("code-spaces", 1), ("row-twice", 1),
    ]  # fmt: skip


def test_all_problems_of_a_list_are_told_at_once_with_their_places(tmp_path):
    rows = [
        "1.01323;Mất số 0;F;",
        "1,013230;Dấu phẩy;F;",
        "1013230;Không dấu;F;",
        ";Không mã;F;",
        "1.000001;;F;",
        "1.000002;Một;F;",
        "1.000002;Hai;F;",
        "TT 01;Mã riêng có dấu cách;F;",
        "1.000003.h91;Chữ thường;F;",
    ]
    assert refused(csv_of(tmp_path, *rows)) == [
        "list.csv:2 code-zeros",
        "list.csv:3 code-shape",
        "list.csv:4 code-shape",
        "list.csv:5 code-missing",
        "list.csv:6 name-missing",
        "list.csv:8 code-twice",
        "list.csv:9 code-shape",
        "list.csv:10 code-shape",
    ]


@pytest.mark.parametrize(
    "title",
    [
        "II LĨNH VỰC ĐẤT ĐAI",
        "II. Lĩnh vực đất đai",
        "Linh vuc dat dai",
        "1. LĨNH VỰC ĐẤT ĐAI",
        "Field of land",
    ],
)
def test_a_row_with_only_the_title_of_a_group_is_told_and_is_no_service(tmp_path, title):
    service = "1.000001;A;F;"
    for row in (f"{title};;;", f";{title};;"):
        listed = read_catalogue(csv_of(tmp_path, service, row, service.replace("1;A", "2;B"), row), "91")
        assert [one.code for one in listed.catalogue.entries] == ["1.000001", "1.000002"]
        (told,) = listed.warnings
        assert (told.code, told.severity, told.place.line) == ("title-row", Severity.NOTE, 3)
        assert told.message == f"2 rows hold only the title of a group, here {title}; they are no services"
    listed = read_catalogue(book_of(tmp_path, ["1.000001", "A", "F", ""], [title, None, None, None]), "91")
    assert [one.code for one in listed.warnings] == ["title-row"]
    listed = read_catalogue(csv_of(tmp_path, service, "ĐẤT ĐAI;;;"), "91")
    assert [one.code for one in listed.warnings] == ["title-row"]


def test_what_may_be_a_service_is_no_title(tmp_path):
    rows = [
        "II LĨNH VỰC ĐẤT ĐAI;;F;;",
        "II LĨNH VỰC ĐẤT ĐAI;;;;7",
        "1.000001 CẤP LẠI GIẤY PHÉP;;;;",
        "TT 01;;;;",
        "ABC;;;;",
        ";Cấp lại giấy phép;;;",
        ";CẤP LẠI GIẤY PHÉP;;;",
    ]
    assert refused(csv_of(tmp_path, *rows, head="ma_tthc;ten_tthc;linh_vuc;cap_thuc_hien;stt")) == [
        "list.csv:2 code-shape",
        "list.csv:2 name-missing",
        "list.csv:3 code-shape",
        "list.csv:3 name-missing",
        "list.csv:4 code-shape",
        "list.csv:4 name-missing",
        "list.csv:5 code-shape",
        "list.csv:5 name-missing",
        "list.csv:6 name-missing",
        "list.csv:7 code-missing",
        "list.csv:8 code-missing",
    ]


def test_all_problems_of_a_long_list_are_told_in_one_run(tmp_path):
    rows = [f"1.{number};Tên;F;" for number in range(1000)]
    assert len(refused(csv_of(tmp_path, *rows))) == 1000


def test_where_problems_are_told_no_more_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("merger.catalogues.reading.MAX_FINDINGS", 3)
    rows = [f"1.{number};Tên;F;" for number in range(9)]
    assert refused(csv_of(tmp_path, *rows)) == [
        "list.csv:2 code-zeros", "list.csv:3 code-zeros", "list.csv:4 code-zeros", "list.csv:5 too-many",
    ]  # fmt: skip


def test_a_number_that_may_have_lost_zeros_is_never_completed(tmp_path):
    rows = [[1.01323, "Mất số 0", "F", ""], [1.013228, "Đủ", "F", ""], [1013, "Số", "F", ""]]
    assert refused(book_of(tmp_path, *rows)) == [
        "list.xlsx#Sheet!A3:0 code-zeros",
        "list.xlsx#Sheet!A5:0 code-zeros",
    ]
    with pytest.raises(InputError, match=r"the code 1\.01323 has lost its last digits"):
        read_catalogue(book_of(tmp_path, rows[0]), "91")


def test_merged_cells_and_formulas_among_the_rows_are_refused_and_titles_are_not(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["DANH MỤC"])
    sheet.merge_cells("A1:D1")
    for row in (HEAD, ["1.000001", "A", "F", ""], ["1.000002", "B", None, ""], ["=1+1", "C", "F", ""]):
        sheet.append(row)
    sheet.merge_cells("C3:C4")
    book.save(tmp_path / "list.xlsx")
    assert refused(tmp_path / "list.xlsx") == [
        "list.xlsx#Sheet!C3:0 merged",
        "list.xlsx#Sheet!A5:0 formula",
        "list.xlsx#Sheet!A5:0 code-missing",
    ]


def test_a_list_without_heads_or_with_two_sheets_is_refused(tmp_path):
    assert refused(csv_of(tmp_path, "1;2", head="a;b")) == [
        "list.csv:1 column-missing",
        "list.csv:1 column-missing",
    ]
    assert refused(csv_of(tmp_path, "1.000001;A;B", head="Mã;Mã TTHC;Tên")) == ["list.csv:1 column-twice"]
    book = Workbook()
    for sheet in (book.active, book.create_sheet("Hai")):
        sheet.append(HEAD)
        sheet.append(["1.000001", "A", "F", ""])
    book.save(tmp_path / "two.xlsx")
    assert refused(tmp_path / "two.xlsx") == ["two.xlsx:0 sheets"]


def test_a_withdrawn_procedure_is_marked_and_an_unknown_status_is_told(tmp_path):
    rows = ["1.000001;A;Đã bãi bỏ", "1.000002;B;Còn hiệu lực", "1.000003;C;?", "1.000004;D;"]
    found = read_catalogue(csv_of(tmp_path, *rows, head="Mã;Tên;Trạng thái"), "91")
    assert [entry.withdrawn for entry in found.catalogue.entries] == [True, False, False, False]
    assert [one.code for one in found.warnings] == ["status-unknown"]


def test_a_file_of_definitions_is_a_list_too(tmp_path):
    path = tmp_path / "list.yaml"
    text = "schema: merger/services/1\nid: a\nservices: [{service: 1.000001.X90 Cấp giấy, field: Đất đai}]\n"
    path.write_text(text, "utf-8")
    assert [entry.code for entry in read_catalogue(path, "90").catalogue.entries] == ["1.000001.X90"]
    path.write_text("schema: merger/units/1\nid: a\neffective: 2025-07-01\n", "utf-8")
    assert refused(path) == ["list.yaml:1 other-kind"]


def test_two_lists_of_one_province_are_refused_and_problems_of_all_lists_are_told(tmp_path):
    (tmp_path / "a").mkdir()
    good = csv_of(tmp_path, "1.000001;A;F;")
    bad = csv_of(tmp_path / "a", "1.01;A;F;")
    with pytest.raises(InputError) as caught:
        read_catalogues([("91", good), ("91", bad)], ("90", tmp_path / "none.csv"))
    assert [one.code for one in caught.value.findings] == ["province-twice", "code-zeros", "DOC001"]
    listed, into = read_catalogues([("91", good)], ("91", good))
    assert listed == [into]


@pytest.mark.shared
def test_the_public_list_is_read_with_nothing_but_warnings(public_list):
    found = read_catalogue(public_list, "90")
    assert len(found.catalogue.entries) == 1268
    assert {one.code: one.fields["count"] for one in found.warnings} == {"decomposed": 34, "row-twice": 7}
    assert sum(Level.DISTRICT in entry.levels for entry in found.catalogue.entries) == 229
    assert all(entry.levels for entry in found.catalogue.entries)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_spoilt_list_is_read_or_refused_and_never_breaks(tmp_path_factory, seed):
    chance = Random(seed)
    folder = tmp_path_factory.mktemp("spoilt")
    truth = planted(chance, made_up(chance, 5))
    path = written(chance, truth.survivor, folder)
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content))
        content[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    path.write_bytes(content)
    findings = []
    try:
        read_catalogue(path, "90")
    except InputError as error:
        findings = [one.message + one.mend for one in error.findings]
        refused = True
    else:
        refused = False
    assert bool(findings) == refused
