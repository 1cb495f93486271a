"""Addresses as people write them, and what is answered."""

import unicodedata
from datetime import date

import pytest

from merger.addresses import Addresses
from merger.lineage import Outcome, build
from merger.mapping.models import Follows, Mapping, UnitKind

TO, EVE = date(2025, 7, 1), date(2025, 6, 30)

XUAN_HUONG, BAN_CO, SAI_GON, LAC_DUONG, LANG_BIANG = "24781", "27154", "26740", "24848", "24846"
FULL = "Số 5 đường Trần Phú, Phường 3, Thành phố Đà Lạt, Tỉnh Lâm Đồng"


def codes(answer):
    return [one.code for one in answer.successors]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (FULL, XUAN_HUONG),
        ("so 5 duong Tran Phu phuong 3 thanh pho Da Lat tinh Lam Dong", XUAN_HUONG),
        (unicodedata.normalize("NFD", FULL), XUAN_HUONG),
        ("SỐ 5  ĐƯỜNG TRẦN PHÚ,  PHƯỜNG 03,   TP. ĐÀ LẠT, T. LÂM ĐỒNG, VIỆT NAM 66000", XUAN_HUONG),
        ("Lâm Đồng, Đà Lạt, P3, 5 Trần Phú", XUAN_HUONG),
        ("P.3, TP.Da Lat", XUAN_HUONG),
        ("Phuwowngf 3, Ddaf Lajt, Lâm Đồng", XUAN_HUONG),
        ("Ward 5, District 3, HCMC", BAN_CO),
        ("F.5 Q.3 TPHCM", BAN_CO),
        ("Phường V, Quận III, Hồ Chí Minh", BAN_CO),
        ("12 Nguyễn Huệ Bến Nghé Quận 1 TP HCM", SAI_GON),
        ("12 Nguyen Hue, Ben Nghe Ward, District 1, Ho Chi Minh City, Vietnam", SAI_GON),
        ("12 Nguyễn Huệ, Bến Nghé, Quận 1, Sài Gòn", SAI_GON),
        ("Xã Đạ Sar, huyện Lạc Dương, Lâm Đồng", LAC_DUONG),
        ("xã Đạ Sar, Lạc Duơng, Lâm Đồg", LAC_DUONG),
        ("ĐạSar, LạcDương, LâmĐồng", LAC_DUONG),
        ("Thị trấn Lạc Dương, huyện Lạc Dương, Lâm Đồng", LANG_BIANG),
        ("TT. Lạc Dương, H. Lạc Dương", LANG_BIANG),
        ("Xã Lạc Dương, tỉnh Lâm Đồng", LAC_DUONG),
        ("Huyện Côn Đảo, tỉnh BR-VT", "26732"),
        ("Phường Xuân Hương - Đà Lạt, TP Đà Lạt, Lâm Đồng", XUAN_HUONG),
    ],
)
def test_an_address_is_read_however_it_is_written(addresses, text, code):
    answer = addresses.find(text, to=TO)
    assert answer.outcome.decided
    assert codes(answer) == [code]
    assert answer.confidence >= 0.9


def test_the_parts_that_matched_are_told_with_their_places(addresses):
    answer = addresses.find(FULL, to=TO)
    told = [(part.level, part.code, part.name, part.how) for part in answer.parts]
    assert told == [
        (UnitKind.COMMUNE, "24802", "Phường 3", "exact"),
        (UnitKind.DISTRICT, "672", "Thành phố Đà Lạt", "exact"),
        (UnitKind.PROVINCE, "68", "Tỉnh Lâm Đồng", "exact"),
    ]
    assert [FULL[part.start : part.end] for part in answer.parts] == ["3", "Đà Lạt", "Lâm Đồng"]
    assert [part.text for part in answer.parts] == ["3", "Đà Lạt", "Lâm Đồng"]
    assert answer.unit_old is not None
    assert (answer.unit_old.code, answer.unit_old.name) == ("24802", "Phường 3")
    assert [one.source for one in answer.evidence] == ["1671/NQ-UBTVQH15 §99"]


@pytest.mark.parametrize("before", ["\t", "12/5A/", "- ", "và " * 1000, "và." * 1000])
def test_parts_are_found_in_their_places_whatever_stands_before_them(addresses, before):
    text = f"{before}Phường 3 -Thành\u00a0phố\tĐà Lạt/Tỉnh Lâm Đồng."
    parts = addresses.find(text, to=TO).parts
    assert [(part.code, text[part.start : part.end]) for part in parts] == [
        ("24802", "3"),
        ("672", "Đà Lạt"),
        ("68", "Lâm Đồng"),
    ]


def test_it_is_told_how_a_name_is_written(addresses):
    answer = addresses.find("xa Da Sar, huyen Lạc Dươg, T. LĐ", to=TO)
    assert codes(answer) == [LAC_DUONG]
    assert [part.how for part in answer.parts] == ["unmarked", "misspelt", "initials"]


@pytest.mark.parametrize("text", ["Xã Tân Lập", "Phường 1", "phuong 1, TP.HCM", "Tân Thành", "Xã Bình Minh"])
def test_a_name_of_several_units_is_not_decided_and_all_are_told(addresses, text):
    answer = addresses.find(text, to=TO)
    assert (answer.outcome, answer.reason) == (Outcome.SPLIT, "several-readings")
    assert len(answer.successors) > 3
    assert answer.unit_old is None


def test_a_name_of_before_and_of_after_is_decided_if_both_lead_to_one_unit(addresses):
    answer = addresses.find("Phường Trảng Dài, Đồng Nai", to=TO)
    assert (answer.outcome, answer.reason, codes(answer)) == (Outcome.UNCHANGED, "readings-agree", ["25993"])


