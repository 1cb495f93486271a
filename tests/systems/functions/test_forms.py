import re
import struct
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merger.systems import values
from merger.systems.column_kinds import kind_of
from merger.systems.functions import canonical, text_of_key, unfit
from merger.systems.kinds import Kind
from tests.systems.functions import traps
from tests.systems.functions.conftest import Asked

VN = "Asia/Ho_Chi_Minh"
QUICK = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DECLARED = {
    "sqlite-number": (Kind.ANY, {"sqlite": "blob"}, [*traps.INTEGERS, *traps.FLOATS, b"\0\xff"]),
    "whole": (Kind.NUMBER, {"postgresql": "bigint", "mariadb": "bigint"}, traps.INTEGERS),
    "unsigned": (Kind.NUMBER, {"mariadb": "bigint unsigned zerofill"}, [2**64 - 1, 0]),
    "decimal": (Kind.NUMBER, {"postgresql": "numeric(40,10)", "mariadb": "decimal(40,10)"}, traps.DECIMALS),
    "float": (Kind.FLOAT, {"postgresql": "float8", "mariadb": "double"}, traps.FLOATS),
    "time": (Kind.TIME, {"postgresql": "timestamp", "mariadb": "datetime(6)"}, traps.TIMES),
    "moment": (Kind.MOMENT, {"postgresql": "timestamptz", "mariadb": "timestamp(6)"}, traps.MOMENTS),
    "day": (Kind.DAY, {"postgresql": "date", "mariadb": "date"}, traps.DAYS),
    "clock": (Kind.CLOCK, {"postgresql": "time", "mariadb": "time(6)"}, traps.CLOCKS),
    "bool": (Kind.BOOL, {"postgresql": "boolean", "mariadb": "bit(1)"}, [True, False]),
    "bytes": (Kind.BYTES, {"postgresql": "bytea", "mariadb": "longblob"}, traps.BYTES),
    "unique": (Kind.UUID, {"postgresql": "uuid", "mariadb": "uuid"}, traps.UNIQUE),
}  # fmt: skip


def check(asked: Asked, table: sa.Table, given_: Sequence[object], of: Kind, kind: Kind, zone: str) -> None:
    bad = unfit(table.c.v, kind, of, zone)
    found = asked.ask(table, canonical(table.c.v, kind, of, zone), sa.false() if bad is None else bad)
    for value, (text, misfit) in zip(given_, found, strict=True):
        about = f"{asked.dialect}: {value!r} of {of} as {kind} in {zone}"
        assert bool(misfit) != values.fits(value, kind, zone), about
        if not misfit:
            assert text == values.canonical(value, kind, zone), about


@pytest.mark.parametrize("zone", ["", VN])
def test_a_text_becomes_in_every_kind_of_column_what_the_reference_says(asked: Asked, zone: str) -> None:
    table = asked.table(traps.TEXTS)
    for kind in Kind:
        if kind is not (Kind.JSONB if asked.dialect == "mariadb" else Kind.NORMAL):
            check(asked, table, traps.TEXTS, Kind.TEXT, kind, zone)


def test_mariadb_holds_back_documents_that_would_be_written_otherwise(three: list[Asked]) -> None:
    mariadb = three[2]
    table = mariadb.table(["{}", None])
    bad = unfit(table.c.v, Kind.JSONB, Kind.TEXT)
    assert bad is not None
    assert mariadb.ask(table, bad) == [(1,), (0,)]


def test_a_value_becomes_in_every_kind_of_column_what_the_reference_says(asked: Asked) -> None:
    for of, declared, some in DECLARED.values():
        if asked.dialect in declared:
            given_ = [*some, None]
            table = asked.table([loaded(asked, one) for one in given_], declared[asked.dialect])
            assert kind_of(table.c.v.type, asked.dialect) is of
            for kind in Kind:
                if kind is not Kind.JSONB:
                    for zone in ("", VN):
                        check(asked, table, given_, of, kind, zone)


def loaded(asked: Asked, value: object) -> object:
    if isinstance(value, float) and asked.dialect == "mariadb":
        return repr(value)
    if isinstance(value, datetime) and asked.dialect == "mariadb":
        return value.replace(tzinfo=None)
    return value if isinstance(value, int | float | bytes | bool | Decimal | date | None) else str(value)


FLOATS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", bits.to_bytes(8, "little"))[0])
EDGES = st.one_of(
    FLOATS, st.floats(-1e18, 1e18), st.integers(-(2**62), 2**62).map(float),
    st.builds(lambda number, places: number / 10**places, st.integers(-(10**17), 10**17), st.integers(0, 22)),
).map(lambda one: one if 1e-300 < abs(one) < 1.7e308 else 0.5)  # fmt: skip


