"""How systems write times, read into one form: local, ISO, without a zone."""

import re
from bisect import bisect_right
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

PATTERNS = {
    "dd/MM/yyyy": re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})"),
    "dd/MM/yyyy HH:mm": re.compile(
        r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4}) (?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})"
    ),
    "dd/MM/yyyy HH:mm:ss": re.compile(
        r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})"
        r" (?P<H>[0-9]{1,2}):(?P<M>[0-9]{2}):(?P<S>[0-9]{2})"
    ),
    "yyyyMMddHHmmss": re.compile(
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?P<S>[0-9]{2})"
    ),
    "yyyyMMdd": re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
}
FORMATS = ("iso", "epoch_ms", *PATTERNS)


def read_time(value: object, written: str, zone: str, local: str) -> str | None:
    """`YYYY-MM-DD HH:MM:SS[.ffffff]` in the zone `local`, or None where the text is no such time.

    `written` is one of FORMATS; `zone` is the zone of a text that names none. A date alone is the
    beginning of that day. NULL, the empty text and an unreadable text are all None: callers tell them
    apart by looking at the value.
    """
    if value is None:
        return None
    text = str(value).strip()
    try:
        if written == "iso":
            moment = datetime.fromisoformat(text)
        elif written == "epoch_ms":
            moment = datetime.fromtimestamp(int(text) / 1000, UTC)
        else:
            moment = _parsed(text, written)
        if moment.tzinfo is not None or zone != local:
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=_zone(zone))
            moment = moment.astimezone(_zone(local)).replace(tzinfo=None)
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


def _parsed(text: str, written: str) -> datetime:
    found = PATTERNS[written].fullmatch(text)
    if found is None:
        raise ValueError(written)
    part = {name: int(digits) for name, digits in found.groupdict().items()}
    return datetime(
        part["y"], part["m"], part["d"], part.get("H", 0), part.get("M", 0), part.get("S", 0)
    )  # twice as fast as strptime, which is called for every row


@cache
def _starts(starts: str) -> list[str]:
    return starts.split()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
