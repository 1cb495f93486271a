"""How SQLite holds the values of a database of another kind: the canonical text stays the same.

A value that SQLite has no type of its own for is written as its canonical text (docs/canonical-form.md), and
its column is declared so that SQLite leaves it as it is: exact decimals never become floating point.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from math import isnan
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from merger.systems.column_kinds import kind_of
from merger.systems.kinds import Kind
from merger.systems.values import written

Stored = int | float | str | bytes | None
WHOLE, FLOATING, TEXT, ANY = "INTEGER", "REAL", "TEXT", ""
"""The declared types of a copy's columns. ANY leaves every value as it is."""
TYPES: dict[str, TypeEngine[Any]] = {
    WHOLE: sa.BigInteger(), FLOATING: sa.REAL(), TEXT: sa.Text(), ANY: sa.types.NULLTYPE,
}  # fmt: skip
"""The same for SQLAlchemy."""
_DIGITS = 18
"""So many digits every integer of 64 bits has."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


def carried(type_: TypeEngine[Any], dialect: str) -> Kind | None:
    """The kind of a column of another database; None for one whose values cannot be carried."""
    kind = kind_of(type_, dialect)
    if kind is Kind.TEXT:  # what `kind_of` takes for everything else, too
        return kind if isinstance(type_, sa.String | sa.Time) else None
    if dialect == "oracle":
        from sqlalchemy.dialects import oracle

        # a file of the server's; and documents, which the driver takes to pieces
        return None if isinstance(type_, oracle.BFILE | sa.JSON) else kind
    return kind


def declared(type_: TypeEngine[Any], kind: Kind, dialect: str) -> str:
    """How a copy declares the column."""
    if kind is Kind.BOOL or (kind is Kind.NUMBER and _whole(type_, dialect)):
        return WHOLE
    if kind in (Kind.NUMBER, Kind.BYTES):
        return ANY
    return FLOATING if kind is Kind.FLOAT else TEXT


def asked(name: str, kind: Kind, dialect: str) -> sa.ColumnElement[Any]:
    """What is selected of a column, so that the driver gives it whole."""
    column: sa.ColumnElement[Any] = sa.column(name)
    if kind is Kind.JSON:  # drivers give text as text, and documents taken to pieces
        return sa.cast(column, sa.UnicodeText).label(name)
    if dialect == "oracle" and kind is Kind.MOMENT:  # whose driver leaves the zone away
        return sa.func.sys_extract_utc(column).label(name)
    if dialect == "oracle" and kind is Kind.NUMBER:  # whose driver makes numbers floating point
        return sa.column(name, sa.Numeric(asdecimal=True))
    return column


def stored(value: object, kind: Kind, zone: tzinfo | None) -> Stored:
    """A driver's value as the copy holds it. `zone`: of moments that come without one, where that is known.

    Raises TypeError for an object that stands for no value of the kind.
    """
    if value is None or (isinstance(value, str) and kind is not Kind.UUID):
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value if _LEAST <= value <= _MOST else str(value)
    if isinstance(value, float):
        return "NaN" if isnan(value) else value  # SQLite takes NaN for NULL
    if isinstance(value, Decimal):
        text = written(value)
        whole = value.is_finite() and "." not in text and _LEAST <= int(text) <= _MOST
        return int(text) if whole else text
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value) if kind is Kind.BYTES else int.from_bytes(bytes(value))  # MySQL's bits
    if isinstance(value, datetime) and kind is Kind.MOMENT and value.tzinfo is None:
        if zone is None:
            raise TypeError("datetime")
        return written(value.replace(tzinfo=zone))
    if isinstance(value, date | time):
        return written(value)
    if isinstance(value, timedelta) and kind is Kind.CLOCK:
        return _clock(value)
    if isinstance(value, UUID | str):
        return str(value).lower()
    raise TypeError(type(value).__name__)


def _whole(type_: TypeEngine[Any], dialect: str) -> bool:
    """Whether a column holds integers of 64 bits and nothing else. Other databases' own integers may be
    longer, as Oracle's INTEGER is."""
    if isinstance(type_, sa.Numeric):
        return type_.scale == 0 and type_.precision is not None and type_.precision <= _DIGITS
    known = type(type_).__module__.startswith("sqlalchemy.") and dialect != "oracle"
    return known and isinstance(type_, sa.Integer) and not getattr(type_, "unsigned", False)


def _clock(value: timedelta) -> str:
    """A time of day, or a span as MySQL writes it."""
    sign, span = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(span.days * 86400 + span.seconds, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{fraction}"
