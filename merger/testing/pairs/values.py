"""Values that databases, drivers and bulk loaders are known to spoil."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from unicodedata import normalize
from uuid import UUID

HERE = timezone(timedelta(hours=7))

TEXTS: tuple[str | None, ...] = (
    "ghi chú", None, "", " ", "🙂 👨‍👩‍👧 𠀀", "C:\\temp\\n", "\\N", "\\.",
    "a\tb\nc\r\nd", 'nói "vâng"', "it's",
    normalize("NFC", "Hòa Lạc"), normalize("NFD", "Hòa Lạc"), "Hoà Lạc", "hòa lạc ", "NULL", "{1,2}",
    "a,b;c|d",
    "%s :name ?", "\u00a0\u200b\ufeff", "0", "012", "1e3", "true", "\x01\x7f", "x" * 3000,
)  # fmt: skip
AMOUNTS = tuple(None if one is None else Decimal(one) for one in (
    "12.50", None, "0.00", "-0.10", "100.00", "9999999999.99", "-1.00", "1000000.00",
))  # fmt: skip
LARGE = tuple(None if one is None else Decimal(one) for one in (
    "123456789012345678.900000", "0.000001", None, "-999999999999999999.999999", "10.000000", "0.000000",
))  # fmt: skip
FLOATS: tuple[float | None, ...] = (0.1, None, 1 / 3, 1e-7, 1e21, -2.5, 0.0, 12.0, 123456.789)
BIG: tuple[int | None, ...] = (2**63 - 1, -(2**63), None, 0, -1, 2**53 + 1)
TIMES = (
    datetime(2025, 5, 5, 8, 0, 0), datetime(2025, 5, 5, 0, 0, 0), datetime(2025, 6, 30, 23, 59, 59, 999999),
    datetime(2025, 5, 5, 8, 0, 0, 250000), datetime(2024, 2, 29, 12, 0, 0, 1),
)  # fmt: skip
MOMENTS = (
    datetime(2025, 5, 5, 8, 0, 0, tzinfo=HERE), None, datetime(2025, 5, 5, 20, 0, 0, tzinfo=UTC),
    datetime(2025, 6, 30, 17, 0, 0, 500000, tzinfo=UTC), datetime(2025, 1, 1, 0, 0, 0, 1, tzinfo=HERE),
)  # fmt: skip
BYTES: tuple[bytes | None, ...] = (
    bytes(range(256)), None, b"", b"\0", b"\\x00", b"\xff\xfe\xfd", b"text", bytes(range(256)) * 400,
)  # fmt: skip
FLAGS = (True, False, None)
DOCUMENTS: tuple[object, ...] = (
    {"a": 1, "b": [1, 2.5, "ba", None, True]}, None, {}, [], {"Hòa": "Hoà 🙂", "quote": 'a "b" \\ c'},
    {"z": {"y": {"x": [[]]}}, "a": ""}, "text", 7,
)  # fmt: skip


def uuid(number: int, system: int = 1) -> UUID:
    """A UUID of its own for every number of every system; numbers that follow on lie far apart."""
    return UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835 + system) % 2**128)
