"""What is wrong with an official's workbook comes back by sheet and cell, all of it in one run."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest

from merger.errors import Finding, InputError, Severity
from merger.mapping.models import KINDS, Mapping, UnitsFile
from merger.mapping.workbook import read_workbook, write_findings, write_workbook
from merger.mapping.workbook.sheets import BY_NAME, SHEETS
from merger.messages import use
from merger.testing.country import country

UNITS: dict[str, Any] = {
    "schema": "merger/units/1",
    "id": "units",
    "effective": "2025-07-01",
    "legal_basis": [{"number": "1/NQ", "date": "2025-06-16"}],
    "province": {"into": "01 Tỉnh A", "from": ["01 Tỉnh A", "02 Tỉnh B"]},
    "communes": [
        {"clause": "1", "into": "00070 Xã Một", "area_km2": 2,
         "from": ["00070 Xã Một", {"unit": "00071 Xã Hai", "land": "part"}],
         "areas": [{"name": "Đảo"}]},
        {"clause": "2", "keep": "00072 Xã Ba"},
    ],
    "changes": [{"date": "2020-01-01", "from": "00073 Xã Bốn", "to": "00070 Xã Một"}],
}  # fmt: skip
RULES: dict[str, Any] = {
    "schema": "merger/competence/1",
    "id": "rules",
    "effective": "2025-07-01",
    "rules": [{"rule": "one", "to": "person"}],
}

AT_THE_ROW = {"keep-takes-no-from": "A4", "area-needs-name-or-district": "D4", "DOC101": "C4"}


@cache
def the_book() -> bytes:
    units = UnitsFile.model_validate(UNITS)
    rules = KINDS["merger/competence/1"].model_validate(RULES)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write_workbook(Mapping.model_validate({"units": (units,), "competence": (rules,)}), path)
        return path.read_bytes()


def a_book(folder: Path, *edits: Callable[[openpyxl.Workbook], None]) -> Path:
    path = folder / "book.xlsx"
    path.write_bytes(the_book())
    book = openpyxl.load_workbook(path)
    for edit in edits:
        edit(book)
    book.save(path)
    return path


def cell(sheet: str, column: str, row: int) -> str:
    keys = [one.key for one in BY_NAME[sheet].columns]
    return f"{openpyxl.utils.get_column_letter(keys.index(column) + 1)}{row}"


def put(sheet: str, column: str, row: int, value: object) -> Callable[[openpyxl.Workbook], None]:
    def edit(book: openpyxl.Workbook) -> None:
        book[sheet][cell(sheet, column, row)].value = value

    return edit


def problems(path: Path) -> list[Finding]:
    try:
        return list(read_workbook([path], "").findings)
    except InputError as error:
        return list(error.findings)


def said(path: Path) -> set[tuple[str, str]]:
    return {(one.place.file.partition("#")[2], one.code) for one in problems(path)}


@pytest.mark.parametrize(
    ("sheet", "column", "row", "value", "code"),
    [
        ("Communes", "new_code", 4, 70, "DOC265"),
        ("Provinces", "new_code", 4, 1, "DOC265"),
        ("Communes", "new_code", 4, 1234567, "DOC266"),
        ("Communes", "old_code", 4, 70.5, "DOC266"),
        ("Communes", "old_code", 4, "00070 Xã Một", "DOC287"),
        ("Communes", "land", 4, "tất", "DOC270"),
        ("Communes", "land", 4, None, "DOC271"),
        ("Communes", "land", 4, 1, "DOC270"),
        ("Communes", "people", 5, None, "DOC271"),
        ("Communes", "new_code", 6, None, "DOC271"),
        ("Communes", "new_name", 5, "Xã Khác", "DOC278"),
        ("Communes", "new_name", 4, "=A1", "DOC263"),
        ("Communes", "new_name", 4, "#N/A", "DOC264"),
        ("Communes", "new_name", 4, date(2025, 7, 1), "DOC267"),
        ("Communes", "new_name", 4, True, "DOC284"),
        ("Communes", "new_name", 4, 1.5, "DOC266"),
        ("Communes", "new_name", 4, "Xã\u200bMột", "DOC281"),
        ("Communes", "area_km2", 4, "hai", "DOC269"),
        ("Communes", "lon", 4, 108.5, "DOC271"),
        ("Communes", "share", 4, 1.5, "DOC122"),
        ("Communes", "keep", 4, "có", "keep-takes-no-from"),
        ("Communes", "file", 4, None, "DOC272"),
        ("Communes", "file", 4, "unit", "DOC273"),
        ("Communes", "file", 4, "rules", "DOC275"),
        ("Areas", "new_code", 4, "00099", "DOC279"),
        ("Areas", "area_name", 4, None, "area-needs-name-or-district"),
        ("Files", "file", 5, "units", "DOC274"),
        ("Files", "schema", 4, "đất", "DOC270"),
        ("Files", "effective", 4, None, "DOC271"),
        ("Files", "effective", 4, "2025-13-01", "DOC268"),
        ("Files", "effective", 4, "7/2025", "DOC268"),
        ("Files", "effective", 4, datetime(2025, 7, 1, 12, 30), "DOC268"),
        ("Files", "title_vi", 4, "Chỉ một thứ tiếng", "DOC101"),
        ("Districts", "file", 4, "units", "DOC271"),
        ("Rules", "levels", 4, "huyện; thôn", "DOC270"),
        ("Rules", "fields", 4, "a;;b", "DOC276"),
        ("Rules", "to", 4, "chức năng", "DOC271"),
        ("Rules", "to_value", 4, "works", "DOC288"),
        ("Rules", "rule", 4, "Một", "DOC121"),
        ("Changes", "notes", 4, "a=1; a=2", "DOC277"),
        ("Changes", "seq", 4, 1.5, "DOC269"),
        ("Suppressions", "suppressed", 4, "MAP1", "DOC121"),
    ],
)
def test_a_bad_cell_is_named(
    tmp_path: Path, sheet: str, column: str, row: int, value: object, code: str
) -> None:
    others = [put("Suppressions", "file", 4, "units"), put("Suppressions", "reason", 4, "x")]
    edits = [put(sheet, column, row, value), *(others if sheet == "Suppressions" else [])]
    found = said(a_book(tmp_path, *edits))
    at = AT_THE_ROW.get(code) or cell(sheet, column, row)
    if code == "DOC271" and value is not None:
        assert code in {one for _, one in found}
    else:
        assert (f"{sheet}!{at}", code) in found


def test_lost_zeros_are_shown_and_not_put_back(tmp_path: Path) -> None:
    path = a_book(tmp_path, put("Communes", "old_code", 4, 70))
    [finding] = problems(path)
    use("en")
    assert finding.message == "column Old code: leading zeros lost: 70; did you mean 00070?"
    assert finding.place.file == f"{path}#Communes!E4"


def test_all_problems_of_a_workbook_come_in_one_run(tmp_path: Path) -> None:
    path = a_book(
        tmp_path,
        put("Communes", "land", 4, "tất"),
        put("Communes", "land", 5, "=1"),
        put("Provinces", "new_code", 4, 1),
        put("Rules", "rule", 4, "Một"),
        put("Files", "effective", 4, "hôm nay"),
        lambda book: book["Areas"].merge_cells("B4:C4"),
        lambda book: book.remove(book["Services"]),
    )
    found = said(path)
    expected = {("Communes!G4", "DOC270"), ("Communes!G5", "DOC263"), ("Provinces!B4", "DOC265"),
                ("Rules!B4", "DOC121"), ("Files!E4", "DOC268"), ("Areas!B4", "DOC262"),
                ("", "DOC254")}  # fmt: skip
    assert expected <= found


def test_words_in_either_language_and_days_in_three_forms_are_understood(tmp_path: Path) -> None:
    path = a_book(
        tmp_path,
        put("Communes", "land", 4, " Toàn  bộ "),
        put("Communes", "people", 4, "ALL"),
        put("Communes", "land", 5, "part"),
        put("Files", "effective", 4, "2/7/2025"),
        put("Files", "effective", 5, "2025-07-02"),
        put("LegalBasis", "date", 4, date(2025, 7, 2)),
        put("Communes", "clause", 6, 2),
        put("Communes", "old_code", 5, 12345),
        put("Changes", "file", 4, "units"),
    )
    read = read_workbook([path], "")
    units = read.drafts[0].value
    assert isinstance(units, UnitsFile)
    assert str(units.effective) == str(units.legal_basis[0].date) == "2025-07-02"
    assert units.communes[0].from_[1].unit.code == "12345"
    assert units.communes[1].clause == "2"


def test_columns_may_stand_in_another_order_and_rows_too(tmp_path: Path) -> None:
    def turned(book: openpyxl.Workbook) -> None:
        page = book["Communes"]
        rows = [[one.value for one in row] for row in page.iter_rows()]
        rows[3:] = reversed(rows[3:])
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(reversed(row), start=1):
                page.cell(number, column).value = value

    path = a_book(tmp_path, turned)
    units = read_workbook([path], "").drafts[0].value
    assert isinstance(units, UnitsFile)
    assert [entry.unit.code for entry in units.communes] == ["00072", "00070"]
    assert [part.unit.code for part in units.communes[1].from_] == ["00071", "00070"]
    assert units.communes[1].area_km2 == 2


def test_rows_without_a_file_belong_to_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    write_workbook(Mapping(units=(UnitsFile.model_validate(UNITS),)), path)
    book = openpyxl.load_workbook(path)
    for sheet in SHEETS:
        for row in range(4, book[sheet.name].max_row + 1):
            book[sheet.name].cell(row, 1).value = None
    book.save(path)
    [draft] = read_workbook([path], "given").drafts
    assert draft.value == UnitsFile.model_validate({**UNITS, "id": "given"})


@pytest.mark.parametrize(
    ("edit", "place", "code"),
    [
        (lambda book: setattr(book["Areas"], "sheet_state", "hidden"), "Areas", "DOC255"),
        (lambda book: setattr(book["Areas"], "title", "Khu vực"), "", "DOC254"),
        (lambda book: book["Areas"].delete_rows(1, 3), "Areas", "DOC257"),
        (lambda book: setattr(book["Areas"]["B1"], "value", "claus"), "Areas!B1", "DOC258"),
        (lambda book: setattr(book["Areas"]["B1"], "value", None), "Areas", "DOC259"),
        (lambda book: setattr(book["Areas"]["B1"], "value", "land"), "Areas!G1", "DOC260"),
        (lambda book: setattr(book["Areas"]["Z9"], "value", "?"), "Areas!Z9", "DOC261"),
        (lambda book: book["Communes"].merge_cells("A4:A5"), "Communes!A4", "DOC262"),
        (lambda book: book["Files"].delete_rows(4, 2), "Files", "DOC286"),
    ],
)
def test_a_bad_sheet_is_named(
    tmp_path: Path, edit: Callable[[openpyxl.Workbook], None], place: str, code: str
) -> None:
    def emptied(book: openpyxl.Workbook) -> None:
        if code == "DOC286":
            for page in book.worksheets[2:]:
                page.delete_rows(4, 10)

    assert (place, code) in said(a_book(tmp_path, edit, emptied))


def test_a_sheet_of_ones_own_is_named_and_not_read(tmp_path: Path) -> None:
    [finding] = problems(a_book(tmp_path, lambda book: book.create_sheet("Nháp")))
    assert (finding.code, finding.severity) == ("DOC256", Severity.WARNING)
    assert "Nháp" in finding.message


def test_two_workbooks_may_not_give_one_id(tmp_path: Path) -> None:
    first = a_book(tmp_path)
    second = tmp_path / "second.xlsx"
    second.write_bytes(first.read_bytes())
    with pytest.raises(InputError) as refused:
        read_workbook([first, second], "")
    assert {finding.code for finding in refused.value.findings} == {"MAP001"}
    assert refused.value.findings[0].place.file == f"{second}#Files!A4"


def test_bad_cells_are_marked_in_a_copy_and_marks_go_when_mended(tmp_path: Path) -> None:
    path = a_book(tmp_path, put("Communes", "old_code", 4, 70), put("Communes", "land", 5, "tất"))
    before = path.read_bytes()
    use("en")
    marked = tmp_path / "marked.xlsx"
    write_findings(path, problems(path), marked)
    book = openpyxl.load_workbook(marked)
    assert book.sheetnames[0] == "Findings"
    assert [one.value for one in book["Findings"]["A"]] == ["Place", "Communes!E4", "Communes!G5"]
    assert book["Communes"]["E4"].fill.start_color.rgb == "00FF9999"
    assert "did you mean 00070?" in book["Communes"]["E4"].comment.text
    assert path.read_bytes() == before
    book["Communes"]["E4"].value = "00070"
    book["Communes"]["G5"].value = "một phần"
    book.save(marked)
    assert problems(marked) == []
    again = tmp_path / "again.xlsx"
    write_findings(marked, [], again)
    page = openpyxl.load_workbook(again)["Communes"]
    assert page["E4"].comment is None
    assert page["E4"].fill.start_color.rgb == "00E4E7EB"


def test_a_country_marked_with_nothing_reads_back_equal(tmp_path: Path) -> None:
    path, marked = tmp_path / "book.xlsx", tmp_path / "marked.xlsx"
    write_workbook(country(Random(3)), path)
    write_findings(path, [], marked)
    assert read_workbook([marked], "") == read_workbook([path], "")
