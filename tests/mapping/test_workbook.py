"""What is written as a workbook reads back equal, and looks as officials need it."""

from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from merger.errors import InputError
from merger.mapping import load, models, shipped
from merger.mapping.models import KINDS, Definitions, Mapping
from merger.mapping.tree import is_seen
from merger.mapping.workbook import read_workbook, workbook_mapping, write_workbook
from merger.mapping.workbook.rows import files_of
from merger.mapping.workbook.sheets import BY_NAME, POLYGONS, SHEETS
from merger.mapping.workbook.written import (
    read_list,
    read_pairs,
    read_text,
    write_list,
    write_pairs,
    write_text,
)
from merger.quality import check
from merger.testing.country import country
from merger.testing.histories import wild_lineages

SEEN = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co"]).filter(is_seen)
TEXTS = st.text(SEEN, max_size=40)
LINES = st.lists(TEXTS | st.sampled_from(['"', '""', "~", ";", "=", "_x0041_", "=1+1", "", " "]), max_size=4)


def file_of(kind: str, **said: object) -> Definitions:
    schema = f"merger/{kind}/1"
    return KINDS[schema].model_validate({"schema": schema, "id": kind, **said})


def mapping_of(*files: Definitions) -> Mapping:
    parts: dict[str, list[Definitions]] = {}
    for file in files:
        parts.setdefault(file.schema_.split("/")[1], []).append(file)
    return Mapping.model_validate({kind: tuple(found) for kind, found in parts.items()})


def round_trip(mapping: Mapping) -> tuple[Definitions, ...]:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "book.xlsx"
        write_workbook(mapping, out)
        return tuple(draft.value for draft in read_workbook([out], "unused").drafts)


@settings(max_examples=8, deadline=None)
@given(wild_lineages())
def test_whatever_units_say_reads_back_equal(mapping: Mapping) -> None:
    assert round_trip(mapping) == files_of(mapping)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_a_whole_country_reads_back_equal(seed: int) -> None:
    mapping = country(Random(seed))
    assert round_trip(mapping) == files_of(mapping)


@settings(max_examples=12, deadline=None)
@given(TEXTS, LINES, st.floats(allow_nan=False, allow_infinity=False), st.dates())
def test_texts_lists_numbers_and_days_read_back_equal(
    text: str, lines: list[str], number: float, day: date
) -> None:
    name = " ".join(text.split())
    mapping = mapping_of(
        file_of(
            "units",
            title={"vi": text, "en": ""},
            note=text,
            effective=day,
            codes="other",
            example=True,
            legal_basis=[{"number": text, "date": day, "on": text}],
            suppress=[{"rule": "MAP101", "of": name, "reason": text or "."}],
            open=[
                {"code": "RES022", "of": name, "at": name, "settle": text or "."},
                {"code": "RES013", "settle": text or "x", "weight": "warning", "by": "A", "reason": "B"},
            ],
            counts={"before": {"xã": 3, "phường": 2}, "changes": {"merge": 1}, "areas": 0},
            districts=[
                {"unit": "001 A", "province": "", "communes": ["1", "a=b"]},
                {"unit": "002 B", "province": "1", "communes": {"1": "2", "3": ["4", "5"]}},
            ],
            communes=[
                {
                    "into": {"code": "70", "name": name},
                    "from": [{"unit": "00070", "words": text, "share": 0.1}, {"unit": "7", "land": "none"}],
                    "areas": [{"name": name or "x", "note": text}, {"district": "009 Huyện", "land": "part"}],
                    "area_km2": number,
                    "point": [number, -number],
                    "words": text,
                },
                {"keep": "80 B"},
                {"keep": "80 B", "areas": [{"name": "y"}]},
                {"into": "70"},
            ],
            changes=[{"date": day, "after": day, "seq": 10**18, "notes": dict.fromkeys(lines, text)}],
        ),
        file_of("services", services=[{"service": "1.000010", "field": "", "follows": "land"}]),
        file_of("localities", effective=day, localities=[{"unit": "1", "into": "2", "names": lines}]),
        file_of(
            "competence",
            effective=day,
            rules=[
                {"rule": "a", "fields": lines, "works": ["documents", "dossiers"], "to": {"function": text}},
                {"rule": "b", "levels": ["commune", "province"], "to": {"agency": "=H1"}},
            ],
        ),
        file_of(
            "decisions",
            decisions=[
                {"decision": name, "author": "", "date": day, "reason": text, "when": {}, "exclude": "x"},
                {"decision": "", "author": "-", "date": day, "reason": "", "when": {text: None, "b": text},
                 "then": {"commune": "~"}},
            ],
            units=[
                {"decision": name, "author": "", "date": day, "reason": text, "kind": "district",
                 "unit": "901 Huyện D", "on": day, "into": "902"},
            ],
        ),
    )  # fmt: skip
    assert round_trip(mapping) == files_of(mapping)


