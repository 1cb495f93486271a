"""A source is read by an account with SELECT alone, sees one moment, and is never written."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa

from merger.systems.stores import DatabaseFailed, Store, file_of, open_source, open_target
from merger.testing.servers import PostgreSQL, reader_url
from merger.testing.servers.processes import owned
from merger.testing.servers.processes import run as run_program
from tests.systems.stores.support import DIALECTS, run

MADE = (
    "CREATE TABLE {t}t (id integer PRIMARY KEY, a varchar(20))",
    "INSERT INTO {t}t VALUES (1, 'Hòa'), (2, NULL)",
)


def made(url: sa.URL) -> sa.URL:
    run(url, *MADE)
    return url


def read(store: Store) -> bytes:
    """All that a source is asked in a move: reflection, literals, lines."""
    known = store.columns("t")
    given = store.literals("wanted", {"id": "integer"}, [(1,), (2,), (3,)], key=["id"])
    table = store.table("t")
    text = sa.cast(table.c.id, sa.CHAR if store.dialect == "mariadb" else sa.Text)
    joined = table.join(given, table.c.id == given.c.id)
    assert list(known) == ["id", "a"]
    assert store.primary_key("t") == ("id",)
    return b"".join(store.lines(sa.select(text, table.c.a).select_from(joined).order_by(table.c.id)))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_account_with_select_alone_is_enough(dialect: str, database) -> None:
    url = reader_url(made(database(dialect)))
    with open_source(url) as store, store.snapshot():
        assert read(store) == b"1\tHo\xcc\x80a\n2\t\\N\n".replace(b"o\xcc\x80", "ò".encode())
        assert (store.exported() is not None) == (dialect == "postgresql")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "statement", ["INSERT INTO {t}t VALUES (3, 'x')", "DELETE FROM {t}t", "CREATE TABLE {t}u (a int)"]
)
def test_a_source_cannot_be_written_even_by_an_account_that_may(
    dialect: str, statement: str, database
) -> None:
    url = made(database(dialect))
    with open_source(url) as store:
        written = statement.replace("{t}", "src." if dialect == "sqlite" else "")
        with pytest.raises(DatabaseFailed, match="may not be written"):
            store.run(written)
        with store.snapshot(), pytest.raises(DatabaseFailed, match="may not be written"):
            store.run(written)
        assert read(store).count(b"\n") == 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_target_cannot_be_written_unless_asked(dialect: str, database) -> None:
    with (
        open_target(made(database(dialect)), False) as store,
        pytest.raises(DatabaseFailed, match="may not be written"),
    ):
        store.run("DELETE FROM tgt.t" if dialect == "sqlite" else "DELETE FROM t")


def test_postgresql_gives_no_number_to_any_transaction_of_a_source(private_server) -> None:
    url = made(private_server("postgresql").create("watched"))

    def next_number() -> int:
        with open_source(url) as watching:
            asked = "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
            return watching.connection.exec_driver_sql(asked).scalar_one()

    before = next_number()
    with open_source(url) as store, store.snapshot():
        read(store)
        with open_source(url, snapshot=store.exported()) as other, other.snapshot():
            read(other)
    assert next_number() == before
    run(url, "INSERT INTO t VALUES (3, 'x')")
    assert next_number() > before


def test_mariadb_is_told_nothing_that_writes(private_server) -> None:
    server = private_server("mariadb")
    url = made(server.create("watched"))
    run(url, "SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = 1")
    with open_source(url) as store, store.snapshot():
        mine = store.connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        read(store)
    run(url, "SET GLOBAL general_log = 0")
    with open_source(url) as watching:
        asked = "SELECT argument FROM mysql.general_log WHERE command_type = 'Query' AND thread_id = %s"
        told = [
            one if isinstance(one, str) else bytes(one).decode()
            for one in watching.connection.exec_driver_sql(asked, (mine,)).scalars()
        ]
    first = {one.split()[0].upper() for one in told}
    assert "START" in first
    assert first <= {"SELECT", "SET", "START", "ROLLBACK", "SHOW"}, told


def test_the_files_of_a_sqlite_source_stay_as_they_are(database) -> None:
    url = made(database("sqlite"))
    file = file_of(url)
    with sqlite3.connect(file) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO t VALUES (3, 'log')")
        writer.commit()
        log = file.with_name(f"{file.name}-wal")
        before = [sha256(one.read_bytes()).hexdigest() for one in (file, log)]
        with open_source(url) as store, store.snapshot():
            assert read(store).endswith(b"3\tlog\n")
        assert [sha256(one.read_bytes()).hexdigest() for one in (file, log)] == before
    writer.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_snapshot_does_not_see_what_comes_later(dialect: str, database) -> None:
    url = database(dialect)
    if dialect == "sqlite":
        with sqlite3.connect(file_of(url)) as one:
            one.execute("PRAGMA journal_mode = WAL")
        one.close()
    made(url)
    with open_source(url) as store:
        with store.snapshot():
            run(url, "INSERT INTO {t}t VALUES (3, 'later')")
            assert b"later" not in read(store)
            with store.snapshot():
                assert b"later" not in read(store)
            assert b"later" not in read(store)
        assert b"later" in read(store)


def test_an_exported_snapshot_is_seen_over_another_connection(database) -> None:
    url = made(database("postgresql"))
    with open_source(url) as store, store.snapshot():
        run(url, "INSERT INTO t VALUES (3, 'later')")
        with open_source(url, snapshot=store.exported()) as other, other.snapshot():
            assert read(other) == read(store)
            assert b"later" not in read(other)


class Standby(PostgreSQL):
    """A hot standby of another server."""

    primary: ClassVar[sa.URL]

    def _initialise(self) -> None:
        url = self.primary
        self.secret = str(url.password)
        asked = f"host={url.host} port={url.port} user={url.username} password={url.password}"
        copy = [
            self._program.with_name("pg_basebackup"),
            "-D",
            self._data,
            "-R",
            "-c",
            "fast",
            "-N",
            "-d",
            asked,
        ]
        run_program(copy, self.folder)


@contextmanager
def standby_of(primary: PostgreSQL, folder: Path) -> Iterator[PostgreSQL]:
    class Its(Standby):
        pass

    Its.primary = primary.url()
    folder.mkdir()
    with owned(folder / "owner") as owner:
        server = Its(folder, owner, settings={"hot_standby": "on"})
        server.start()
        try:
            yield server
        finally:
            server.stop()


def test_a_hot_standby_serves_as_a_source(private_server) -> None:
    primary = private_server("postgresql")
    url = reader_url(made(primary.create("data")))
    folder = primary.folder.with_name(primary.folder.name + "-standby")
    with (
        standby_of(primary, folder) as standby,
        open_source(url.set(port=standby.port)) as store,
        store.snapshot(),
    ):
        assert store.connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar()
        assert read(store).count(b"\n") == 2
        with open_source(store.url, snapshot=store.exported()) as other, other.snapshot():
            assert read(other) == read(store)
