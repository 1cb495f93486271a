"""Resolutions as text and as DOCX, made unusable in every way we know. Their units are made up."""

from collections.abc import Callable, Mapping
from random import Random

from merger.testing.campaigns import archives

TEXT = """# NGHỊ QUYẾT

Số: 1/NQ-UBTVQH15, ngày 16 tháng 6 năm 2025

Về việc sắp xếp các đơn vị hành chính cấp xã của tỉnh A năm 2025

## Điều 1. Sắp xếp các đơn vị hành chính cấp xã của tỉnh A

Sắp xếp các đơn vị hành chính cấp xã của tỉnh A như sau:

1. Sắp xếp toàn bộ diện tích tự nhiên, quy mô dân số của xã Một và xã Hai thành xã mới có tên gọi là xã Một.

2. Sắp xếp toàn bộ diện tích tự nhiên, quy mô dân số của thị trấn Ba, một phần diện tích tự nhiên, \
quy mô dân số của xã Bốn thành xã mới có tên gọi là xã Ba.

3. Sắp xếp phần còn lại của xã Bốn sau khi sắp xếp theo quy định tại khoản 2 Điều này và xã Năm \
thành xã mới có tên gọi là xã Năm.

## Điều 2. Hiệu lực thi hành

1. Nghị quyết này có hiệu lực thi hành từ ngày thông qua.

2. Chính quyền địa phương ở các đơn vị hành chính cấp xã hình thành sau sắp xếp chính thức hoạt động từ \
ngày 01 tháng 7 năm 2025.
"""
BEFORE = """code,name,type,district,district_code,province,province_code
90001,Một,Xã,Huyện D,901,Tỉnh A,90
90004,Hai,Xã,Huyện D,901,Tỉnh A,90
90007,Ba,Thị trấn,Huyện D,901,Tỉnh A,90
90010,Bốn,Xã,Huyện D,901,Tỉnh A,90
90013,Năm,Xã,Huyện D,901,Tỉnh A,90
"""

_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

DOCUMENT = "word/document.xml"

Damage = Callable[[Random, bytes], bytes]


def docx(lines: list[str]) -> bytes:
    """A DOCX file with one paragraph for each line."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    return archives.packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{_RELATIONS}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/{DOCUMENT}" '
            f'ContentType="{_MAIN}"/></Types>'.encode(),
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
            f'Type="{_OFFICE}/officeDocument" Target="{DOCUMENT}"/></Relationships>'.encode(),
            DOCUMENT: f"<w:document {_WORD}><w:body>{paragraphs}</w:body></w:document>".encode(),
        }
    )


def sound_docx() -> bytes:
    """The made-up resolution as a word processor writes it."""
    return docx([line.lstrip("# ") for line in TEXT.splitlines() if line])


def _nothing(chance: Random, _content: bytes) -> bytes:
    return chance.choice([b"", b"\n\n", b"\xef\xbb\xbf", b" \t\n", "Không có gì ở đây.\n".encode()])


def _other_law(_chance: Random, content: bytes) -> bytes:
    """A text without any clause that arranges units."""
    return content.replace("Sắp xếp toàn bộ".encode(), b"Xem").replace("Sắp xếp phần".encode(), b"Xem")


def _bad_byte(chance: Random, content: bytes) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + chance.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80"]) + content[place:]


def _other_encoding(chance: Random, content: bytes) -> bytes:
    text = content.decode("utf-8")
    encoding = chance.choice(["utf-16-le", "utf-16-be", "utf-32-le", "cp1258", "latin-1"])
    if encoding in ("cp1258", "latin-1"):
        return text.encode(encoding, "replace") + b" h\xf2a"
    return text.encode(encoding)


def _another_kind(chance: Random, _content: bytes) -> bytes:
    return chance.choice([b"\x89PNG\r\n\x1a\n" + bytes(100), b"\x7fELF" + bytes(100), bytes(1000)])


SURE: Mapping[str, Damage] = {
    "nothing in it": _nothing,
    "no clause": _other_law,
    "not UTF-8": _bad_byte,
    "other encoding": _other_encoding,
    "another kind of file": _another_kind,
}


def large() -> list[tuple[str, Callable[[], bytes]]]:
    """Texts at the limits of what is read, and beyond."""
    head, _, tail = TEXT.partition("2. Sắp xếp toàn bộ")
    clause = "2. Sắp xếp toàn bộ diện tích tự nhiên của xã Một{} thành xã mới có tên gọi là xã Hai.\n\n"
    return [
        ("21 MB of text", lambda: b"x" * 21_000_000),
        ("900,000 characters in one line", lambda: (TEXT + "x" * 900_000).encode()),
        ("900,000 digits", lambda: (TEXT + "1" * 900_000).encode()),
        ("900,000 brackets", lambda: (TEXT + "(" * 900_000).encode()),
        ("a clause of 50,000 units", lambda: (head + clause.format(", xã Hai" * 50_000) + tail).encode()),
        ("3,000 clauses", lambda: (head + clause.format("") * 3_000 + tail).encode()),
        ("a clause of 100,000 words", lambda: (head + clause.format(" của" * 100_000) + tail).encode()),
    ]


def large_docx() -> list[tuple[str, Callable[[], bytes]]]:
    """Documents at the limits of what is read, and beyond."""
    return [
        ("90,000 paragraphs", lambda: docx(["1. xã Một"] * 90_000)),
        ("one paragraph of 90 MB", lambda: docx(["x" * 90_000_000])),
        ("two million elements", lambda: docx([""] * 700_000)),
    ]
