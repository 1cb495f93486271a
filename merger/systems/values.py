"""The canonical text of a value of Python's in a column of a kind, and whether it stays what it was.

SQLite, whose columns hold any value, calls these functions; the other databases are compared with them.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from functools import cache, lru_cache
from math import isfinite
from uuid import UUID

from merger.systems.canonical import text_of
from merger.systems.kinds import DYNAMIC, Kind
from merger.systems.times import BLANKS, read_time

DECIMAL = "-?(?:0|[1-9][0-9]*)(?:[.][0-9]*[1-9])?"
"""A number as it is written in canonical form (`-0` aside)."""
LONG = (
    "-?(?:0|[1-9][0-9]{0,17}|[1-8][0-9]{18}|"
    + "".join(
        "9223372036854775807"[:at] + f"[0-{int(digit) - 1}][0-9]{{{18 - at}}}|"
        for at, digit in enumerate("9223372036854775807")
        if at and digit != "0"
    )
    + "9223372036854775807)|-9223372036854775808"
)
"""A whole number of 64 bits, in canonical form: SQLite's columns of numbers hold it as one."""
FLOATING = (
    "-?(?:(?:0|[1-9][0-9]{0,16})(?:[.][0-9]{1,22})?"
    "|[1-9](?:[.][0-9]{1,17})?e(?:-0[5-9]|[+-][1-9][0-9]|[+-][12][0-9][0-9]))"
)
"""How a floating point number may be written in canonical form, within the range that all databases read."""
NUMBERLIKE = "[ \t\n\v\f\r]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?[ \t\n\v\f\r]*"
"""What SQLite takes for a number."""
TRUTH = "[01]"
UNIQUE = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{0,5}[1-9])?"
OFFSET_GIVEN = f"[{BLANKS}]*[0-9-]+[T ][0-9].*(?:Z|[+-][0-9:]+)[{BLANKS}]*"
LOUD_CONTROL = r"\\u00[01][A-F]"
"""A control character in a document, with a digit in capitals."""
PLACES = 30
"""Digits after the point that every database's decimals have room for."""
UTC_OFFSET = "+00:00"
_EXACTLY = Context(prec=100_000)
_MIDNIGHT = " 00:00:00"
_DECIMALS = (Kind.NUMBER, Kind.JSONB, Kind.NORMAL)
"""The kinds whose numbers are written without a power of ten."""
_TIMES = (Kind.TIME, Kind.MOMENT, Kind.DAY)


def canonical(value: object, kind: Kind, zone: str = "") -> str | None:
    """The canonical text of a value in a column of `kind`; None of None. Says nothing where `fits` does not.
    `zone`: of times that name none where `kind` is MOMENT, and of the clocks of TIME and DAY."""
    if value is None:
        return None
    if kind in _TIMES and isinstance(value, str | date):
        return _read(written(value), kind, zone)
    if kind in _DECIMALS and isinstance(value, float) and isfinite(value):
        exactly = Decimal(repr(value))
        return _normal(exactly) if kind is Kind.NORMAL else written(exactly)
    if kind is Kind.FLOAT and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return text_of(float(value))
    if kind is Kind.BYTES and isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    text = written(value)
    if isinstance(value, str):
        if kind is Kind.UUID:
            return text.lower()
        if kind is Kind.BYTES:
            return text.encode().hex()
        if kind is Kind.JSONB:
            return jsonb(text) or text
    if kind is Kind.NORMAL and fits(value, kind):
        return _normal(json.loads(text, parse_int=Decimal, parse_float=Decimal))
    return text


def fits(value: object, kind: Kind, zone: str = "") -> bool:
    """Whether a column of `kind` holds a value unaltered."""
    if value is None or kind is Kind.ANY:
        return True
    if isinstance(value, str):
        return _text_fits(value, kind, zone)
    return _FITS[_sort(value)](value, kind, zone)


def written(value: object) -> str:
    """The canonical text of a value as its own kind."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return _trimmed(moment.isoformat(" ")) + (UTC_OFFSET if value.tzinfo else "")
    if isinstance(value, time):
        return _trimmed(value.isoformat())
    if isinstance(value, Decimal):
        digits = f"{value:f}"
        short = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return "0" if short == "-0" else short
    return text_of(value)


@lru_cache(maxsize=1024)
def is_document(text: str) -> bool:
    """Whether a text is a JSON document that every database can read. Kept, since a row's document is asked
    about for each of its paths, one after the other: half of the demo's time went into reading it anew."""
    return jsonb(text) is not None


