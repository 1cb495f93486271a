"""Workbooks without surprises: cells that cannot become formulas, files that cannot become bombs."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from merger.errors import Finding, InputError, Place, Severity
from merger.mapping.workbook.written import FORMULA_STARTS

FILE_LIMIT = 20_000_000
UNPACKED_LIMIT = 200_000_000
MEMBER_LIMIT = 1_000

_DECLARATIONS = tuple(
    word.encode(encoding)
    for word in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)

HEAD_FONT = Font(bold=True)
HEAD_FILL = PatternFill("solid", start_color="E6EAEE")


def plain(cell: Cell, value: object) -> Cell:
    """Puts a value into a cell; text stays text, whatever sign it begins with."""
    if not isinstance(value, str):
        cell.value = value  # type: ignore[assignment]  # numbers and None, which a cell takes
        return cell
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)
    cell.data_type = "s"
    if value.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def put(sheet: Worksheet, row: int, column: int, value: object) -> Cell:
    """Puts a value into the cell at `row` and `column` (from 1), as `plain` does."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    return plain(cell, value)


def add_table(book: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A sheet with one table: bold heads that stay in sight, one row of plain cells for each row.

    `book` is a workbook opened as write-only.
    """
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    listed = [list(row) for row in rows]
    for index, head in enumerate(heads):
        longest = max([len(head), *(len(str(row[index])) for row in listed[:500])])
        sheet.column_dimensions[get_column_letter(index + 1)].width = min(60, longest + 3)
    top: list[Any] = []
    for head in heads:
        cell = plain(WriteOnlyCell(sheet), head)
        cell.font, cell.fill = HEAD_FONT, HEAD_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        top.append(cell)
    sheet.append(top)
    for row in listed:
        sheet.append([plain(WriteOnlyCell(sheet), value) for value in row])


def saved(book: Workbook) -> bytes:
    """The workbook's bytes."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def opened(path: Path) -> Workbook:
    """A workbook from someone else, opened for reading.

    Raises InputError for a file that is too large packed or unpacked, is no workbook, or declares a
    document type of its own (a workbook never does; entities can grow without end).
    """
    data = _read(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > MEMBER_LIMIT or unpacked > UNPACKED_LIMIT:
                raise InputError([_finding(path, "too-large", limit=UNPACKED_LIMIT // 1_000_000)])
            for member in members:
                if member.filename.endswith((".xml", ".rels", ".vml")) and _declares(archive.read(member)):
                    raise InputError([_finding(path, "declares-a-type", member=member.filename)])
        return load_workbook(io.BytesIO(data), read_only=True)
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise InputError([_finding(path, "no-workbook")]) from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise InputError([_finding(path, "unreadable", why=error.strerror or "")]) from error
    if len(data) > FILE_LIMIT:
        raise InputError([_finding(path, "too-large", limit=FILE_LIMIT // 1_000_000)])
    return data


def _declares(data: bytes) -> bool:
    return any(word in data for word in _DECLARATIONS)


def _finding(path: Path, code: str, **fields: object) -> Finding:
    return Finding("report", code, Severity.ERROR, Place(file=str(path)), fields)
