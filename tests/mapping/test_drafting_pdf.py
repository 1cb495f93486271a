"""What lies over the pages of a PDF is said, as it is of a DOCX."""

from pathlib import Path

import pytest

from merger.errors import Severity
from merger.mapping.drafting.sources import read_text


def pdf(*annotations: str, form: bool = False, attached: bool = False) -> bytes:
    """A PDF of two pages, with annotations on the second; with `form` they are also the fields of one."""
    numbers = range(10, 10 + len(annotations))
    fields = " ".join(f"{number} 0 R" for number in numbers)
    names = "/Names << /EmbeddedFiles << /Names [(a.txt) 8 0 R] >> >>" if attached else ""
    acro = f"/AcroForm << /Fields [{fields}] >>" if form else ""
    words = "BT /F1 12 Tf 20 100 Td (Resolution of a council) Tj ET"
    page = "/Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 6 0 R"
    page += " /Resources << /Font << /F1 5 0 R >> >>"
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R {names} {acro} >>",
        2: "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
        3: f"<< {page} >>",
        4: f"<< {page} /Annots [{fields}] >>",
        5: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        6: f"<< /Length {len(words)} >>\nstream\n{words}\nendstream",
        8: "<< /Type /Filespec /F (a.txt) /EF << /F 9 0 R >> >>",
        9: "<< /Type /EmbeddedFile /Length 1 >>\nstream\na\nendstream",
    } | {
        number: f"<< /Type /Annot /Rect [10 10 90 30] {one} >>"
        for number, one in zip(numbers, annotations, strict=True)
    }  # fmt: skip
    out = b"%PDF-1.7\n"
    offsets = {}
    for number, content in sorted(objects.items()):
        offsets[number] = len(out)
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    xref = len(out)
    entries = "".join(
        f"{offsets[n]:010d} 00000 n \n" if n in offsets else "0000000000 00000 f \n"
        for n in range(1, max(objects) + 1)
    )
    out += f"xref\n0 {max(objects) + 1}\n0000000000 65535 f \n{entries}".encode()
    return out + f"trailer << /Size {max(objects) + 1} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n".encode()


def said(tmp_path: Path, content: bytes) -> list[tuple[str, str, str]]:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    text, findings = read_text(path)
    assert text.words().count("Resolution of a council") == 2
    return [(one.code, str(one.place).removeprefix(str(path)), one.message) for one in findings]


def test_a_pdf_with_nothing_over_its_pages_says_nothing(tmp_path):
    links = ["/Subtype /Link /A << /S /URI /URI (http://a) >>", "/Subtype /Popup /Contents (x)"]
    assert said(tmp_path, pdf()) == []
    assert said(tmp_path, pdf(*links, "/Subtype /Highlight")) == []


def test_each_text_box_is_said_at_its_page(tmp_path):
    found = said(
        tmp_path, pdf("/Subtype /FreeText /Contents (a part  of A)", "/Subtype /FreeText /Contents (B)")
    )
    assert found == [
        ("RES090", "#page=2:1:1", "a text box is not read: “a part of A”"),
        ("RES090", "#page=2:1:1", "a text box is not read: “B”"),
    ]


@pytest.mark.parametrize(
    ("annotation", "code", "message"),
    [
        ("/Subtype /Text /Contents (ask)", "RES095", "2 comments are not read"),
        ("/Subtype /Caret /Contents (insert)", "RES095", "2 comments are not read"),
        ("/Subtype /Stamp", "RES097", "2 pictures are not read"),
        (
            "/Subtype /StrikeOut /QuadPoints [1 1 2 2 3 3 4 4]",
            "RES099",
            "2 marks strike words out or black them out; the words under them are read all the same",
        ),
        (
            "/Subtype /FileAttachment /FS 8 0 R",
            "RES096",
            "2 embedded documents, tables, charts or drawings are not read",
        ),
    ],
)
def test_other_things_are_counted_where_the_first_of_them_is(tmp_path, annotation, code, message):
    assert said(tmp_path, pdf(annotation, annotation)) == [(code, "#page=2:1:1", message)]


def test_what_is_filled_into_a_form_is_said(tmp_path):
    fields = [
        "/Subtype /Widget /FT /Tx /T (name) /V <FEFF0058 00E3 0020 0041>",
        "/Subtype /Widget /FT /Ch /Ff 131072 /T (unit) /V (B) /Opt [(B)]",
        "/Subtype /Widget /FT /Tx /T (empty)",
        "/Subtype /Widget /FT /Btn /T (tick) /V /Yes",
        "/Subtype /Widget /FT /Sig /T (signature) /V << /Type /Sig >>",
    ]
    assert said(tmp_path, pdf(*fields, form=True)) == [
        ("RES098", "#page=2:1:1", "2 form fields are filled in and not read; the first: “Xã A”")
    ]


def test_attachments_of_the_whole_file_are_said(tmp_path):
    [(code, place, message)] = said(tmp_path, pdf(attached=True))
    assert (code, place) == ("RES096", "")
    assert message.startswith("1 embedded")


def test_what_may_change_a_clause_weighs_more_than_what_may_not(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(
        pdf("/Subtype /FreeText /Contents (A)", "/Subtype /Text /Contents (B)", "/Subtype /StrikeOut")
    )
    weights = {one.code: one.severity for one in read_text(path)[1]}
    assert weights == {
        "RES090": Severity.WARNING, "RES095": Severity.NOTE, "RES099": Severity.WARNING,
    }  # fmt: skip
