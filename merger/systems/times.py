"""How systems write times, read into one form: local, ISO, without a zone."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

PATTERNS = {
    "dd/MM/yyyy": "%d/%m/%Y",
    "dd/MM/yyyy HH:mm": "%d/%m/%Y %H:%M",
    "dd/MM/yyyy HH:mm:ss": "%d/%m/%Y %H:%M:%S",
    "yyyyMMddHHmmss": "%Y%m%d%H%M%S",
    "yyyyMMdd": "%Y%m%d",
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
            moment = datetime.strptime(text, PATTERNS[written])
        if moment.tzinfo is not None or zone != local:
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=_zone(zone))
            moment = moment.astimezone(_zone(local)).replace(tzinfo=None)
        return moment.isoformat(" ")
    except (ValueError, OverflowError, OSError):
        return None


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
