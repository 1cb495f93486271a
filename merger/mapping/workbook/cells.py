"""The cells of an XLSX file, read with bounds and without trust.

The sheets' XML is streamed through expat and no tree of it is built, so that a hostile file costs at most
what the limits allow. Formulas are seen and never computed; their stored results are not taken.
SpreadsheetML: ECMA-376 part 1, chapter 18.
"""

import posixpath
import re
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.parsers import expat

from merger.errors import Finding, InputError, Place, Severity
from merger.mapping.archive import office_file
from merger.mapping.tree import shorten

PART = "workbook"
MAX_PART = 50_000_000
MAX_ELEMENTS = 1_200_000
MAX_SHEETS = 500
MAX_VALUES = 300_000
MAX_CHARACTERS = 20_000_000
MAX_TEXT = 32_767
MAX_TOKEN = 300_000
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

_SHOWN_MERGES = 100
_BUILT_IN_DAYS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_ADDRESS = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that holds something. `day`: a number that is shown as a date, counted from the book's epoch."""

    text: str
    kind: Literal["text", "number", "day", "truth", "error", "formula"] = "text"


@dataclass(slots=True)
class Sheet:
    """The filled cells of a sheet by row and column (from 1), and its merged ranges."""

    name: str
    hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets in their order; those that nobody asked for without their cells. `since_1904`: its epoch."""

    path: Path
    sheets: tuple[Sheet, ...]
    since_1904: bool

    def place(self, sheet: str = "", row: int = 0, column: int = 0) -> Place:
        """The place of a cell, of a sheet, or of the book: `book.xlsx#Communes!B7`."""
        return cell_place(self.path, sheet, row, column)


def cell_place(path: Path, sheet: str = "", row: int = 0, column: int = 0) -> Place:
    """The place of a cell (row and column from 1), of a sheet, or of a workbook."""
    at = f"!{letters(column)}{row}" if row else ""
    return Place(file=f"{path}#{sheet}{at}" if sheet else str(path))


def letters(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def problem(place: Place, code: str, /, **fields: object) -> Finding:
    """An error in a workbook, in the words of this part's messages."""
    return Finding(PART, code, Severity.ERROR, place, fields)


def read_book(path: Path, wanted: Collection[str] | None = None) -> Book:
    """The workbook `path` with the cells of the sheets `wanted`, of all where none are named.

    Raises InputError for what cannot be opened (as `office_file`), holds macros or links to other
    workbooks, is not well-formed, or holds more than 300,000 cells and items of lists, 20,000,000 characters
    in cells, 1,200,000 XML elements, 500 sheets, or a part of more than 50 MB.
    """
    with zipfile.ZipFile(office_file(path, "XLSX")) as archive:
        return _Reader(path, archive).book(wanted)


