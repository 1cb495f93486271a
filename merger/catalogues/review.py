"""The sheet in which people answer what differs between lists of services, and the answers that come back.

One row is one question: differences that one answer settles. Grey cells say what it is about and are locked;
the white ones are for the person. The second sheet lists every code. The first row holds the columns' keys.
"""

import unicodedata
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from merger.catalogues.answers import ADD, END, INTO, KEEP, TAKE, Answer, allowed
from merger.catalogues.merging import Merged
from merger.catalogues.model import Group
from merger.catalogues.rows import problem
from merger.codes.names import fold_text, unmarked
from merger.errors import Finding, InputError
from merger.mapping.tree import shorten
from merger.mapping.workbook.cells import Book, Cell, read_book
from merger.messages import LANGUAGES, text, text_in
from merger.report.sheets import HEAD_FILL, HEAD_FONT, put, saved

COLUMNS = (
    *("question", "kind", "count", "provinces", "theirs", "mine", "codes", "offered"),
    *("answer", "author", "reason"),
)
DETAILS = ("question", "province", "code", "name", "field", "levels", "mine_code", "mine_name")
REVIEW, CODES = "Review", "Codes"

_FREE = ("answer", "author", "reason")
_WIDTHS = {"question": 20, "theirs": 48, "mine": 48, "codes": 40, "offered": 60, "answer": 28, "reason": 44}
_HEAD, _FIRST = 3, 4
_LONGEST = 2_000
_SHOWN_CODES = 20


def write(merged: Merged) -> bytes:
    """The sheet of questions as XLSX, those that only a person can answer first."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = REVIEW
    put(sheet, 2, 1, text("catalogues.review.how")).font = Font(italic=True)
    _heads(sheet, COLUMNS)
    sheet.row_dimensions[1].hidden = True
    for row, group in enumerate(sorted(merged.groups, key=lambda one: not one.kind.asks), _FIRST):
        _question(sheet, row, group)
    sheet.freeze_panes = f"B{_FIRST}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.autoFilter = False
    _details(book.create_sheet(CODES), merged)
    return saved(book)


def read(path: Path) -> list[Answer]:
    """The answers that a filled-in sheet holds; rows without any are left out.

    Raises InputError with every cell that cannot be taken.
    """
    book = read_book(path, (REVIEW,))
    sheet = next((sheet for sheet in book.sheets if sheet.name == REVIEW), None)
    named = {cell.text: at for at, cell in sheet.rows.get(1, {}).items()} if sheet else {}
    missing = [key for key in ("question", *_FREE) if key not in named]
    if sheet is None or missing:
        raise InputError([problem("no-review", book.place(), sheet=REVIEW, columns=", ".join(missing))])
    findings: list[Finding] = []
    answers = []
    for row in sorted(number for number in sheet.rows if number >= _FIRST):
        said = {
            key: _cell(book, row, named[key], sheet.rows[row].get(named[key]), findings)
            for key in ("question", *_FREE)
        }
        place = book.place(REVIEW, row, named["answer"])
        if said["answer"]:
            word, code = _answer(said["answer"])
            answers.append(Answer(said["question"], word, said["author"], said["reason"], code, place))
        elif said["author"] or said["reason"]:
            findings.append(problem("no-answer", place, group=said["question"]))
    if findings:
        raise InputError(findings)
    return answers


def _cell(book: Book, row: int, column: int, cell: Cell | None, findings: list[Finding]) -> str:
    if cell is None:
        return ""
    place = book.place(REVIEW, row, column)
    if cell.kind != "text":
        findings.append(problem("not-text", place, value=shorten(cell.text)))
    elif len(cell.text) > _LONGEST:
        findings.append(problem("long-answer", place, limit=_LONGEST))
    return " ".join(unicodedata.normalize("NFC", cell.text).split())


def _answer(written: str) -> tuple[str, str]:
    """The word and the code of an answer: a word in either language, a code (with its name or without).

    Words are read as names are; they may also stand without any mark.
    """
    folded = fold_text(written)
    for word in (ADD, END, TAKE, KEEP):
        known = [word, *(fold_text(text_in(one, f"catalogues.answer.{word}")) for one in LANGUAGES)]
        if folded in known or folded in map(unmarked, known):
            return word, ""
    first, _, rest = written.partition(" ")
    if first.casefold() == INTO:
        return INTO, rest.partition(" ")[0]
    return (INTO, first) if any(sign.isdigit() for sign in first) else (written, "")


def _question(sheet: Worksheet, row: int, group: Group) -> None:
    written = [one.entry.code for one in group.differences]
    shown = "; ".join(written[:_SHOWN_CODES])
    more = len(written) - _SHOWN_CODES
    offered = [f"{one.code} {one.name}" for one in group.offered]
    values: dict[str, object] = {
        "question": group.id,
        "kind": text(f"catalogues.kind.{group.kind}"),
        "count": len(written),
        "provinces": "; ".join(group.found_in),
        "theirs": group.theirs,
        "mine": group.mine,
        "codes": f"{shown}; … +{more}" if more > 0 else shown,
        "offered": "\n".join(offered),
    }
    for column, key in enumerate(COLUMNS, 1):
        cell = put(sheet, row, column, values.get(key))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if key in _FREE:
            cell.protection = Protection(locked=False)
            cell.number_format = "@"
        else:
            cell.fill = HEAD_FILL
    _offer(sheet, row, group)


def _offer(sheet: Worksheet, row: int, group: Group) -> None:
    """A drop-down list of the answers that there may be; it forbids no other."""
    words = [text(f"catalogues.answer.{word}") for word in allowed(group.kind) if word != INTO]
    choices = [*(one.code for one in group.offered), *words]
    listed = ",".join(choices)
    if "," in "".join(choices) or len(listed) > 250:
        return
    rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
    rule.add(f"{get_column_letter(COLUMNS.index('answer') + 1)}{row}")
    sheet.add_data_validation(rule)


def _details(sheet: Worksheet, merged: Merged) -> None:
    _heads(sheet, DETAILS)
    sheet.row_dimensions[1].hidden = True
    row = _FIRST
    for group in merged.groups:
        for one in group.differences:
            entry, ours = one.entry, one.ours
            values = (
                group.id, one.province, entry.code, entry.name, entry.field, "; ".join(entry.levels),
                ours.code if ours else "", ours.name if ours else "",
            )  # fmt: skip
            for column, value in enumerate(values, 1):
                put(sheet, row, column, value)
            row += 1
    sheet.freeze_panes = f"A{_FIRST}"
    sheet.protection.sheet = True


def _heads(sheet: Worksheet, columns: tuple[str, ...]) -> None:
    for column, key in enumerate(columns, 1):
        put(sheet, 1, column, key)
        cell = put(sheet, _HEAD, column, text(f"catalogues.column.{key}"))
        cell.font, cell.fill = HEAD_FONT, HEAD_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(key, 16)
