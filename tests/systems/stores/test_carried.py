"""How values of other databases stand in their private copy, by SQLAlchemy's types; no server is asked."""

import sqlite3
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import mssql, mysql, oracle

from merger.systems.canonical import text_of
from merger.systems.kinds import Kind
from merger.systems.stores.carried import ANY, FLOATING, TEXT, WHOLE, asked, carried, declared, stored
from merger.systems.values import canonical, written

HERE = timezone(timedelta(hours=7))
SOME = UUID("388CC239-28C9-4F79-8A4B-A2C5A7FD3F1A")


def as_held(type_: Any, dialect: str) -> tuple[Kind, str] | None:
    kind = carried(type_, dialect)
    return None if kind is None else (kind, declared(type_, kind, dialect))


@pytest.mark.parametrize(
    ("type_", "held"),
    [
        (oracle.NUMBER(10, 0), (Kind.NUMBER, WHOLE)),
        (oracle.NUMBER(), (Kind.NUMBER, ANY)),
        (oracle.NUMBER(38, 0), (Kind.NUMBER, ANY)),
        (oracle.NUMBER(18, 2), (Kind.NUMBER, ANY)),
        (sa.INTEGER(), (Kind.NUMBER, ANY)),  # 38 digits
        (oracle.FLOAT(126), (Kind.NUMBER, ANY)),
        (oracle.BINARY_FLOAT(), (Kind.FLOAT, FLOATING)),
        (oracle.BINARY_DOUBLE(), (Kind.FLOAT, FLOATING)),
        (oracle.VARCHAR2(20), (Kind.TEXT, TEXT)),
        (oracle.NVARCHAR2(20), (Kind.TEXT, TEXT)),
        (sa.CHAR(3), (Kind.TEXT, TEXT)),
        (oracle.CLOB(), (Kind.TEXT, TEXT)),
        (oracle.NCLOB(), (Kind.TEXT, TEXT)),
        (oracle.LONG(), (Kind.TEXT, TEXT)),
        (oracle.DATE(), (Kind.TIME, TEXT)),
        (oracle.TIMESTAMP(), (Kind.TIME, TEXT)),
        (oracle.TIMESTAMP(timezone=True), (Kind.MOMENT, TEXT)),
        (oracle.TIMESTAMP(local_timezone=True), (Kind.MOMENT, TEXT)),
        (oracle.RAW(16), (Kind.BYTES, ANY)),
        (oracle.BLOB(), (Kind.BYTES, ANY)),
        (oracle.BFILE(), None),
        (oracle.ROWID(), None),
        (oracle.INTERVAL(), None),
        (oracle.JSON(), None),
        (sa.types.NULLTYPE, None),
    ],
)
def test_types_of_oracle(type_: Any, held: Any) -> None:
    assert as_held(type_, "oracle") == held


@pytest.mark.parametrize(
    ("type_", "held"),
    [
        (mssql.BIT(), (Kind.BOOL, WHOLE)),
        (mssql.TINYINT(), (Kind.NUMBER, WHOLE)),
        (sa.BIGINT(), (Kind.NUMBER, WHOLE)),
        (sa.DECIMAL(18, 4), (Kind.NUMBER, ANY)),
        (mssql.MONEY(), (Kind.NUMBER, ANY)),
        (mssql.SMALLMONEY(), (Kind.NUMBER, ANY)),
        (mssql.REAL(), (Kind.FLOAT, FLOATING)),
        (sa.FLOAT(53), (Kind.FLOAT, FLOATING)),
        (mssql.NVARCHAR(40), (Kind.TEXT, TEXT)),
        (mssql.NVARCHAR(), (Kind.TEXT, TEXT)),
        (mssql.NTEXT(), (Kind.TEXT, TEXT)),
        (mssql.XML(), (Kind.TEXT, TEXT)),
        (sa.DATE(), (Kind.DAY, TEXT)),
        (mssql.TIME(), (Kind.CLOCK, TEXT)),
        (mssql.DATETIME(), (Kind.TIME, TEXT)),
        (mssql.SMALLDATETIME(), (Kind.TIME, TEXT)),
        (mssql.DATETIME2(7), (Kind.TIME, TEXT)),
        (mssql.DATETIMEOFFSET(7), (Kind.MOMENT, TEXT)),
        (mssql.UNIQUEIDENTIFIER(), (Kind.UUID, TEXT)),
        (mssql.VARBINARY(), (Kind.BYTES, ANY)),
        (mssql.BINARY(16), (Kind.BYTES, ANY)),
        (mssql.IMAGE(), (Kind.BYTES, ANY)),
        (mssql.ROWVERSION(), (Kind.BYTES, ANY)),
        (mssql.SQL_VARIANT(), None),
        (sa.types.NULLTYPE, None),  # geography, hierarchyid
    ],
)
def test_types_of_sql_server(type_: Any, held: Any) -> None:
    assert as_held(type_, "mssql") == held


