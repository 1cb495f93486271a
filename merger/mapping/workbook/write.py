"""A mapping written as a workbook that officials can fill in."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill, Protection
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from merger.errors import InputError
from merger.mapping.models import Mapping
from merger.mapping.workbook.cells import MAX_ROW, MAX_TEXT, cell_place, letters, problem
from merger.mapping.workbook.rows import Row, Written, files_of, rows_of
from merger.mapping.workbook.sheets import (
    FILES,
    HEAD_ROWS,
    INTRODUCTION,
    SHEETS,
    WORDS,
    Column,
    Form,
    Sheet,
)
from merger.mapping.workbook.tables import heading
from merger.mapping.workbook.written import FORMULA_STARTS, word
from merger.messages import LANGUAGES, text_in

AUTHOR = "merger"
LOCKED_FILL = "E4E7EB"

_HEAD_FILL, _NEEDED_FILL = "D6E4F5", "FFF2CC"
_LOOKS_ESCAPED = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_DAY_FORMAT = "yyyy-mm-dd"
_STYLES = {
    "merger key": {"protection": Protection(locked=True)},
    "merger heading": {
        "font": Font(bold=True),
        "fill": PatternFill("solid", start_color=_HEAD_FILL),
        "alignment": Alignment(wrap_text=True, vertical="top"),
    },
    "merger needed": {
        "font": Font(bold=True),
        "fill": PatternFill("solid", start_color=_NEEDED_FILL),
        "alignment": Alignment(wrap_text=True, vertical="top"),
    },
    "merger line": {"alignment": Alignment(wrap_text=True, vertical="top")},
    "merger locked": {"number_format": "@", "fill": PatternFill("solid", start_color=LOCKED_FILL)},
    "merger text": {"number_format": "@", "protection": Protection(locked=False)},
    "merger day": {"number_format": _DAY_FORMAT, "protection": Protection(locked=False)},
    "merger number": {"protection": Protection(locked=False)},
}
_FORM_STYLES = {Form.DAY: "merger day", Form.NUMBER: "merger number", Form.WHOLE: "merger number"}


def write_workbook(mapping: Mapping, out: Path) -> None:
    """Writes the mapping as XLSX to `out`; `read_workbook` gives equal definitions back.

    Comments of YAML files are not part of a mapping and are not written. Raises InputError for a text or
    a number of rows that no workbook can hold, and OSError where `out` cannot be written.
    """
    files = [(file, file.model_dump(by_alias=True)) for file in files_of(mapping)]
    rows = {sheet: [row for file, said in files for row in rows_of(sheet, file, said)] for sheet in SHEETS}
    for sheet in SHEETS:
        _refuse_what_no_sheet_holds(sheet, rows[sheet], out)
    book = Workbook(write_only=True)
    for name, style in _STYLES.items():
        book.add_named_style(NamedStyle(name, **style))  # type: ignore[arg-type]
    book.security = WorkbookProtection(lockStructure=True)
    _introduction(book)
    for sheet in SHEETS:
        _Table(book, sheet).write(rows[sheet])
    book.save(out)


def _refuse_what_no_sheet_holds(sheet: Sheet, rows: list[Row], out: Path) -> None:
    findings = []
    if len(rows) + HEAD_ROWS > MAX_ROW:
        findings.append(problem(cell_place(out, sheet.name), "DOC253", limit=MAX_ROW))
    for number, row in enumerate(rows, start=HEAD_ROWS + 1):
        for index, column in enumerate(sheet.columns, start=1):
            value = row.get(column.key)
            if isinstance(value, str) and len(_in_xml(value)) > MAX_TEXT:
                fields = {"name": heading(column.key), "limit": MAX_TEXT}
                findings.append(problem(cell_place(out, sheet.name, number, index), "DOC282", **fields))
    if findings:
        raise InputError(findings)


class _Table:
    """One sheet: hidden keys, two rows of headings, and the rows."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self.sheet = sheet
        self.page = page = book.create_sheet(sheet.name)
        page.freeze_panes = f"A{HEAD_ROWS + 1}"
        page.row_dimensions[1].hidden = True
        page.sheet_properties.tabColor = _HEAD_FILL
        protection = page.protection
        protection.sheet = True
        for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "sort", "autoFilter"):
            setattr(protection, allowed, False)  # false: not forbidden
        for index, column in enumerate(sheet.columns, start=1):
            self._dimension(index, column)
            self._choices(index, column)

    def write(self, rows: list[Row]) -> None:
        columns = self.sheet.columns
        self.page.append([self._cell("merger key", column.key) for column in columns])
        for language in LANGUAGES:
            self.page.append([self._head(column, language) for column in columns])
        for row in rows:
            self.page.append([self._value(row.get(column.key), column) for column in columns])
        last = f"{letters(len(columns))}{max(HEAD_ROWS + len(rows), HEAD_ROWS + 1)}"
        self.page.auto_filter.ref = f"A{HEAD_ROWS}:{last}"

    def _dimension(self, index: int, column: Column) -> None:
        dimension = self.page.column_dimensions[letters(index)]
        dimension.width = column.width
        dimension.protection = Protection(locked=False)
        if column.form is Form.DAY:
            dimension.number_format = _DAY_FORMAT
        elif column.form not in _FORM_STYLES:
            dimension.number_format = "@"

    def _choices(self, index: int, column: Column) -> None:
        """A drop-down list, or a check that a date is one, down to the last row that there can be."""
        at = f"{letters(index)}{HEAD_ROWS + 1}:{letters(index)}{MAX_ROW}"
        said: dict[str, Any] = {}
        if column.form in (Form.WORD, Form.YES):
            words = column.words or "yes"
            choices = ",".join(word(words, value, "vi") for value in WORDS[words])
            said = {"type": "list", "formula1": f'"{choices}"'}
        elif column.form is Form.DAY:
            said = {"type": "date", "operator": "greaterThan", "formula1": "60"}
        elif column.key == "file" and self.sheet.name != FILES:
            said = {"type": "list", "formula1": f"{FILES}!$A${HEAD_ROWS + 1}:$A$1000"}
        if said:
            wrong = "date" if column.form is Form.DAY else "choice"
            check = DataValidation(**said, allow_blank=True, showErrorMessage=True, sqref=at)
            check.errorTitle = heading(column.key, "vi")[:30]
            check.error = "\n".join(text_in(language, f"workbook.wrong-{wrong}") for language in LANGUAGES)
            self.page.data_validations.append(check)

    def _head(self, column: Column, language: str) -> Cell:
        style = "merger needed" if column.needed else "merger heading"
        cell = self._cell(style, heading(column.key, language))
        if language == LANGUAGES[0]:
            notes = [text_in(one, f"workbook.column.{column.key}.note") for one in LANGUAGES]
            cell.comment = Comment("\n\n".join(notes), AUTHOR, height=160, width=320)
        return cell

    def _cell(self, style: str, text: str) -> Cell:
        cell = WriteOnlyCell(self.page, text)
        cell.style = style
        return cell

    def _value(self, value: Written, column: Column) -> Cell | None:
        if value is None:
            return None
        cell = WriteOnlyCell(self.page)
        cell.style = _FORM_STYLES.get(column.form, "merger text")
        if isinstance(value, str):
            self._text(cell, value, column)
        elif isinstance(value, date):
            cell.value = value
            cell.number_format = _DAY_FORMAT
        else:
            cell.value = repr(value)  # as written: openpyxl would round a number to 16 digits
            cell.data_type = "n"
        return cell

    def _text(self, cell: Cell, value: str, column: Column) -> None:
        """A text that stays one, whatever sign it begins with."""
        cell.value = _in_xml(value)
        cell.data_type = "s"
        if column.form is Form.CODE:
            cell.style = "merger locked"
        if value.startswith(FORMULA_STARTS):
            cell.quotePrefix = True


