from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.codes import (
    DossierNumber,
    Identity,
    Malformed,
    ServiceCode,
    dossier_number,
    personal_id,
    service,
    unit,
)


@pytest.mark.parametrize(
    ("text", "agency", "received", "sequence"),
    [
        ("H56.14-240823-0001", "H56.14", date(2024, 8, 23), "0001"),
        ("000.17.22.H56-210531-0001", "000.17.22.H56", date(2021, 5, 31), "0001"),
        ("G22.99.08-260921-896048", "G22.99.08", date(2026, 9, 21), "896048"),
        ("G09.20-20260609-0092637", "G09.20", date(2026, 6, 9), "0092637"),
        ("H15.50.05.13-261008-0975", "H15.50.05.13", date(2026, 10, 8), "0975"),
    ],
)
def test_dossier_numbers_are_read_in_every_shape(
    text: str, agency: str, received: date, sequence: str
) -> None:
    found = dossier_number.parse(text)
    assert isinstance(found, DossierNumber)
    assert (found.agency.text, found.received, found.sequence, str(found)) == (
        agency,
        received,
        sequence,
        text,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "number-empty"),
        ("H56.14-2408-0001", "number-shape"),
        ("H56.14-240823-001", "number-shape"),
        ("H56.14-240823-00000001", "number-shape"),
        ("H56.14-240231-0001", "number-day"),
        ("vxp.saas-240823-0001", "number-agency"),
    ],
)
def test_what_is_no_dossier_number_is_told_with_a_reason(text: str | None, reason: str) -> None:
    found = dossier_number.parse(text)
    assert found == Malformed(text or "", reason)
    assert found.message


@pytest.mark.parametrize(
    ("text", "root", "owner"),
    [
        ("1.013228", "1.013228", ""),
        ("1.013228.H36", "1.013228", "H36"),
        ("1.013228.000.00.00.H36", "1.013228", "000.00.00.H36"),
        ("2.000815.000.00.00.H55.02", "2.000815", "000.00.00.H55.02"),
    ],
)
def test_the_national_root_of_a_procedure_is_found_in_every_spelling(
    text: str, root: str, owner: str
) -> None:
    assert service.parse(text) == ServiceCode(text, root, owner)
    assert service.root(text) == root


@pytest.mark.parametrize("text", [None, "", "1.13228", "1.0132281", "11.013228", "1.013228.h36", "1.013228."])
def test_what_is_no_procedure_code_has_no_root(text: str | None) -> None:
    assert service.root(text) is None


@pytest.mark.parametrize(("code", "kind"), [("68", "province"), ("672", "district"), ("24848", "commune")])
def test_the_width_of_a_unit_code_tells_its_kind(code: str, kind: str) -> None:
    assert unit.kind_of(code) == kind
    assert unit.check(code, kind) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (None, "unit-empty"),
        ("4848", "unit-too-short"),
        ("024848", "unit-too-long"),
        ("2484٨", "unit-not-digits"),
    ],
)
def test_an_ill_formed_unit_code_is_told_with_a_reason(code: str | None, reason: str) -> None:
    assert unit.check(code, "commune") == Malformed(code or "", reason)
    assert code is None or unit.kind_of(code) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("068090001234", Identity.CITIZEN12),
        ("068 090 001 234", Identity.CITIZEN12),
        ("250123987", Identity.CITIZEN9),
        ("000000001", Identity.PLACEHOLDER),
        ("000000000123", Identity.PLACEHOLDER),
        ("123456789", Identity.PLACEHOLDER),
        ("012345678901", Identity.PLACEHOLDER),
        ("987654321", Identity.PLACEHOLDER),
        ("111111111", Identity.PLACEHOLDER),
        ("999999999999", Identity.PLACEHOLDER),
        ("Không có", Identity.PLACEHOLDER),
        ("25012398", Identity.MALFORMED),
        ("B1234567", Identity.MALFORMED),
        ("", Identity.EMPTY),
        ("   ", Identity.EMPTY),
        (None, Identity.EMPTY),
    ],
)
def test_identity_numbers_are_told_from_placeholders(value: str | None, kind: Identity) -> None:
    assert personal_id.kind(value) is kind


@given(st.text(max_size=20))
def test_readers_of_numbers_never_raise(text: str) -> None:
    assert dossier_number.parse(text) is not None
    assert service.parse(text) is not None
    assert personal_id.kind(text) in Identity
    for kind in unit.WIDTHS:
        assert (unit.check(text, kind) is None) == (unit.kind_of(text) == kind)
