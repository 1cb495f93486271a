"""What a DOCX holds beside its plain text: read where it is in force, said where it is not, never lost."""

import re
from pathlib import Path

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from drafting_files import EXAMPLE, TRUE_EDGES, edges, errors, read, read_changed, units

from merger.errors import Severity
from merger.mapping.imported import Imported
from merger.messages import use

WORD = nsdecls("w")
FOLDED = re.sub(r"\\(?=[.\-])|\*\*|\*(?=\S)|(?<=\S)\*|\[\^1\](?!:)", "", EXAMPLE.read_text("utf-8"))
PARAGRAPHS = [" ".join(part.split()) for part in re.split(r"\n\s*\n", FOLDED)]
CLAUSE = next(number for number, one in enumerate(PARAGRAPHS) if one.startswith("3."))
TAKEN = "một phần diện tích tự nhiên"


@pytest.fixture(autouse=True)
def _english() -> None:
    use("en")


def example():
    document = docx.Document()
    for paragraph in PARAGRAPHS:
        document.add_paragraph(paragraph)
    return document


def run_of(document, number=CLAUSE):
    return document.paragraphs[number].runs[0]._r


def reading(document, folder: Path) -> Imported:
    document.save(str(folder / "example.docx"))
    return read(folder / "example.docx")


def said(imported: Imported) -> dict[str, str]:
    return {one.code: one.message for one in imported.findings if one.code >= "RES090"}


def add(document, xml: str, number=CLAUSE, before=False) -> None:
    element = parse_xml(xml)
    if before:
        document.paragraphs[number]._p.addprevious(element)
    else:
        document.paragraphs[number]._p.append(element)


def attach(document, kind: str, name: str, xml: str) -> None:
    package = document.part.package
    part = Part(PackURI(f"/word/{name}"), f"application/{kind}+xml", xml.encode(), package)
    document.part.relate_to(
        part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    )