def test_the_day_tells_which_of_two_units_of_one_name_is_meant(addresses):
    text = "Xã Hòa Thắng, Lâm Đồng"
    assert codes(addresses.find(text, to=TO, at=TO)) == ["23053"]
    before = addresses.find("Xã Hòa Thắng, Bình Thuận", to=TO, at=EVE)
    assert (before.outcome, before.reason) == (Outcome.SPLIT, "follow-missing")
    assert sorted(codes(before)) == ["23041", "23053"]


def test_land_or_people_may_decide_a_divided_unit(addresses):
    answer = addresses.find("Xã Hòa Thắng, Bắc Bình, Bình Thuận", to=TO, follow=Follows.PEOPLE)
    assert (answer.outcome, answer.reason, codes(answer)) == (Outcome.UNIQUE, "by-people", ["23053"])


def test_a_unit_of_another_day_is_not_valid(addresses):
    answer = addresses.find("Phường Xuân Hương - Đà Lạt, tỉnh Lâm Đồng", to=TO, at=EVE)
    assert (answer.outcome, answer.reason, codes(answer)) == (Outcome.NOT_VALID, "not-valid-then", [])


def test_a_road_or_hamlet_named_like_a_commune_is_none(addresses):
    answer = addresses.find("12 đường Hòa Bình, thôn Tân Lập, P.05, Q11, TP HCM", to=TO)
    assert answer.unit_old is not None
    assert answer.unit_old.code == "27211"
    assert [part.level for part in answer.parts] == [UnitKind.COMMUNE, UnitKind.DISTRICT, UnitKind.PROVINCE]


def test_where_only_the_district_is_named_all_its_units_are_told(addresses):
    answer = addresses.find("Huyện Lạc Dương, tỉnh Lâm Đồng", to=TO)
    assert (answer.outcome, answer.reason) == (Outcome.SPLIT, "commune-missing")
    assert {LAC_DUONG, LANG_BIANG} < set(codes(answer))


@pytest.mark.parametrize("text", ["", "   ", ",;-", "\ud800\u0301", "\x00"])
def test_a_text_without_words_is_empty(addresses, text):
    assert addresses.find(text, to=TO).reason in ("text-empty", "no-unit")
    assert addresses.find(text, to=TO).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("text", ["123 Main Street", "không có địa chỉ", "0912345678"])
def test_a_text_that_names_no_unit_is_unknown(addresses, text):
    answer = addresses.find(text, to=TO)
    assert (answer.outcome, answer.successors, answer.confidence) == (Outcome.UNKNOWN, (), 0.0)


def test_less_sure_answers_are_not_decided_if_more_is_asked(lineage):
    strict = Addresses(lineage, at_least=1.0)
    answer = strict.find(FULL, to=TO)
    assert (answer.outcome, answer.reason, codes(answer)) == (Outcome.SPLIT, "doubtful", [XUAN_HUONG])


def test_a_hamlet_of_the_lists_decides_a_divided_unit(village):
    text = "Nhà ông A, {}, xã Hai Sông, huyện Đông Hà, An Khê"
    one = village.find(text.format("thon Cay Da"), to=TO)
    assert (one.outcome, one.reason) == (Outcome.SPLIT, "divided")
    one = village.find(text.format("thôn cây đa"), to=TO)
    assert (one.outcome, one.reason, codes(one)) == (Outcome.UNIQUE, "by-locality", ["90001"])
    other = village.find(text.format("Thôn 03"), to=TO)
    assert (other.reason, codes(other), other.decided_by) == ("by-locality", ["90007"], "locality")
    assert village.find("xã Hai Sông, An Khê", to=TO).outcome is Outcome.SPLIT


def test_the_lineage_is_never_given_an_address(village):
    text = "Bí mật 77, Thôn Bến Đò, xã Hai Sông, huyện Đông Hà"
    assert village.find(text, to=TO).outcome is Outcome.UNIQUE
    assert "Bí mật" not in repr(village._lineage.__dict__)


def test_what_is_printed_of_an_answer_does_not_quote_the_address(addresses):
    answer = addresses.find("Bí mật 77, Phường 3, Thành phố Đà Lạt", to=TO)
    assert "Bí mật" not in repr(answer)
    assert all("Phường 3, " not in repr(part) for part in answer.parts)


def test_the_order_of_asking_makes_no_difference(lineage):
    texts = [FULL, "P3, Đà Lạt", "Xã Tân Lập", "Ward 5, District 3, HCMC"]
    forward = Addresses(lineage).find_all(texts, to=TO)
    backward = Addresses(lineage).find_all(texts[::-1], to=TO)[::-1]
    assert backward == forward
    assert [one.parts for one in backward] == [one.parts for one in forward]


def test_a_lineage_without_units_knows_no_address():
    answer = Addresses(build(Mapping())).find(FULL, to=TO)
    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, "no-unit")


def test_the_unit_of_an_earlier_day_may_be_asked_for(addresses):
    new = addresses.find("Xã Lạc Dương, tỉnh Lâm Đồng", to=EVE, at=TO)
    assert (new.outcome, new.reason) == (Outcome.SPLIT, "made-of-several")
    assert sorted(codes(new)) == ["24847", "24848", "24865"]


def test_what_was_read_can_be_forgotten(lineage):
    own = Addresses(lineage)
    first = own.find(FULL, to=TO)
    assert own.find(FULL, to=TO) is first
    own.forget()
    again = own.find(FULL, to=TO)
    assert again is not first
    assert again == first