@given(LINES, TEXTS)
def test_lists_pairs_and_texts_in_a_cell_read_back_equal(lines: list[str], text: str) -> None:
    assert read_list(write_list(lines)) == lines
    pairs = {line: (None if index % 2 else line) for index, line in enumerate(lines)}
    assert read_pairs(write_pairs(pairs)) == list(pairs.items())
    assert read_text(write_text(text)) == text


@pytest.mark.parametrize("written", ["a;;b", "; a", '"a', '"a"b', 'a; "b" c'])
def test_a_list_that_is_not_well_written_is_refused(written: str) -> None:
    assert read_list(written) is None


@pytest.mark.parametrize("written", ["a", "a=", "=a", "a=b; c", 'a="b', "a=b=c"])
def test_pairs_that_are_not_well_written_are_refused(written: str) -> None:
    assert read_pairs(written) is None


@pytest.mark.slow
def test_the_shipped_mapping_reads_back_equal(tmp_path: Path) -> None:
    loaded = load([shipped()])
    out = tmp_path / "book.xlsx"
    write_workbook(loaded.mapping, out)
    read = {draft.value.id: draft.value for draft in read_workbook([out], "unused").drafts}
    assert read == {document.value.id: document.value for document in loaded.documents}


def test_checks_of_a_workbook_answer_with_its_cells(tmp_path: Path) -> None:
    units = file_of(
        "units",
        effective="2025-07-01",
        communes=[{"into": "00001 A", "from": ["00001 A"]}, {"into": "00002 B", "from": ["00001 A"]}],
    )
    out = tmp_path / "book.xlsx"
    write_workbook(mapping_of(units), out)
    loaded = workbook_mapping([out])
    assert loaded.mapping.units == (units,)
    assert f"{out}#Communes!E5" in {finding.place.file for finding in check(loaded)}
    assert loaded.place(units, ("communes", 0, "into", "name")).file == f"{out}#Communes!D4"
    assert loaded.place(units, ("communes", 1, "from", 0, "land")).file == f"{out}#Communes!G5"


def test_what_a_workbook_lets_stand_is_not_found_in_it(tmp_path: Path) -> None:
    communes = [{"into": "00001 A", "from": ["00001 A"]}, {"into": "00002 B", "from": ["00001 A"]}]
    reason = [{"rule": "MAP101", "of": "00001", "reason": "seen"}]
    out = tmp_path / "book.xlsx"
    write_workbook(mapping_of(file_of("units", effective="2025-07-01", communes=communes)), out)
    assert "MAP101" in {finding.code for finding in check(workbook_mapping([out]))}
    units = file_of("units", effective="2025-07-01", communes=communes, suppress=reason)
    write_workbook(mapping_of(units), out)
    assert not {"MAP101", "MAP901"} & {finding.code for finding in check(workbook_mapping([out]))}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    out = tmp_path_factory.mktemp("book") / "book.xlsx"
    units = file_of(
        "units",
        effective="2025-07-01",
        note="=1+1",
        communes=[{"clause": "1", "into": "00070 Xã Một", "from": ["00070 Xã Một"], "words": "@x"}],
    )
    write_workbook(mapping_of(units), out)
    return openpyxl.load_workbook(out)


