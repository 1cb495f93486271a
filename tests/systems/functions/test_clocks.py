from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.systems import times
from merger.systems.functions import first, period, period_of_time, read_time
from merger.systems.kinds import Kind
from tests.systems.functions import traps
from tests.systems.functions.conftest import Asked

VN = "Asia/Ho_Chi_Minh"
ZONES = ["Asia/Ho_Chi_Minh", "UTC", "America/New_York", "Europe/Paris", "Africa/Casablanca", "Asia/Kathmandu"]


@pytest.mark.parametrize(("zone", "local"), [(VN, VN), ("UTC", VN), ("America/New_York", "Europe/Paris")])
def test_every_database_reads_every_way_of_writing_a_time(asked: Asked, zone: str, local: str) -> None:
    table = asked.table(traps.TEXTS)
    for written in times.FORMATS:
        found = asked.ask(table, read_time(table.c.v, written, zone, local))
        for text, (read,) in zip(traps.TEXTS, found, strict=True):
            wanted = times.read_time(text, written, zone, local)
            assert read == wanted, f"{asked.dialect}: {text!r} as {written}"


def test_a_column_of_times_is_read_as_one_whatever_is_said_of_its_texts(
    three: list[Asked],
) -> None:
    declared = {"postgresql": ("timestamp", "timestamptz"), "mariadb": ("datetime(6)", "timestamp(6)")}
    for asked in three[1:]:
        for of, kind in zip((Kind.TIME, Kind.MOMENT), declared[asked.dialect], strict=True):
            table = asked.table(["2025-06-30 20:00:00.5", None], kind)
            read = read_time(table.c.v, "dd/MM/yyyy", "UTC", VN, of)
            assert asked.ask(table, read) == [("2025-07-01 03:00:00.500000",), (None,)]


def test_a_column_of_times_is_shown_as_the_reference_shows_its_texts(three: list[Asked]) -> None:
    sorts = {Kind.TIME: ("timestamp", "datetime(6)", traps.TIMES), Kind.DAY: ("date", "date", traps.DAYS),
             Kind.MOMENT: ("timestamptz", "timestamp(6)", traps.MOMENTS)}  # fmt: skip
    for of, (in_postgresql, in_mariadb, known) in sorts.items():
        for asked, declared in zip(three[1:], (in_postgresql, in_mariadb), strict=True):
            table = asked.table([str(one)[:26].removesuffix("+00:00") for one in known], declared)
            for zone, local in ((VN, VN), ("UTC", VN), (VN, "America/New_York")):
                found = asked.ask(table, read_time(table.c.v, "iso", zone, local, of))
                wanted = [times.read_time(str(one), "iso", zone, local) for one in known]
                assert [read for (read,) in found] == wanted, (asked.dialect, of, zone, local)


def test_days_as_numbers_are_read(three: list[Asked]) -> None:
    for asked in three:
        table = asked.table([20250630, 20250631, None], "bigint")
        read = read_time(table.c.v, "yyyyMMdd", VN, VN, Kind.NUMBER)
        assert asked.ask(table, read) == [("2025-06-30 00:00:00",), (None,), (None,)]


def test_every_database_finds_the_period_of_a_day(asked: Asked) -> None:
    days = ["2023-12-31", "2024-01-01", "2025-06-30", "2025-07-01", "2030-01-01", "0001-01-01", None]
    table = asked.table(days)
    for starts in ("2024-01-01", "2024-01-01 2025-07-01 2026-01-01"):
        found = asked.ask(table, period(table.c.v, starts))
        assert found == [(times.period(day, starts),) for day in days]
    read = first(read_time(table.c.v, "iso", VN, VN), 10)
    assert asked.ask(table, period(read, "2025-07-01 2026-01-01"))[3:5] == [("2025-07-01",), ("2026-01-01",)]


@given(st.sampled_from(ZONES), st.datetimes(datetime(1801, 1, 1), datetime(2199, 1, 1)))
@settings(max_examples=300)
def test_a_clock_says_what_the_zone_of_the_tz_database_says(name: str, moment: datetime) -> None:
    zone = ZoneInfo(name)
    expected = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    known = times.clock(name)
    for shift in (timedelta(0), *(change - moment + timedelta(minutes=5) for change in known.wall[:9])):
        wall = moment + shift
        utc = wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        assert times._of_clock(wall, name) == utc
    assert times._by_clock(moment, name) == expected


def test_a_table_of_times_is_converted_across_every_change_of_the_clocks(three: list[Asked]) -> None:
    known = times.clock("Europe/Paris")
    near = [change + timedelta(minutes=step) for change in known.wall[-40:] for step in (-61, -1, 0, 59, 61)]
    texts = [str(one) for one in near]
    wanted = [times.read_time(one, "iso", "Europe/Paris", "UTC") for one in texts]
    for asked in three:
        table = asked.table(texts)
        found = asked.ask(table, read_time(table.c.v, "iso", "Europe/Paris", "UTC"))
        assert [read for (read,) in found] == wanted
        assert not isinstance(table.c.v.type, sa.DateTime)


def typed(dialect: str) -> list[tuple[str, Kind]]:
    if dialect == "postgresql":
        return [("timestamp", Kind.TIME), ("timestamptz", Kind.MOMENT), ("date", Kind.DAY)]
    return [("datetime(6)", Kind.TIME), ("timestamp(6)", Kind.MOMENT), ("date", Kind.DAY)]


@pytest.mark.parametrize("zone", [VN, "UTC", "America/Havana"])
@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_the_period_of_a_time_is_that_of_its_text(
    dialect: str, zone: str, open_: Callable[[str], Asked]
) -> None:
    asked = open_(dialect)
    starts = "0001-01-01 2024-03-11 2025-07-01 2026-01-01"
    days = ["2024-03-10", "2024-03-11", "2025-06-30", "2025-07-01", "2031-12-31"]
    clocks = ["00:00:00", "03:59:59.999999", "17:00:00", "16:59:59", "23:59:59.999999"]
    values = [f"{day} {clock}" for day in days for clock in clocks] + [None]
    for declared, kind in typed(dialect):
        table = asked.table(
            [value and value[:10] if kind is Kind.DAY else value for value in values], declared
        )
        for local in (zone, VN):
            text = first(read_time(table.c.v, "iso", zone, local, kind), 10)
            whole = asked.ask(table, period_of_time(table.c.v, kind, zone, local, starts))
            assert whole == asked.ask(table, period(text, starts))
            assert len(set(whole)) == 5


def test_midnights_are_not_told_where_clocks_are_changed_nearby() -> None:
    assert times.midnights(["0001-01-01", "2025-07-01"], VN) == ["0001-01-01 00:00:00", "2025-06-30 17:00:00"]
    assert times.midnights(["0001-01-01", "2024-03-11"], "America/Havana") is None
    assert times.midnights(["2024-03-11", "2024-07-01"], "America/Havana") == [
        "2024-03-11 00:00:00", "2024-07-01 04:00:00",
    ]  # fmt: skip
