"""The text of a resolution's file: plain text or Markdown, DOCX, or a PDF that holds text."""

import re
import zipfile
import zlib
from collections import Counter
from io import BytesIO
from pathlib import Path

from merger.errors import Finding, InputError, Place
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

_HYPHENS = {0x02: "-", 0xFFFE: "-"}  # a hyphen at which the page broke the line
_DIGITS = re.compile(r"[0-9]+")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")


def read_text(path: Path) -> tuple[Text, list[Finding]]:
    """The text of the file `path`, and what in it is not read; what kind of file it is, its first bytes say.

    Lines of a DOCX are its paragraphs, rows of tables among them; those of a PDF are numbered page by page.
    Raises InputError for a file that cannot be read, is too long for a resolution, or holds no text.
    """
    content = read_bytes(path, MAX_BYTES)
    findings: list[Finding] = []
    if content.startswith(b"%PDF"):
        text, findings = _pdf(content, str(path))
    elif content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        text, findings = _docx(path)
    else:
        text = text_of_lines(str(path), _decoded(content, str(path)).splitlines())
    if len(text) > MAX_CHARACTERS:
        raise InputError([error("RES070", Place(file=str(path)), limit=MAX_CHARACTERS)])
    return text, findings


def _decoded(content: bytes, file: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        column = wrong.start - content.rfind(b"\n", 0, wrong.start)
        found = problem(file, "DOC003", (line, column), byte=f"0x{content[wrong.start]:02x}")
        raise InputError([found]) from None


def _docx(path: Path) -> tuple[Text, list[Finding]]:
    import docx

    from merger.mapping.drafting.word import Reader

    file = str(path)
    content = office_file(path, "DOCX")
    with zipfile.ZipFile(content) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_XML:
            raise InputError([error("RES074", Place(file=file), limit=MAX_XML)])
    content.seek(0)
    try:
        reader = Reader(file, docx.Document(content))
    except Exception as wrong:  # the parser's many ways of saying that this is no document
        if isinstance(wrong, MemoryError | RecursionError):
            raise
        raise InputError([problem(file, "DOC030", (1, 1), kind="DOCX")]) from None
    return reader.text, reader.findings


def _pdf(content: bytes, file: str) -> tuple[Text, list[Finding]]:
    import pypdfium2

    from merger.mapping.drafting.annotations import Annotations

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
        annotations = Annotations(file, document)
        for number in range(len(document)):
            page = document[number]
            annotations.look_at(page, number + 1)
            found = page.get_textpage().get_text_bounded()
            size += len(found)
            if size > MAX_CHARACTERS:
                raise InputError([error("RES070", Place(file=file), limit=MAX_CHARACTERS)])
            pages.append(found.replace("\r\n", "\n").translate(_HYPHENS).split("\n"))
        unread = annotations.findings()
    except pypdfium2.PdfiumError:
        raise InputError([error("RES071", Place(file=file))]) from None
    finally:
        document.close()
    kept = _without_running_lines(pages)
    text = joined(file, [text_of_lines(file, lines, number) for number, lines in enumerate(kept, 1)])
    if not text.chars.strip():
        raise InputError([error("RES073", Place(file=file))])
    return text, unread


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
