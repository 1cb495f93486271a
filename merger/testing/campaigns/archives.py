"""Office files (XLSX, DOCX) made hostile or broken in every way we know."""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from itertools import pairwise
from random import Random

from merger.testing.campaigns.watched import changed_at_random

Parts = dict[str, bytes]
Damage = Callable[[Random, bytes, str], bytes]
"""Chance, an office file, and the name of its part that matters most: the file made unusable."""

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
_ZEROS = 1_000_000


def parts_of(content: bytes) -> Parts:
    """The parts of an office file, by name."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Parts as an office file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed_inside(chance: Random, content: bytes) -> bytes:
    """An office file with one of its parts changed at random, or with changed bytes of its own."""
    if chance.randrange(4) == 0:
        return changed_at_random(chance, content)
    parts = parts_of(content)
    name = chance.choice([name for name, part in parts.items() if part])
    # tags and attributes on lines of their own, so that they are moved, left out and doubled as wholes
    apart = chance.random() < 0.5
    part = re.sub(rb"(>)(<)", rb"\1\n\2", parts[name]) if apart else parts[name]
    return packed(parts | {name: changed_at_random(chance, part)})


def _with(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    parts = parts_of(content)
    return packed(parts | {name: change(parts[name])})


def _without_declaration(part: bytes) -> bytes:
    return re.sub(rb"^\s*<\?xml[^>]*\?>\s*", b"", part)


def _inside(part: bytes, more: bytes) -> bytes:
    """Something put before the end of the outermost element."""
    at = part.rindex(b"</")
    return part[:at] + more + part[at:]


def _truncated(chance: Random, content: bytes, _name: str) -> bytes:
    return content[: chance.randrange(len(content) - 30)]


def _no_archive(chance: Random, _content: bytes, _name: str) -> bytes:
    return chance.choice([b"", b"PK", b"PK\3\4" * 50, b"a,b,c\n1,2,3\n", b"%PDF-1.7\n", bytes(500)])


def _encrypted(_chance: Random, content: bytes, _name: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + content


def _password(_chance: Random, content: bytes, _name: str) -> bytes:
    """The flag that says that a part needs a password, in its header and in the directory."""
    out = bytearray(content)
    out[6] |= 1
    out[content.index(b"PK\1\2") + 8] |= 1
    return bytes(out)


def _spoilt(chance: Random, content: bytes, name: str) -> bytes:
    """A byte changed in a part that is stored as it is: its checksum does not fit."""
    stored = packed(parts_of(content), zipfile.ZIP_STORED)
    start = stored.index(name.encode()) + len(name) + 20
    place = start + chance.randrange(20)
    return stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :]


def _zip_bomb(_chance: Random, content: bytes, _name: str) -> bytes:
    out = BytesIO(content)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/zeros.xml", "w") as part,
    ):
        for _ in range(101):
            part.write(bytes(_ZEROS))
    return out.getvalue()


def _undeclared_bomb(_chance: Random, _content: bytes, name: str) -> bytes:
    """One part that says it has 100 bytes and has 100 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(bytes(_ZEROS)) for _ in range(100)) + packer.flush()
    path = name.encode()
    said = (20, 0, 8, 0, 0, 0, len(data), 100)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", *said, len(path), 0) + path
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *said, len(path), 0, 0, 0, 0, 0, 0) + path
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(local) + len(data), 0)
    return local + data + entry + end


