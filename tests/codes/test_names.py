import unicodedata
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.codes import NameIndex, find_locality, fold, localities_in, near_names, same_name
from merger.codes.names import TYPES, fold_text, split_type

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


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Phường Thuỷ Xuân", "P. Thủy Xuân"),
        ("T.T. Lạc Dương", "Thị trấn Lạc Dương"),
        ("T. T. Lạc Dương", "thị trấn Lạc Dương"),
        ("T.P Đà Lạt", "Thành phố Đà Lạt"),
        ("Tp Đà Lạt", "Thành phố Đà Lạt"),
        ("Tp.Đà Lạt", "Thành phố Đà Lạt"),
        ("TX. Sơn Tây", "Thị xã Sơn Tây"),
        ("T.X Sơn Tây", "Thị xã Sơn Tây"),
        ("T. Lâm Đồng", "Tỉnh Lâm Đồng"),
        ("ĐK Phú Quý", "Đặc khu Phú Quí"),
        ("ĐK. Phú Quý", "Đặc khu Phú Quý"),
        ("P.1", "Phường 1"),
        ("P 01", "Phường 1"),
        ("P-1", "Phường 1"),
        ("P. Đúc", "Phường Đúc"),
        ("Q1", "Quận 1"),
        ("Phường IV", "Phường 4"),
        ("P IV", "Phường 4"),
        ("Hòa Tú II", "Hoà Tú 2"),
        ("Ea H'leo", "Ea H’Leo"),
        ("Ea H' leo", "EaHleo"),
        ("B'Lao", "B`Lao"),
        ("N' Thol Hạ", "N'Thol Hạ"),
        ("Đạ K' Nàng", "Đạ K’Nàng"),
        ("Ma Đa Guôi", "Mađaguôi"),
        ("Văn Miếu - Quốc Tử Giám", "Văn Miếu–Quốc Tử Giám"),
        ("Văn Miếu-Quốc Tử Giám", "Văn Miếu Quốc Tử Giám"),
        ("Lý Nhân", "Lí Nhân"),
        ("Mĩ Đức", "Mỹ Đức"),
        ("An Quí", "An Quý"),
        ("Ealy", "Ea Ly"),
        ("Đăk Song", "Đắk Song"),
        ("Đak Song", "Dak Song"),
        ("NT Liên Sơn", "Nông trường Liên Sơn"),
        ("Thị trấn N.T. Phong Hải", "TT Nông trường Phong Hải"),
        ("Ðạ Sar", "Đạ Sar"),
        ("Hòa\u200b Thắng", "Hòa\u00a0Thắng"),
    ],
)
def test_ways_of_writing_one_name_are_equal(a: str, b: str) -> None:
    assert fold(a) == fold(b)
    assert same_name(a, b)
    assert same_name(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Thúy", "Thúi"),
        ("Tây Yên", "Tâi Yên"),
        ("Phường 1", "Quận 1"),
        ("Phường VI", "Phường 6"),
        ("Sơn Vi", "Sơn 6"),
        ("Pú Xi", "Pú 11"),
        ("Tổ 1-2", "Tổ 12"),
        ("Tổ 1 2", "Tổ 12"),
        ("Khu 10", "Khu 1"),
        ("Đắc Lua", "Đắk Lua"),
        ("Ngọc Lây", "Ngọk Lây"),
        ("P Rao", "Phường Rao"),
        ("H Bông", "Huyện Bông"),
        ("Hòa An", "Hoa Àn"),
        ("Hóa An", "Hoa Án"),
        ("Quý", "Quỳ"),
        ("Ya Ly", "Ia Ly"),
        ("Thị trấn Đông Anh", "Thị xã Đông Anh"),
    ],
)
def test_names_that_a_reader_tells_apart_stay_apart(a: str, b: str) -> None:
    assert not same_name(a, b)
    assert not same_name(b, a)


def test_the_type_word_and_the_rest_are_given_apart() -> None:
    assert split_type("TT. Lạc Dương") == ("thị trấn", "lạc dương")
    assert split_type("Q.01") == ("quận", "1")
    assert split_type("Đà Lạt") == ("", "đà lạt")
    assert split_type("Xã") == ("", "xã")


def test_every_type_word_is_written_as_folding_writes_it() -> None:
    assert {fold_text(word) for word in TYPES.values()} == set(TYPES.values())
    assert {split_type(f"{written} A")[0] for written in TYPES} == set(TYPES.values())