def jsonb(text: str) -> str | None:
    """A document as PostgreSQL's `jsonb` writes it; None for a text that is none."""
    try:
        return _jsonb(json.loads(text, parse_float=_decimal, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        return None


def _jsonb(value: object) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return "{" + ", ".join(f"{_jsonb(name)}: {_jsonb(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_jsonb, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        text.encode()
        if "\0" in value:
            raise ValueError
    return text


def _normal(value: object) -> str:
    """A document by what it says."""
    if isinstance(value, dict):
        names = sorted((_jsonb(name) for name in value), key=lambda name: name[1:-1].encode())
        known = {_jsonb(name): _normal(one) for name, one in value.items()}
        return "{" + ",".join(f"{name}:{known[name]}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_normal, value)) + "]"
    if not isinstance(value, Decimal):
        return _jsonb(value)
    sign, digits, power = value.normalize(_EXACTLY).as_tuple()
    first, *others = map(str, digits)
    if first == "0":
        return "0.0E0"
    return f"{'-' * sign}{first}.{''.join(others) or '0'}E{int(power) + len(others)}"


def _names_once(text: str) -> bool:
    """Whether no object of a document has two values by one name."""
    shared = False

    def look(pairs: list[tuple[str, object]]) -> None:
        nonlocal shared
        shared = shared or len({name for name, _ in pairs}) < len(pairs)

    json.loads(text, object_pairs_hook=look)
    return not shared


def _decimal(digits: str) -> Decimal:
    """Raises ValueError for a number whose power of ten has more than two digits."""
    if matches(".*[eE][+-]?[0-9]{3,}", digits):
        raise ValueError(digits)
    return Decimal(digits)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _trimmed(time_: str) -> str:
    return time_.rstrip("0") if "." in time_ else time_


def _read(text: str, kind: Kind, zone: str) -> str | None:
    read = read_time(text, "iso", zone or "UTC", "UTC" if kind is Kind.MOMENT else zone or "UTC")
    return read if read is None else read[:10] if kind is Kind.DAY else _trimmed(read)


def _time_fits(text: str, kind: Kind, zone: str) -> bool:
    read = read_time(text, "iso", zone or "UTC", "UTC" if kind is Kind.MOMENT else zone or "UTC")
    if read is None or (kind is Kind.DAY and not read.endswith(_MIDNIGHT)):
        return False
    return bool(zone) or matches(OFFSET_GIVEN, text) == (kind is Kind.MOMENT)


def _text_fits(text: str, kind: Kind, zone: str) -> bool:
    if kind in (Kind.TEXT, Kind.BYTES):
        return True
    if kind in (Kind.LOOSE, Kind.REAL):
        whole = kind is Kind.LOOSE and matches(LONG, text)
        return whole or not matches(NUMBERLIKE, text) or _text_fits(text, Kind.FLOAT, "")
    if kind is Kind.NUMBER:
        return matches(DECIMAL, text) and text != "-0"
    if kind is Kind.FLOAT:
        return matches(FLOATING, text) and text_of(float(text)) == text
    if kind in _TIMES:
        return _time_fits(text, kind, zone)
    if kind in (Kind.JSON, Kind.JSONB):
        return jsonb(text) is not None
    if kind is Kind.NORMAL:
        return jsonb(text) is not None and _names_once(text) and not re.search(LOUD_CONTROL, text)
    return matches({Kind.BOOL: TRUTH, Kind.UUID: UNIQUE, Kind.CLOCK: CLOCK}[kind], text)


def _float_fits(value: float, kind: Kind, _: str) -> bool:
    if kind is Kind.BOOL:
        return value in (0, 1)
    if kind in _DECIMALS:
        return isfinite(value) and abs(value) < 1e34 and _places(Decimal(repr(value))) <= PLACES
    return kind is Kind.TEXT or (kind in (Kind.FLOAT, Kind.JSON, *DYNAMIC) and isfinite(value))


def _places(number: Decimal) -> int:
    return -int(number.normalize().as_tuple().exponent)


def _number_fits(value: int | Decimal, kind: Kind, _: str) -> bool:
    text = written(value)
    if kind in (Kind.TEXT, Kind.JSON, *_DECIMALS):
        return kind is Kind.TEXT or not isinstance(value, Decimal) or value.is_finite()
    if kind is Kind.BOOL:
        return text in ("0", "1")
    if kind is Kind.LOOSE and matches(LONG, text):
        return True
    return kind in (Kind.FLOAT, Kind.LOOSE, Kind.REAL) and _text_fits(text, Kind.FLOAT, "")


def _day_fits(value: date, kind: Kind, zone: str) -> bool:
    if kind in (Kind.TEXT, *DYNAMIC):
        return True
    return kind in _TIMES and _time_fits(written(value), kind, zone)


_FITS: dict[str, Callable[..., bool]] = {
    "float": _float_fits,
    "number": _number_fits,
    "day": _day_fits,
    "bool": lambda _, kind, __: kind in (Kind.BOOL, Kind.NUMBER, Kind.FLOAT, Kind.TEXT, *DYNAMIC),
    "bytes": lambda _, kind, __: kind in (Kind.BYTES, *DYNAMIC),
    "uuid": lambda _, kind, __: kind in (Kind.UUID, Kind.TEXT, *DYNAMIC),
    "clock": lambda _, kind, __: kind in (Kind.CLOCK, Kind.TEXT, *DYNAMIC),
}


def _sort(value: object) -> str:
    sorts: tuple[tuple[str, type | tuple[type, ...]], ...] = (
        ("bool", bool), ("float", float), ("number", (int, Decimal)), ("day", date), ("uuid", UUID),
        ("clock", (time, timedelta)),
    )  # fmt: skip
    return next((name for name, types in sorts if isinstance(value, types)), "bytes")


def matches(pattern: str, text: str) -> bool:
    """Whether a whole text is of a pattern, line ends being characters like others."""
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
