"""The kinds of columns, by the types that SQLAlchemy finds them to have."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from merger.systems.kinds import Kind


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
