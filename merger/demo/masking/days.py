"""Days and times written in a text, and those that stand for them in a masked copy."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from merger.demo.masking.secret import Secret

_DAY = re.compile(
    r"(?:(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"|(?P<d2>[0-9]{1,2})/(?P<m2>[0-9]{1,2})/(?P<y2>[0-9]{4})"
    r"|(?P<y3>[0-9]{4})(?P<m3>[0-9]{2})(?P<d3>[0-9]{2}))"
    r"(?P<gap>[T ]?)(?:(?P<H>[0-9]{2}):?(?P<M>[0-9]{2})(?::?(?P<S>[0-9]{2}))?(?P<rest>\.[0-9]{1,9})?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


class Days:
    """The days of one run: for each another of the same year, and another time of day.

    `zone`: where days are counted.
    """

    def __init__(self, secret: Secret, zone: str) -> None:
        self._secret = secret
        self._zone = ZoneInfo(zone)
        self._orders: dict[int, list[int]] = {}
        self._day = lru_cache(maxsize=50_000)(self._new_day)

    def text(self, value: str) -> str:
        """Another day of the same year, written the same way; empty for what is no day. A time with a zone
        is of the day that it is here, so that a birthday is one day however it is written."""
        found = _DAY.fullmatch(value)
        if found is None or _day_of(found) is None:
            return ""
        part = found.groupdict()
        number = "3" if part["y3"] else "2" if part["y2"] else ""
        year, month, day = (int(part[name + number]) for name in "ymd")
        wall = datetime(year, month, day, int(part["H"] or 0), int(part["M"] or 0), int(part["S"] or 0))
        if part["zone"]:
            there = wall.replace(tzinfo=_zone_of(part["zone"]))
            moved = self._moved(there.astimezone(self._zone).replace(tzinfo=None), part["S"] is not None)
            wall = moved.replace(tzinfo=self._zone).astimezone(there.tzinfo).replace(tzinfo=None)
        else:
            wall = self._moved(wall, part["S"] is not None)
        whole = list(value)
        written = (("y", wall.year), ("m", wall.month), ("d", wall.day))
        clock = (("H", wall.hour), ("M", wall.minute), ("S", wall.second))
        for name, unit in (*((name + number, unit) for name, unit in written), *clock):
            start, end = found.span(name)
            if start >= 0:
                whole[start:end] = [f"{unit:0{end - start}d}", *[""] * (end - start - 1)]
        if part["rest"]:
            start, end = found.span("rest")
            drawn = self._secret.draw(value.encode())
            whole[start + 1 : end] = [str(drawn[i] % 10) for i in range(end - start - 1)]
        return "".join(whole)

    def _moved(self, here: datetime, seconds: bool) -> datetime:
        """Another time on another day of the year; midnight, which stands for no time, stays."""
        day, shift = self._day(here.date())
        if here.hour or here.minute or here.second:
            clock = (here.hour * 60 + here.minute) * 60 + here.second
            clock = (clock + (shift if seconds else shift // 60 * 60)) % 86400
            return datetime.combine(day, datetime.min.time()) + timedelta(seconds=clock)
        return datetime.combine(day, datetime.min.time())

    def _new_day(self, day: date) -> tuple[date, int]:
        """The day that stands for another of its year, and by how many seconds clocks go on within it."""
        first = date(day.year, 1, 1)
        days = (date(day.year, 12, 31) - first).days + 1
        order = self._orders.get(day.year)
        if order is None:
            order = list(range(days))
            Random(self._secret.about(f"year {day.year}")).shuffle(order)
            self._orders[day.year] = order
        shift = int.from_bytes(self._secret.about(f"clock {day}")[:4]) % 86400
        return first + timedelta(days=order[(day - first).days]), shift


def read_day(value: str) -> date | None:
    """The day that a text writes; of digits without signs only one between 1900 and 2100."""
    found = _DAY.fullmatch(value)
    return None if found is None else _day_of(found)


def _day_of(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    number = "3" if part["y3"] else "2" if part["y2"] else ""
    if number == "3" and part["gap"] == "" and part["H"] and len(found[0]) != 14:
        return None
    if any(int(part[name] or 0) >= limit for name, limit in (("H", 24), ("M", 60), ("S", 60))):
        return None
    try:
        day = date(*(int(part[name + number]) for name in "ymd"))
    except ValueError:
        return None
    return day if number != "3" or 1900 <= day.year <= 2100 else None


def _zone_of(written: str) -> tzinfo:
    if written == "Z":
        return UTC
    size = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return timezone(-size if written[0] == "-" else size)
