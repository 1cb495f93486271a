"""The kinds of columns that the made-up systems have: how each database declares, takes and gives them.

A value is written once, as the Python object that it is, whatever the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from json import dumps, loads
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

POSTGRESQL, MARIADB, SQLITE, DUCKDB = "postgresql", "mariadb", "sqlite", "duckdb"
DIALECTS = (POSTGRESQL, MARIADB, SQLITE)
"""The databases that are source and target. DuckDB stands for the others, which are copied to be read."""
FILES = {SQLITE: ".db", DUCKDB: ".duckdb"}
"""The databases that are files, and how their names end."""
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone of the profiles, by whose clocks times without a zone are told."""

Native = str | int | float | bytes | bool | None


@dataclass(frozen=True)
class Kind:
    """One kind of column, as each database declares it. `take`: what a dialect's driver is given for a value;
    `give`: the value again, of what any driver answers."""

    postgresql: str
    mariadb: str
    sqlite: str
    duckdb: str
    take: Callable[[Any, str], Native]
    give: Callable[[Any], Any]

    def declared(self, dialect: str) -> str:
        """The type as products declare it in this database."""
        types = {
            POSTGRESQL: self.postgresql, MARIADB: self.mariadb, SQLITE: self.sqlite, DUCKDB: self.duckdb,
        }  # fmt: skip
        return types[dialect]


def _same(value: Any, _dialect: str) -> Native:
    native: Native = value
    return native


def _written(value: Any, _dialect: str) -> Native:
    return str(value)


def _number(value: Decimal, dialect: str) -> Native:
    """SQLite keeps what a program calculated with: a floating point number."""
    return float(value) if dialect == SQLITE else str(value)


def _plain(value: Decimal, dialect: str) -> Native:
    """SQLite keeps large amounts as text, which has no scale of its own."""
    return f"{value.normalize():f}" if dialect == SQLITE else str(value)


def _flag(value: bool, dialect: str) -> Native:
    return value if dialect in (POSTGRESQL, DUCKDB) else int(value)


def _time(value: datetime, _dialect: str) -> Native:
    return value.isoformat(" ")


def _moment(value: datetime, dialect: str) -> Native:
    """MariaDB's clock is set to UTC where rows are written."""
    if dialect == MARIADB:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value.isoformat()


def _json(value: Any, _dialect: str) -> Native:
    return dumps(value, ensure_ascii=False)


def _to_time(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo is None else found.astimezone(ZONE).replace(tzinfo=None)


def _to_moment(value: Any) -> datetime:
    """A database without zones holds what the clocks of `ZONE` showed."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (found if found.tzinfo else found.replace(tzinfo=ZONE)).astimezone(UTC)


def _to_day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _to_json(value: Any) -> Any:
    return loads(str(value))  # SQLite takes a document that is a number for one


def _to_number(value: Any) -> Decimal:
    return Decimal(str(value)).normalize()


def _text(postgresql: str, mariadb: str, sqlite: str) -> Kind:
    return Kind(postgresql, mariadb, sqlite, "VARCHAR", _same, lambda value: value)


def text(width: int) -> Kind:
    """Text of at most `width` characters, in MariaDB under its everyday collation."""
    collation = "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    return _text(f"varchar({width})", f"VARCHAR({width}) {collation}", f"VARCHAR({width})")


CODE = text(40)
NAME = text(200)
LONG = _text("text", "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "TEXT")
INTEGER = Kind("integer", "INT", "INTEGER", "INTEGER", _same, int)
BIG = Kind("bigint", "BIGINT", "BIGINT", "BIGINT", _same, int)
AMOUNT = Kind("numeric(18,2)", "DECIMAL(18,2)", "DECIMAL(18,2)", "DECIMAL(18,2)", _number, _to_number)
LARGE = Kind("numeric(24,6)", "DECIMAL(24,6)", "TEXT", "DECIMAL(24,6)", _plain, _to_number)
FLOAT = Kind("double precision", "DOUBLE", "REAL", "DOUBLE", _same, float)
FLAG = Kind("boolean", "TINYINT(1)", "BOOLEAN", "BOOLEAN", _flag, bool)
DAY = Kind("date", "DATE", "DATE", "DATE", _written, _to_day)
TIME = Kind("timestamp", "DATETIME(6)", "DATETIME", "TIMESTAMP", _time, _to_time)
MOMENT = Kind("timestamptz", "TIMESTAMP(6) NULL", "TEXT", "TIMESTAMPTZ", _moment, _to_moment)
BYTES = Kind("bytea", "LONGBLOB", "BLOB", "BLOB", _same, bytes)
JSON = Kind("jsonb", "JSON", "JSON", "JSON", _json, _to_json)
UUID_ = Kind(
    "uuid", "CHAR(36)", "TEXT", "UUID", _written, lambda value: value if type(value) is UUID else UUID(value)
)
