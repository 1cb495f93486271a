"""Sources that are copied to be read: DuckDB for all of them, SQLite and MariaDB for what a dialect does."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.draft import draft
from merger.systems.functions import canonical
from merger.systems.kinds import Kind
from merger.systems.stores import (
    DatabaseFailed,
    SourceStore,
    Store,
    copied,
    open_source,
    open_target,
    read_once,
    rights_on,
)
from tests.systems.stores.conftest import Made

KINDS = """
    CREATE TYPE mood AS ENUM ('vui', 'buồn');
    CREATE TABLE ho_so (
        id BIGINT PRIMARY KEY, flag BOOLEAN, tiny TINYINT, huge HUGEINT, unsigned UBIGINT,
        amount DECIMAL(38, 10), code DECIMAL(18, 0),
        single FLOAT, double DOUBLE, name VARCHAR, mood mood, seal BLOB, day DATE,
        clock TIME, zoned TIMETZ, "at" TIMESTAMP, moment TIMESTAMPTZ, guid UUID, document JSON,
        span INTERVAL, list INTEGER[], part STRUCT(a INTEGER)
    );
    INSERT INTO ho_so VALUES
        (9223372036854775807, true, -128, 170141183460469231731687303715884105727, 18446744073709551615,
         1234567890123456789.0123456789, 42, 1.1::FLOAT, 0.1, 'Hòa 🙂', 'buồn', '\\x00\\xFF'::BLOB,
         '2025-07-01', '08:30:00.25', '08:30:00+07', '2025-06-30 23:59:59.999999', '2025-07-01 00:00:00+07',
         '388CC239-28C9-4F79-8A4B-A2C5A7FD3F1A', '{"a": 1.0}', INTERVAL 1 DAY, [1], {'a': 1}),
        (2, false, 0, 0, 0, 100.5, 0, 'nan', 'inf', '', NULL, ''::BLOB, '0001-01-01', '00:00:00', NULL,
         '2025-07-01', NULL, NULL, 'null', NULL, NULL, NULL);
    INSERT INTO ho_so (id) VALUES (3);
    CREATE VIEW mo AS SELECT id, name FROM ho_so WHERE id < 3;
