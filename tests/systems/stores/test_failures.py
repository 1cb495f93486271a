"""What databases' errors mean."""

import os
import pickle
import socket
import sqlite3
import threading
from pathlib import Path

import psycopg
import pymysql
import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.stores import DatabaseFailed, failure_of, open_source, open_target, sqlite_url
from merger.systems.stores.failures import connected, let_commit, tell_failures
from merger.testing.servers import reader_url
from tests.systems.stores.support import DIALECTS, run

SERVERS = ("postgresql", "mariadb")


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("Nguyen")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "key", "transient"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY), "busy", True),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), "busy", True),
        (sqlite_error(sqlite3.SQLITE_FULL), "disk-full", False),
        (sqlite_error(sqlite3.SQLITE_READONLY), "read-only", False),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), "damaged", False),
        (sqlite_error(sqlite3.SQLITE_NOMEM), "out-of-memory", False),
        (pymysql.err.OperationalError(1205, "Nguyen"), "busy", True),
        (pymysql.err.OperationalError(1213, "Nguyen"), "deadlock", True),
        (pymysql.err.OperationalError(2013, "Nguyen"), "lost", True),
        (pymysql.err.OperationalError(1114, "Nguyen"), "disk-full", False),
        (pymysql.err.OperationalError(1153, "Nguyen"), "too-large", False),
        (pymysql.err.OperationalError(1030, "Got error 28 'No space left on device'"), "disk-full", False),
        (pymysql.err.OperationalError(1030, "Got error 5 'Input/output error'"), "disk-error", False),
        (sa.exc.PendingRollbackError("Nguyen"), "lost", True),
        (pymysql.err.InternalError(2, "Error reading file '#sql' (Errcode: 2)"), "disk-error", False),
        (pymysql.err.InternalError(3, "Error writing file '#sql' (Errcode: 28)"), "disk-full", False),
        (pymysql.err.OperationalError(1142, "Nguyen"), "not-allowed", False),
        (pymysql.err.InterfaceError(0, ""), "lost", True),
        (pymysql.err.OperationalError(1317, "Nguyen"), "stopped", True),
        (pymysql.err.OperationalError(1862, "Nguyen"), "not-allowed", False),
        (psycopg.errors.QueryCanceled("Nguyen"), "stopped", True),
        (psycopg.errors.ConfigurationLimitExceeded("Nguyen"), "stopped", True),
    ],
)
def test_errors_are_told_by_their_numbers(error: Exception, key: str, transient: bool) -> None:
    failed = failure_of(error)
    assert failed is not None
    assert (failed.key, failed.transient) == (f"systems.failed.{key}", transient)
    assert "Nguyen" not in str(failed)


def test_what_is_none_of_these_stays_the_drivers_own() -> None:
    assert failure_of(sqlite_error(sqlite3.SQLITE_ERROR)) is None
    assert failure_of(pymysql.err.ProgrammingError(1064, "syntax")) is None
    assert failure_of(ValueError("x")) is None


