"""The rows of a filled-in sheet of holds, read cell by cell."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from merger.errors import Finding, Place, Severity

COLUMNS = (
    "hold",
    "system",
    "dataset",
    "codes",
    "why",
    "rows",
    "field",
    "decision",
    "exclude",
    "author",
    "reason",
)
HEAD_ROW = 5
FIRST_ROW = 6
LONGEST_CELL = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the sheet. `row` counts from 1, as the sheet shows it. One that was given in no sheet has no
    `file`, no `sheet` and no `row`."""

    file: str
    sheet: str
    row: int
    values: dict[str, str]
    numbers: frozenset[str]

    @property
    def hold(self) -> str:
        return self.value("hold")

    @property
    def filled(self) -> bool:
        """Whether a person wrote anything into the row."""
        return any(self.value(name) for name in ("decision", "exclude", "author", "reason"))

    @property
    def decides(self) -> bool:
        """Whether the row says what becomes of the hold's rows."""
        return bool(self.value("decision") or self.value("exclude"))

    @property
    def code(self) -> str:
        """The decided code, without the name that stands behind it."""
        return self.value("decision").partition(" ")[0]

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def is_number(self, name: str) -> bool:
        """Whether the cell holds a number, which may have lost a code's leading zeros."""
        return name in self.numbers

    def finding(
        self, code: str, column: str, severity: Severity = Severity.ERROR, /, **fields: object
    ) -> Finding:
        """A finding at one cell of this row."""
        number = COLUMNS.index(column) + 1
        return cell_finding(self.file, self.sheet, self.row, number, code, severity, **fields)


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """What a sheet holds: the plan that it names, its rows, and the cells that cannot be read."""

    plan: str
    digest: str
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]


def cell_finding(
    file: str,
    sheet: str,
    row: int,
    column: int,
    code: str,
    severity: Severity = Severity.ERROR,
    /,
    **fields: object,
) -> Finding:
    """A finding at one cell; its message names sheet and cell as a spreadsheet does."""
    cell = f"{sheet}!{get_column_letter(column)}{row}" if sheet else COLUMNS[column - 1]
    return Finding("report", code, severity, Place(file, row, column), {"cell": cell, **fields})


def read_answers(book: Workbook, path: Path) -> FilledSheet:
    """Every row of the first sheet that holds anything."""
    sheet = book.worksheets[0]
    file, title = str(path), sheet.title
    head: dict[int, str] = {}
    answers: list[Answer] = []
    findings: list[Finding] = []
    for row, cells in enumerate(sheet.iter_rows(max_col=len(COLUMNS)), start=1):
        if row < FIRST_ROW:
            head[row] = _text(cells[1].value) if len(cells) > 1 else ""
            continue
        values: dict[str, str] = {}
        numbers = set()
        for column, (name, cell) in enumerate(zip(COLUMNS, cells, strict=False), start=1):
            if cell.value is None:
                continue
            values[name] = _text(cell.value)
            if cell.data_type == "f":
                findings.append(cell_finding(file, title, row, column, "formula"))
            elif len(values[name]) > LONGEST_CELL:
                findings.append(cell_finding(file, title, row, column, "long-cell", limit=LONGEST_CELL))
            if cell.data_type == "n":
                numbers.add(name)
        answer = Answer(file, title, row, values, frozenset(numbers))
        if any(values.values()):
            answers.append(answer)
    return FilledSheet(head.get(1, ""), head.get(2, ""), tuple(answers), tuple(findings))


def grouped(answers: Iterable[Answer]) -> list[tuple[str, list[Answer]]]:
    """The rows of each hold, in the order of the sheet."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(answer.hold, []).append(answer)
    return list(groups.items())


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
