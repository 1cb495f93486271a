"""What a column holds, whatever its database calls it.

Two columns of one kind hold the same values and write them alike (docs/canonical-form.md); what a value of
one kind becomes in a column of another is said by `merger.systems.functions.canonical`.
"""

from collections.abc import Callable
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine


class Kind(StrEnum):
    """What a column holds.

    TEXT    text. NUMBER: integers and exact decimals. FLOAT: floating point of 64 bits
    TIME    day and time without a zone. MOMENT: with one, written in UTC. DAY: a day. CLOCK: a time of day
    BOOL    true and false. BYTES: binary. UUID
    JSON    the text of a document, kept as it is. JSONB: a document that the database writes in its own way
    NORMAL  such a document of rows from MariaDB, written by what it says
    LOOSE   what a column of numbers holds in SQLite: numbers as numbers, anything else as it is
    REAL    the same of a column of floating point numbers: whole numbers become such, too
    ANY     any value, as it is
    """

    TEXT = "text"
    NUMBER = "number"
    FLOAT = "float"
    TIME = "time"
    MOMENT = "moment"
    DAY = "day"
    CLOCK = "clock"
    BOOL = "bool"
    BYTES = "bytes"
    JSON = "json"
    JSONB = "jsonb"
    NORMAL = "normal"
    UUID = "uuid"
    LOOSE = "loose"
    REAL = "real"
    ANY = "any"


DYNAMIC = frozenset({Kind.ANY, Kind.LOOSE, Kind.REAL})
"""The kinds of columns that leave it to each value what it is."""
TIMES = frozenset({Kind.TIME, Kind.MOMENT, Kind.DAY})
"""The kinds whose values are days, with a time or without."""
WRITTEN = frozenset({Kind.TEXT, Kind.JSON, Kind.JSONB, *DYNAMIC})
"""The kinds whose values stand for themselves when they are text."""


def kind_of(type_: TypeEngine[object], dialect: str) -> Kind:
    """The kind of a column by its reflected type. SQLite binds no column to its declared type; there the
    kind says only what the column does to values (sqlite.org/datatype3.html, 3.1)."""
    own = _OWN.get(dialect)
    return (own and own(type_)) or _of_any(type_)


def _of_any(type_: TypeEngine[object]) -> Kind:
    if isinstance(type_, sa.DateTime):
        return Kind.MOMENT if type_.timezone else Kind.TIME
    if isinstance(type_, sa.Time):
        return Kind.TEXT if type_.timezone else Kind.CLOCK
    return next((kind for types, kind in _KINDS if isinstance(type_, types)), Kind.TEXT)


_KINDS: tuple[tuple[tuple[type, ...], Kind], ...] = (
    ((sa.JSON,), Kind.JSON),
    ((sa.Boolean,), Kind.BOOL),
    ((sa.Float,), Kind.FLOAT),
    ((sa.Integer, sa.Numeric), Kind.NUMBER),
    ((sa.Date,), Kind.DAY),
    ((sa.Uuid,), Kind.UUID),
    ((sa.LargeBinary, sa.BINARY, sa.VARBINARY), Kind.BYTES),
)


def _of_postgresql(type_: TypeEngine[object]) -> Kind | None:
    from sqlalchemy.dialects import postgresql

    if isinstance(type_, postgresql.JSONB):
        return Kind.JSONB
    return Kind.TEXT if isinstance(type_, postgresql.BIT) else None


def _of_mariadb(type_: TypeEngine[object]) -> Kind | None:
    from sqlalchemy.dialects import mysql

    if isinstance(type_, mysql.BIT):
        return Kind.BOOL if type_.length in (None, 1) else Kind.NUMBER
    if isinstance(type_, mysql.TIMESTAMP):
        return Kind.MOMENT
    if isinstance(type_, mysql.YEAR):
        return Kind.NUMBER
    blobs = (mysql.TINYBLOB, mysql.MEDIUMBLOB, mysql.LONGBLOB)
    return Kind.BYTES if isinstance(type_, blobs) else None


def _of_oracle(type_: TypeEngine[object]) -> Kind | None:
    from sqlalchemy.dialects import oracle

    if isinstance(type_, sa.Float) and not isinstance(type_, oracle.BINARY_FLOAT | oracle.BINARY_DOUBLE):
        return Kind.NUMBER  # digits, whatever it is called
    if isinstance(type_, oracle.TIMESTAMP) and type_.local_timezone:
        return Kind.MOMENT
    return Kind.BYTES if isinstance(type_, oracle.RAW) else None


def _of_mssql(type_: TypeEngine[object]) -> Kind | None:
    from sqlalchemy.dialects import mssql

    if isinstance(type_, mssql.MONEY | mssql.SMALLMONEY):
        return Kind.NUMBER
    if isinstance(type_, mssql.DATETIMEOFFSET):
        return Kind.MOMENT
    return Kind.BYTES if isinstance(type_, mssql.TIMESTAMP) else None


def _of_sqlite(type_: TypeEngine[object]) -> Kind | None:
    words = "" if isinstance(type_, sa.types.NullType) else str(type_).upper()
    if "INT" in words:
        return Kind.LOOSE
    if any(one in words for one in ("CHAR", "CLOB", "TEXT")):
        return Kind.TEXT
    if not words or "BLOB" in words:
        return Kind.ANY
    return Kind.REAL if any(one in words for one in ("REAL", "FLOA", "DOUB")) else Kind.LOOSE


_OWN: dict[str, Callable[[TypeEngine[object]], Kind | None]] = {
    "postgresql": _of_postgresql, "mariadb": _of_mariadb, "mysql": _of_mariadb, "sqlite": _of_sqlite,
    "oracle": _of_oracle, "mssql": _of_mssql,
}  # fmt: skip
"""What the types that a database alone has stand for."""
