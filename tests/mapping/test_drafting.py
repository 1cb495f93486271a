"""A resolution read into a draft, whichever kind of file it comes in."""

import re
from datetime import date
from pathlib import Path

import docx
import pytest
from drafting_files import DATA, EXAMPLE, NEW_UNITS, TRUE_EDGES, UNITS, edges, errors, read, units

from merger.errors import InputError
from merger.mapping import load
from merger.mapping.drafting import read_resolution
from merger.mapping.drafting.text import cleaned, text_of_lines
from merger.messages import use


@pytest.fixture(autouse=True)
def _english():
    use("en")


def test_every_edge_is_read_with_land_and_people():
    imported = read()
    assert edges(imported) == TRUE_EDGES
    assert errors(imported) == []


def test_an_edge_quotes_the_words_of_its_clause_exactly():
    plain = cleaned(text_of_lines("x", EXAMPLE.read_text("utf-8").splitlines())).words()
    entries = units(read()).communes
    quoted = [one.words for entry in entries for one in (*entry.from_, *entry.areas)]
    quoted += [entry.words for entry in entries if entry.keep]
    assert len(quoted) == 18
    assert all(words and words in plain for words in quoted)
    by_unit = {one.unit.code: one.words for entry in entries for one in entry.from_ if entry.clause == "4"}
    assert by_unit == {
        "96001": "toàn bộ diện tích tự nhiên, quy mô dân số của của xã Tân Lập (huyện Cát Vàng)",
        "95008": "phần còn lại của xã Hòa Bình sau khi sắp xếp theo quy định tại khoản 3 Điều này",
    }


def test_what_has_no_commune_code_is_an_area():
    areas = [
        (entry.clause, one.name, str(one.district)) for entry in units(read()).communes for one in entry.areas
    ]
    assert areas == [
        ("5", "Khu vực bãi bồi", "961 Huyện Cát Vàng"),
        ("6", "Huyện Hòn Ngọc", "962 Huyện Hòn Ngọc"),
    ]


def test_the_draft_says_what_the_resolution_says_of_itself():
    file = units(read())
    assert file.effective == date(2025, 7, 1)
    assert [(act.number, act.date.isoformat(), act.on) for act in file.legal_basis] == [
        ("9998/2025/QH15", "2025-05-20", "provinces"),
        ("9999/NQ-UBTVQH15", "2025-06-01", "communes"),
    ]
    assert file.title is not None
    assert file.title.vi == "Sắp xếp đơn vị hành chính cấp xã của tỉnh Sông Mơ năm 2025"
    assert file.title.en == "Arrangement of the communes of Sông Mơ in 2025"
    assert file.province is not None
    assert str(file.province.into) == "95 Tỉnh Sông Mơ"
    assert [str(one.unit) for one in file.province.from_] == ["95 Tỉnh Sông Mơ", "96 Tỉnh Cát Vàng"]
    assert str(file.districts[0].unit) == "951 Huyện Đồng Xanh"
    assert file.districts[1].communes == ("95006", "95007", "95008")


def test_a_unit_kept_stands_last_under_its_closing_clause():
    last = units(read()).communes[-1]
    assert (last.clause, str(last.keep)) == ("8", "96005 Xã Bãi Ngoài")


def test_without_a_list_of_new_units_their_codes_are_left_to_a_person():
    imported = read(after=False)
    assert [str(entry.unit) for entry in units(imported).communes][:2] == [
        "new-1 Xã Đồng Xanh",
        "new-2 Xã Ea H'Mơ",
    ]
    said = [one for one in imported.findings if one.code == "RES040"]
    assert [one.message for one in said] == [
        "codes of new units are still to be given: each stands as `new-` and its clause"
    ]


def test_the_draft_is_written_as_a_file_that_reads_back_equal(tmp_path):
    draft = read().drafts[0]
    path = tmp_path / draft.name
    path.write_text(draft.text, "utf-8")
    assert load([path]).mapping.units == (draft.value,)
    assert "# RES017 khu vực bãi bồi is no unit of the list" in draft.text
    assert draft.text.startswith(
        "# Draft read from example.md, with its words for every edge; open points: 1."
    )


