"""How systems write times, read into one form: local, ISO, without a zone."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from merger.systems.canonical import text_of

BLANKS = " \t\n\v\f\r\u00a0\u3000"
"""What may stand around a time."""
EPOCH = datetime(1970, 1, 1)
DATED = (1800, 2200)
"""The years in which a zone's clocks are changed; before and after them its offset stays as it is there."""


@dataclass(frozen=True)
class Way:
    """A way of writing times: a regular expression that every database reads alike (and that is to match the
    whole text), and the part that each of its groups is: `y m d H M S`, fraction `f`, zone `z`."""

    pattern: str
    parts: str


_DAY = "([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})"
WAYS = {
    "iso": Way(
        "([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]+))?)?"
        "(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
        "ymdHMSfz",
    ),
    "dd/MM/yyyy": Way(_DAY, "dmy"),
    "dd/MM/yyyy HH:mm": Way(_DAY + " ([0-9]{1,2}):([0-9]{2})", "dmyHM"),
    "dd/MM/yyyy HH:mm:ss": Way(_DAY + " ([0-9]{1,2}):([0-9]{2}):([0-9]{2})", "dmyHMS"),
    "yyyyMMddHHmmss": Way(
        "([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})", "ymdHMS"
    ),
    "yyyyMMdd": Way("([0-9]{4})([0-9]{2})([0-9]{2})", "ymd"),
}  # fmt: skip
MILLISECONDS = "epoch_ms"
COUNT = re.compile(r"[+-]?[0-9]{1,15}")
FORMATS = ("iso", MILLISECONDS, *(name for name in WAYS if name != "iso"))
_COMPILED = {name: re.compile(way.pattern) for name, way in WAYS.items()}


def read_time(value: object, written: str, zone: str, local: str) -> str | None:
    """`YYYY-MM-DD HH:MM:SS[.ffffff]` in the zone `local`, or None where the text is no such time.

    `written` is one of FORMATS; `zone` is the zone of a text that names none. A date alone is the
    beginning of that day. NULL, the empty text and an unreadable text are all None: callers tell them
    apart by looking at the value.
    """
    if value is None:
        return None
    text = text_of(value).strip(BLANKS)
    try:
        moment = _counted(text) if written == MILLISECONDS else _parsed(text, written)
        if moment.tzinfo is not None:
            moment = _by_clock(moment.astimezone(UTC).replace(tzinfo=None), local)
        elif zone != local:
            moment = _by_clock(_of_clock(moment, zone), local)
        return moment.isoformat(" ")
    except (ValueError, OverflowError, OSError):
        return None


def period(day: str | None, starts: str) -> str | None:
    """The first day of the period that a day lies in, of periods that begin on `starts` (in order, apart
    by spaces). NULL for a day that is not known."""
    if day is None:
        return None
    begun = _starts(starts)
    return begun[max(bisect_right(begun, day) - 1, 0)]


def midnights(days: Sequence[str], zone: str) -> list[str] | None:
    """When days (`YYYY-MM-DD`) begin in a zone, in UTC; None where its clocks are changed so near to one that
    a moment's day does not follow from that. What is before the first day does not matter."""
    near = timedelta(days=2)
    out = [f"{days[0]} 00:00:00"]
    for day in days[1:]:
        wall = datetime.fromisoformat(day)
        if any(abs(wall - change) <= near for change in clock(zone).wall):
            return None
        out.append(_of_clock(wall, zone).isoformat(" "))
    return out


def local(moment: datetime, zone: str) -> datetime:
    """A moment by the clocks of a zone, without the zone. One that names no zone is of this one."""
    return moment if moment.tzinfo is None else moment.astimezone(_zone(zone)).replace(tzinfo=None)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        _zone(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


@dataclass(frozen=True)
class Clock:
    """A zone's offsets from UTC in seconds: `offsets[0]` before the first change, `offsets[n]` from the
    n-th on. `utc` are the changes by UTC, `wall` by the zone's own clocks: an hour that is there twice is
    its first, one that is left out counts by the offset before it, as `datetime` has it (fold 0)."""

    offsets: tuple[int, ...]
    utc: tuple[datetime, ...]
    wall: tuple[datetime, ...]


@cache
def clock(name: str) -> Clock:
    """The clock of a zone of the tz database that Python uses."""
    zone = _zone(name)
    changes = list(_changes(zone))
    offsets = [_offset(zone, datetime(DATED[0], 1, 1)), *(after for _, after in changes)]
    walls = [
        moment + timedelta(seconds=max(before, after))
        for (moment, after), before in zip(changes, offsets, strict=False)
    ]
    return Clock(tuple(offsets), tuple(moment for moment, _ in changes), tuple(walls))


def _of_clock(wall: datetime, zone: str) -> datetime:
    known = clock(zone)
    return wall - timedelta(seconds=known.offsets[bisect_right(known.wall, wall)])


def _by_clock(utc: datetime, zone: str) -> datetime:
    known = clock(zone)
    return utc + timedelta(seconds=known.offsets[bisect_right(known.utc, utc)])


def _changes(zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    """(moment in UTC, seconds from then on) of every change of a zone's clocks."""
    week = timedelta(days=7)
    low, before = datetime(DATED[0], 1, 1), _offset(zone, datetime(DATED[0], 1, 1))
    while low.year < DATED[1]:
        high = low + week
        after = _offset(zone, high)
        if after != before:
            first, last = low, high
            while last - first > timedelta(seconds=1):
                middle = first + timedelta(seconds=int((last - first).total_seconds()) // 2)
                first, last = (middle, last) if _offset(zone, middle) == before else (first, middle)
            yield last, after
        low, before = high, after


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    found = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def _counted(text: str) -> datetime:
    if COUNT.fullmatch(text) is None:
        raise ValueError(MILLISECONDS)
    return (EPOCH + timedelta(milliseconds=int(text))).replace(tzinfo=UTC)


def _parsed(text: str, written: str) -> datetime:
    found = _COMPILED[written].fullmatch(text)
    if found is None:
        raise ValueError(written)
    part = dict(zip(WAYS[written].parts, found.groups(), strict=True))
    y, m, d, H, M, S = (int(part.get(name) or 0) for name in "ymdHMS")  # noqa: N806
    fraction = part.get("f")
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    zone = part.get("z")
    return datetime(y, m, d, H, M, S, micro, _fixed(zone) if zone else None)


@cache
def _fixed(zone: str) -> timezone:
    if zone == "Z":
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    if int(zone[3:].lstrip(":") or 0) > 59:
        raise ValueError(zone)
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


@cache
def _starts(starts: str) -> list[str]:
    return starts.split()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