def _overlapping_bomb(_chance: Random, _content: bytes, name: str) -> bytes:
    """Many parts whose data is the same 1 MB, so that a small file becomes large."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(bytes(_ZEROS)) + packer.flush()
    said = (20, 0, 8, 0, 0, zlib.crc32(bytes(_ZEROS)), len(data), _ZEROS)
    path = name.encode()
    local = struct.pack("<4s5H3L2H", b"PK\3\4", *said, len(path), 0) + path + data
    entries = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *said, len(path), 0, 0, 0, 0, 0, 0) + path
        for _ in range(1500)
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1500, 1500, len(entries), len(local), 0)
    return local + entries + end


def _many_parts(_chance: Random, content: bytes, _name: str) -> bytes:
    return packed(parts_of(content) | {f"docProps/{number}.xml": b"<a/>" for number in range(2001)})


def _laughs(_chance: Random, content: bytes, name: str) -> bytes:
    """Entities of entities: a few hundred bytes that become gigabytes."""
    names = [f"e{number}" for number in range(10)]
    entities = b'<!ENTITY e0 "ha">' + b"".join(
        f'<!ENTITY {one} "{f"&{before};" * 10}">'.encode() for before, one in pairwise(names)
    )
    return _with(content, name, lambda part: _declared(part, b"<!DOCTYPE x [" + entities + b"]>", b"&e9;"))


def _quadratic(_chance: Random, content: bytes, name: str) -> bytes:
    """One long entity, named often."""
    kind = b'<!DOCTYPE x [<!ENTITY e "' + b"a" * 50_000 + b'">]>'
    return _with(content, name, lambda part: _declared(part, kind, b"&e;" * 20_000))


def _external(chance: Random, content: bytes, name: str) -> bytes:
    where = chance.choice([b"file:///etc/hostname", b"file:///dev/zero", b"http://127.0.0.1:9/x"])
    kind = b'<!DOCTYPE x [<!ENTITY e SYSTEM "' + where + b'">]>'
    return _with(content, name, lambda part: _declared(part, kind, b"&e;"))


def _parameter(_chance: Random, content: bytes, name: str) -> bytes:
    kind = b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>'
    return _with(content, name, lambda part: _declared(part, kind, b""))


def _declared(part: bytes, kind: bytes, use: bytes) -> bytes:
    return _DECLARATION + kind + _inside(_without_declaration(part), b"<x>" + use + b"</x>")


def _wide_type(_chance: Random, content: bytes, name: str) -> bytes:
    """A document type in UTF-16, where a search for its letters finds nothing."""

    def change(part: bytes) -> bytes:
        text = "<!DOCTYPE x>" + _without_declaration(part).decode("utf-8")
        return text.encode("utf-16")

    return _with(content, name, change)


def _deep(chance: Random, content: bytes, name: str) -> bytes:
    depth = chance.choice([300, 20_000, 1_000_000])
    return _with(content, name, lambda part: _inside(part, b"<x>" * depth + b"</x>" * depth))


def _unclosed(_chance: Random, content: bytes, name: str) -> bytes:
    return _with(content, name, lambda part: part[: part.rindex(b"</")])


def _not_utf_8(chance: Random, content: bytes, name: str) -> bytes:
    bad = chance.choice([b"\xff", b"\xc0\xaf", "Hóa".encode("cp1258"), "Hòa".encode("latin-1")])
    return _with(content, name, lambda part: _inside(part, b"<x>" + bad + b"</x>"))


def _unknown_encoding(chance: Random, content: bytes, name: str) -> bytes:
    encoding = chance.choice([b"cp1258x", b"utf-7", b"none"])
    declared = b'<?xml version="1.0" encoding="' + encoding + b'"?>'
    return _with(content, name, lambda part: declared + _without_declaration(part))


def _missing(_chance: Random, content: bytes, name: str) -> bytes:
    return packed({other: part for other, part in parts_of(content).items() if other != name})


SURE: dict[str, Damage] = {
    "truncated archive": _truncated,
    "no archive": _no_archive,
    "encrypted file": _encrypted,
    "part with a password": _password,
    "checksum": _spoilt,
    "zip bomb": _zip_bomb,
    "zip bomb, size not declared": _undeclared_bomb,
    "zip bomb, overlapping parts": _overlapping_bomb,
    "too many parts": _many_parts,
    "entity bomb": _laughs,
    "entity bomb, quadratic": _quadratic,
    "external entity": _external,
    "external parameter entity": _parameter,
    "document type in UTF-16": _wide_type,
    "deep XML": _deep,
    "XML not closed": _unclosed,
    "XML not UTF-8": _not_utf_8,
    "XML of an unknown encoding": _unknown_encoding,
    "missing part": _missing,
}


def large_books(sound: bytes) -> list[tuple[str, Callable[[], bytes]]]:
    """Workbooks at the limits of what is read, and beyond; the last sheet of a sound one grows."""
    name = max(name for name in parts_of(sound) if name.startswith("xl/worksheets/sheet"))

    def grown(rows: bytes) -> Callable[[], bytes]:
        sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s'
        return lambda: packed(parts_of(sound) | {name: sheet % rows + b"</sheetData></worksheet>"})

    cell = b'<c r="%s" t="inlineStr"><is><t>%s</t></is></c>'
    return [
        ("a cell of 50 MB", grown(b'<row r="1">' + cell % (b"A1", b"x" * 50_000_000) + b"</row>")),
        ("200,000 rows of two cells", grown(b"".join(
            b'<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>2</v></c></row>' % (n, n, n)
            for n in range(1, 200_001)))),
        ("600,000 empty rows", grown(b"".join(b'<row r="%d"/>' % n for n in range(1, 600_001)))),
        ("the last cell", grown(b'<row r="1048576">' + cell % (b"XFD1048576", b"x") + b"</row>")),
        ("a cell beyond the last", grown(b'<row r="9999999">' + cell % (b"ZZZZ9999999", b"x") + b"</row>")),
        ("two million cells", grown(b'<row r="1">' + b"<c/>" * 2_000_000 + b"</row>")),
    ]  # fmt: skip