"""
FIRST = {
    "id": "9223372036854775807", "flag": "1", "tiny": "-128",
    "huge": "170141183460469231731687303715884105727", "unsigned": "18446744073709551615",
    "amount": "1234567890123456789.0123456789", "code": "42", "single": "1.100000023841858", "double": "0.1",
    "name": "Hòa 🙂", "mood": "buồn", "seal": "\\x00ff", "day": "2025-07-01", "clock": "08:30:00.25",
    "zoned": "08:30:00+07:00", "at": "2025-06-30 23:59:59.999999", "moment": "2025-06-30 17:00:00+00:00",
    "guid": "388cc239-28c9-4f79-8a4b-a2c5a7fd3f1a", "document": '{"a": 1.0}',
}  # fmt: skip
SECOND = {
    "id": "2", "flag": "0", "tiny": "0", "huge": "0", "unsigned": "0", "amount": "100.5", "code": "0",
    "single": "NaN", "double": "inf", "name": "", "mood": None, "seal": "\\x", "day": "0001-01-01",
    "clock": "00:00:00", "zoned": None, "at": "2025-07-01 00:00:00", "moment": None, "guid": None,
    "document": "null",
}  # fmt: skip
UNCARRIED = {"span": "INTERVAL", "list": "INTEGER[]", "part": 'STRUCT("a" INTEGER)'}


@pytest.fixture
def opened(made: Made) -> Iterator[SourceStore]:
    with open_source(made(KINDS), tables={"ho_so": ["id"], "mo": ["id"], "nowhere": ["id"]}) as store:
        yield store


def texts(store: Store, table: str, names: Any) -> list[tuple[str | None, ...]]:
    kinds = store.columns(table)
    columns = [canonical(sa.column(name), Kind.TEXT, kinds[name].kind) for name in names]
    asked = sa.select(*columns).select_from(store.table(table)).order_by(sa.column("id").desc())
    return [tuple(row) for row in store.connection.execute(asked)]


def test_values_of_every_kind_have_their_canonical_text(opened: SourceStore) -> None:
    first, *_, second = texts(opened, "ho_so", FIRST)
    assert dict(zip(FIRST, first, strict=True)) == FIRST
    assert dict(zip(SECOND, second, strict=True)) == SECOND


def test_nulls_stay_nulls(opened: SourceStore) -> None:
    assert texts(opened, "ho_so", FIRST)[1] == ("3",) + (None,) * (len(FIRST) - 1)


def test_what_cannot_be_carried_is_left_out_and_named(opened: SourceStore) -> None:
    assert opened.uncarried("ho_so") == UNCARRIED
    assert list(opened.columns("ho_so")) == list(FIRST)
    assert opened.uncarried("nowhere") == {}


def test_columns_are_declared_as_the_source_says_and_keys_are_its_own(opened: SourceStore) -> None:
    columns = opened.columns("ho_so")
    assert (columns["amount"].declared, columns["document"].declared) == ("NUMERIC(38, 10)", "JSON")
    assert (columns["id"].nullable, columns["name"].nullable) == (False, True)
    assert (opened.primary_key("ho_so"), opened.primary_key("mo")) == (("id",), ())
    assert opened.keeps_key("ho_so", ("id",))
    assert not opened.keeps_key("mo", ("id",))


def test_a_view_is_a_table_and_what_is_not_there_is_none(opened: SourceStore) -> None:
    assert texts(opened, "mo", ["id", "name"]) == [("2", "")]
    assert opened.has_table("ho_so")
    assert not opened.has_table("nowhere")


def test_messages_name_the_source_and_its_rights_are_not_known(opened: SourceStore) -> None:
    assert opened.place == f"duckdb:///{opened.url.database}"
    assert rights_on(opened, "ho_so") is None


def test_the_source_is_let_go_of_when_it_is_read(opened: SourceStore) -> None:
    engine = sa.create_engine(opened.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ho_so")
    engine.dispose()
    assert len(texts(opened, "ho_so", ["id"])) == 3


def test_the_copy_is_a_file_of_its_owner_without_a_name(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied, "PAGES_KB", 64)
    url = made("CREATE TABLE t AS SELECT i AS id, repeat('x', 500) AS v FROM range(5000) r(i)")

    def unnamed() -> set[int]:
        found = set()
        for one in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                link = str(one.readlink())
                if "etilqs" in link and link.endswith(" (deleted)"):
                    found.add(int(one.name))
        return found

    before = unnamed()
    with open_source(url, tables={"t": ["id"]}):
        copies = unnamed() - before
        found = [os.fstat(one) for one in copies]
    assert [stat.S_IMODE(one.st_mode) for one in found if one.st_size > 1_000_000] == [0o600]
    assert unnamed() & copies == set()


def test_within_a_command_a_source_is_read_once(made: Made) -> None:
    url = made("CREATE TABLE t (id INTEGER PRIMARY KEY)")

    def rows() -> int:
        with open_source(url, tables={"t": ["id"]}) as store, store.snapshot():
            return len(texts(store, "t", ["id"]))

    with read_once():
        with read_once():
            assert rows() == 0
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        engine.dispose()
        assert rows() == 0
    assert rows() == 1


def test_within_a_command_tables_alone_are_looked_at_anew(made: Made) -> None:
    url = made("CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1)")
    tables = {"t": ["id"]}

    def look() -> tuple[list[str], int]:
        with open_source(url, tables=tables, rows=0) as store:
            return list(store.columns("t")), len(texts(store, "t", ["id"]))

    with read_once(), open_source(url, tables=tables) as store:
        assert look() == (["id"], 0)
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE t ADD COLUMN name VARCHAR")
        engine.dispose()
        assert look() == (["id", "name"], 0)
        assert list(store.columns("t")) == ["id"]
        assert texts(store, "t", ["id"]) == [("1",)]


def test_the_copy_is_closed_when_what_reads_it_fails(made: Made) -> None:
    url = made("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    seen = []

    def failing() -> None:
        with read_once(), open_source(url, tables={"t": ["id"]}) as store:
            seen.append(store.connection)
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert seen[0].closed


def test_a_value_that_its_column_does_not_tell_of_is_refused_by_its_place(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = made("CREATE TABLE t (id INTEGER, \"at\" TIMESTAMP);\nINSERT INTO t VALUES (1, '2025-07-01')")
    monkeypatch.setattr(copied, "carried", lambda *_: Kind.MOMENT)
    with pytest.raises(Refused, match=r"old\.duckdb, column at of table t holds .*TIMESTAMP.*: datetime\)"):
        open_source(url, tables={"t": ["id"]})


def test_a_table_that_cannot_be_read_is_refused_without_the_words_of_the_driver(made: Made) -> None:
    url = made(
        "CREATE TABLE t (id INTEGER, v VARCHAR);\nINSERT INTO t VALUES (1, 'Nguyễn Văn A');\n"
        "CREATE VIEW w AS SELECT id, CAST(v AS INTEGER) AS v FROM t"
    )
    with pytest.raises(Refused, match=r"did not let table w be read \(\w+\)") as raised:
        open_source(url, tables={"w": ["id"]})
    assert "Nguyễn" not in str(raised.value)


def test_names_that_differ_in_capitals_only_are_refused(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    url = made("CREATE TABLE t (id INTEGER)")
    monkeypatch.setattr(sa.Inspector, "get_columns", lambda *_, **__: [
        {"name": one, "type": sa.Text(), "nullable": True, "default": None} for one in ("Ma", "ma", "ten")
    ])  # fmt: skip
    with pytest.raises(Refused, match="the names Ma, ma differ in capital letters only"):
        open_source(url, tables={"t": ["id"]})


def test_a_table_of_another_schema_is_named_with_it(made: Made) -> None:
    url = made("CREATE SCHEMA cu;\nCREATE TABLE cu.t (id INTEGER);\nINSERT INTO cu.t VALUES (7)")
    with open_source(url, tables={"cu.t": ["id"]}) as store:
        assert texts(store, "cu.t", ["id"]) == [("7",)]


def test_nothing_is_moved_into_such_a_database(made: Made) -> None:
    with pytest.raises(Refused, match="databases of the kind duckdb are only read"):
        open_target(made("CREATE TABLE t (id INTEGER)"), write=True)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="lets nobody in"):
        open_source(sa.URL.create("duckdb", database=str(tmp_path / "none.duckdb")))
    assert list(tmp_path.iterdir()) == []


def test_a_first_profile_is_drafted_with_keys_and_references(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = made(
        "CREATE TABLE cha (id INTEGER PRIMARY KEY, ma VARCHAR);\n"
        "CREATE TABLE con (id INTEGER PRIMARY KEY, cha_id INTEGER REFERENCES cha (id));\n"
        "INSERT INTO cha SELECT i, '24848' FROM range(300) r(i)"
    )
    monkeypatch.setenv("OLD", url.render_as_string())
    assert draft("OLD", tmp_path / "p.yaml") == 2
    said = (tmp_path / "p.yaml").read_text()
    assert "    # ma: looks like codes of communes" in said
    assert "      cha-id: {to: cha, column: cha_id, optional: true}" in said


@pytest.fixture
def levels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[sa.Engine, list[str]]:
    """An engine whose dialect has levels of isolation and refuses SNAPSHOT; and those that are set."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/levels.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
    tried: list[str] = []

    def set_level(_: object, level: str) -> None:
        tried.append(level)
        if level == "SNAPSHOT":
            raise sqlite3.OperationalError("not allowed")

    known = ["READ COMMITTED", "SERIALIZABLE", "REPEATABLE READ", "SNAPSHOT"]
    monkeypatch.setattr(engine.dialect, "get_isolation_level_values", lambda _: known)
    monkeypatch.setattr(engine.dialect, "set_isolation_level", set_level)
    monkeypatch.setattr(engine.dialect, "reset_isolation_level", lambda _: None)
    return engine, tried