def _in_xml(text: str) -> str:
    """A text as the XML of a sheet writes it: with `_x000D_` for what XML cannot hold."""
    return _NOT_IN_XML.sub(_escaped, _LOOKS_ESCAPED.sub("_x005F_x", text))


def _escaped(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _introduction(book: Workbook) -> None:
    """The first sheet: how to fill in the others, what the colours mean, what each sheet is for."""
    page = book.create_sheet(INTRODUCTION)
    page.protection.sheet = True
    for letter, width in zip("ABC", (18, 70, 70), strict=True):
        page.column_dimensions[letter].width = width

    def line(style: str, *texts: str) -> None:
        cells = [WriteOnlyCell(page, text) for text in texts]
        for index, cell in enumerate(cells):
            cell.style = style if index == 0 else "merger line"
        page.append(cells)

    def both(key: str) -> list[str]:
        return [text_in(language, f"workbook.{key}") for language in LANGUAGES]

    line("merger heading", "", *both("introduction.title"))
    for vi, en in zip(*(text.strip().split("\n") for text in both("introduction.lines")), strict=True):
        line("merger line", "", vi, en)
    page.append([])
    line("merger heading", "", *both("introduction.colours"))
    for style in ("heading", "needed", "locked", "text"):
        line(f"merger {style}", "Abc", *both(f"introduction.colour-{style}"))
    page.append([])
    line("merger heading", "", *both("introduction.sheets"))
    for sheet in SHEETS:
        line("merger line", sheet.name, *both(f"sheet.{sheet.name}"))
