"""What an account may do is asked of the database, and nothing is tried."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.systems.stores import open_source, open_target, rights_in, rights_on, sqlite_url
from merger.systems.stores.rights import CREATE, DELETE, INSERT, SELECT, TEMPORARY, UPDATE
from merger.testing.servers import reader_url
from merger.testing.servers.databases import HOST, READER
from tests.systems.stores.support import DIALECTS, run

SERVERS = ("postgresql", "mariadb")
TABLE = "CREATE TABLE {t}t (id integer PRIMARY KEY, a varchar(20))"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_who_owns_a_database_may_do_everything(dialect: str, database) -> None:
    url = database(dialect)
    run(url, TABLE)
    with open_target(url, write=False) as store:
        assert rights_on(store, "t") == {SELECT, INSERT, UPDATE, DELETE}
        assert rights_in(store) == {CREATE, TEMPORARY}


@pytest.mark.parametrize("dialect", SERVERS)
def test_an_account_that_may_read_may_do_nothing_else(dialect: str, database) -> None:
    url = database(dialect)
    run(url, TABLE)
    with open_source(reader_url(url)) as store:
        assert rights_on(store, "t") == {SELECT}
        assert rights_in(store) == frozenset()


@pytest.mark.parametrize("dialect", SERVERS)
def test_rights_on_one_table_or_one_column_are_its_own(dialect: str, database) -> None:
    url = database(dialect)
    run(url, TABLE, "CREATE TABLE {t}u (id integer PRIMARY KEY)")
    reader = reader_url(url)
    who = READER if dialect == "postgresql" else f"{READER}@'{HOST}'"
    on = "" if dialect == "postgresql" else f"{url.database}."
    run(url, f"GRANT INSERT ON {on}t TO {who}", f"GRANT UPDATE (a) ON {on}t TO {who}")
    with open_source(reader) as store:
        assert rights_on(store, "t") == {SELECT, INSERT, UPDATE}
        assert rights_on(store, "u") == {SELECT}


def test_rights_of_a_role_count_in_mariadb(database) -> None:
    url = database("mariadb")
    run(url, TABLE)
    reader = reader_url(url)
    role = f"r{os.getpid()}"
    try:
        run(
            url,
            f"CREATE ROLE {role}",
            f"GRANT DELETE, CREATE TEMPORARY TABLES ON {url.database}.* TO {role}",
            f"GRANT {role} TO {READER}@'{HOST}'",
        )
        with open_source(reader) as store:
            assert rights_on(store, "t") == {SELECT}
            store.run(f"SET ROLE {role}")
            assert rights_on(store, "t") == {SELECT, DELETE}
            assert rights_in(store) == {TEMPORARY}
    finally:
        run(url, f"DROP ROLE IF EXISTS {role}")


def test_a_file_that_may_not_be_written_may_be_read(tmp_path: Path, monkeypatch) -> None:
    url = sqlite_url(tmp_path / "t.db")
    (tmp_path / "t.db").touch()
    run(url, TABLE)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path / "t.db")
    with open_target(url, write=False) as store:
        assert rights_on(store, "t") == {SELECT}
        assert rights_in(store) == {TEMPORARY}


def test_of_other_databases_nothing_is_known(database) -> None:
    with open_source(database("sqlite")) as store:
        store.dialect = "oracle"
        assert rights_on(store, "t") is None
        assert rights_in(store) is None


def test_a_name_that_needs_quotes_is_asked_for_as_it_is(database) -> None:
    url = database("postgresql")
    run(url, 'CREATE TABLE "Hồ ""Sơ""" (id integer PRIMARY KEY)')
    with open_source(sa.make_url(url)) as store:
        assert rights_on(store, 'Hồ "Sơ"') == {SELECT, INSERT, UPDATE, DELETE}
