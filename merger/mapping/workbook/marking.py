"""A copy of an official's workbook in which the bad cells are marked and every finding is listed."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from merger.errors import Finding, InputError
from merger.mapping.workbook.cells import cell_place, problem, read_book
from merger.mapping.workbook.sheets import FINDINGS, SHEETS
from merger.mapping.workbook.write import LOCKED_FILL
from merger.messages import text

MARKER = "merger check"
BAD_FILL = "FF9999"
LOCKED = PatternFill("solid", start_color=LOCKED_FILL)

_SHOWN = 5  # messages in the note of one cell
_ADDRESS = re.compile("[A-Z]{1,3}[1-9][0-9]{0,6}")


def write_findings(workbook: Path, findings: Sequence[Finding], out: Path) -> None:
    """Writes a copy of `workbook` to `out`: red cells with notes where findings are, and a sheet with all.

    Marks of an earlier run are taken away. Findings of other files are left out. Raises InputError for a
    workbook that cannot be opened, OSError where `out` cannot be written.
    """
    read_book(workbook, ())
    try:
        book = load_workbook(workbook)
        _unmark(book)
        _mark(book, workbook, findings)
        book.save(out)
    except OSError:
        raise
    except Exception:  # openpyxl trusts what it reads; a workbook made by hand breaks it in many ways
        raise InputError([problem(cell_place(workbook), "DOC285")]) from None


def _unmark(book: Any) -> None:
    if FINDINGS in book.sheetnames:
        book.remove(book[FINDINGS])
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == MARKER:
                    cell.comment = None
                    cell.fill = LOCKED if cell.protection.locked else PatternFill()


def _mark(book: Any, workbook: Path, findings: Sequence[Finding]) -> None:
    here = [one for one in findings if one.place.file.partition("#")[0] == str(workbook)]
    at: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in here:
        sheet, _, cell = finding.place.file.partition("#")[2].partition("!")
        if sheet in book.sheetnames and _ADDRESS.fullmatch(cell):
            at[sheet, cell].append(finding)
    for (sheet, address), said in at.items():
        cell = book[sheet][address]
        if not hasattr(cell, "hyperlink"):
            continue  # inside a merged range only its first cell can bear a note
        shown = [f"{one.code}: {one.message}\n{one.mend}" for one in said[:_SHOWN]]
        cell.comment = Comment("\n\n".join(shown), MARKER, height=160, width=320)
        cell.fill = PatternFill("solid", start_color=BAD_FILL)
    _list(book, here)


def _list(book: Any, findings: Sequence[Finding]) -> None:
    page = book.create_sheet(FINDINGS, 0)
    book.active = 0
    heads = [text(f"workbook.findings.{name}") for name in ("place", "code", "severity", "message", "mend")]
    rows = [
        [one.place.file.partition("#")[2], one.code, one.severity.value, one.message, one.mend]
        for one in findings
    ]
    for index, row in enumerate([heads, *rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = page.cell(index, column)
            cell.value = value
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=index == 1)
        sheet, _, address = row[0].partition("!")
        if index > 1 and address and sheet in {one.name for one in SHEETS}:
            page.cell(index, 1).hyperlink = f"#{sheet}!{address}"
    for letter, width in zip("ABCDE", (22, 10, 10, 60, 60), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"