def test_plain_text_in_another_encoding_reads_the_same(tmp_path):
    path = tmp_path / "example.txt"
    text = re.sub(r"\\(?=[.\-])|\*\*|\[\^1\](?!:)", "", EXAMPLE.read_text("utf-8"))
    path.write_bytes(text.encode("utf-16"))
    assert edges(read(path)) == TRUE_EDGES


def test_decomposed_letters_and_other_places_of_tones_read_the_same(tmp_path):
    import unicodedata

    path = tmp_path / "example.md"
    path.write_text(unicodedata.normalize("NFD", EXAMPLE.read_text("utf-8")), "utf-8")
    assert edges(read(path)) == TRUE_EDGES
    assert all(
        unicodedata.is_normalized("NFC", one.words) for e in units(read(path)).communes for one in e.from_
    )


def _paragraphs() -> list[str]:
    text = re.sub(r"\\(?=[.\-])|\*\*|\*(?=\S)|(?<=\S)\*|\[\^1\](?!:)", "", EXAMPLE.read_text("utf-8"))
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]


def test_a_word_document_reads_the_same(tmp_path):
    document = docx.Document()
    for paragraph in _paragraphs():
        document.add_paragraph(paragraph)
    document.save(str(tmp_path / "example.docx"))
    imported = read(tmp_path / "example.docx")
    assert edges(imported) == TRUE_EDGES
    assert errors(imported) == []


def test_a_word_document_numbered_by_the_word_processor_reads_the_same(tmp_path):
    document = docx.Document()
    inside = False
    for paragraph in _paragraphs():
        inside = (inside or paragraph.startswith("Điều 1.")) and not paragraph.startswith("Điều 2.")
        number = re.match(r"[0-9]+\. ", paragraph)
        if inside and number:
            document.add_paragraph(paragraph[number.end() :], style="List Number")
            added = document.paragraphs[-1]._p.get_or_add_pPr().get_or_add_numPr()
            added.get_or_add_ilvl().val = 0
            added.get_or_add_numId().val = _decimal(document)
        else:
            document.add_paragraph(paragraph)
    document.save(str(tmp_path / "example.docx"))
    imported = read(tmp_path / "example.docx")
    assert edges(imported) == TRUE_EDGES
    assert [entry.clause for entry in units(imported).communes] == ["1", "2", "3", "4", "5", "6", "7", "8"]


def _decimal(document) -> int:
    """A list of the document's template that is numbered 1., 2., 3."""
    style = document.styles["List Number"].element
    return int(style.pPr.numPr.numId.val)


def test_a_pdf_that_holds_text_reads_the_same_and_places_lie_on_its_pages():
    imported = read(DATA / "example.pdf")
    assert edges(imported) == TRUE_EDGES
    assert errors(imported) == []
    assert any("example.pdf#page=" in one.place.file and one.place.line for one in imported.findings)


def test_several_resolutions_give_several_drafts_named_by_number(tmp_path):
    second = tmp_path / "second.md"
    second.write_text(EXAMPLE.read_text("utf-8").replace("9999/NQ", "8888/NQ"), "utf-8")
    imported = read_resolution([EXAMPLE, second], "vn", [UNITS], [NEW_UNITS])
    assert [draft.value.id for draft in imported.drafts] == ["vn-9999", "vn-8888"]


