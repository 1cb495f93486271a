import multiprocessing
import os
import signal
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.stores import (
    DatabaseFailed,
    SourceStore,
    Store,
    TargetStore,
    open_source,
    open_target,
    sqlite_url,
)


def made(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements or ("CREATE TABLE t (a)", "INSERT INTO t VALUES (1)"):
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def source(path: Path) -> SourceStore:
    return open_source(sqlite_url(path))


def target(path: Path, *, write: bool = False) -> TargetStore:
    return open_target(sqlite_url(path), write)


def count(store: Store) -> int:
    return store.connection.execute(sa.text(f"SELECT count(*) FROM {store.schema}.t")).scalar_one()


@pytest.mark.parametrize(
    "statement", ["INSERT INTO src.t VALUES (2)", "DROP TABLE src.t", "CREATE TABLE src.u (a)"]
)
def test_a_source_cannot_be_written(tmp_path: Path, statement: str) -> None:
    path = made(tmp_path / "s.db")
    before = path.read_bytes()
    with source(path) as store:
        with pytest.raises(DatabaseFailed, match="may not be written"):
            store.connection.exec_driver_sql(statement)
        assert count(store) == 1
    assert path.read_bytes() == before


def test_a_target_cannot_be_written_unless_asked(tmp_path: Path) -> None:
    path = made(tmp_path / "t.db")
    with target(path) as store, pytest.raises(DatabaseFailed, match="may not be written"):
        store.connection.exec_driver_sql("DELETE FROM tgt.t")
    with target(path, write=True) as store:
        with store.transaction():
            store.connection.exec_driver_sql("DELETE FROM tgt.t")
        assert count(store) == 0


def test_rows_still_in_the_write_ahead_log_are_read_and_the_log_stays(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("CREATE TABLE t (a)")
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(100)])
    log = path.with_name("s.db-wal")
    before = [sha256(one.read_bytes()).hexdigest() for one in (path, log)]
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as careless:
        assert careless.execute("SELECT count(*) FROM t").fetchone()[0] == 0
    with source(path) as store:
        assert count(store) == 100
    assert [sha256(one.read_bytes()).hexdigest() for one in (path, log)] == before
    writer.close()


def test_a_snapshot_does_not_see_what_others_write_meanwhile(tmp_path: Path) -> None:
    path = made(tmp_path / "s.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t (a)")
    with source(path) as store:
        with store.snapshot():
            assert count(store) == 0
            made(path, "INSERT INTO t VALUES (1)")
            assert count(store) == 0
        assert count(store) == 1


def half_a_transaction(store: TargetStore) -> None:
    with store.transaction():
        store.connection.exec_driver_sql("INSERT INTO tgt.t VALUES (2)")
        store.connection.exec_driver_sql("INSERT INTO tgt.nowhere VALUES (2)")


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    path = made(tmp_path / "t.db")
    with target(path, write=True) as store:
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            half_a_transaction(store)
        assert count(store) == 1


def left_half_written(path: Path) -> None:
    """A database of one row whose writer was killed in a transaction that had begun to reach the file."""

    def write() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 4000,)] * 200)
        os.kill(os.getpid(), signal.SIGKILL)

    made(path)
    process = multiprocessing.get_context("fork").Process(target=write)
    process.start()
    process.join()
    assert path.with_name(f"{path.name}-journal").exists()


def test_a_target_whose_writer_was_killed_is_read_as_it_was_before(tmp_path: Path) -> None:
    left_half_written(tmp_path / "t.db")
    with target(tmp_path / "t.db") as store:
        assert count(store) == 1


def test_a_source_whose_writer_was_killed_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    left_half_written(path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    with pytest.raises(Refused, match=r"s\.db was left half-written"):
        source(path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_path_with_odd_letters_is_found(tmp_path: Path) -> None:
    path = made(tmp_path / "hồ sơ #1 'x'?.db")
    with source(path) as store:
        assert count(store) == 1


def test_a_missing_database_is_refused_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(Refused, match=r"there is no database at .*none\.db; nothing was changed"):
        target(path)
    assert not path.exists()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("hello" * 300)
    with pytest.raises(Refused, match=r"text\.db cannot be opened as a database \(file is not a database\)"):
        target(path)
