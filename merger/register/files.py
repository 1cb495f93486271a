"""A published register as a file: CSV, JSON or XLSX, and back. Equal registers give equal bytes."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from merger.errors import Finding, InputError, Place
from merger.mapping.archive import office_file
from merger.mapping.document import read_bytes
from merger.mapping.tables import Findings, read_foreign, to_csv
from merger.mapping.workbook.written import FORMULA_STARTS
from merger.register.entries import COLUMNS, Entry
from merger.register.problems import problem

SCHEMA = "merger/agency-register/1"
SHEET = "Agencies"
MAX_BYTES = 40_000_000

_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

Row = Mapping[str, Any]


def write_register(entries: Iterable[Entry], on: date, suffix: str) -> bytes:
    """The bytes of a register of the day `on`, in the format of a suffix of `FORMATS`."""
    return FORMATS[suffix](list(entries), on)


def read_register(path: Path) -> tuple[Entry, ...]:
    """The entries of a published register. Raises InputError with every problem of the file."""
    rows = {".csv": _csv_rows, ".json": _json_rows, ".xlsx": _xlsx_rows}[path.suffix.lower()](path)
    findings: list[Finding] = []
    entries: list[Entry] = []
    seen: set[tuple[str, date | None]] = set()
    for place, row in rows:
        try:
            entry = Entry.model_validate(row)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                column = str(one["loc"][0]) if one["loc"] else "?"
                findings.append(problem("bad-cell", place, column=column))
            continue
        if (entry.code, entry.valid_from) in seen:
            findings.append(problem("entry-twice", place, code=entry.code))
        seen.add((entry.code, entry.valid_from))
        entries.append(entry)
    if findings:
        raise InputError(findings)
    return tuple(entries)


def _csv(entries: list[Entry], _on: date) -> bytes:
    return to_csv(COLUMNS, (_cells(one) for one in entries)).encode()


def _json(entries: list[Entry], on: date) -> bytes:
    said = {
        "schema": SCHEMA,
        "on": on.isoformat(),
        "agencies": [one.model_dump(mode="json") for one in entries],
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def _xlsx(entries: list[Entry], _on: date) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "B2"
    for column, width in enumerate((16, 18, 48, 10, 20, 8, 14, 12, 12, 9, 30, 12, 40)):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    for number, cells in enumerate([COLUMNS, *(_cells(one) for one in entries)]):
        row = []
        for value in cells:
            cell = WriteOnlyCell(sheet, value)
            cell.data_type = "s"
            cell.number_format = "@"
            cell.quotePrefix = value.startswith(FORMULA_STARTS)
            if number == 0:
                cell.font = Font(bold=True)
            row.append(cell)
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_times(buffer.getvalue())


FORMATS: dict[str, Callable[[list[Entry], date], bytes]] = {".csv": _csv, ".json": _json, ".xlsx": _xlsx}
"""What writes a register, by the suffix of the file."""


def _cells(entry: Entry) -> list[str]:
    said = entry.model_dump(mode="json") | {"successors": " ".join(entry.successors)}
    return ["" if said[name] is None else str(said[name]) for name in COLUMNS]


def _from_cells(cells: Mapping[str, str]) -> Row:
    said: dict[str, Any] = {name: cells[name] for name in COLUMNS}
    for name in ("valid_from", "valid_to"):
        said[name] = said[name] or None
    said["successors"] = said["successors"].split()
    return said


def _csv_rows(path: Path) -> Iterator[tuple[Place, Row]]:
    findings = Findings()
    table = read_foreign(path, findings)
    if table is not None:
        _want_columns(table.header, Place(str(path), 1, 1))
    if table is None or findings.unusable:
        raise InputError(findings.found)
    return ((place, _from_cells(cells)) for place, cells in table.rows())


def _json_rows(path: Path) -> Iterator[tuple[Place, Row]]:
    place = Place(str(path), 1, 1)
    try:
        said = json.loads(read_bytes(path, MAX_BYTES))
    except (ValueError, RecursionError) as error:
        at = Place(str(path), getattr(error, "lineno", 1), getattr(error, "colno", 1))
        raise InputError([problem("no-json", at)]) from None
    rows = said.get("agencies") if isinstance(said, dict) and said.get("schema") == SCHEMA else None
    if not isinstance(rows, list):
        raise InputError([problem("no-register", place, schema=SCHEMA)])
    return ((Place(str(path), key=str(number)), row) for number, row in enumerate(rows))


def _xlsx_rows(path: Path) -> Iterator[tuple[Place, Row]]:
    from openpyxl import load_workbook

    content = office_file(path, "XLSX")
    try:
        book = load_workbook(content, read_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True)) if book.worksheets else []
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, zipfile.BadZipFile) as error:
        raise InputError([problem("no-register", Place(str(path)), schema=type(error).__name__)]) from None
    header = ["" if cell is None else str(cell) for cell in (rows[0] if rows else ())]
    _want_columns(header, Place(f"{path}#{SHEET}!A1"))
    found = []
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: "" if cell is None else str(cell) for name, cell in zip(header, row, strict=False)}
        if any(cells.values()):
            full = dict.fromkeys(COLUMNS, "") | cells
            found.append((Place(f"{path}#{SHEET}!A{number}"), _from_cells(full)))
    return iter(found)


def _want_columns(header: Iterable[str], place: Place) -> None:
    missing = [name for name in COLUMNS if name not in set(header)]
    if missing:
        raise InputError([problem("no-column", place, columns=", ".join(missing))])


def _without_times(content: bytes) -> bytes:
    """The same workbook without the time at which it was written."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "docProps/core.xml":
                data = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(part.filename, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