def test_every_kind_has_its_sheet_after_the_introduction(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["Introduction", *(sheet.name for sheet in SHEETS)]
    said = [cell for row in book["Introduction"].values for cell in row]
    assert "Mã đã có: bị khóa" in said
    assert "A code that exists: locked" in said


def test_headings_are_in_both_languages_over_hidden_keys(book: openpyxl.Workbook) -> None:
    page = book["Communes"]
    assert [cell.value for cell in page["C"][:3]] == ["new_code", "Mã mới", "New code"]
    assert page.row_dimensions[1].hidden
    assert page.freeze_panes == "A4"
    assert "00070 keeps its zeros" in page["C2"].comment.text


def test_codes_that_exist_are_locked_and_empty_rows_are_not(book: openpyxl.Workbook) -> None:
    page = book["Communes"]
    assert page.protection.sheet
    assert page.protection.password is None
    assert page["C4"].value == "00070"
    assert page["C4"].protection.locked
    assert page["C4"].number_format == "@"
    assert not page["D4"].protection.locked
    assert not page.column_dimensions["C"].protection.locked
    assert page.column_dimensions["C"].number_format == "@"


def test_words_and_dates_are_checked_down_to_the_last_row(book: openpyxl.Workbook) -> None:
    checks = {str(one.sqref): one for one in book["Communes"].data_validations.dataValidation}
    assert checks["G4:G1048576"].formula1 == '"toàn bộ,một phần,không,không rõ"'
    assert checks["A4:A1048576"].formula1 == "Files!$A$4:$A$1000"
    days = {str(one.sqref): one for one in book["Files"].data_validations.dataValidation}
    assert days["E4:E1048576"].type == "date"
    assert book["Files"]["E4"].is_date


def test_text_that_begins_like_a_formula_is_written_as_text(book: openpyxl.Workbook) -> None:
    for cell in (book["Files"]["H4"], book["Communes"]["P4"]):
        assert cell.data_type == "s"
        assert cell.quotePrefix


def test_a_text_too_long_for_a_cell_is_refused_and_not_cut(tmp_path: Path) -> None:
    file = file_of("services", note="x" * 40_000)
    with pytest.raises(InputError) as refused:
        write_workbook(mapping_of(file), tmp_path / "book.xlsx")
    finding = refused.value.findings[0]
    assert finding.code == "DOC282"
    assert finding.place.file.endswith("book.xlsx#Files!H4")


def test_no_part_of_a_workbook_holds_a_formula(tmp_path: Path) -> None:
    out = tmp_path / "book.xlsx"
    write_workbook(country(Random(1)), out)
    with ZipFile(out) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f" in archive.read(name).replace(b"<formula", b"") for name in sheets)


PARTS = {sheet.part for sheet in SHEETS}


@pytest.mark.parametrize(
    ("model", "sheet", "elsewhere"),
    [
        *((model, "Files", PARTS) for name, model in KINDS.items() if name != POLYGONS),
        (models.LegalAct, "LegalBasis", set()),
        (models.Predecessor, "Provinces", set()),
        (models.Predecessor, "Communes", set()),
        (models.UnitEntry, "Communes", {"from", "areas", "keep"}),
        (models.Area, "Areas", set()),
        (models.DistrictEntry, "Districts", set()),
        (models.Change, "Changes", set()),
        (models.AgencyBefore, "AgenciesBefore", set()),
        (models.Agency, "AgenciesAfter", set()),
        (models.CompetenceRule, "Rules", set()),
        (models.Service, "Services", set()),
        (models.ServiceField, "Fields", set()),
        (models.Localities, "Localities", set()),
        (models.Decision, "Decisions", set()),
        (models.UnitDecision, "UnitDecisions", set()),
        (models.Suppression, "Suppressions", set()),
        (models.OpenPoint, "OpenPoints", set()),
    ],
)
def test_every_key_of_a_definition_has_its_column(
    model: type[BaseModel], sheet: str, elsewhere: set[str]
) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert keys - elsewhere <= {column.at[0] for column in BY_NAME[sheet].columns if column.at}


def test_what_is_counted_has_its_column() -> None:
    counted = {column.at[1] for column in BY_NAME["Files"].columns if column.at[0] == "counts"}
    assert counted == set(models.Counts.model_fields)
