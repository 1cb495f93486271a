"""The rows of a sheet by the keys of its columns, wherever in the sheet the columns now stand."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from merger.errors import Finding, Place, Severity
from merger.mapping.tree import shorten
from merger.mapping.workbook.cells import MAX_COLUMN, PART, Book, Cell, problem
from merger.mapping.workbook.cells import Sheet as Cells
from merger.mapping.workbook.sheets import BY_NAME, FINDINGS, HEAD_ROWS, INTRODUCTION, SHEETS, Sheet
from merger.messages import LANGUAGES, current, text_in

_SOUGHT_ROWS = 20
_SHOWN_STRANGERS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds something: its filled cells and the columns' numbers, both by key."""

    book: Book
    sheet: Sheet
    number: int
    cells: dict[str, Cell]
    columns: dict[str, int]

    def place(self, key: str) -> Place:
        """The place of the cell in the column `key`, filled or not."""
        return self.book.place(self.sheet.name, self.number, self.columns[key])


def heading(key: str, language: str = "") -> str:
    """The heading of a column in a language, or in that of the messages."""
    return text_in(language or current(), f"workbook.column.{key}.name")


def rows_of(book: Book, findings: list[Finding]) -> dict[str, list[Row]]:
    """The rows of every sheet that there should be, by its name; adds to `findings` what is wrong."""
    found = {sheet.name: sheet for sheet in book.sheets}
    findings.extend(_unread(book))
    rows: dict[str, list[Row]] = {}
    for sheet in SHEETS:
        cells = found.get(sheet.name)
        if cells is None:
            findings.append(problem(book.place(), "DOC254", sheet=sheet.name))
        rows[sheet.name] = list(_rows(book, sheet, cells, findings)) if cells else []
    return rows


def _unread(book: Book) -> Iterator[Finding]:
    for sheet in book.sheets:
        if sheet.name not in (*BY_NAME, INTRODUCTION, FINDINGS):
            named = {"sheet": shorten(sheet.name)}
            yield Finding(PART, "DOC256", Severity.WARNING, book.place(), named)


def _rows(book: Book, sheet: Sheet, cells: Cells, findings: list[Finding]) -> Iterator[Row]:
    if cells.hidden:
        findings.append(problem(book.place(sheet.name), "DOC255", sheet=sheet.name))
    for merged in cells.merged:
        first = merged.partition(":")[0]
        place = Place(file=f"{book.place(sheet.name).file}!{shorten(first, 12)}")
        findings.append(problem(place, "DOC262", range=shorten(merged)))
    first_key = sheet.columns[0].key
    numbers = sorted(cells.rows)
    keys_at = next((number for number in numbers[:_SOUGHT_ROWS] if _holds(cells, number, first_key)), None)
    if keys_at is None:
        findings.append(problem(book.place(sheet.name), "DOC257", sheet=sheet.name, key=first_key))
        return
    columns = _columns(book, sheet, keys_at, cells.rows[keys_at], findings)
    headings = {heading(first_key, language) for language in LANGUAGES}
    keys = {column: key for key, column in columns.items()}
    strangers: set[int] = set()
    for number in numbers:
        if number <= keys_at:
            continue
        row = cells.rows[number]
        head = row.get(columns[first_key])
        if number < keys_at + HEAD_ROWS and head is not None and head.text in headings:
            continue
        for column in sorted(row.keys() - keys.keys() - strangers)[: _SHOWN_STRANGERS - len(strangers)]:
            strangers.add(column)
            findings.append(problem(book.place(sheet.name, number, column), "DOC261"))
        said = {keys[column]: cell for column, cell in row.items() if column in keys}
        if said:
            yield Row(book, sheet, number, said, columns)


def _holds(cells: Cells, row: int, key: str) -> bool:
    return any(cell.kind == "text" and cell.text.strip() == key for cell in cells.rows[row].values())


def _columns(
    book: Book, sheet: Sheet, row: int, cells: dict[int, Cell], findings: list[Finding]
) -> dict[str, int]:
    """Where each column stands. One that is missing stands, for messages, where the sheet ends."""
    known = [column.key for column in sheet.columns]
    at: dict[str, int] = {}
    for column, cell in sorted(cells.items()):
        place, key = book.place(sheet.name, row, column), cell.text.strip()
        if key in at:
            findings.append(problem(place, "DOC260", key=key, first=book.place(sheet.name, row, at[key])))
        elif key in known:
            at[key] = column
        else:
            near = next(iter(difflib.get_close_matches(key[:60], known, 1)), "")
            fields = {"key": shorten(key), "known": ", ".join(known), "near": near or "–"}
            findings.append(problem(place, "DOC258", **fields))
    end = min(max(cells) + 1, MAX_COLUMN)
    for key in known:
        if key not in at:
            findings.append(problem(book.place(sheet.name), "DOC259", key=key, name=heading(key)))
    return {key: at.get(key, end) for key in known}
