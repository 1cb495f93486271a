"""Office files (XLSX, DOCX) opened with bounds: what is inside is looked at before any of it is read."""

import zipfile
from io import BytesIO
from pathlib import Path

from merger.errors import InputError
from merger.mapping.tree import problem

MAX_BYTES = 20_000_000
MAX_UNPACKED = 100_000_000
MAX_PARTS = 2_000

_DECLARES = (b"<!DOCTYPE", b"<!ENTITY")


def office_file(path: Path, kind: str) -> BytesIO:
    """The bytes of the office file `path` (of the given kind, `XLSX` or `DOCX`), safe to be parsed.

    Raises InputError for what is no such file, larger than 20 MB, larger than 100 MB or 2,000 parts
    when unpacked, encrypted, or declares XML entities.
    """
    file = str(path)
    try:
        if not path.is_file():
            raise InputError([problem(file, "DOC001")])
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise InputError([problem(file, "DOC001")]) from None
    if len(content) > MAX_BYTES:
        raise InputError([problem(file, "DOC002", (1, 1), limit=MAX_BYTES)])
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # an encrypted office file is an OLE container
        raise InputError([problem(file, "DOC032", (1, 1))])
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _look_inside(archive, file)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError, NotImplementedError, OSError):
        raise InputError([problem(file, "DOC030", (1, 1), kind=kind)]) from None
    except RuntimeError:  # zipfile's word for a part that needs a password
        raise InputError([problem(file, "DOC032", (1, 1))]) from None
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma", "_lzma", "bz2"):
            raise InputError([problem(file, "DOC030", (1, 1), kind=kind)]) from None
        raise
    return BytesIO(content)


def _look_inside(archive: zipfile.ZipFile, file: str) -> None:
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    if size > MAX_UNPACKED or len(parts) > MAX_PARTS:
        raise InputError([problem(file, "DOC031", (1, 1), size=size, limit=MAX_UNPACKED)])
    for part in parts:
        with archive.open(part) as opened:
            found = opened.read(MAX_UNPACKED + 1)
        if part.filename.endswith((".xml", ".rels")):
            plain = found.replace(b"\0", b"")  # also where the part is UTF-16
            if any(word in plain for word in _DECLARES):
                raise InputError([problem(file, "DOC033", (1, 1))])