@QUICK
@given(st.lists(EDGES, min_size=20, max_size=60))
def test_every_database_writes_floating_point_numbers_alike(three: list[Asked], found: list[float]) -> None:
    for asked in three:
        kind = {"sqlite": "real", "postgresql": "float8", "mariadb": "double"}[asked.dialect]
        table = asked.table([loaded(asked, one) for one in found], kind)
        for to in (Kind.FLOAT, Kind.NUMBER):
            check(asked, table, found, Kind.FLOAT, to, "")


@QUICK
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")), min_size=9))
def test_every_database_keeps_text_as_it_is(three: list[Asked], found: list[str]) -> None:
    for asked in three:
        for kind in (Kind.TEXT, Kind.NUMBER, Kind.TIME):
            check(asked, asked.table(found), found, Kind.TEXT, kind, VN)


SHAPES = st.from_regex(
    re.compile(r"\s?[0-9]{1,4}[-/]?[0-3]?[0-9][-/]?[0-3]?[0-9]{1,3}"
               r"([ T][0-2]?[0-9](:?[0-6][0-9]){0,2}[.]?[0-9]{0,7}(Z|[+-][0-2][0-9]:?[0-6]?[0-9]?)?)?",
               re.ASCII),
    fullmatch=True,
)  # fmt: skip
WRITTEN = st.datetimes(datetime(1, 1, 1)).map(str)


@QUICK
@given(st.lists(st.one_of(SHAPES, WRITTEN), min_size=30, max_size=60))
def test_every_database_reads_times_alike(three: list[Asked], found: list[str]) -> None:
    for asked in three:
        for kind in (Kind.TIME, Kind.MOMENT, Kind.DAY):
            check(asked, asked.table(found), found, Kind.TEXT, kind, "Europe/Paris")


def test_what_no_other_database_holds_is_unfit() -> None:
    assert not values.fits(float("nan"), Kind.FLOAT)
    assert not values.fits(Decimal("NaN"), Kind.NUMBER)


@pytest.mark.parametrize(
    ("declared", "of", "value"),
    [
        ("float8", Kind.FLOAT, "NaN"), ("float8", Kind.FLOAT, "-Infinity"), ("numeric", Kind.NUMBER, "NaN"),
        ("timestamp", Kind.TIME, "infinity"), ("timestamptz", Kind.MOMENT, "-infinity"),
        ("date", Kind.DAY, "infinity"), ("date", Kind.DAY, "10000-01-01"),
        ("date", Kind.DAY, "0044-03-15 BC"),
    ],
)  # fmt: skip
def test_values_that_only_postgresql_knows_are_unfit(
    three: list[Asked], declared: str, of: Kind, value: str
) -> None:
    table = three[1].table([value, None], declared)
    bad = unfit(table.c.v, of, of)
    assert bad is not None
    assert three[1].ask(table, bad, canonical(table.c.v, of, of).is_(None)) == [(True, False), (False, True)]


@pytest.mark.parametrize("value", ["0000-00-00", "2025-00-00", "2025-06-00", "0000-01-01"])
def test_days_that_only_mariadb_knows_are_unfit(three: list[Asked], value: str) -> None:
    three[2].connection.exec_driver_sql("SET sql_mode = ''")
    for declared, of in (("date", Kind.DAY), ("datetime(6)", Kind.TIME)):
        table = three[2].table([value, "2025-06-30", None], declared)
        bad = unfit(table.c.v, of, of)
        assert bad is not None
        assert three[2].ask(table, bad) == [(1,), (0,), (0,)]


def test_a_key_is_the_same_text_everywhere(three: list[Asked]) -> None:
    for asked in three:
        table = asked.table([7, -7, None], "bigint")
        assert asked.ask(table, text_of_key(table.c.v, Kind.NUMBER)) == [("7",), ("-7",), (None,)]
        table = asked.table(["A ", "a", "é"])
        assert asked.ask(table, text_of_key(table.c.v, Kind.TEXT)) == [("A ",), ("a",), ("é",)]


def test_kinds_of_columns_of_sqlite_say_what_they_do_to_values() -> None:
    kinds = [kind_of(one, "sqlite") for one in (sa.Integer(), sa.VARCHAR(3), sa.BLOB(), sa.DATE(), sa.REAL())]
    assert kinds == [Kind.LOOSE, Kind.TEXT, Kind.ANY, Kind.LOOSE, Kind.REAL]