marked = st.text(alphabet="aăâeiouưyòóỏàáảmnqtkđ1207' -’IVX", max_size=14)


@given(marked, marked)
def test_being_the_same_name_does_not_depend_on_the_order(a: str, b: str) -> None:
    assert same_name(a, b) == same_name(b, a)
    assert same_name(a, a)


@given(marked, st.sampled_from(["", "Xã ", "TT. ", "P."]))
def test_folding_a_text_again_changes_nothing(name: str, kind: str) -> None:
    folded = fold_text(kind + name)
    assert fold_text(folded) == folded
    assert fold(folded) == fold(kind + name)


@given(marked)
def test_a_key_of_any_text_is_composed_and_keeps_every_mark(text: str) -> None:
    key = fold(text)
    assert unicodedata.is_normalized("NFC", key)
    assert all(tones(key)[tone] >= tones(fold_text(text))[tone] for tone in "\u0300\u0301\u0309")


def tones(text: str) -> Counter[str]:
    return Counter(unicodedata.normalize("NFD", text))


@given(syllables, syllables)
def test_one_changed_tone_makes_another_name(first: str, last: str) -> None:
    for a, b in [("Hòa", "Hoa"), ("Hòa", "Hóa"), ("Mỹ", "Mỵ"), ("Lý", "Lỹ"), ("Đắk", "Đặk")]:
        assert not same_name(f"{first} {a} {last}", f"{first} {b} {last}")


KNOWN = [("Xã Đạ Sar", "1"), ("Thị trấn Lạc Dương", "2"), ("Xã Lát", "3"), ("Xã Hòa Thắng", "4")]


def test_an_index_gives_all_that_bear_a_name() -> None:
    index = NameIndex([*KNOWN, ("Xã Lạc Dương", "5")])
    assert index.exact("lạc dương") == ("2", "5")
    assert index.exact("TT Lạc Dương") == ("2",)
    assert index.exact("Phường Lạc Dương") == ()


def test_what_a_misspelt_name_may_mean_is_ranked() -> None:
    index = NameIndex(KNOWN)
    assert [one.code for one in index.near("xã Da Sar")] == ["1"]
    assert index.near("Xã Hoa Thang")[0].code == "4"
    assert index.near("Xã Lạc Dương")[0].code == "2"
    assert index.near("Xã Lạc Dương")[0].likeness < index.near("TT. Lạc Dương")[0].likeness == 1
    assert index.near("Quảng Ngãi") == ()
    assert index.near("") == ()


def test_a_ward_named_ward_is_found_by_its_bare_name() -> None:
    index = NameIndex([("Phường Phường Đúc", "1"), ("Phường Đống Đa", "2")])
    assert index.exact("Phường Đúc") == ()
    assert index.near("Phường Đúc")[0].code == "1"


@given(st.lists(names, min_size=1, max_size=8), names, st.randoms())
def test_candidates_do_not_depend_on_the_order_of_names(known: list[str], name: str, chance: Random) -> None:
    ranked = near_names(name, known)
    mixed = [*known, known[0]]
    chance.shuffle(mixed)
    assert near_names(name, mixed) == ranked
    assert set(ranked) <= set(known)


@given(names)
def test_a_name_is_its_own_first_candidate(name: str) -> None:
    assert near_names(name, [name, f"{name} Thượng"])[0] == name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("buôn Ea H’Leo, xã Ea Wer", "Buôn Ea H'leo"),
        ("Buôn Ea Hleo", "Buôn Ea H'leo"),
        ("Buôn EaHleo 2", None),
        ("thôn Lí Nhân", "Thôn Lý Nhân"),
        ("Thôn Mađaguôi", "Thôn Ma Đa Guôi"),
        ("Thôn Ma Đa Guôi Thượng 2", "Thôn Ma Đa Guôi"),
        ("Tổ 1 - 2", None),
        ("Tổ 12", "Tổ 12"),
        ("Tổ 1 2", None),
        ("Thôn Lý Nhâ", None),
        ("Thôn Lý Nhânh", None),
    ],
)
def test_a_locality_is_found_however_its_name_is_written(text: str, found: str | None) -> None:
    known = ["Buôn Ea H'leo", "Thôn Lý Nhân", "Thôn Ma Đa Guôi", "Tổ 12"]
    assert find_locality(text, known) == found
