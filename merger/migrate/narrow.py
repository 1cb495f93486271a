"""Values of the right kind that have no room in the target's column: longer texts, larger numbers, more
decimals. The database would refuse their batch, or round them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from merger.systems.functions import canonical
from merger.systems.kinds import Kind

if TYPE_CHECKING:
    from merger.systems.expressions import Column, Typed
    from merger.systems.stores import Column as Reflected
    from merger.systems.stores import Store

Type: TypeAlias = sa.types.TypeEngine[Any]
_BYTES = {sa.SmallInteger: 2, sa.BigInteger: 8, sa.Integer: 4}
"""The bytes of whole numbers by their types, a type before the one that it is of."""


def too_narrow(store: Store, value: Typed, column: Reflected, zone: str) -> Column | None:
    """When a value of the source has no room in a column of the target; None where that cannot be, or where
    the column takes what it declares no room for (`Column.strict`)."""
    if not column.strict:
        return None
    if column.kind is Kind.TEXT:
        return _too_long(store, value, column, zone)
    numbers = (Kind.NUMBER, Kind.FLOAT) if store.dialect == "postgresql" else (Kind.NUMBER,)
    if column.kind is Kind.NUMBER and value.kind in numbers:
        return _too_large(value, column)
    return None


def _too_long(store: Store, value: Typed, column: Reflected, zone: str) -> Column | None:
    room = getattr(column.type, "length", None)
    given = getattr(value.sql.type, "length", None) if isinstance(value.sql, sa.ColumnClause) else None
    if room is None or (value.kind is Kind.TEXT and given is not None and given <= room):
        return None
    count = sa.func.length if store.dialect == "sqlite" else sa.func.char_length
    longer: Column = count(canonical(value.sql, column.kind, value.kind, zone)) > room
    return longer


def _too_large(value: Typed, column: Reflected) -> Column | None:
    type_: Type = column.type
    given: Type = value.sql.type
    if isinstance(type_, sa.Integer):
        size = _size(type_)
        if isinstance(given, sa.Integer) and _size(given) <= size and value.kind is Kind.NUMBER:
            return None
        places, high = 0, 2 ** (8 * size - 1)
    elif isinstance(type_, sa.Numeric) and type_.precision is not None:
        places = type_.scale or 0
        high = 10 ** (type_.precision - places)
        if isinstance(given, sa.Numeric) and (given.precision, given.scale) == (type_.precision, type_.scale):
            return None
    else:
        return None
    number = sa.cast(value.sql, sa.Numeric) if value.kind is Kind.FLOAT else value.sql
    bound: Column = sa.literal_column(str(high))
    broken = sa.or_(number >= bound, number < -bound)
    return (
        broken if isinstance(given, sa.Integer) else sa.or_(broken, number != sa.func.round(number, places))
    )


def _size(type_: Type) -> int:
    return next(size for one, size in _BYTES.items() if isinstance(type_, one))
