import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.codes import Conversion, Eid, Form, Malformed, convert, to_former, to_new
from merger.codes.eid import parse

level_one = st.builds("{}{:02}".format, st.sampled_from(string.ascii_uppercase), st.integers(0, 99))
number = st.integers(1, 99).map("{:02}".format)


@st.composite
def former_codes(draw: st.DrawFn) -> str:
    depth = draw(st.integers(1, 4))
    two = draw(number) if depth > 1 else "00"
    three = draw(number) if depth > 2 else "00"
    four = f"{draw(st.integers(1, 999)):03}" if depth > 3 else "000"
    return f"{four}.{three}.{two}.{draw(level_one)}"


@st.composite
def new_codes(draw: st.DrawFn) -> str:
    groups = draw(
        st.lists(st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=5), max_size=5)
    )
    return ".".join([draw(level_one), *groups])


@pytest.mark.parametrize(
    ("former", "new"),
    [
        ("000.03.05.H36", "H36.05.03"),
        ("000.00.01.H27", "H27.01"),
        ("000.00.00.H49", "H49"),
        ("007.17.22.H56", "H56.22.17.007"),
    ],
)
def test_former_and_new_form_are_converted_by_rule(former: str, new: str) -> None:
    old, modern = parse(former), parse(new)
    assert isinstance(old, Eid)
    assert isinstance(modern, Eid)
    assert (old.form, modern.form) == (Form.FORMER, Form.NEW)
    assert old.levels == modern.levels
    assert to_new(old) == modern
    assert to_former(modern) == old


@pytest.mark.parametrize(
    "text", ["H56.14", "G22.99.09", "H15.50.05.13", "H55.242", "H52.101.114", "H37.DN.001", "K57"]
)
def test_live_shapes_of_the_new_form_are_read(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Eid)
    assert found.form is Form.NEW
    assert str(found) == text
    assert found.level == len(text.split("."))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "eid-empty"),
        ("", "eid-empty"),
        ("  ", "eid-empty"),
        ("null", "eid-no-value"),
        ("vxp.saas.03", "eid-characters"),
        (" H36.05", "eid-characters"),
        ("H36.Đ1", "eid-characters"),
        ("001.00.20.TT2", "eid-no-level-one"),
        ("28.22.H17", "eid-former-shape"),
        ("01.02.G22", "eid-former-shape"),
        ("000.1137.H53", "eid-former-shape"),
        ("000.01.00.H53", "eid-level-gap"),
        ("H36..05", "eid-empty-group"),
        ("H36." + "A" * 32, "eid-too-long"),
    ],
)
def test_malformed_codes_are_told_with_a_reason(text: str | None, reason: str) -> None:
    found = parse(text)
    assert found == Malformed(text or "", reason)
    assert found.message


def test_the_longest_code_has_35_characters() -> None:
    assert isinstance(parse("H36." + "A" * 31), Eid)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("H37.DN.001", "eid-not-numeric"),
        ("H52.101.114", "eid-too-wide"),
        ("H36.01.02.003.04", "eid-too-many-levels"),
        ("H36.00", "eid-zero-group"),
    ],
)
def test_codes_without_a_former_form_are_told_with_a_reason(text: str, reason: str) -> None:
    new = parse(text)
    assert isinstance(new, Eid)
    assert to_former(new) == Malformed(text, reason)


def test_a_written_pair_wins_over_the_rule_and_only_the_rule_is_a_first_guess() -> None:
    former = parse("000.00.09.H36")
    assert isinstance(former, Eid)
    by_rule = convert(former, Form.NEW)
    by_table = convert(former, Form.NEW, {"000.00.09.H36": "H36.14"})
    assert isinstance(by_rule, Conversion)
    assert isinstance(by_table, Conversion)
    assert (by_rule.eid.text, by_rule.is_first_guess) == ("H36.09", True)
    assert (by_table.eid.text, by_table.is_first_guess) == ("H36.14", False)
    back = convert(by_table.eid, Form.FORMER, {"000.00.09.H36": "H36.14"})
    assert isinstance(back, Conversion)
    assert (back.eid, back.is_first_guess) == (former, False)


def test_two_written_pairs_for_one_code_are_no_answer() -> None:
    new = parse("H36.14")
    assert isinstance(new, Eid)
    pairs = {"000.00.09.H36": "H36.14", "000.00.10.H36": "H36.14"}
    assert convert(new, Form.FORMER, pairs) == Malformed("H36.14", "eid-several-pairs")


@given(former_codes())
def test_the_former_form_survives_the_way_there_and_back(text: str) -> None:
    former = parse(text)
    assert isinstance(former, Eid)
    new = to_new(former)
    assert isinstance(new, Eid)
    assert new.form is Form.NEW
    assert to_former(new) == former


@given(new_codes())
def test_the_new_form_comes_back_but_for_leading_zeros(text: str) -> None:
    new = parse(text)
    if isinstance(new, Malformed):
        assert len(text) > 35
        return
    former = to_former(new)
    if isinstance(former, Malformed):
        return
    assert len(former.text) == 13
    back = to_new(former)
    assert isinstance(back, Eid)
    assert back.levels[0] == new.levels[0]
    assert [int(group) for group in back.levels[1:]] == [int(group) for group in new.levels[1:]]


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Malformed) or found.text == text