def test_a_failure_travels_between_processes() -> None:
    failed = pickle.loads(pickle.dumps(DatabaseFailed("systems.failed.no-answer", database="here")))
    assert failed.transient
    assert "here does not answer" in str(failed)


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_row_that_is_locked_too_long_is_busy(dialect: str, database) -> None:
    url = database(dialect)
    run(url, "CREATE TABLE t (a int PRIMARY KEY, b int)", "INSERT INTO t VALUES (1, 1)")
    with open_target(url, True) as one, open_target(url, True) as other:
        other.run(
            "SET lock_timeout = '1s'" if dialect == "postgresql" else "SET innodb_lock_wait_timeout = 1"
        )
        with one.transaction():
            one.run("UPDATE t SET b = 2")
            with (
                pytest.raises(DatabaseFailed, match="keeping the database locked") as failed,
                other.transaction(),
            ):
                other.run("UPDATE t SET b = 3")
        assert failed.value.transient


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_deadlock_is_told_and_may_be_tried_again(dialect: str, database) -> None:
    url = database(dialect)
    run(url, "CREATE TABLE t (a int PRIMARY KEY, b int)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    meet, failures = threading.Barrier(2), []

    def change(first: int, second: int) -> None:
        with open_target(url, True) as store:
            try:
                with store.transaction():
                    store.run(f"UPDATE t SET b = b + 1 WHERE a = {first}")
                    meet.wait()
                    store.run(f"UPDATE t SET b = b + 1 WHERE a = {second}")
            except DatabaseFailed as failed:
                failures.append(failed)

    threads = [threading.Thread(target=change, args=one) for one in ((1, 2), (2, 1))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [(one.key, one.transient) for one in failures] == [("systems.failed.deadlock", True)]


@pytest.mark.parametrize("dialect", SERVERS)
@pytest.mark.parametrize("streaming", [False, True])
def test_a_server_that_dies_is_a_lost_connection(dialect: str, streaming: bool, private_server) -> None:
    server = private_server(dialect)
    url = server.create("dying")
    with open_target(url, True) as store:
        lost = pytest.raises(DatabaseFailed, match="connection to a database was lost")
        with lost as failed, store.transaction():
            store.land("landing", {"a": "text"}, killing(server) if streaming else [])
            server.kill()
            store.run("SELECT 1")
        assert failed.value.transient


def killing(server):
    yield b"x\n" * 100_000
    server.kill()
    for _ in range(200):
        yield b"x\n" * 100_000


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_connection_that_is_lost_while_the_server_is_asked_about_itself_is_told(
    dialect: str, database
) -> None:
    url = database(dialect)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    tell_failures(engine)

    @sa.event.listens_for(engine, "connect", insert=True)
    def _(raw, _: object) -> None:
        number = raw.fileno() if dialect == "postgresql" else raw._sock.fileno()
        with socket.socket(fileno=os.dup(number)) as line:
            line.shutdown(socket.SHUT_RDWR)

    with pytest.raises(DatabaseFailed, match="the connection to a database was lost"):
        connected(engine)


@pytest.mark.parametrize("dialect", SERVERS)
def test_what_an_account_may_not_do_is_told(dialect: str, database) -> None:
    url = database(dialect)
    run(url, "CREATE TABLE t (a int)")
    with open_target(reader_url(url), True) as store:
        assert list(store.columns("t")) == ["a"]  # what SQLAlchemy looks at changes what it tells
        with pytest.raises(DatabaseFailed, match="does not let this account"):
            store.run("DELETE FROM t")


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_wrong_password_is_not_repeated(dialect: str, database) -> None:
    url = database(dialect).set(password="nguyen-secret")
    with pytest.raises((Refused, DatabaseFailed), match="the password") as failed:
        open_source(url)
    assert "nguyen-secret" not in f"{failed.value!s} {failed.value!r} {failed.value.__cause__!r}"


def test_a_file_that_is_not_there_or_is_no_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no database at"):
        open_source(sqlite_url(tmp_path / "none.db"))
    (tmp_path / "text.db").write_text("no database, but text that is long enough to be looked at " * 20)
    with pytest.raises(Refused, match="cannot be opened as a database"):
        open_source(sqlite_url(tmp_path / "text.db"))
    with pytest.raises(Refused, match="cannot be opened as a database"):
        open_target(sqlite_url(tmp_path / "text.db"), True)


def test_text_of_sqlite_that_is_not_utf_8_is_told_while_lines_are_read(database) -> None:
    url = database("sqlite")
    run(url, "CREATE TABLE {t}t (a TEXT)", "INSERT INTO {t}t VALUES (CAST(x'4E67FF' AS TEXT))")
    with open_source(url) as store, pytest.raises(DatabaseFailed, match="not UTF-8"):
        list(store.lines(store.table("t").select()))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_closing_twice_is_no_error(dialect: str, database) -> None:
    store = open_source(database(dialect))
    store.close()
    store.close()


def test_a_connection_of_postgresql_that_is_lost_while_groups_are_counted_is_told_as_lost(database) -> None:
    ended = sa.case((sa.func.pg_terminate_backend(sa.func.pg_backend_pid()), 2), else_=0)
    asked = sa.select(sa.cast(sa.func.pg_sleep(ended), sa.Text).label("a"))
    with (
        open_source(database("postgresql")) as store,
        store.snapshot(),
        pytest.raises(DatabaseFailed, match="connection to a database was lost"),
    ):
        store.tally(asked)


def test_a_connection_that_is_lost_while_it_is_told_how_to_commit_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lost(*_: object) -> None:
        raise pymysql.err.OperationalError(2013, "Nguyen")

    engine = sa.create_engine("sqlite://", poolclass=sa.pool.NullPool)
    tell_failures(engine)
    with connected(engine) as connection:
        monkeypatch.setattr(engine.dialect, "set_isolation_level", lost)
        with pytest.raises(DatabaseFailed, match="the connection to a database was lost"):
            let_commit(connection)
        monkeypatch.undo()
