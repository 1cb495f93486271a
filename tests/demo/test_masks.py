"""Masks: the same shape, nobody's value, equal for what is equal."""

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.codes.names import fold_text
from merger.codes.personal_id import Identity, kind
from merger.demo.masking.cells import Localities, change_of, code_like, day_like, technical
from merger.demo.masking.masks import Masks, may_recur
from merger.demo.masking.roles import Role
from merger.demo.masking.words import FIRST, new_style, tone_place, words
from merger.systems.times import read_time

MASKS = Masks(b"k" * 32)
VIETNAMESE = st.sampled_from(
    [
        "Nguyễn",
        "Trần",
        "Lê",
        "Hòa",
        "Hoà",
        "Hoa",
        "Thuý",
        "Thúy",
        "Đặng",
        "Ước",
        "K'",
        "H'Bia",
        "Khoẻ",
        "an",
        "ĐẶNG",
        "Ýên",
        "số",
        "12",
        "07",
        ",",
        "-",
        ".",
        "🙂",
        "/",
        "\n",
    ]
)
NAMES = st.lists(VIETNAMESE, min_size=1, max_size=6).map(" ".join)
TEXTS = NAMES | NAMES.map(lambda one: unicodedata.normalize("NFD", one)) | st.text(max_size=12)


def kinds(text):
    return [
        "digit" if one in "0123456789" else "letter" if one.isalpha() else one
        for one in unicodedata.normalize("NFC", text)
    ]


@given(TEXTS)
@settings(max_examples=300)
def test_a_mask_has_the_length_the_signs_and_the_capitals_of_its_value(value):
    masked = MASKS.text(value)
    assert len(unicodedata.normalize("NFC", masked)) == len(unicodedata.normalize("NFC", value))
    if value.isascii() or set(kinds(value)) <= {"digit", "letter", " "}:
        assert kinds(masked) == kinds(value)
    if value.isascii():
        assert masked.isascii()
        assert [one.isupper() for one in masked] == [one.isupper() for one in value]


@given(TEXTS)
def test_equal_values_have_equal_masks_in_one_run_and_others_in_another(value):
    assert MASKS.text(value) == MASKS.text(value) == Masks(b"k" * 32).text(value)


def test_two_runs_have_different_masks_and_nobody_knows_the_secret():
    one, other = Masks(), Masks()
    names = ["Nguyễn Văn An", "068190001234", "0912345678", "user07"]
    assert all(one.text(name) != other.text(name) for name in names)


@given(NAMES)
def test_a_text_stays_composed_or_decomposed(value):
    composed = unicodedata.normalize("NFC", value)
    decomposed = unicodedata.normalize("NFD", value)
    assert unicodedata.is_normalized("NFC", MASKS.text(composed))
    assert unicodedata.is_normalized("NFD", MASKS.text(decomposed))
    assert MASKS.text(decomposed) == unicodedata.normalize("NFD", MASKS.text(composed))
    if not any(map(str.isdigit, value)) and "'" not in value:
        assert len(MASKS.text(decomposed)) == len(decomposed)


def test_two_ways_of_writing_one_name_stay_two_ways_of_one_name():
    old, new = MASKS.text("Trần Thị Hoà"), MASKS.text("Trần Thị Hòa")
    assert old != new
    assert fold_text(old) == fold_text(new)
    assert MASKS.text("TRẦN THỊ HÒA") == new.upper()
    assert fold_text(MASKS.text("Trần Thị Hoa")) != fold_text(new)


def test_no_made_up_word_begins_as_a_vietnamese_word_does():
    for letters in range(1, 9):
        for marks in range(4):
            for tone in ("", "old", "new") if letters > 2 else ("",):
                found = words(letters, marks, tone)
                assert found
                assert all(one[0] in FIRST and len(one) == letters for one in found)
                assert {tone_place(one) for one in found} == {tone} or not tone
                if tone == "old":
                    assert {new_style(one) for one in found} == set(words(letters, marks, "new"))


@given(st.from_regex(r"[0-9]{1,14}", fullmatch=True), st.from_regex(r"[0-9]{1,14}", fullmatch=True))
@settings(max_examples=300)
def test_numbers_of_as_many_digits_are_other_numbers(one, other):
    masked = MASKS.text(one)
    assert len(masked) == len(one)
    assert masked.isdigit()
    if len(one) < 9 and one.isascii():
        assert len(masked) - len(masked.lstrip("0")) == len(one) - len(one.lstrip("0"))
    if len(one) == len(other) and one != other and not real_number(one) ^ real_number(other):
        assert (MASKS.text(one) == MASKS.text(other)) is False


