"""How much room copies of sources take, before they are made."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.stores import copy_room, open_source
from merger.systems.stores.room import Room, room_of, temporary_folder
from tests.systems.stores.conftest import Made

BY: Mapping[str, list[str]] = {"t": ["code"], "nowhere": ["id"]}


def taken(url: sa.URL) -> int:
    """The bytes of a whole copy."""
    with open_source(url, tables=BY) as store:
        pages, size = (
            store.connection.exec_driver_sql(f"PRAGMA {store.schema}.{word}").scalar_one()
            for word in ("page_count", "page_size")
        )
    return int(pages * size)


def test_the_room_for_a_copy_is_estimated_by_rows_and_the_width_of_the_first(made: Made) -> None:
    url = made(
        "CREATE TABLE t AS SELECT 'k' || i AS code, repeat('x', 300) AS v, i % 7 AS n FROM range(20000) r(i)"
    )
    room = copy_room(url, BY)
    assert room is not None
    assert room.estimated
    assert 0.9 < room.size / taken(url) < 1.3


def test_the_room_for_a_few_rows_is_exact(made: Made) -> None:
    url = made("CREATE TABLE t AS SELECT 'k' || i AS code, repeat('x', 300) AS v FROM range(150) r(i)")
    assert copy_room(url, BY) == Room(taken(url), estimated=False)


def test_databases_that_are_read_where_they_are_need_no_room(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/none.db", "postgresql+psycopg://h/d", "mariadb+pymysql://h/d"):
        assert copy_room(sa.make_url(url), BY) is None


def test_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="lets nobody in"):
        copy_room(sa.URL.create("duckdb", database=str(tmp_path / "none.duckdb")), BY)


@pytest.mark.parametrize("dialect", ["mariadb"])
def test_the_dialect_of_mysql_is_asked_for_the_size_of_its_tables_and_not_of_views(
    dialect: str, database: Any
) -> None:
    url = database(dialect, "room")
    engine = sa.create_engine(url.set(drivername="mysql+pymysql"))
    with engine.begin() as connection:
        for one in (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)",
            "INSERT INTO t SELECT seq, repeat('x', 300) FROM seq_1_to_2000",
            "CREATE VIEW w AS SELECT * FROM t",
            "ANALYZE TABLE t",
        ):
            connection.exec_driver_sql(one)
    told = room_of(engine, engine.url, {"t": ["id"], "nowhere": ["id"]})
    assert not told.estimated
    assert 2000 * 300 < told.size < 3 * 2000 * 300  # InnoDB takes 64 pages at a time
    estimated = room_of(engine, engine.url, {"w": ["id"]})
    assert estimated.estimated
    assert 2000 * 300 < estimated.size < 2 * 2000 * 300
    assert copy_room(engine.url, {"t": ["id"]}) is None  # it is MariaDB, which is read where it is


COPIED = """
import os, sys
import sqlalchemy as sa
from merger.systems.stores import copied, open_source
from merger.systems.stores.room import temporary_folder
copied.PAGES_KB = 64
with open_source(sa.make_url(sys.argv[1]), tables={"t": ["code"]}):
    open_files = (f"/proc/self/fd/{one}" for one in os.listdir("/proc/self/fd"))
    links = [os.readlink(one) for one in open_files if os.path.islink(one)]
    print({os.path.dirname(one) for one in links if "etilqs" in one} == {str(temporary_folder())})
    print(temporary_folder())
"""


def test_the_folder_is_the_one_in_which_sqlite_puts_a_copy(made: Made, tmp_path: Path) -> None:
    url = made("CREATE TABLE t AS SELECT i AS code, repeat('x', 500) AS v FROM range(5000) r(i)")
    path = os.pathsep.join(one for one in sys.path if one)
    environment = {**os.environ, "PYTHONPATH": path, "SQLITE_TMPDIR": str(tmp_path)}  # read once a process
    done = subprocess.run(
        [sys.executable, "-c", COPIED, str(url)], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", str(tmp_path)]


def test_a_folder_that_is_not_there_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "none"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert temporary_folder() == tmp_path
    monkeypatch.delenv("SQLITE_TMPDIR")
    monkeypatch.delenv("TMPDIR")
    assert temporary_folder() == Path("/var/tmp")
