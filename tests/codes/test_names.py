import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.codes import find_locality, fold, localities_in, same_name

syllables = st.sampled_from(
    [
        "Hòa",
        "Thắng",
        "Đạ",
        "Nhim",
        "Lạc",
        "Dương",
        "Thúy",
        "Quý",
        "Khoẻ",
        "Nghĩa",
        "Đắk",
        "R'lấp",
        "Krông",
        "Ất",
        "1",
        "12",
    ]
)
names = st.lists(syllables, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Hòa Thắng", "Hoà Thắng"),
        ("Thúy", "Thuý"),
        ("khỏe", "khoẻ"),
        ("HÒA  THẮNG ", unicodedata.normalize("NFD", "hoà thắng")),
        ("TT. Lạc Dương", "Thị trấn Lạc Dương"),
        ("TT Lạc Dương", "Thị trấn Lạc Dương"),
        ("P. 1", "Phường 1"),
        ("P1", "Phường 01"),
        ("TP. Đà Lạt", "Thành phố Đà Lạt"),
        ("H. Đạ Huoai", "Huyện Đạ Huoai"),
        ("X.Đạ Sar", "Xã Đạ Sar"),
        ("Q.1", "Quận 1"),
    ],
)
def test_spellings_of_one_name_fold_to_one_key(a: str, b: str) -> None:
    assert fold(a) == fold(b)
    assert same_name(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Hòa Thắng", "Hoa Thắng"),
        ("Hòa", "Hóa"),
        ("Hòa", "Hỏa"),
        ("Đạ Sar", "Da Sar"),
        ("Tân", "Tăn"),
        ("Lạc Dương", "Lạc Đương"),
        ("Phường 1", "Phường 11"),
        ("Xã Lạc Dương", "Thị trấn Lạc Dương"),
    ],
)
def test_names_that_differ_in_a_mark_or_type_stay_apart(a: str, b: str) -> None:
    assert fold(a) != fold(b)
    assert not same_name(a, b)


def test_a_name_without_a_type_word_is_compared_by_its_name_alone() -> None:
    assert same_name("Lạc Dương", "Xã Lạc Dương")
    assert not same_name("Phường Đúc", "Phường Phường Đúc")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thôn 1, xã Hòa Thắng", "Thôn 1"),
        ("thôn 01 - Hòa Thắng", "Thôn 1"),
        ("THÔN 10", "Thôn 10"),
        ("Thôn 11", None),
        ("Thôn 1A", None),
        ("Thôn 1 A, xã Hòa Thắng", None),
        ("Số nhà 12/1, Thôn10", "Thôn 10"),
        ("Hồng Chính, Hoà Thắng", "Hồng Chính"),
        (unicodedata.normalize("NFD", "thôn Hồng Chính"), "Hồng Chính"),
        ("Thôn Hồng Chính Thượng", "Thôn Hồng Chính Thượng"),
        ("Thôn Hồng Chính 2", None),
        ("KP 3, P. Mũi Né", "Khu phố 3"),
        ("Tổ 1/2", None),
        ("Thôn 1 hoặc Thôn 10", None),
        ("Thôn Hong Chinh", None),
        ("", None),
    ],
)
def test_a_locality_is_found_in_an_address_as_whole_words_only(text: str, found: str | None) -> None:
    known = ["Thôn 1", "Thôn 10", "Hồng Chính", "Thôn Hồng Chính Thượng", "Khu phố 3", "Tổ 1"]
    assert find_locality(text, known) == found


def test_every_locality_that_occurs_is_told() -> None:
    assert localities_in("Thôn 2, đường Hùng Vương", ["Đường Hùng Vương", "Thôn 2", "Hùng Vương"]) == (
        "Thôn 2",
        "Đường Hùng Vương",
    )


@given(names)
def test_fold_does_not_depend_on_composition_case_or_spaces(name: str) -> None:
    assert fold(unicodedata.normalize("NFD", name)) == fold(name)
    assert fold(name.upper()) == fold(name)
    assert fold(f"  {name.replace(' ', '   ')} ") == fold(name)
    assert same_name(name, name)


@given(names, st.lists(names, max_size=4))
def test_a_found_locality_is_one_of_those_given(text: str, known: list[str]) -> None:
    found = find_locality(text, known)
    assert found is None or found in known


@given(names)
def test_a_name_is_found_in_itself(name: str) -> None:
    assert find_locality(name, [name]) == name
