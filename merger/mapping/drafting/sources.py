"""The text of a resolution's file: plain text or Markdown, DOCX, or a PDF that holds text."""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from merger.errors import InputError, Place
from merger.mapping.archive import office_file
from merger.mapping.document import read_bytes
from merger.mapping.drafting.problems import error
from merger.mapping.drafting.text import Text, joined, text_of_lines
from merger.mapping.tree import problem

MAX_BYTES = 20_000_000
MAX_CHARACTERS = 400_000
MAX_PAGES = 300
MAX_XML = 20_000_000
MAX_UNPACKED = 100_000_000

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {f"{_WORD}tab": " ", f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}noBreakHyphen": "-"}
_SKIPPED = frozenset({f"{_WORD}del", f"{_WORD}moveFrom", f"{_WORD}pPr", f"{_WORD}rPr", f"{_WORD}txbxContent"})

_HYPHENS = {0x02: "-", 0xFFFE: "-"}  # a hyphen at which the page broke the line
_DIGITS = re.compile(r"[0-9]+")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")


def read_text(path: Path) -> Text:
    """The text of the file `path`; what kind of file it is, its first bytes say.

    Lines of a DOCX are its paragraphs, rows of tables among them; those of a PDF are numbered page by page.
    Raises InputError for a file that cannot be read, is too long for a resolution, or holds no text.
    """
    content = read_bytes(path, MAX_BYTES)
    if content.startswith(b"%PDF"):
        text = _pdf(content, str(path))
    elif content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        text = _docx(path)
    else:
        text = text_of_lines(str(path), _decoded(content, str(path)).splitlines())
    if len(text) > MAX_CHARACTERS:
        raise InputError([error("RES070", Place(file=str(path)), limit=MAX_CHARACTERS)])
    return text


def _decoded(content: bytes, file: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        column = wrong.start - content.rfind(b"\n", 0, wrong.start)
        found = problem(file, "DOC003", (line, column), byte=f"0x{content[wrong.start]:02x}")
        raise InputError([found]) from None


def _docx(path: Path) -> Text:
    import docx
    from docx.table import Table

    file = str(path)
    content = office_file(path, "DOCX")
    with zipfile.ZipFile(content) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_XML:
            raise InputError([error("RES074", Place(file=file), limit=MAX_XML)])
    content.seek(0)
    try:
        document = docx.Document(content)
        numbers = _Numbers(document)
        lines = []
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                rows = (" ".join("".join(_runs(cell)) for cell in row) for row in block._tbl.tr_lst)
                lines += ["", *rows, ""]
            else:
                lines += ["", numbers.before(block._p) + "".join(_runs(block._p))]
    except Exception as wrong:  # the parser's many ways of saying that this is no document
        if isinstance(wrong, MemoryError | RecursionError):
            raise
        raise InputError([problem(file, "DOC030", (1, 1), kind="DOCX")]) from None
    return text_of_lines(file, [part for line in lines for part in (line.split("\n") if line else [""])])


def _runs(element: Any) -> Iterator[str]:
    """The text of a paragraph as it stands after tracked changes are accepted."""
    for child in element:
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag not in _SKIPPED:
            yield from _runs(child)


class _Numbers:
    """Numbers that the word processor writes before paragraphs and that are not in their text."""

    def __init__(self, document: Any) -> None:
        self._formats: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        levels = {
            abstract.get(f"{_WORD}abstractNumId"): abstract.findall(f"{_WORD}lvl")
            for abstract in numbering.findall(f"{_WORD}abstractNum")
        }
        for number in numbering.findall(f"{_WORD}num"):
            abstract = number.find(f"{_WORD}abstractNumId")
            for level in levels.get(_value(abstract), ()):
                key = (number.get(f"{_WORD}numId") or "", int(level.get(f"{_WORD}ilvl") or 0))
                first = _value(level.find(f"{_WORD}start")) or "1"
                form = _value(level.find(f"{_WORD}numFmt"))
                self._formats[key] = (form, _value(level.find(f"{_WORD}lvlText")), int(first))

    def before(self, paragraph: Any) -> str:
        """What stands before the paragraph: `12. `, or nothing."""
        properties = paragraph.pPr.numPr if paragraph.pPr is not None else None
        if properties is None or properties.numId is None:
            return ""
        level = properties.ilvl.val if properties.ilvl is not None else 0
        key = (str(properties.numId.val), level)
        form, shape, first = self._formats.get(key, ("", "", 1))
        count = self._counts[key] = self._counts.get(key, first - 1) + 1
        for other in [one for one in self._counts if one[0] == key[0] and one[1] > level]:
            del self._counts[other]
        if form == "decimal":
            return shape.replace(f"%{level + 1}", str(count)) + " "
        if form == "lowerLetter" and count <= 26:
            return shape.replace(f"%{level + 1}", chr(ord("a") + count - 1)) + " "
        return ""


def _value(element: Any) -> str:
    return "" if element is None else element.get(f"{_WORD}val") or ""


def _pdf(content: bytes, file: str) -> Text:
    import pypdfium2

    if _unpacked(content) > MAX_UNPACKED:
        raise InputError([error("RES074", Place(file=file), limit=MAX_UNPACKED)])
    try:
        document = pypdfium2.PdfDocument(BytesIO(content))
    except pypdfium2.PdfiumError:
        raise InputError([error("RES071", Place(file=file))]) from None
    try:
        if len(document) > MAX_PAGES:
            raise InputError([error("RES072", Place(file=file), limit=MAX_PAGES)])
        pages = []
        size = 0
        for number in range(len(document)):
            found = document[number].get_textpage().get_text_bounded()
            size += len(found)
            if size > MAX_CHARACTERS:
                raise InputError([error("RES070", Place(file=file), limit=MAX_CHARACTERS)])
            pages.append(found.replace("\r\n", "\n").translate(_HYPHENS).split("\n"))
    except pypdfium2.PdfiumError:
        raise InputError([error("RES071", Place(file=file))]) from None
    finally:
        document.close()
    kept = _without_running_lines(pages)
    text = joined(file, [text_of_lines(file, lines, number) for number, lines in enumerate(kept, 1)])
    if not text.chars.strip():
        raise InputError([error("RES073", Place(file=file))])
    return text


def _unpacked(content: bytes) -> int:
    """How large the compressed streams of a PDF are when unpacked, counted up to just above the limit."""
    size = 0
    for match in _STREAM.finditer(content):
        packed = content[match.end() : match.end() + MAX_BYTES]
        while packed and size <= MAX_UNPACKED:
            try:
                packed = zlib.decompressobj().decompress(packed, MAX_UNPACKED - size + 1)
            except zlib.error:
                break
            size += len(packed)
        if size > MAX_UNPACKED:
            break
    return size


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """The lines of each page; numbers of pages, and what heads or foots most pages alike, left empty."""
    ends = [[index for index, line in enumerate(lines) if line.strip()] for lines in pages]
    edges = [{found[0], found[-1]} if found else set() for found in ends]
    seen = Counter(
        _DIGITS.sub("0", lines[index].strip())
        for lines, edge in zip(pages, edges, strict=True)
        for index in edge
    )
    running = {line for line, count in seen.items() if count > max(2, len(pages) // 2)}

    def runs(line: str) -> bool:
        return line.strip(" -–").isdecimal() or _DIGITS.sub("0", line.strip()) in running

    return [
        ["" if index in edge and runs(line) else line for index, line in enumerate(lines)]
        for lines, edge in zip(pages, edges, strict=True)
    ]
