"""CSV text as rows of cells that know their places, and rows as CSV text.

RFC 4180 in UTF-8: commas, cells in quotes where they need it, any line ending. A cell that a spreadsheet
would take for a formula is written with an apostrophe before it, and read without it. Tables of other people
may have semicolons or tabs instead of commas, as spreadsheets of many regions write them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from merger.errors import Finding, Place, Severity
from merger.mapping.document import read_bytes
from merger.mapping.tree import FORBIDDEN, shorten

PART = "tables"
MAX_BYTES = 40_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL = 32_767
MAX_NAME = 100
MAX_FINDINGS = 300

MARKS = ",;\t"
"""What may stand between the cells of tables of other people."""

_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
_CARRIAGE_RETURN = re.compile(r"\r(?!\n)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$')
_VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ][\u0300\u0301\u0303\u0309\u0323]?")


class Findings:
    """What is wrong with what is read, each in its place.

    Of more than 300 errors, or remarks of one code, the rest is only mentioned; remarks keep nothing from
    being read.
    """

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self._more: Place | None = None

    def add(self, code: str, place: Place, severity: Severity = Severity.ERROR, **fields: object) -> None:
        if severity is not Severity.ERROR:
            self._remark(code, place, severity, fields)
        elif self._counts[""] < MAX_FINDINGS:
            self._counts[""] += 1
            self.found.append(Finding(PART, code, severity, place, fields))
        elif self._more is None:
            self._more = place
            self.found.append(Finding(PART, "DOC249", Severity.ERROR, place, {"limit": MAX_FINDINGS}))

    def _remark(self, code: str, place: Place, severity: Severity, fields: dict[str, object]) -> None:
        self._counts[code] += 1
        if self._counts[code] <= MAX_FINDINGS:
            self.found.append(Finding(PART, code, severity, place, fields))
        elif self._counts[code] == MAX_FINDINGS + 1:
            told = {"limit": MAX_FINDINGS, "code": code}
            self.found.append(Finding(PART, "DOC248", Severity.NOTE, place, told))

    @property
    def full(self) -> bool:
        """Whether there are so many that it is no use to look for more."""
        return self._more is not None

    @property
    def unusable(self) -> bool:
        """Whether something is wrong for which the input cannot be used."""
        return any(one.severity is Severity.ERROR for one in self.found)


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line on which it begins (from 1), where in the text that is, its cells, the mark between
    them.
    """

    line: int
    start: int
    cells: list[str]
    mark: str = ","


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: the names of its columns and its rows, each with as many cells."""

    file: str
    text: str
    header: tuple[str, ...]
    records: list[Record]

    def place(self, record: Record, column: int) -> Place:
        """Where a cell begins: line and column of its first character, from 1."""
        return place_of(self.file, self.text, record, column)

    def rows(self) -> Iterator[tuple[Place, dict[str, str]]]:
        """Where each row begins, and its cells by the names of their columns."""
        for record in self.records:
            yield Place(self.file, record.line, 1), dict(zip(self.header, record.cells, strict=True))


def read_table(path: Path, required: Sequence[str], findings: Findings) -> Table | None:
    """Reads a CSV file whose header names at least the columns `required`.

    What is wrong goes to `findings`; None where there is no header to go by. Rows that do not have one
    cell for each column are reported and left out. Raises InputError for a file that cannot be read or is
    larger than 40 MB.
    """
    text = _text(path, findings)
    if text is None:
        return None
    return _table(text, str(path), _records(text, str(path), ",", findings), required, findings)


def read_foreign(path: Path, findings: Findings) -> Table | None:
    """Reads a CSV file that somebody else made: cells stand between the marks that its first line has most
    of, a column may have no name, which columns there must be the caller says. Else as `read_table`.
    """
    text = _text(path, findings)
    if text is None:
        return None
    head = text.partition("\n")[0]
    records = _records(text, str(path), max(MARKS, key=head.count), findings)
    return _table(text, str(path), records, None, findings)


def _table(
    text: str, file: str, records: Iterator[Record], required: Sequence[str] | None, findings: Findings
) -> Table | None:
    header = next(records, None)
    if header is None:
        if not findings.found:
            findings.add("DOC210", Place(file, 1, 1))
        return None
    if not _header(header, text, file, required, findings):
        return None
    rows: list[Record] = []
    for record in records:
        if findings.full:
            break
        if len(record.cells) == len(header.cells):
            rows.append(record)
        else:
            place = place_of(file, text, record, min(len(record.cells), len(header.cells)))
            findings.add("DOC215", place, cells=len(record.cells), columns=len(header.cells))
    if not rows and not findings.unusable:
        findings.add("DOC219", Place(file, header.line, 1))
    return Table(file, text, tuple(header.cells), rows)


def to_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV text, lines ended by a line feed."""
    return "".join(",".join(map(_written, row)) + "\n" for row in (header, *rows))