def real_number(digits):
    """Of those shapes whose masks are none that an office gives out."""
    return (
        (len(digits) == 12 and digits[3] in "0123")
        or (len(digits) == 9 and digits[0] in "0123")
        or (len(digits) in (10, 11) and digits[0] == "0" and digits[1] in "35789")
        or (len(digits) == 11 and digits[:2] == "84" and digits[2] in "35789")
    )


@given(
    st.from_regex(r"0[0-9]{2}[0-3][0-9]{8}|[0-3][0-9]{8}|0[35789][0-9]{8}|84[35789][0-9]{8}", fullmatch=True)
)
def test_identity_and_telephone_numbers_become_such_as_nobody_has(number):
    if kind(number) is not Identity.PLACEHOLDER:
        assert not real_number(MASKS.text(number))
        assert MASKS.text(number) != number


def test_a_number_with_signs_between_its_digits_is_the_same_number():
    plain = MASKS.text("0912345678")
    assert re.sub(r"\D", "", MASKS.text("0912 345 678")) == plain
    assert re.sub(r"\D", "", MASKS.text("0912.345.678")) == plain


@given(
    st.from_regex(r"[a-z]{1,8}[._]?[a-zA-Z0-9]{0,8}", fullmatch=True).filter(lambda one: len(one) > 2),
    st.data(),
)
def test_user_names_that_differ_have_masks_that_differ(one, data):
    other = data.draw(st.permutations(one).map("".join))
    if "." not in one and "_" not in one and other != one:
        assert MASKS.text(other) != MASKS.text(one) or other.lower() == one.lower()


@pytest.mark.parametrize(
    "value", ["000000001", "123456789", "", "   ", "không có", "null", "111111111", None, "🙂", "—"]
)
def test_what_is_nobodys_stays(value):
    assert MASKS.value(value) == value


def test_placeholders_of_a_rule_stay_too():
    assert Masks(nobody=["999999990"]).text("999999990") == "999999990"
    assert Masks().text("999999990") != "999999990"


def test_an_address_of_mail_leads_nowhere():
    masked = MASKS.text("an.nguyen@lamdong.gov.vn")
    assert re.fullmatch(r"[a-z]{2}\.[a-z]{6}@[a-z]{7}\.[a-z]{3}\.zj", masked)


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_a_day_becomes_one_day_of_its_year_however_it_is_written(day):
    written = {
        "iso": f"{day:%Y-%m-%d}",
        "dd/MM/yyyy": f"{day:%d/%m/%Y}",
        "yyyyMMdd": f"{day:%Y%m%d}",
        "yyyyMMddHHmmss": f"{day:%Y%m%d000000}",
    }
    zone = "Asia/Ho_Chi_Minh"
    found = {read_time(MASKS.text(text), form, zone, zone) for form, text in written.items()}
    assert len(found) == 1
    (masked,) = found
    assert masked is not None
    assert masked.startswith(str(day.year))
    assert masked.endswith("00:00:00")


def test_a_birthday_in_another_zone_is_the_same_day():
    here = MASKS.text("1990-07-18")
    there = MASKS.text("1990-07-17T17:00:00.000+0000")
    assert (read_time(there, "iso", "UTC", "Asia/Ho_Chi_Minh") or "")[:10] == here


def test_different_days_of_a_year_become_different_days():
    days = [date(2024, 1, 1).fromordinal(date(2024, 1, 1).toordinal() + n).isoformat() for n in range(366)]
    assert len({MASKS.text(day) for day in days}) == 366


ZONE = "Asia/Ho_Chi_Minh"