@pytest.mark.parametrize(
    ("type_", "held"),
    [
        (mysql.TINYINT(1), (Kind.NUMBER, WHOLE)),
        (mysql.BIGINT(), (Kind.NUMBER, WHOLE)),
        (mysql.BIGINT(unsigned=True), (Kind.NUMBER, ANY)),
        (mysql.BIT(1), (Kind.BOOL, WHOLE)),
        (mysql.BIT(64), (Kind.NUMBER, ANY)),
        (mysql.DOUBLE(), (Kind.FLOAT, FLOATING)),
        (mysql.ENUM("a", "b"), (Kind.TEXT, TEXT)),
        (mysql.SET("a", "b"), (Kind.TEXT, TEXT)),
        (mysql.TIMESTAMP(), (Kind.MOMENT, TEXT)),
        (mysql.DATETIME(), (Kind.TIME, TEXT)),
        (mysql.TIME(), (Kind.CLOCK, TEXT)),
        (mysql.JSON(), (Kind.JSON, TEXT)),
        (mysql.LONGBLOB(), (Kind.BYTES, ANY)),
    ],
)
def test_types_of_mysql(type_: Any, held: Any) -> None:
    assert as_held(type_, "mysql") == held


def test_oracle_is_asked_for_moments_in_utc_and_for_whole_digits() -> None:
    moment = asked("luc", Kind.MOMENT, "oracle").compile(dialect=oracle.dialect())
    assert str(moment) == "sys_extract_utc(luc)"
    assert isinstance(asked("so", Kind.NUMBER, "oracle").type, sa.Numeric)


def test_documents_are_asked_for_as_text_of_every_character() -> None:
    said = asked("tai_lieu", Kind.JSON, "mssql").compile(dialect=mssql.dialect(deprecate_large_types=True))
    assert str(said) == "CAST(tai_lieu AS NVARCHAR(max))"