class _Reader:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self.archive = archive
        self.parts: dict[str, zipfile.ZipInfo] = {}
        self.elements = 0
        self.values = self.characters = 0
        for part in archive.infolist():
            name = part.filename.replace("\\", "/").strip("/").casefold()
            if name in self.parts:
                raise self._malformed(part.filename)
            self.parts[name] = part

    def book(self, wanted: Collection[str] | None) -> Book:
        self._refuse_active()
        main = next(iter(self._targets("", "/officedocument").values()), "xl/workbook.xml")
        listed: list[Attributes] = []
        since_1904 = False

        def start(name: str, said: Attributes) -> None:
            nonlocal since_1904
            if name == "sheet":
                listed.append(said)
                if len(listed) > MAX_SHEETS:
                    raise self._too_large(MAX_SHEETS)
            elif name == "workbookPr":
                since_1904 = said.get("date1904", "0") in ("1", "true")

        self._walk(main, start)
        targets = self._targets(main, "")
        strings = self._strings(next(iter(self._targets(main, "/sharedstrings").values()), ""))
        days = self._day_styles(next(iter(self._targets(main, "/styles").values()), ""))
        sheets: list[Sheet] = []
        for said in listed:
            sheet = Sheet(said.get("name", ""), said.get("state", "visible") != "visible")
            part = targets.get(next((said[key] for key in said if key.endswith(":id")), ""))
            if wanted is None or sheet.name in wanted:
                if part is None or any(sheet.name == other.name for other in sheets):
                    raise self._malformed(main)
                self._fill(sheet, part, strings, days)
            sheets.append(sheet)
        return Book(self.path, tuple(sheets), since_1904)

    def _refuse_active(self) -> None:
        macros = any(name.endswith("vbaproject.bin") for name in self.parts)
        if macros or self.path.suffix.casefold() == ".xlsm":
            raise InputError([problem(cell_place(self.path), "DOC251")])
        if any("/externallinks/" in f"/{name}" for name in self.parts):
            raise InputError([problem(cell_place(self.path), "DOC252")])

    def _targets(self, owner: str, kind: str) -> dict[str, str]:
        """The parts that a part refers to, by reference; only those whose type ends with `kind`."""
        folder, name = posixpath.split(owner)
        rels = posixpath.join(folder, "_rels", f"{name}.rels").casefold()
        found: dict[str, str] = {}

        def start(element: str, said: Attributes) -> None:
            if element == "Relationship" and said.get("Type", "").casefold().endswith(kind):
                target = posixpath.normpath(posixpath.join("/" + folder, said.get("Target", "")))
                found[said.get("Id", "")] = target.strip("/").casefold()

        if rels in self.parts:
            self._walk(rels, start)
        return found

    def _strings(self, part: str) -> list[str]:
        found: list[str] = []
        pieces: list[str] = []
        reading = skipping = False

        def start(name: str, _: Attributes) -> None:
            nonlocal reading, skipping
            if name == "si":
                pieces.clear()
            elif name == "rPh":
                skipping = True
            reading = name == "t" and not skipping

        def end(name: str) -> None:
            nonlocal reading, skipping
            reading = False
            if name == "rPh":
                skipping = False
            elif name == "si":
                found.append("".join(pieces))

        def text(data: str) -> None:
            if reading:
                pieces.append(data)

        if part:
            self._walk(part, start, end, text)
        return found

    def _day_styles(self, part: str) -> set[str]:
        """The numbers of the cell styles that show a number as a date."""
        days: set[str] = {str(number) for number in _BUILT_IN_DAYS}
        styles: list[str] = []
        inside = False

        def start(name: str, said: Attributes) -> None:
            nonlocal inside
            if name == "numFmt" and _shows_day(said.get("formatCode", "")):
                days.add(said.get("numFmtId", ""))
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                styles.append(said.get("numFmtId", "0"))

        def end(name: str) -> None:
            nonlocal inside
            if name == "cellXfs":
                inside = False

        if part:
            self._walk(part, start, end)
        return {str(index) for index, number in enumerate(styles) if number in days}

    def _fill(self, sheet: Sheet, part: str, strings: list[str], days: set[str]) -> None:
        row = column = 0
        kind = style = ""
        pieces: list[str] = []
        formula = reading = False

        def start(name: str, said: Attributes) -> None:
            nonlocal row, column, kind, style, formula, reading
            if name == "c":
                column, formula = column + 1, False
                if "r" in said:
                    row, column = self._address(said["r"], part)
                kind, style = said.get("t", "n"), said.get("s", "0")
                pieces.clear()
                self.values += 1
                if self.values > MAX_VALUES:
                    raise self._too_large(MAX_VALUES)
            elif name in ("v", "t"):
                reading = True
            elif name == "f":
                formula = True
            elif name == "row":
                given = said.get("r", str(row + 1))
                if not re.fullmatch("[0-9]{1,7}", given):
                    raise self._malformed(part)
                row, column = int(given), 0
            elif name == "mergeCell" and len(sheet.merged) < _SHOWN_MERGES:
                sheet.merged.append(said.get("ref", ""))
            elif name == "rPh":
                kind = "phonetic"

        def end(name: str) -> None:
            nonlocal reading, kind
            if name in ("v", "t"):
                reading = False
            elif name == "rPh":
                kind = "inlineStr"
            elif name == "c" and (pieces or formula):
                if not (0 < row <= MAX_ROW and 0 < column <= MAX_COLUMN):
                    raise self._malformed(part)
                cell = self._cell("".join(pieces), kind, style in days, formula, strings, part)
                if cell.text.strip() or cell.kind == "formula":
                    sheet.rows.setdefault(row, {})[column] = cell

        def text(data: str) -> None:
            if reading and kind != "phonetic":
                pieces.append(data)

        self._walk(part, start, end, text)

    def _cell(self, raw: str, kind: str, day: bool, formula: bool, strings: list[str], part: str) -> Cell:
        if formula:
            return Cell("", "formula")
        if kind == "s":
            if not re.fullmatch("[0-9]{1,9}", raw.strip()) or int(raw) >= len(strings):
                raise self._malformed(part)
            raw = strings[int(raw)]
        if kind in ("s", "str", "inlineStr"):
            if len(raw) > MAX_TEXT * 7:  # as many as there can be when each is written _xHHHH_
                raise self._too_large(MAX_TEXT)
            self.values += raw.count(";") + raw.count("\n")
            self.characters += len(raw)
            if self.characters > MAX_CHARACTERS:
                raise self._too_large(MAX_CHARACTERS)
            return Cell(_ESCAPED.sub(_unescaped, raw))
        if kind == "b":
            return Cell(raw.strip(), "truth")
        if kind == "d":
            return Cell(raw.strip()[:10])
        if kind == "n":
            return Cell(shorten(raw, 400), "day" if day else "number")
        return Cell(shorten(raw), "error")

    def _address(self, text: str, part: str) -> tuple[int, int]:
        found = _ADDRESS.fullmatch(text)
        if not found:
            raise self._malformed(part)
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        return int(found[2]), column

    def _walk(
        self,
        part: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Sends a part's elements, by their names without prefix, through the functions."""
        info = self.parts.get(part)
        if info is None:
            raise self._malformed(part)
        if info.file_size > MAX_PART:
            raise self._too_large(MAX_PART)

        def starting(name: str, said: Attributes) -> None:
            self.elements += 1
            if self.elements > MAX_ELEMENTS:
                raise self._too_large(MAX_ELEMENTS)
            start(name.rpartition(":")[2], said)

        def declared(*_: object) -> None:
            raise self._malformed(part)

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = starting
        parser.StartDoctypeDeclHandler = declared
        if end is not None:
            ended = end
            parser.EndElementHandler = lambda name: ended(name.rpartition(":")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            with self.archive.open(info) as opened:
                content = opened.read(MAX_PART + 1)
            if _has_long_token(content):
                raise self._too_large(MAX_TOKEN)
            parser.Parse(content, True)  # at once: in pieces, long tokens take long
        except (expat.ExpatError, LookupError, ValueError):  # malformed, or an encoding that nobody knows
            raise self._malformed(part) from None

    def _malformed(self, part: str) -> InputError:
        return InputError([problem(cell_place(self.path), "DOC250", part=shorten(part))])

    def _too_large(self, limit: int) -> InputError:
        return InputError([problem(cell_place(self.path), "DOC253", limit=limit)])


def _has_long_token(content: bytes) -> bool:
    """Whether a tag or text is longer than any office program writes; a tag of millions of attributes takes
    the parser minutes. No tag holds a second `<`."""
    at = 0
    while at + MAX_TOKEN < len(content):
        last = content.rfind(b"<", at, at + MAX_TOKEN)
        if last < 0:
            return True
        at = last + 1
    return False


def _shows_day(code: str) -> bool:
    bare = re.sub(r'"[^"]*"|\\.|_.|\[[^\]]*\]', "", code.partition(";")[0])
    return bool(re.search("[ymdhs]", bare, re.IGNORECASE)) and "general" not in bare.casefold()


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code < 0xE000 else chr(code)
