"""What MariaDB says of a table's columns and keys in `information_schema`.

SQLAlchemy reads `SHOW CREATE TABLE`, which an account with SELECT alone may not ask of a view, and which it
misreads where a name holds a backquote.

Source: mariadb.com/kb/en/information-schema-columns-table and -statistics-table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from merger.systems.column_kinds import kind_of
from merger.systems.letters import FAR, lacking
from merger.systems.limits import limits_of
from merger.systems.stores.columns import Column
from merger.systems.widths import width_of

_COLUMNS = sa.text(
    "SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS declared, IS_NULLABLE = 'YES' AS nullable,"
    " COLUMN_DEFAULT AS given, CHARACTER_MAXIMUM_LENGTH AS length, CHARACTER_SET_NAME AS letters,"
    " NUMERIC_PRECISION AS digits, NUMERIC_SCALE AS places, DATETIME_PRECISION AS fraction,"
    " COALESCE(GENERATION_EXPRESSION, '') <> '' AS made, EXTRA LIKE '%on update%' AS stamped"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table"
    " ORDER BY ORDINAL_POSITION"
)
_KEYS = sa.text(
    "SELECT INDEX_NAME AS name, COLUMN_NAME AS part FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table AND NOT NON_UNIQUE"
    " ORDER BY INDEX_NAME, SEQ_IN_INDEX"
)
_REFERRING = sa.text(
    "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE"
    " WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE()"
    " AND REFERENCED_TABLE_NAME = :table AND REFERENCED_COLUMN_NAME = :column"
)
_BYTES = sa.text("SELECT MAXLEN FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME = :name")
_WHOLE = frozenset({None, "utf8mb4", "utf16", "utf16le", "utf32"})
"""The character sets that have all characters."""
PRIMARY = "PRIMARY"


class Listed(mysql.VARCHAR):
    """The texts of an ENUM or a SET. It is sorted by the numbers of its members, and compared as text."""

    listed = True


_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "inet4", "inet6"})
_PLACES = frozenset(
    {
        "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
        "geometrycollection",
    }
)  # fmt: skip
"""Places on the map: MariaDB takes and gives them as bytes."""


def columns_in(connection: sa.Connection, table: str) -> list[Column]:
    """The columns of a table or view of the connection's database, in their order."""
    found = connection.execute(_COLUMNS, {"table": table}).all()
    unwritable = {one: _lacking(connection, one) for one in {each.letters for each in found} - _WHOLE}
    return [
        Column(
            one.name, type_, one.declared, kind, width_of(one.declared), bool(one.nullable),
            None if one.given == "NULL" else one.given, bool(one.made), bool(one.stamped),
            replace(limits_of(one.declared, kind, "mariadb"), lacking=unwritable.get(one.letters, "")),
        )
        for one in found
        for type_ in [_type(one, connection.dialect)]
        for kind in [kind_of(type_, "mariadb")]
    ]  # fmt: skip


def _lacking(connection: sa.Connection, letters: str) -> str:
    """What a character set lacks. The server itself tells the characters of one that takes a byte each; of
    others that have not all characters, but for Unicode's, this is not known."""
    if letters in ("utf8mb3", "utf8", "ucs2"):
        return FAR
    if connection.execute(_BYTES, {"name": letters}).scalar() != 1:
        return ""
    every = bytes(range(256)).hex()
    known = f"SELECT CONVERT(CONVERT(x'{every}' USING {letters}) USING utf8mb4)"
    return lacking(set(connection.exec_driver_sql(known).scalar_one()))


def keys_in(connection: sa.Connection, table: str) -> dict[str, tuple[str, ...]]:
    """The columns of a table's unique indexes, by their names; the primary key's is `PRIMARY`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, part in connection.execute(_KEYS, {"table": table}):
        found[name] = (*found.get(name, ()), part)
    return found


def referring_in(connection: sa.Connection, table: str, column: str) -> set[tuple[str, str]]:
    """The tables and their columns that refer to a column of a table by a foreign key."""
    found = connection.execute(_REFERRING, {"table": table, "column": column})
    return {(other, own) for other, own in found}


def _type(column: sa.Row[Any], dialect: sa.Dialect) -> TypeEngine[Any]:
    name = column.type
    if name in ("enum", "set"):
        return Listed(column.length, charset=column.letters)
    if name in _TEXTS:
        return mysql.VARCHAR(column.length, charset=column.letters)
    if name in _PLACES:
        return mysql.LONGBLOB()
    if name == "bit":
        return mysql.BIT(column.digits)
    if name == "decimal":
        return mysql.DECIMAL(column.digits, column.places)
    if name == "datetime":
        return mysql.DATETIME(fsp=column.fraction)
    if name == "timestamp":
        return mysql.TIMESTAMP(fsp=column.fraction)
    if name == "time":
        return mysql.TIME(fsp=column.fraction)
    if "unsigned" in column.declared and name.endswith("int"):
        return mysql.BIGINT(unsigned=True)
    known: dict[str, type[TypeEngine[Any]]] = dialect.ischema_names  # type: ignore[attr-defined]
    found: TypeEngine[Any] = known.get(name, sa.types.NullType)()
    return found
