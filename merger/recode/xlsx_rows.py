"""Rows of workbooks with one sheet, each cell with its value and number format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import polars as pl
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from merger.errors import Finding, InputError
from merger.mapping.archive import office_file
from merger.recode.model import MAX_FINDINGS, problem
from merger.recode.tables import BATCH, put

if TYPE_CHECKING:
    from merger.recode.tables import Table

MAX_ROWS = 1_048_576
"""Rows of a sheet, the first one with the names included."""

_DAMAGED = (KeyError, ValueError, TypeError, AttributeError, IndexError, BadZipFile, InvalidFileException)
"""What openpyxl raises for workbooks whose parts contradict each other."""

_DAYS: dict[str, type[date] | type[time]] = {"datetime": datetime, "date": date, "time": time}

Cell = list[Any]
"""A cell's value as JSON has it, its kind, and its number format."""


def stage(path: Path, folder: Path) -> tuple[str, list[str]]:
    """Writes the rows of the only sheet to `folder` as Parquet; gives its title and the names of columns.

    Raises InputError for what is no workbook, has several sheets or formulas, or a bad first row.
    """
    file = str(path)
    content = office_file(path, "XLSX")
    try:
        book = load_workbook(content, read_only=True)
        titles = list(book.sheetnames)
        if len(titles) != 1 or book.chartsheets:
            raise InputError([problem("sheets", file, names=", ".join(titles))])
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        names = _stage_rows(sheet.iter_rows(), f"{file}#{sheet.title}", folder)
    except _DAMAGED as error:
        raise InputError([problem("unreadable", file, why=type(error).__name__)]) from None
    return str(titles[0]), names


def write(
    found: Iterable[pl.DataFrame], table: Table, keep_raw: bool, added: Sequence[str], part: Path
) -> None:
    """Writes rows as a workbook: those of a workbook as they were with the added cells behind them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.sheet)
    sheet.append([_cell(sheet, name) for name in (*table.columns, *added)])
    rows = 1
    for frame in found:
        rows += frame.height
        if rows > MAX_ROWS:
            sheet.close()
            raise InputError([problem("too-many-rows", str(table.path), limit=MAX_ROWS)])
        for first, *rest in frame.iter_rows():
            try:
                if keep_raw:
                    old = [_restored(sheet, one) for one in json.loads(first)]
                else:
                    old = [_cell(sheet, first)]
                sheet.append([*old, *(_cell(sheet, one) for one in rest)])
            except (IllegalCharacterError, ValueError):
                sheet.close()
                raise InputError([problem("no-cell", str(table.path))]) from None
    book.save(part)


def _stage_rows(found: Iterator[Sequence[Any]], place: str, folder: Path) -> list[str]:
    names: list[str] = []
    findings: list[Finding] = []
    rows: list[Sequence[str | int | None]] = []
    batch = 0
    for number, cells in enumerate(found, 1):
        if not names:
            names = _names(cells, place)
            continue
        findings += _formulas(cells, place, number)
        row = [_kept(cell) for cell in cells[: len(names)]]
        row += [[None, "", ""]] * (len(names) - len(row))
        if any(cell.value is not None for cell in cells[len(names) :]):
            findings.append(problem("bad-row", f"{place}!A{number}", cells=len(cells), columns=len(names)))
        if len(findings) >= MAX_FINDINGS:
            break
        if all(one[0] is None for one in row):
            continue
        rows.append((*(_text(one) for one in row), json.dumps(row, ensure_ascii=False), number))
        if len(rows) == BATCH:
            put(folder, batch, names, rows)
            rows, batch = [], batch + 1
    if findings:
        raise InputError(findings)
    if not names:
        raise InputError([problem("empty", place)])
    if rows or not batch:
        put(folder, batch, names, rows)
    return names


def _names(cells: Sequence[Any], place: str) -> list[str]:
    names = ["" if cell.value is None else str(cell.value) for cell in cells]
    while names and not names[-1]:
        names.pop()
    bad = [
        problem("column-unnamed", f"{place}!{get_column_letter(number)}1")
        for number, name in enumerate(names, 1)
        if not name
    ]
    bad += [problem("column-twice", place, name=one) for one in sorted(set(names)) if names.count(one) > 1]
    if bad:
        raise InputError(bad)
    if not names:
        raise InputError([problem("empty", place)])
    return names


def _formulas(cells: Sequence[Any], place: str, row: int) -> list[Finding]:
    return [
        problem("formula", f"{place}!{get_column_letter(column)}{row}")
        for column, cell in enumerate(cells, 1)
        if getattr(cell, "data_type", "") == "f"
    ]


def _kept(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return [None, "", ""]
    form = cell.number_format
    if isinstance(value, (datetime, date, time)):
        return [value.isoformat(), type(value).__name__, form]
    if isinstance(value, timedelta):
        return [value.total_seconds(), "timedelta", form]
    return [value, "e" if cell.data_type == "e" else "", form]


def _restored(sheet: Any, kept: Cell) -> Any:
    value, kind, form = kept
    if value is None:
        return None
    if kind in _DAYS:
        value = _DAYS[kind].fromisoformat(value)
    elif kind == "timedelta":
        value = timedelta(seconds=value)
    cell = _cell(sheet, value)
    if kind == "e":
        cell.data_type = "e"
    cell.number_format = form or "General"
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    """A cell; text is text, also where it begins like a formula."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.isoformat()
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _text(kept: Cell) -> str | None:
    """A cell as text: days as ISO 8601, whole numbers without a point."""
    value, kind, _ = kept
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and kind == "":
        return str(int(value))
    return str(value)
