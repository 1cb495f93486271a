"""Days and times of the made-up rows, and the ways in which systems write them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from merger.demo.settings import Days

UTC_OFFSET = 7 * 3600
"""Seconds by which Vietnamese time is ahead of UTC."""


class Clock:
    """Every day from the first to the last as a number, with its written forms.

    A moment is a pair: the day's number and the second of that day, in Vietnamese time.
    """

    def __init__(self, days: Days, extra: int = 120) -> None:
        count = (days.last - days.first).days + 1 + extra
        every = [days.first + timedelta(number) for number in range(count)]
        self.iso = [day.isoformat() for day in every]
        self.compact = [day.strftime("%Y%m%d") for day in every]
        self.slashed = [day.strftime("%d/%m/%Y") for day in every]
        self.year = [day.year for day in every]
        self.first = days.first
        self.work = self.number(days.work)
        self.change = self.number(days.change)
        self.last = self.number(days.last)
        self.doubtful = (self.number(days.doubtful[0]), self.number(days.doubtful[1]))
        self._midnight = int(
            datetime(days.first.year, days.first.month, days.first.day, tzinfo=UTC).timestamp()
        )

    def number(self, day: date) -> int:
        """The number of a day."""
        return (day - self.first).days

    def in_words(self, day: int, second: int) -> str:
        """`YYYY-MM-DD HH:MM:SS`."""
        return f"{self.iso[day]} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"

    def in_slashes(self, day: int, second: int) -> str:
        """`dd/MM/yyyy HH:mm:ss`."""
        return f"{self.slashed[day]} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"

    def in_digits(self, day: int, second: int) -> str:
        """`yyyyMMddHHmmss`."""
        return f"{self.compact[day]}{second // 3600:02}{second // 60 % 60:02}{second % 60:02}"

    def in_utc(self, day: int, second: int) -> str:
        """`YYYY-MM-DDTHH:MM:SS.000+0000`: before seven in the morning, the day before."""
        if second < UTC_OFFSET:
            day, second = day - 1, second + 86400
        second -= UTC_OFFSET
        return f"{self.iso[day]}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000+0000"

    def in_milliseconds(self, day: int, second: int) -> int:
        """Milliseconds since 1970."""
        return (self._midnight + day * 86400 + second - UTC_OFFSET) * 1000

    def day_before_change(self, rng: Random) -> int:
        """A day of ordinary work before the codes changed and before any doubt."""
        return self.work + 1 + int(rng.random() ** 0.5 * (self.doubtful[0] - self.work - 1))

    def day_after_change(self, rng: Random) -> int:
        """A day after the codes changed and after any doubt."""
        return self.doubtful[1] + 1 + int(rng.random() * (self.last - self.doubtful[1] - 1))

    def doubtful_day(self, rng: Random) -> int:
        """A day of doubt."""
        return self.doubtful[0] + int(rng.random() * (self.doubtful[1] - self.doubtful[0] + 1))

    def early_day(self, rng: Random) -> int:
        """A day of the first year and a half, when codes were in force that are long gone."""
        return int(rng.random() * 540)


def second_of_work(rng: Random) -> int:
    """Mostly office hours; one in twelve at night, as people file online."""
    chance = rng.random()
    return 25200 + int(chance * 36000) if chance > 1 / 12 else int(chance * 12 * 25200)


def birthdays(count: int, rng: Random) -> Sequence[date]:
    """Made-up dates of birth of grown-up people."""
    start = date(1945, 1, 1)
    return [start + timedelta(int(rng.random() * 22000)) for _ in range(count)]