def guarded(cell: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula: with an apostrophe before `= + - @`, a
    tab or a carriage return (and before apostrophes that come before one of these)."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def place_of(file: str, text: str, record: Record, column: int) -> Place:
    """Where a cell of a record begins in the text of a file."""
    at = record.start
    for _ in range(column):
        cell = _cell(record.mark).match(text, at)
        if cell is None or cell[3] != record.mark:
            break
        at = cell.end()
    before = [end.end() for end in _LINE_END.finditer(text, record.start, at)]
    return Place(file, record.line + len(before), at - (before[-1] if before else record.start) + 1)


@cache
def _cell(mark: str) -> re.Pattern[str]:
    """A cell, plain or in quotes, and the mark or line end behind it."""
    return re.compile(rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"{mark}\r\n]*+))({mark}|\r\n|\n|\r|\Z)')


def _written(cell: str) -> str:
    cell = guarded(cell)
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell


def _text(path: Path, findings: Findings) -> str | None:
    file = str(path)
    content = read_bytes(path, MAX_BYTES)
    other = _other_kind(content)
    if other:
        findings.add(other, Place(file, 1, 1))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        looks = before.isascii() and _VIETNAMESE.search(content[:1_000_000].decode("cp1258", "ignore"))
        byte = f"0x{error.object[error.start]:02x}"
        findings.add("DOC202" if looks else "DOC200", place, byte=byte)
        return None
    line, start, seen = 1, 0, 0
    for found in FORBIDDEN.finditer(text):
        at = found.start()
        line += text.count("\n", seen, at)
        start = max(start, text.rfind("\n", seen, at) + 1)
        seen = at
        findings.add("DOC204", Place(file, line, at - start + 1), character=f"U+{ord(found[0]):04X}")
        if findings.full:
            break
    return text


def _other_kind(content: bytes) -> str:
    """The code of the problem with a file that is no UTF-8 text at first sight."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "DOC203"
    start = content[:400]
    zeros = max(start[0::2].count(0), start[1::2].count(0))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or zeros * 4 > len(start) > 0:
        return "DOC201"
    return ""


def _records(text: str, file: str, mark: str, findings: Findings) -> Iterator[Record]:
    """The rows of a text, empty ones left out. Stops at a quote that is never closed, and at the limit."""
    at, line, count = 0, 1, 0
    old_ends = _CARRIAGE_RETURN.search(text) is not None
    while at < len(text):
        end = at if old_ends else text.find("\n", at)
        end = len(text) if end < 0 else end
        plain = text[at:end].removesuffix("\r")
        if not old_ends and '"' not in plain and plain.count(mark) < MAX_COLUMNS:
            record = Record(line, at, plain.split(mark), mark)
            after, lines = end + 1, 1
        else:
            quoted = _quoted(text, file, Record(line, at, [], mark), findings)
            if quoted is None:
                return
            record, after = quoted
            if not record.cells and count == 0:
                return
            lines = len(_LINE_END.findall(text, at, after))
        if count > MAX_ROWS:
            findings.add("DOC217", Place(file, line, 1), limit=MAX_ROWS)
            return
        if any(record.cells) and _fits(record, text, file, findings):
            yield record
        at, line, count = after, line + lines, count + 1


def _quoted(text: str, file: str, record: Record, findings: Findings) -> tuple[Record, int] | None:
    """A row with quotes and where the next one begins; no cells where it cannot be read."""
    cells = record.cells
    at = record.start
    while len(cells) < MAX_COLUMNS:
        cell = _cell(record.mark).match(text, at)
        if cell is None:
            break
        cells.append(cell[2] if cell[1] is None else cell[1].replace('""', '"'))
        at = cell.end()
        if cell[3] != record.mark:
            return record, at
    place = place_of(file, text, record, len(cells))
    if len(cells) == MAX_COLUMNS:
        findings.add("DOC218", place, limit=MAX_COLUMNS)
    elif text[at] == '"' and not _QUOTED.match(text, at):
        findings.add("DOC205", place)
        return None
    else:
        findings.add("DOC206", place)
    end = _LINE_END.search(text, at)
    cells.clear()
    return record, end.end() if end else len(text)


def _fits(record: Record, text: str, file: str, findings: Findings) -> bool:
    """Takes the guards off the cells of a row; False for a cell that is too long."""
    cells = record.cells
    for column, cell in enumerate(cells):
        if len(cell) > MAX_CELL:
            findings.add("DOC216", place_of(file, text, record, column), limit=MAX_CELL)
            return False
        if cell[:1] == "'":
            cells[column] = unguarded(cell)
    return True


def _header(record: Record, text: str, file: str, required: Sequence[str] | None, findings: Findings) -> bool:
    """Whether the first row can be gone by; `required` is None for a table of other people."""
    foreign, required = required is None, required or ()
    names = record.cells
    before = len(findings.found)
    if not foreign and len(names) == 1 and names[0].count(";") + names[0].count("\t") >= len(required) - 1:
        findings.add("DOC211", Place(file, record.line, 1))
        return False
    lowered = {name.strip().lower(): name for name in names}
    for name in required:
        if name not in names:
            near = lowered.get(name, "")
            findings.add("DOC212", Place(file, record.line, 1), column=name, near=shorten(near) or "–")
    for column, name in enumerate(names):
        place = place_of(file, text, record, column)
        if foreign and not name.strip():
            continue
        if name in names[:column]:
            findings.add("DOC213", place, column=shorten(name))
        elif not name.strip() or name == "<<" or len(name) > MAX_NAME:
            findings.add("DOC214", place, column=shorten(name), limit=MAX_NAME)
    return len(findings.found) == before
