"""Office files are looked at before anything reads them."""

import struct
import tracemalloc
import zipfile
import zlib
from io import BytesIO

import pytest

from merger.errors import InputError
from merger.mapping import archive
from merger.mapping.archive import office_file

XML = b'<?xml version="1.0" encoding="UTF-8"?>'
BOMB = (
    XML
    + b'<!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><a>&j;</a>"
)


def packed(parts, method=zipfile.ZIP_DEFLATED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def refused(tmp_path, content, kind="XLSX"):
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        office_file(path, kind)
    [finding] = caught.value.findings
    assert (finding.place.file, finding.place.line, finding.place.column) == (str(path), 1, 1)
    assert finding.message
    return finding.code


def test_a_sound_file_is_given_back_byte_for_byte(tmp_path):
    content = packed({"a.xml": XML + "<a>Đạ</a>".encode(), "b.bin": b"\0\1", "c.rels": b"\xef\xbb\xbf<c/>"})
    (tmp_path / "a.xlsx").write_bytes(content)
    assert office_file(tmp_path / "a.xlsx", "XLSX").read() == content


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="DOC001"):
        office_file(tmp_path / "none.xlsx", "XLSX")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"text", packed({"a.xml": b"<a/>"})[:-30]],
    ids=["empty", "magic", "text", "cut off"],
)
def test_what_is_no_archive_is_refused(tmp_path, content):
    assert refused(tmp_path, content) == "DOC030"


def test_a_part_that_was_changed_is_refused(tmp_path):
    content = packed({"a.bin": b"x" * 100}, zipfile.ZIP_STORED)
    assert refused(tmp_path, content.replace(b"x" * 100, b"x" * 99 + b"y")) == "DOC030"


def test_an_encrypted_office_file_is_refused(tmp_path):
    assert refused(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "DOC032"


def test_a_part_that_needs_a_password_is_refused(tmp_path):
    content = bytearray(packed({"a.xml": b"<a/>"}))
    content[6] |= 1
    content[content.rfind(b"PK\1\2") + 8] |= 1
    assert refused(tmp_path, bytes(content)) == "DOC032"


def test_many_megabytes_of_zeros_is_refused_without_unpacking_it(tmp_path):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.xml", "w") as part:
        for _ in range(200):
            part.write(bytes(1_000_000))
    tracemalloc.start()
    try:
        assert refused(tmp_path, out.getvalue()) == "DOC031"
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_a_part_that_is_larger_than_it_says_is_refused_without_unpacking_it(tmp_path):
    large = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(large.compress(bytes(1_000_000)) for _ in range(200)) + large.flush()
    name = b"a.xml"
    said = (20, 0, 8, 0, 0, 0, len(data), 100)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", *said, len(name), 0) + name
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *said, len(name), 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(local) + len(data), 0)
    tracemalloc.start()
    try:
        assert refused(tmp_path, local + data + entry + end) == "DOC030"
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_too_many_parts_are_refused(tmp_path):
    assert refused(tmp_path, packed({f"{n}.xml": b"<a/>" for n in range(archive.MAX_PARTS + 1)})) == "DOC031"


def test_an_archive_in_an_archive_is_not_opened(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(packed({"b.zip": packed({"c.bin": bytes(1_000_000)})}))
    assert office_file(tmp_path / "a.xlsx", "XLSX")


@pytest.mark.parametrize("name", ["a.xml", "A.XML", "a.rels", "a.vml", "a.bin", "a"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "content", [BOMB, b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', b"<!DOCTYPE a><a/>"]
)
def test_a_document_type_is_refused_in_any_part_and_encoding(tmp_path, name, encoding, content):
    text = content.removeprefix(XML).decode()
    assert refused(tmp_path, packed({name: text.encode(encoding)})) == "DOC033"


def test_the_word_of_a_document_type_in_a_text_is_no_document_type(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(packed({"a.xml": b"<a><![CDATA[<!DOCTYPE a>]]></a>"}))
    assert office_file(tmp_path / "a.xlsx", "XLSX")


@pytest.mark.parametrize(
    "content", [b"<a>", b"<a></b>", b"<a>\xff</a>", b"", b"<a/><b/>", b'<a b="1" b="2"/>']
)
def test_xml_that_is_not_well_formed_is_refused(tmp_path, content):
    assert refused(tmp_path, packed({"a.xml": content}), "DOCX") == "DOC030"


def test_deep_nesting_is_refused(tmp_path):
    def nested(depth):
        return packed({"a.xml": b"<a>" * depth + b"</a>" * depth})

    (tmp_path / "a.docx").write_bytes(nested(archive.MAX_DEPTH))
    assert office_file(tmp_path / "a.docx", "DOCX")
    assert refused(tmp_path, nested(archive.MAX_DEPTH + 1), "DOCX") == "DOC034"


def test_too_many_elements_are_refused_in_all_parts_together(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ELEMENTS", {"XLSX": 100})
    part = b"<a>" + b"<b/>" * 59 + b"</a>"
    assert refused(tmp_path, packed({"a.xml": part, "b.xml": part})) == "DOC034"
    (tmp_path / "a.xlsx").write_bytes(packed({"a.xml": part}))
    assert office_file(tmp_path / "a.xlsx", "XLSX")