def test_findings_are_in_the_order_of_lines():
    lines = [one.place.line for one in read(after=False).findings]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        (
            "a.md",
            b"nothing",
            "RES001",
            "this is no resolution that arranges communes: no numbered clause of it does so",
        ),
        ("a.md", b"\xff\xfe\xfa", "DOC003", "this is not UTF-8 text: byte 0xfa"),
        ("a.md", b"ok\n\xc3(", "DOC003", "this is not UTF-8 text: byte 0xc3"),
        ("a.docx", b"PK\x03\x04no", "DOC030", "this is no DOCX file, or a damaged one"),
        ("a.pdf", b"%PDF-1.4 no", "RES071", "this PDF cannot be read: it is damaged or needs a password"),
    ],
)
def test_a_file_that_is_no_resolution_cannot_be_used(tmp_path, name, content, code, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read(path)
    (finding,) = raised.value.findings
    assert (finding.code, finding.place.file) == (code, str(path))
    assert finding.message == message or code == "DOC030"


def test_all_files_that_cannot_be_used_are_named_in_one_run(tmp_path):
    bad = tmp_path / "units.csv"
    bad.write_text("code,title\n1,x\n", "utf-8")
    with pytest.raises(InputError) as raised:
        read_resolution([tmp_path / "absent.md", UNITS], "Not An Id", [bad], [tmp_path / "none.csv"])
    assert [one.code for one in raised.value.findings] == ["RES080", "RES060", "DOC001", "DOC001", "RES081"]
    assert raised.value.findings[-1].message == "this is a list of units (CSV), no resolution"
    assert raised.value.findings[-1].mend.startswith("Give a list with --before or --after, once before")


@pytest.mark.parametrize(
    ("rows", "code", "line", "message"),
    [
        ("code,name\n,Xã A\n", "RES061", 2, "a unit without a code or without a name"),
        ("code,name\n123456,Xã A\n", "RES062", 2, "what kind of unit 123456 is cannot be told from its code"),
        (
            "code,name\n12345,Xã A\n12345,Xã B\n",
            "RES063",
            3,
            "the code 12345 is there twice, for different units",
        ),
        (
            'code,name\n12345,"Xã A\n',
            "DOC205",
            2,
            "a quote is opened here and never closed; nothing after it could be read",
        ),
        ("", "DOC210", 1, "the file is empty"),
    ],
)
def test_a_list_of_units_with_a_mistake_cannot_be_used(tmp_path, rows, code, line, message):
    path = tmp_path / "units.csv"
    path.write_text(rows, "utf-8")
    with pytest.raises(InputError) as raised:
        read_resolution([EXAMPLE], "x", [path])
    found = raised.value.findings[0]
    assert (found.code, found.place.line, found.message) == (code, line, message)


def test_a_list_may_write_the_kind_into_the_name_and_the_district_as_a_name(tmp_path):
    path = tmp_path / "units.csv"
    rows = ["code;name;district;province"]
    for line in UNITS.read_text("utf-8").splitlines()[5:]:
        code, name, kind, district, _ = line.split(",")
        named = {"951": "Huyện Đồng Xanh", "952": "Thị xã Bến Gỗ", "961": "Huyện Cát Vàng", "": ""}.get(
            district, ""
        )
        if named:
            rows.append(f"{code};{kind} {name};{named};Tỉnh Sông Mơ")
    path.write_text("\n".join(rows), "utf-8")
    imported = read_resolution([EXAMPLE], "x", [path], [NEW_UNITS])
    assert edges(imported) == TRUE_EDGES


def test_the_reader_is_fast():
    import time

    began = time.process_time()
    read()
    assert time.process_time() - began < 10


def test_the_example_is_no_real_resolution():
    assert "không phải một nghị quyết có thật" in Path(EXAMPLE).read_text("utf-8")


@pytest.mark.parametrize(
    "rows",
    [
        "code,name\n12345,Xã A\n1,Xã B\n70,Phường C\n1234,Xã D\n",
        "code,name,kind\n12345,A,commune\n1,B,commune\n2,C,province\n11,D,district\n",
        "code,name\n12345,A\n1,B\n7,C\n1234,D\n",
    ],
)
def test_a_list_whose_codes_lost_their_zeros_has_one_finding(tmp_path, rows):
    path = tmp_path / "units.csv"
    path.write_text(rows, "utf-8")
    with pytest.raises(InputError) as raised:
        read_resolution([EXAMPLE], "x", [path])
    (finding,) = raised.value.findings
    assert (finding.code, finding.place.line) == ("RES064", 3)
    assert finding.message == (
        "leading zeros seem lost: 3 codes of the list have fewer digits than those of their kind; "
        "the first, 1, is here"
    )