def test_the_strictest_isolation_that_is_allowed_is_taken(levels: tuple[sa.Engine, list[str]]) -> None:
    engine, tried = levels
    with copied.source_of(engine, engine.url, {"t": ["id"]}, None) as store:
        assert store.isolation == "SERIALIZABLE"
    assert tried == ["SNAPSHOT", "SERIALIZABLE"]


def test_where_no_level_is_offered_the_databases_own_is_told(opened: SourceStore, tmp_path: Path) -> None:
    assert opened.isolation == "READ COMMITTED"  # as DuckDB's dialect calls it
    sqlite3.connect(tmp_path / "read.db").close()
    with open_source(sa.URL.create("sqlite", database=str(tmp_path / "read.db"))) as store:
        assert store.isolation is None


def test_mysql_locks_no_rows_to_be_read(levels: tuple[sa.Engine, list[str]]) -> None:
    engine, _ = levels
    engine.dialect.name = "mysql"
    assert copied.levels_of(engine) == ["REPEATABLE READ"]


def test_a_connection_that_is_lost_meanwhile_is_told_as_such(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = made("CREATE TABLE t (id INTEGER)")

    def lost(*_: object) -> None:
        raise sa.exc.OperationalError("", None, RuntimeError(), connection_invalidated=True)

    monkeypatch.setattr(copied, "_reader", lost)
    with pytest.raises(DatabaseFailed) as raised:
        open_source(url, tables={"t": ["id"]})
    assert raised.value.key == "systems.failed.lost"


@pytest.mark.parametrize("dialect", ["mariadb"])
def test_a_database_of_mysqls_dialect_is_copied_with_its_times_in_utc(dialect: str, database: Any) -> None:
    url = database(dialect, "copied").set(drivername="mysql+pymysql")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for one in (
            "SET time_zone = '+07:00'",
            "CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY, m TIMESTAMP(6) NULL, d DATETIME NULL, c TIME(2),"
            " b BIT(1), w BIT(16), a DECIMAL(30,4), j LONGTEXT, s VARCHAR(40), x LONGBLOB, y YEAR,"
            " e ENUM('a'))",
            "INSERT INTO t VALUES (18446744073709551615, '2025-07-01 00:00:00', '2025-07-01 00:00:00',"
            " '100:00:00.5', b'1',"
            " b'0000000100000010', 12345678901234567890.5, '{}', 'Hòa', x'00FF', 2025, 'a')",
        ):
            connection.exec_driver_sql(one)
    names = ("id", "m", "d", "c", "b", "w", "a", "j", "s", "x", "y", "e")
    with copied.source_of(engine, url, {"t": ["id"]}, None) as store:
        assert texts(store, "t", names) == [
            (
                "18446744073709551615", "2025-06-30 17:00:00+00:00", "2025-07-01 00:00:00", "100:00:00.5",
                "1", "258", "12345678901234567890.5", "{}", "Hòa", "\\x00ff", "2025", "a",
            )
        ]  # fmt: skip


def test_a_full_disk_is_told_as_such(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    url = made("CREATE TABLE t AS SELECT i AS id, repeat('x', 500) AS v FROM range(5000) r(i)")
    attached = copied.connected

    def small() -> Any:
        connection, close = attached()
        execute = connection.exec_driver_sql

        def limited(sql: str) -> None:
            execute(sql)
            execute(f"PRAGMA {copied.SOURCE}.max_page_count = 100")

        monkeypatch.setattr(connection, "exec_driver_sql", limited)
        return connection, close

    monkeypatch.setattr(copied, "connected", small)
    with pytest.raises(DatabaseFailed) as raised:
        open_source(url, tables={"t": ["id"]})
    assert raised.value.key == "systems.failed.disk-full"
