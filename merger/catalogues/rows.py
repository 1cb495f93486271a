"""The rows of a list of services by what their columns mean, from CSV or from a sheet of a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from merger.catalogues.words import column_of
from merger.errors import Finding, Place, Severity
from merger.mapping.tables import Findings, read_foreign
from merger.mapping.tree import shorten
from merger.mapping.workbook.cells import Book, Cell, Sheet, read_book

PART = "catalogues"
NEEDED = ("code", "name")

_SOUGHT_ROWS = 20
_UNUSABLE = {"formula": "formula", "error": "error-value", "day": "day", "truth": "error-value"}


@dataclass(frozen=True, slots=True)
class Row:
    """The texts of a row, and the columns whose cells hold a number. `places` are those of its cells;
    `filled` counts all cells of the row that hold something, those of other columns too."""

    place: Place
    cells: Mapping[str, str]
    numbers: frozenset[str]
    places: Mapping[str, Place]
    filled: int

    def at(self, key: str) -> Place:
        """The place of a cell; of one that is not there, that of the row."""
        return self.places.get(key, self.place)


def rows_of(path: Path, findings: list[Finding]) -> list[Row]:
    """The rows of the list in `path`: `.xlsx`, else CSV. What is wrong goes to `findings`.

    Raises InputError for a file that cannot be read at all.
    """
    if path.suffix.lower() == ".xlsx":
        return _sheet_rows(path, findings)
    return _csv_rows(path, findings)


def problem(code: str, place: Place, severity: Severity = Severity.ERROR, /, **fields: object) -> Finding:
    """A finding in the words of this part."""
    return Finding(PART, code, severity, place, fields)


def _csv_rows(path: Path, findings: list[Finding]) -> list[Row]:
    found = Findings()
    table = read_foreign(path, found)
    findings += found.found
    if table is None:
        return []
    heads = dict(enumerate(table.header))
    columns = _columns(heads, Place(table.file, 1, 1), findings)
    return [
        Row(
            Place(table.file, record.line, 1),
            {key: record.cells[at] for key, at in columns.items()},
            frozenset(),
            {key: table.place(record, at) for key, at in columns.items()},
            sum(bool(cell.strip()) for cell in record.cells),
        )
        for record in table.records
        if columns
    ]


def _sheet_rows(path: Path, findings: list[Finding]) -> list[Row]:
    book = read_book(path)
    heads = [(sheet, at) for sheet in book.sheets if not sheet.hidden and (at := _head(sheet))]
    if len(heads) != 1:
        code = "sheets" if heads else "no-list"
        names = ", ".join(sheet.name for sheet, _ in heads)
        findings.append(problem(code, book.place(), names=names, needed=", ".join(NEEDED)))
        return []
    sheet, head = heads[0]
    named = {at: cell.text for at, cell in sheet.rows[head].items()}
    columns = _columns(named, book.place(sheet.name, head, 1), findings)
    _refuse_merged(book, sheet, head, findings)
    return [_row(book, sheet, number, columns, findings) for number in sorted(sheet.rows) if number > head]


def _row(book: Book, sheet: Sheet, number: int, columns: dict[str, int], findings: list[Finding]) -> Row:
    cells: dict[str, str] = {}
    places = {key: book.place(sheet.name, number, at) for key, at in columns.items()}
    numbers = set()
    for key, at in columns.items():
        cell = sheet.rows[number].get(at, Cell(""))
        if cell.kind in _UNUSABLE:
            findings.append(problem(_UNUSABLE[cell.kind], places[key], value=shorten(cell.text)))
        elif cell.kind == "number":
            numbers.add(key)
        cells[key] = cell.text
    filled = sum(bool(cell.text.strip()) for cell in sheet.rows[number].values())
    return Row(book.place(sheet.name, number, 1), cells, frozenset(numbers), places, filled)


def _head(sheet: Sheet) -> int:
    """The first row that names the columns of a list; 0 if none does."""
    for number in sorted(sheet.rows)[:_SOUGHT_ROWS]:
        named = {column_of(cell.text) for cell in sheet.rows[number].values()}
        if named.issuperset(NEEDED):
            return number
    return 0


def _refuse_merged(book: Book, sheet: Sheet, head: int, findings: list[Finding]) -> None:
    """Merged cells among the rows: which rows a value is of, nobody can tell for sure."""
    for merged in sheet.merged:
        last = "".join(sign for sign in merged.rpartition(":")[2] if sign.isdigit())
        if int(last or 0) > head:
            place = Place(file=f"{book.place(sheet.name).file}!{shorten(merged.partition(':')[0], 12)}")
            findings.append(problem("merged", place, range=shorten(merged)))


def _columns(heads: Mapping[int, str], place: Place, findings: list[Finding]) -> dict[str, int]:
    """Where each column stands; empty where one that is needed is missing or a head is there twice."""
    found: dict[str, int] = {}
    wrong = len(findings)
    for at, head in sorted(heads.items()):
        key = column_of(head)
        if key in found:
            first = shorten(heads[found[key]])
            findings.append(problem("column-twice", place, column=shorten(head), other=first))
        elif key:
            found[key] = at
    for key in NEEDED:
        if key not in found:
            findings.append(problem("column-missing", place, column=key))
    return found if len(findings) == wrong else {}
