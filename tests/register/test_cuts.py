"""Which codes a column would cut."""

from hypothesis import given
from hypothesis import strategies as st

from merger.codes.eid import Form
from merger.errors import Severity
from merger.register import CodeColumn
from merger.register.cuts import cut_by, written_forms

CODES = [written_forms("H90.05"), written_forms("H90.05.0301"), written_forms("H90.05.0302")]


def column(width, *forms):
    return CodeColumn("office", "dossier.holder", width, "profile", frozenset(forms or Form))


def test_a_code_is_cut_in_the_form_that_the_column_holds():
    assert cut_by(column(10, Form.NEW), CODES).codes == ("H90.05.0301", "H90.05.0302")
    assert cut_by(column(13, Form.NEW), CODES).codes == ()
    assert cut_by(column(12, Form.FORMER), CODES[:1]).codes == ("000.00.05.H90",)
    assert cut_by(column(12), CODES[:1]).codes == ("000.00.05.H90",)


def test_a_code_without_the_former_form_stands_in_the_new_one_among_former_ones():
    assert cut_by(column(10, Form.FORMER), CODES[1:2]).codes == ("H90.05.0301",)


def test_codes_that_are_alike_when_cut_are_named_together():
    found = cut_by(column(10, Form.NEW), CODES)
    assert found.alike == (("H90.05.0301", "H90.05.0302"),)
    assert [(one.code, one.severity) for one in found.findings()] == [
        ("column-cut", Severity.ERROR),
        ("column-alike", Severity.ERROR),
    ]
    assert [one.message for one in found.findings()] == [
        "office dossier.holder takes 10 characters and would cut 2 codes, the longest of 11: "
        "H90.05.0301, H90.05.0302",
        "office dossier.holder: cut to 10 characters, these codes are alike: H90.05.0301 = H90.05.0302",
    ]


def test_the_former_form_that_somebody_entered_counts():
    assert written_forms("H90.05", "000.00.77.H90")[Form.FORMER] == "000.00.77.H90"
    assert written_forms("no code") == {Form.NEW: "no code", Form.FORMER: "no code"}


@given(st.integers(1, 40), st.sets(st.integers(1, 9999), min_size=1))
def test_what_is_not_cut_fits_and_what_is_cut_does_not(width, numbers):
    texts = {f"H90.{number}" for number in numbers}
    found = cut_by(column(width, Form.NEW), [written_forms(text) for text in texts])
    assert set(found.codes) == {text for text in texts if len(text) > width}
    left = {text[:width] for text in texts}
    assert len(left) == len(texts) - sum(len(group) - 1 for group in found.alike)