def test_a_text_box_is_said_once_with_its_words(tmp_path):
    document = example()
    lines = "".join(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>" for words in (f"{TAKEN} của", "xã A"))
    box = f"<w:txbxContent>{lines}</w:txbxContent>"
    add(
        document,
        f'<w:r {WORD} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice>'
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>",
    )
    imported = reading(document, tmp_path)
    assert said(imported) == {"RES090": f"a text box is not read: “{TAKEN} của xã A”"}
    (finding,) = [one for one in imported.findings if one.code == "RES090"]
    assert finding.place.line == 2 * CLAUSE + 2
    assert edges(imported) == TRUE_EDGES
    assert [one.of for one in units(imported).open_ if one.code == "RES090"] == ["3"]


def test_deleted_and_moved_text_is_not_read_and_inserted_text_is(tmp_path):
    document = example()
    run = run_of(document)
    words = run.text
    half = words.index(TAKEN)
    run.text = words[:half]
    mark = 'w:id="1" w:author="A" w:date="2025-06-16T00:00:00Z"'
    add(document, f"<w:del {WORD} {mark}><w:r><w:delText>toàn bộ dân số của xã B, </w:delText></w:r></w:del>")
    add(document, f"<w:moveFrom {WORD} {mark}><w:r><w:t>xã C và </w:t></w:r></w:moveFrom>")
    add(document, f"<w:ins {WORD} {mark}><w:r><w:t>{words[half:]}</w:t></w:r></w:ins>")
    imported = reading(document, tmp_path)
    assert edges(imported) == TRUE_EDGES
    assert said(imported) == {
        "RES093": "the file holds tracked changes: 1 insertions were read as in force, 2 deletions were not; "
        "the first is here"
    }


@pytest.mark.parametrize("property_", ["vanish", "strike", "dstrike"])
def test_hidden_and_struck_through_text_is_not_read(tmp_path, property_):
    document = example()
    add(document, f"<w:r {WORD}><w:rPr><w:{property_}/></w:rPr><w:t> và xã Đồi 61</w:t></w:r>")
    add(document, f'<w:r {WORD}><w:rPr><w:{property_} w:val="0"/></w:rPr><w:t> </w:t></w:r>')
    imported = reading(document, tmp_path)
    assert edges(imported) == TRUE_EDGES
    assert said(imported) == {"RES092": "hidden or struck-through text is not read: “và xã Đồi 61”"}


def test_text_hidden_by_a_style_is_not_read(tmp_path):
    document = example()
    styles = document.styles
    base = styles.add_style("Secret", 1)
    base.font.hidden = True
    child = styles.add_style("SecretChild", 1)
    child.base_style = base
    document.add_paragraph("9. Sắp xếp toàn bộ xã A thành xã mới có tên gọi là xã B.", style="SecretChild")
    imported = reading(document, tmp_path)
    assert edges(imported) == TRUE_EDGES
    assert said(imported)["RES092"].endswith("“9. Sắp xếp toàn bộ xã A thành xã mới có tên gọi là xã B.”")


def test_paragraphs_in_content_controls_and_nested_tables_are_read(tmp_path):
    document = docx.Document()
    for number, paragraph in enumerate(PARAGRAPHS):
        if number == CLAUSE:
            outer = document.add_table(rows=1, cols=1)
            inner = outer.cell(0, 0).add_table(rows=1, cols=1)
            inner.cell(0, 0).text = paragraph
            continue
        document.add_paragraph(paragraph)
        if number == CLAUSE + 1:
            paragraph = document.paragraphs[-1]._p
            control = parse_xml(f"<w:sdt {WORD}><w:sdtPr/><w:sdtContent/></w:sdt>")
            paragraph.addprevious(control)
            control[1].append(paragraph)
    imported = reading(document, tmp_path)
    assert edges(imported) == TRUE_EDGES
    assert said(imported) == {}


def test_paragraphs_of_one_cell_are_not_glued_together(tmp_path):
    document = docx.Document()
    for number, paragraph in enumerate(PARAGRAPHS):
        if number != CLAUSE:
            document.add_paragraph(paragraph)
            continue
        cell = document.add_table(rows=1, cols=1).cell(0, 0)
        first, _, rest = paragraph.partition(" và ")
        cell.text = f"{first} và"
        cell.add_paragraph(rest)
    assert edges(reading(document, tmp_path)) == TRUE_EDGES


def test_a_deleted_row_of_a_table_is_not_read(tmp_path):
    document = example()
    table = document.add_table(rows=1, cols=1)
    table.cell(0, 0).text = "9. Sắp xếp toàn bộ xã A thành xã mới có tên gọi là xã B."
    row = table.rows[0]._tr.get_or_add_trPr()
    row.append(parse_xml(f'<w:del {WORD} w:id="1" w:author="A"/>'))
    imported = reading(document, tmp_path)
    assert edges(imported) == TRUE_EDGES
    assert list(said(imported)) == ["RES093"]


def test_notes_are_said_with_the_words_of_the_first(tmp_path):
    document = example()
    text = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    attach(
        document,
        "footnotes",
        "footnotes.xml",
        f'<w:footnotes {WORD}><w:footnote w:type="separator" w:id="0">{text.format("-")}</w:footnote>'
        f'<w:footnote w:id="1">{text.format("Đính chính: xã A")}</w:footnote></w:footnotes>',
    )
    attach(
        document,
        "endnotes",
        "endnotes.xml",
        f'<w:endnotes {WORD}><w:endnote w:id="1">{text.format("xã B")}</w:endnote></w:endnotes>',
    )
    imported = reading(document, tmp_path)
    assert said(imported) == {"RES091": "2 footnotes or endnotes are not read; the first: “Đính chính: xã A”"}
    assert edges(imported) == TRUE_EDGES


def test_headers_comments_and_pictures_are_notes_and_embedded_objects_a_warning(tmp_path):
    document = example()
    document.sections[0].header.paragraphs[0].text = "Dự thảo lần 2"
    document.sections[0].footer.paragraphs[0].text = "12"
    document.add_comment(document.paragraphs[CLAUSE].runs[0], text="xem lại", author="A")
    attach(document, "oleObject", "embeddings/oleObject1.bin", "x")
    add(
        document,
        f'<w:r {WORD} xmlns:v="urn:schemas-microsoft-com:vml">'
        "<w:pict><v:shape><v:imagedata/></v:shape></w:pict></w:r>",
    )
    imported = reading(document, tmp_path)
    weights = {one.code: one.severity for one in imported.findings if one.code >= "RES090"}
    assert weights == {
        "RES094": Severity.NOTE,
        "RES095": Severity.NOTE,
        "RES096": Severity.WARNING,
        "RES097": Severity.NOTE,
    }
    assert said(imported)["RES094"] == "headers and footers are not read: “Dự thảo lần 2”"
    assert said(imported)["RES095"] == "1 comments are not read"
    assert {"RES096"} == {one.code for one in units(imported).open_ if one.code >= "RES090"}
    assert edges(imported) == TRUE_EDGES


def test_a_plain_document_has_nothing_that_is_not_read(tmp_path):
    imported = reading(example(), tmp_path)
    assert said(imported) == {}
    assert errors(imported) == []


def test_a_district_that_the_list_has_as_another_kind_is_said_once(tmp_path):
    imported = read_changed(tmp_path, "xã Tân Lập (huyện Đồng Xanh)", "xã Tân Lập (thị xã Đồng Xanh)")
    (finding,) = [one for one in imported.findings if one.code == "RES029"]
    assert finding.severity is Severity.WARNING
    assert finding.message == (
        "the text says thị xã Đồng Xanh, the list has Huyện Đồng Xanh: read as the same district"
    )
    assert edges(imported) == TRUE_EDGES
