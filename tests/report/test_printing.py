"""The report and a record printed on A4 by a browser of this machine."""

import io
import shutil

import pypdfium2
import pytest
from report_samples import SUMMARY

from merger.errors import Refused
from merger.messages import use
from merger.migrate.model import AgencyName, Flow
from merger.report import html, pdf, printing, record

has_browser = pytest.mark.skipif(
    not any(shutil.which(name) for name in printing.BROWSERS), reason="no browser that prints is installed"
)
A4 = (595, 842)


def pages(page: bytes) -> list[str]:
    """The text of each page of a page that was printed, all of which are of A4."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf(page)))
    for one in document:
        assert tuple(map(round, one.get_size())) == A4
    return [one.get_textpage().get_text_range().replace("\r\n", "\n") for one in document]


def with_work(services: int):
    """The summary of an agency with so many services."""
    flows = [
        Flow("dossier", "old-a", "A01", "B01", f"2.{number:06}", "new", rows=1) for number in range(services)
    ]
    return SUMMARY.model_copy(
        update={
            "flows": tuple(flows),
            "due": tuple((0, 0, 0, 0, 0, 1) for _ in flows),
            "old_agencies": (AgencyName(code="A01", name="Ủy ban nhân dân huyện Một"),),
        }
    )


@has_browser
def test_a_record_of_two_hundred_services_repeats_its_heads_and_numbers_its_pages():
    printed = pages(record(with_work(200), "A01", "vi", gives=True))
    assert 5 <= len(printed) <= 12
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in printed[0]
    assert "Độc lập - Tự do - Hạnh phúc" in printed[0]
    assert printed[0].splitlines()[0] != "1"
    for number, text in enumerate(printed[1:], start=2):
        assert str(number) in text.splitlines()[:2] + text.splitlines()[-2:]
    assert all("run-1" in text for text in printed)
    services = [text for text in printed if "2.000" in text]
    assert len(services) > 2
    assert all("Quá" in text and "Thủ tục" in text for text in services)
    assert sum(text.count("2.000") for text in printed) == 200
    assert "ĐẠI DIỆN BÊN GIAO" in printed[-1]
    assert "ĐẠI DIỆN BÊN NHẬN" in printed[-1]


@has_browser
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_printed_report_opens_what_is_folded_and_leaves_the_annex_out(language):
    printed = pages(html(SUMMARY, language))
    text = "\n".join(printed)
    assert 3 <= len(printed) <= 12
    assert "00101" in text  # the table of units, folded on the screen
    assert "h1" in text  # a hold, folded on the screen
    assert "1" * 40 in text.replace("\n", "")  # a side's sum
    assert ("Mỗi cơ quan cũ bàn giao những gì" if language == "vi" else "What each old agency") not in text


@has_browser
def test_a_name_that_would_be_a_script_is_printed_as_it_is_written():
    text = "".join(pages(html(SUMMARY, "en"))).replace("\n", "").replace(" ", "")
    assert "<script>alert('x')</script>" in text


def test_without_a_browser_it_is_said_what_to_install(monkeypatch):
    use("en")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Refused) as refusal:
        pdf(b"<p>x</p>")
    assert "install Chromium" in str(refusal.value)


def test_a_browser_that_fails_is_named(monkeypatch, tmp_path):
    use("en")
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused) as refusal:
        pdf(b"<p>x</p>")
    assert str(program) in str(refusal.value)
