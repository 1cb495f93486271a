"""Office files (XLSX, DOCX) opened with bounds: what is inside is looked at before any of it is read."""

import zipfile
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from merger.errors import InputError
from merger.mapping.document import read_bytes
from merger.mapping.tree import problem

MAX_BYTES = 20_000_000
MAX_UNPACKED = {"XLSX": 100_000_000, "DOCX": 40_000_000}
MAX_PARTS = 2_000

MAX_DEPTH = 200
MAX_ELEMENTS = {"XLSX": 1_200_000, "DOCX": 200_000}
"""XML elements in all parts together, by kind of file. A document is read as a tree, a workbook is not."""

_PIECE = 65_536


def office_file(path: Path, kind: str) -> BytesIO:
    """The bytes of the office file `path` (of the given kind, `XLSX` or `DOCX`), safe to be parsed.

    Raises InputError for what is no such file, is larger than 20 MB, is larger than 100 MB (DOCX: 40 MB) or
    2,000 parts when unpacked, is encrypted, is not well-formed, declares a document type (and so XML
    entities), or whose XML is nested deeper than 200 or has more than 1,200,000 elements (XLSX) or 200,000
    (DOCX).
    """
    file = str(path)
    content = read_bytes(path, MAX_BYTES)
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # an encrypted office file is an OLE container
        raise InputError([problem(file, "DOC032", (1, 1))])
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _look_inside(archive, file, kind)
    except (expat.ExpatError, LookupError):  # the latter for an encoding that nobody knows
        raise InputError([problem(file, "DOC030", (1, 1), kind=kind)]) from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError, NotImplementedError, OSError):
        raise InputError([problem(file, "DOC030", (1, 1), kind=kind)]) from None
    except RuntimeError:  # zipfile's word for a part that needs a password
        raise InputError([problem(file, "DOC032", (1, 1))]) from None
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma", "_lzma", "bz2"):
            raise InputError([problem(file, "DOC030", (1, 1), kind=kind)]) from None
        raise
    return BytesIO(content)


def _look_inside(archive: zipfile.ZipFile, file: str, kind: str) -> None:
    """Reads every part once, in pieces; what is XML must be well-formed and within the bounds."""
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    if size > MAX_UNPACKED[kind] or len(parts) > MAX_PARTS:
        raise InputError([problem(file, "DOC031", (1, 1), size=size, limit=MAX_UNPACKED[kind])])
    bounds = _Bounds(file, MAX_ELEMENTS[kind])
    for part in parts:
        with archive.open(part) as opened:
            piece = opened.read(_PIECE)
            parser = bounds.parser() if _is_xml(part.filename, piece) else None
            while piece:
                if parser is not None:
                    parser.Parse(piece, False)
                piece = opened.read(_PIECE)
        if parser is not None:
            parser.Parse(b"", True)


def _is_xml(name: str, beginning: bytes) -> bool:
    """By its name, or by how it begins in any encoding: a relationship may call for a part of any name."""
    plain = beginning.lstrip(b"\xef\xbb\xbf\xfe\xff\0 \t\r\n")
    return name.casefold().endswith((".xml", ".rels", ".vml")) or plain.startswith(b"<")


class _Bounds:
    """What the XML of all parts of a file together may hold."""

    def __init__(self, file: str, elements: int) -> None:
        self._file = file
        self._elements = self._limit = elements
        self._depth = 0

    def parser(self) -> expat.XMLParserType:
        self._depth = 0
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._declared
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        return parser

    def _declared(self, *_said: object) -> None:
        raise InputError([problem(self._file, "DOC033", (1, 1))])

    def _start(self, _name: str, _attributes: object) -> None:
        self._elements -= 1
        self._depth += 1
        if self._elements < 0 or self._depth > MAX_DEPTH:
            raise InputError([problem(self._file, "DOC034", (1, 1), limit=self._limit, depth=MAX_DEPTH)])

    def _end(self, _name: str) -> None:
        self._depth -= 1
