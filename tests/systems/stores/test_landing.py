"""Lines become rows of the types that the target declares, all of them or none."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from merger.systems.stores import DatabaseFailed, open_pair, open_target
from tests.systems.stores.support import DIALECTS, landed, run

TYPES = {
    "postgresql": "text varchar(40), number numeric(18,2), big bigint, part double precision, yes boolean,"
    " day date, time timestamp, blob bytea",
    "mariadb": "text varchar(40), number decimal(18,2), big bigint, part double, yes bit(1), day date,"
    " time datetime(6), `blob` longblob",
    "sqlite": "text varchar(40), number decimal(18,2), big bigint, part real, yes boolean, day date,"
    " time datetime, blob blob",
}
NAMES = ["text", "number", "big", "part", "yes", "day", "time", "blob"]
LINE = b"Ho\xc3\xa0 \\t \\f\t12.50\t-9223372036854775808\t0.1\t1\t2025-07-01"
LINE += b"\t2025-07-01 10:00:00.25\t\\\\x00ff\n"
EMPTY = b"\t".join([b"\\N"] * len(NAMES)) + b"\n"
DAY, TIME = date(2025, 7, 1), datetime(2025, 7, 1, 10, 0, 0, 250_000)
VALUES = {
    "postgresql": ("Hoà \t \f", Decimal("12.50"), -(2**63), 0.1, True, DAY, TIME, b"\x00\xff"),
    "mariadb": ("Hoà \t \f", Decimal("12.50"), -(2**63), 0.1, b"\x01", DAY, TIME, b"\x00\xff"),
    "sqlite": ("Hoà \t \f", 12.5, -(2**63), 0.1, 1, "2025-07-01", "2025-07-01 10:00:00.25", b"\x00\xff"),
}


@pytest.fixture
def opened(database):
    def make(dialect: str):
        url = database(dialect)
        run(url, f"CREATE TABLE {{t}}t ({TYPES[dialect]})")
        return open_target(url, True)

    return make


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lines_land_as_the_targets_own_types(dialect: str, opened) -> None:
    with opened(dialect) as store:
        columns = {name: store.columns("t")[name] for name in NAMES}
        if dialect == "sqlite":
            columns["blob"] = "bytes"  # a column of SQLite takes what it gets: nothing says that it is bytes
        with store.transaction():
            assert store.land("landing", columns, [LINE + EMPTY, LINE]) == 3
            found = landed(store, "landing", NAMES)
        assert found == sorted([VALUES[dialect]] * 2 + [(None,) * 8], key=repr)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_batch_lands_anew(dialect: str, opened) -> None:
    with opened(dialect) as store:
        for count in (3, 1):
            with store.transaction():
                assert store.land("landing", {"a": "text"}, [b"x\n" * count]) == count
                assert len(landed(store, "landing", ["a"])) == count
        with store.transaction():
            assert store.land("landing", {"b": "integer"}, []) == 0


def refused():
    yield b"3\n"
    raise DatabaseFailed("systems.failed.unfit")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lines_are_copied_into_a_table_and_taken_back_with_the_transaction(dialect: str, opened) -> None:
    with opened(dialect) as store:
        with store.transaction():
            assert store.copy_into("t", ["big", "text"], [b"1\tmot\n2\t\\N\n"]) == 2
        with pytest.raises(DatabaseFailed, match="does not fit"), store.transaction():
            store.copy_into("t", ["big"], refused())
        table = store.table("t")
        asked = sa.select(table.c.big, table.c.text).order_by(table.c.big)
        assert [tuple(row) for row in store.connection.execute(asked)] == [(1, "mot"), (2, None)]


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", b"Nguyen" * 7),
        ("big", b"Nguyen"),
        ("big", b"9223372036854775808"),
        ("day", b"2025-02-30"),
        ("day", b"Nguyen"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_not_shown(
    dialect: str, column: str, value: bytes, opened
) -> None:
    with opened(dialect) as store:
        with (
            pytest.raises(DatabaseFailed, match="a value does not fit its column") as failed,
            store.transaction(),
        ):
            store.land("landing", {column: store.columns("t")[column]}, [b"\\N\n" + value + b"\n"])
        assert value.decode() not in f"{failed.value!s} {failed.value.__cause__!r}"
        assert not failed.value.transient
        with store.transaction():
            assert store.land("landing", {"a": "text"}, [b"x\n"]) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_error_of_the_lines_is_raised_and_the_session_goes_on(dialect: str, opened) -> None:
    def broken():
        yield b"1\n"
        raise OSError("gone")

    with opened(dialect) as store:
        with pytest.raises(OSError, match="gone"), store.transaction():
            store.copy_into("t", ["big"], broken())
        with store.transaction():
            assert store.copy_into("t", ["big"], [b"2\n"]) == 1
        assert store.connection.execute(sa.select(store.table("t").c.big)).scalars().all() == [2]


def test_mariadb_without_local_files_takes_inserts(private_server) -> None:
    url = private_server("mariadb").create("strict")
    run(url, f"CREATE TABLE t ({TYPES['mariadb']})", "SET GLOBAL local_infile = 0")
    with open_target(url, True) as store, store.transaction():
        columns = {name: store.columns("t")[name] for name in NAMES}
        assert store.land("landing", columns, [LINE + EMPTY]) == 2
        assert landed(store, "landing", NAMES) == sorted([VALUES["mariadb"], (None,) * 8], key=repr)


def test_a_server_of_mariadb_gets_no_file(database, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret\n")
    url = database("mariadb")
    run(url, "CREATE TABLE t (a text)")
    refused = pytest.raises(RuntimeError, match="local_infile option is false")
    with open_target(url, True) as store, refused:
        store.run(f"LOAD DATA LOCAL INFILE '{secret}' INTO TABLE t")


def test_rows_of_a_shared_connection_land_as_they_are(database) -> None:
    source, target = database("sqlite", "a"), database("sqlite", "b")
    run(source, "CREATE TABLE {t}t (a)", "INSERT INTO {t}t VALUES (x'00ff'), (1.5), ('012'), (NULL)")
    with open_target(target, True) as store, open_pair(source, store) as other, store.transaction():
        assert (
            store.land_select("landing", {"a": other.columns("t")["a"]}, sa.select(other.table("t").c.a)) == 4
        )
        assert landed(store, "landing", ["a"]) == sorted(
            [(b"\x00\xff",), (1.5,), ("012",), (None,)], key=repr
        )