@given(st.from_regex(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/20[0-9]{2}", fullmatch=True))
@settings(max_examples=300)
def test_what_is_no_day_becomes_none(value):
    def reads(text):
        return any(read_time(text, form, ZONE, ZONE) for form in ("iso", "dd/MM/yyyy"))

    assert reads(MASKS.text(value)) is reads(value)


@given(st.from_regex(r"[0-9]{8}|[0-9]{4}", fullmatch=True))
@settings(max_examples=300)
def test_what_a_profile_cannot_read_cannot_be_read_when_masked(value):
    change = change_of(Role(personal=True, times={("yyyyMMdd", ZONE)}), MASKS, Localities([]))
    readable = read_time(value, "yyyyMMdd", ZONE, ZONE) is not None
    assert (read_time(change(value), "yyyyMMdd", ZONE, ZONE) is not None) is readable or (
        readable and not 1900 <= int(value[:4]) <= 2100
    )


def test_what_a_profile_lists_stays_and_nothing_else_becomes_listed():
    change = change_of(Role(personal=True, listed={"1", "2", "card"}), MASKS, Localities([]))
    assert [change(one) for one in ("1", 2, "card", None)] == ["1", 2, "card", None]
    assert not {str(change(str(one))) for one in range(3, 10)} & {"1", "2", "card"}


def test_user_names_in_one_text_are_the_user_names_of_other_columns():
    role = Role(separators={"##"}, affixes={("", "@one")})
    change = change_of(role, MASKS, Localities([]))
    an, lan = MASKS.text("nguyenan"), MASKS.text("tranlan2")
    assert change("nguyenan##tranlan2") == f"{an}##{lan}"
    assert change("nguyenan@one##tranlan2") == f"{an}@one##{lan}"


def test_a_dossiers_number_keeps_its_agency_and_day():
    change = change_of(Role(number=True, key=True), MASKS, Localities([]))
    masked = change("H36.05.03-250701-0001")
    assert re.fullmatch(r"H36\.05\.03-250701-[5-9][0-9]{3}", masked)
    assert len({change(f"H36.05-250701-{n:04d}") for n in range(10_000)}) == 10_000
    assert "an" not in change("của an-250701-0001")


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (12, r"\d\d"),
        (0, "0"),
        (-7, r"-\d"),
        (123456789012, r"\d{12}"),
        (12.5, r"\d\d\.\d"),
        (1e15, r"\d{16}\.0"),
    ],
)
def test_numbers_keep_their_type_sign_and_digits(value, shape):
    masked = MASKS.value(value)
    assert type(masked) is type(value)
    assert re.fullmatch(shape, repr(masked))


def test_files_become_random_bytes_of_the_same_size():
    masked = MASKS.value(b"%PDF-1.4 Nguyen Van An")
    assert isinstance(masked, bytes)
    assert len(masked) == 22
    assert b"Nguyen" not in masked
    assert masked == MASKS.value(b"%PDF-1.4 Nguyen Van An")


def test_listed_localities_stay_and_nothing_else_of_an_address():
    there = Localities(["Thôn Gió Hú", "Tân Lập", "Thôn Tân Lập 2"])
    for address, kept in [
        ("Số 12, Thôn Gió Hú, Xã Hòa Thắng", ", Thôn Gió Hú, "),
        ("12 THÔN TÂN LẬP 2, chợ", " THÔN TÂN LẬP 2, "),
        (unicodedata.normalize("NFD", "nhà ông Bảy, Tân Lập"), unicodedata.normalize("NFD", ", Tân Lập")),
    ]:
        masked = there.masked(address, MASKS.value)
        assert kept in masked
        assert len(masked) == len(address)
        assert "Hòa" not in masked
        assert "Bảy" not in masked
    for address in ("Thôn Gió Húng 3", "Thôn Tân Lập 7", "đường Tân Mới"):
        assert not re.search("Gió|Tân", there.masked(address, MASKS.value))


def test_only_what_can_be_a_code_a_day_or_a_made_key_stays_without_being_looked_at():
    assert all(
        map(code_like, ["H36.05.03", "", " 24848", "ABCDE", "null", "1.012811.H36", None, 5, "000.00.05.H36"])
    )
    assert not any(
        map(code_like, ["Nguyễn An", "nguyen van an", "068190001234", "a@b.vn", "x" * 50, 123456789012])
    )
    assert all(map(day_like, ["2025-02-30", "", "30/06/2025 08:00", "20250630", 1751328000000, None]))
    assert not any(map(day_like, ["hôm qua", "0912345678", "Nguyễn An"]))
    assert all(map(technical, [5, "17", "212119d0eaeef78066acda8e", "0f8fad5b-d9cb-469f-a165-70867728950e"]))
    assert not any(map(technical, ["068190001234", "an.nguyen", 123456789012, "Nguyễn An"]))


def test_what_chance_gives_again_is_told_from_what_it_does_not():
    assert all(map(may_recur, ["2025-07-01", "1234", "an12", "000000001", "  ", "K'"]))
    assert not any(map(may_recur, ["Lê An", "068190001234", "nguyenvanan", "0912 345 678", "Hoàng"]))
