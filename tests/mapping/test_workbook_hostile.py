"""A workbook made to do harm is refused quickly, and never by a traceback."""

import zipfile
from collections.abc import Mapping as Parts
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.errors import InputError
from merger.mapping.workbook import read_workbook, write_findings, write_workbook
from merger.testing.country import country

COMMUNES = "xl/worksheets/sheet6.xml"
BOOK = "xl/workbook.xml"


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    write_workbook(country(Random(1)), path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: Parts[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def codes(path: Path) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_workbook([path], "")
    return [finding.code for finding in refused.value.findings]


@pytest.mark.parametrize(
    ("name", "ending", "more", "code"),
    [
        (COMMUNES, b"</sheetData>", b"<row>" + b"<c/>" * 300_000 + b"</row>", "DOC253"),
        (COMMUNES, b"</sheetData>", b"<row/>" * 1_200_001, "DOC034"),
        (COMMUNES, b"</sheetData>", b'<row r="' + b"1" * 400_000 + b'"/>', "DOC253"),
        (COMMUNES, b"</sheetData>", b"<a>", "DOC030"),
        (COMMUNES, b"</sheetData>", b'<row r="-1"/>', "DOC250"),
        (COMMUNES, b"</sheetData>", b'<row><c r="A0"><v>1</v></c></row>', "DOC250"),
        (COMMUNES, b"</sheetData>", b'<row><c t="s"><v>0</v></c></row>', "DOC250"),
        (BOOK, b"</sheets>", b'<sheet name="x"/>' * 600, "DOC253"),
        (BOOK, b"</sheets>", b'<sheet name="Communes"/>', "DOC250"),
    ],
)  # fmt: skip
def test_what_no_office_program_writes_is_refused(
    tmp_path: Path, parts: dict[str, bytes], name: str, ending: bytes, more: bytes, code: str
) -> None:
    changed = {**parts, name: parts[name].replace(ending, more + ending)}
    assert codes(packed(tmp_path / "book.xlsx", changed)) == [code]


@pytest.mark.parametrize(
    ("part", "code"), [("xl/vbaProject.bin", "DOC251"), ("xl/externalLinks/externalLink1.xml", "DOC252")]
)
def test_macros_and_links_are_refused(tmp_path: Path, parts: dict[str, bytes], part: str, code: str) -> None:
    assert codes(packed(tmp_path / "book.xlsx", {**parts, part: b"<x/>"})) == [code]


def test_a_workbook_named_as_one_with_macros_is_refused(tmp_path: Path, parts: dict[str, bytes]) -> None:
    assert codes(packed(tmp_path / "book.xlsm", parts)) == ["DOC251"]


def test_thousands_of_problems_are_cut_short(tmp_path: Path, parts: dict[str, bytes]) -> None:
    rows = b'<row><c t="str"><v>nowhere</v></c></row>' * 5_000
    changed = {**parts, COMMUNES: parts[COMMUNES].replace(b"</sheetData>", rows + b"</sheetData>")}
    found = codes(packed(tmp_path / "book.xlsx", changed))
    assert 2_000 < len(found) < 2_100
    assert found.count("DOC289") == 1


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_mutated_workbooks_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, parts: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([COMMUNES, BOOK, "xl/styles.xml", "xl/_rels/workbook.xml.rels"]))
    at = data.draw(st.integers(0, len(parts[name])))
    put = data.draw(
        st.sampled_from([b"", b"<", b'"', b"<f/>", b"\xff", b"NaN", b"1e999", b'r="ZZZZ9" ', b"&#0;"])
    )
    cut = data.draw(st.integers(0, 40))
    changed = parts[name][:at] + put + parts[name][at + cut :]
    path = packed(tmp_path_factory.getbasetemp() / "mutated.xlsx", {**parts, name: changed})
    for use in (
        lambda: read_workbook([path], ""),
        lambda: write_findings(path, [], path.with_suffix(".out")),
    ):
        with suppress(InputError):
            use()