@pytest.mark.parametrize(
    ("value", "kind", "held"),
    [
        (None, Kind.UUID, None),
        ("", Kind.TEXT, ""),
        (" a\0🙂 ", Kind.TEXT, " a\0🙂 "),
        ("0000-00-00 00:00:00", Kind.TIME, "0000-00-00 00:00:00"),
        ("7", Kind.JSON, "7"),
        (True, Kind.BOOL, 1),
        (b"\0", Kind.BOOL, 0),
        (b"\1\0", Kind.NUMBER, 256),
        (2**63 - 1, Kind.NUMBER, 2**63 - 1),
        (2**63, Kind.NUMBER, "9223372036854775808"),
        (-(2**63), Kind.NUMBER, -(2**63)),
        (Decimal("5.00"), Kind.NUMBER, 5),
        (Decimal("-0.00"), Kind.NUMBER, 0),
        (Decimal("1E+3"), Kind.NUMBER, 1000),
        (Decimal("123456789012345678.90"), Kind.NUMBER, "123456789012345678.9"),
        (Decimal("1E+30"), Kind.NUMBER, "1" + "0" * 30),
        (Decimal("NaN"), Kind.NUMBER, "NaN"),
        (float("nan"), Kind.FLOAT, "NaN"),
        (0.1, Kind.FLOAT, 0.1),
        (bytearray(b"\0\xff"), Kind.BYTES, b"\0\xff"),
        (memoryview(b""), Kind.BYTES, b""),
        (date(2025, 7, 1), Kind.DAY, "2025-07-01"),
        (datetime(2025, 7, 1, 8), Kind.TIME, "2025-07-01 08:00:00"),
        (datetime(2025, 7, 1, 8, 0, 0, 250000), Kind.TIME, "2025-07-01 08:00:00.25"),
        (datetime(2025, 7, 1, 8, tzinfo=HERE), Kind.MOMENT, "2025-07-01 01:00:00+00:00"),
        (time(8, 30), Kind.CLOCK, "08:30:00"),
        (timedelta(hours=8, minutes=30, microseconds=500000), Kind.CLOCK, "08:30:00.5"),
        (timedelta(hours=100), Kind.CLOCK, "100:00:00"),
        (-timedelta(hours=1), Kind.CLOCK, "-01:00:00"),
        (SOME, Kind.UUID, "388cc239-28c9-4f79-8a4b-a2c5a7fd3f1a"),
        ("388CC239-28C9-4F79-8A4B-A2C5A7FD3F1A", Kind.UUID, "388cc239-28c9-4f79-8a4b-a2c5a7fd3f1a"),
    ],
)
def test_a_value_stands_in_the_copy_as_its_canonical_text(value: Any, kind: Kind, held: Any) -> None:
    found = stored(value, kind, None)
    assert (found, type(found)) == (held, type(held))


def test_a_moment_that_names_no_zone_is_of_the_sessions_zone_or_refused() -> None:
    moment = datetime(2025, 7, 1, 8)
    assert stored(moment, Kind.MOMENT, UTC) == "2025-07-01 08:00:00+00:00"
    with pytest.raises(TypeError, match="datetime"):
        stored(moment, Kind.MOMENT, None)


@pytest.mark.parametrize("value", [{"a": 1}, [1], timedelta(days=1), object()])
def test_what_stands_for_no_value_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        stored(value, Kind.TEXT, None)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.tuples(st.just(sa.Numeric(38, 10)), st.decimals(-(10**27), 10**27, places=10, allow_nan=False)),
        st.tuples(st.just(sa.Numeric(18, 0)), st.integers(-(10**18) + 1, 10**18 - 1).map(Decimal)),
        st.tuples(st.just(sa.BIGINT()), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just(mysql.BIGINT(unsigned=True)), st.integers(0, 2**64 - 1)),
        st.tuples(st.just(sa.Double()), st.floats(allow_nan=False)),
        st.tuples(st.just(sa.Text()), st.text(st.characters(exclude_categories=["Cs"]))),
        st.tuples(st.just(sa.LargeBinary()), st.binary()),
        st.tuples(st.just(sa.DateTime()), st.datetimes()),
        st.tuples(st.just(sa.DateTime(timezone=True)), st.datetimes(timezones=st.just(UTC))),
        st.tuples(st.just(sa.Date()), st.dates()),
        st.tuples(st.just(sa.Uuid()), st.uuids()),
    )
)
def test_whatever_a_column_holds_has_the_same_canonical_text_in_the_copy(given: tuple[Any, Any]) -> None:
    type_, value = given
    kind = carried(type_, "mysql")
    assert kind is not None
    with sqlite3.connect(":memory:") as copy:
        copy.execute(f"CREATE TABLE t (v {declared(type_, kind, 'mysql')})")
        copy.execute("INSERT INTO t VALUES (?)", (stored(value, kind, None),))
        ((found,),) = copy.execute("SELECT v FROM t")
    copy.close()
    assert canonical(found, Kind.TEXT) == canonical(value, Kind.TEXT)
    assert text_of(found) == written(value)
    assert canonical(found, kind) == canonical(value, kind)
