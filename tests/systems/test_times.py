import pytest

from merger.systems.times import FORMATS, read_time

VN = "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("written", "text", "read"),
    [
        ("iso", "2025-06-30", "2025-06-30 00:00:00"),
        ("iso", "2025-06-30 08:09:10", "2025-06-30 08:09:10"),
        ("iso", "2025-06-30T08:09:10.5", "2025-06-30 08:09:10.500000"),
        ("iso", " 2025-06-30T08:09:10 ", "2025-06-30 08:09:10"),
        ("iso", "20250630", "2025-06-30 00:00:00"),
        ("epoch_ms", 1751302800000, "2025-07-01 00:00:00"),
        ("epoch_ms", "1751302800123", "2025-07-01 00:00:00.123000"),
        ("epoch_ms", "-1", "1970-01-01 07:59:59.999000"),
        ("dd/MM/yyyy", "30/06/2025", "2025-06-30 00:00:00"),
        ("dd/MM/yyyy HH:mm", "30/06/2025 23:59", "2025-06-30 23:59:00"),
        ("dd/MM/yyyy HH:mm:ss", "30/06/2025 23:59:58", "2025-06-30 23:59:58"),
        ("yyyyMMddHHmmss", "20250630235958", "2025-06-30 23:59:58"),
        ("yyyyMMdd", 20250630, "2025-06-30 00:00:00"),
    ],
)
def test_every_way_of_writing_a_time_is_read(written: str, text: object, read: str) -> None:
    assert read_time(text, written, VN, VN) == read


def test_every_format_is_tried_above() -> None:
    tried = test_every_way_of_writing_a_time_is_read.pytestmark[0].args[1]
    assert {one[0] for one in tried} == set(FORMATS)


def test_an_evening_in_utc_is_the_next_day_in_vietnam() -> None:
    assert read_time("2025-06-30T20:00:00+0000", "iso", VN, VN) == "2025-07-01 03:00:00"
    assert read_time("2025-06-30T20:00:00Z", "iso", VN, VN) == "2025-07-01 03:00:00"
    assert read_time("2025-06-30T16:59:59+00:00", "iso", VN, VN) == "2025-06-30 23:59:59"


def test_a_zone_in_the_text_wins_over_the_zone_of_the_column() -> None:
    assert read_time("2025-06-30T20:00:00+07:00", "iso", "UTC", VN) == "2025-06-30 20:00:00"


def test_a_column_of_another_zone_is_read_in_it() -> None:
    assert read_time("30/06/2025 20:00:00", "dd/MM/yyyy HH:mm:ss", "UTC", VN) == "2025-07-01 03:00:00"
    assert read_time("2025-06-30 20:00:00", "iso", "UTC", VN) == "2025-07-01 03:00:00"


def test_milliseconds_since_1970_need_no_zone() -> None:
    assert read_time(0, "epoch_ms", "America/New_York", VN) == read_time(0, "epoch_ms", VN, VN)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("iso", "hôm qua"),
        ("iso", ""),
        ("iso", "2025-02-30"),
        ("iso", "30/06/2025"),
        ("dd/MM/yyyy", "06/30/2025"),
        ("dd/MM/yyyy", "30/06/2025 08:00"),
        ("dd/MM/yyyy HH:mm", "30/06/2025 24:00"),
        ("yyyyMMdd", "20251301"),
        ("epoch_ms", "1e3"),
        ("epoch_ms", "9" * 30),
        ("iso", None),
    ],
)
def test_what_is_no_such_time_is_not_guessed(written: str, text: object) -> None:
    assert read_time(text, written, VN, VN) is None


def test_a_time_at_the_edge_of_the_calendar_is_unreadable_rather_than_an_error() -> None:
    assert read_time("0001-01-01T00:00:00+14:00", "iso", VN, "America/New_York") is None
