"""Databases on the servers that the whole run shares, and what their accounts may do."""

import pytest
import sqlalchemy as sa
from sqlalchemy import exc, pool

from merger.testing.servers import mariadb, postgresql, reader_url

SERVERS = {"postgresql": postgresql, "mariadb": mariadb}
servers = pytest.mark.parametrize("dialect", sorted(SERVERS))


def engine(url):
    return sa.create_engine(url, poolclass=pool.NullPool)


def told(url, statement):
    with engine(url).connect() as connection:
        return connection.scalar(sa.text(statement))


def do(url, *statements):
    with engine(url).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.mark.parametrize("dialect", ["sqlite", *sorted(SERVERS)])
def test_a_database_is_empty_and_keeps_every_character(database, dialect):
    url = database(dialect, "old Province")
    assert sa.inspect(engine(url)).get_table_names() == []
    do(url, "CREATE TABLE t (a varchar(20))", "INSERT INTO t VALUES ('Đắk Nông 𠀋')")
    assert told(url, "SELECT a FROM t") == "Đắk Nông 𠀋"


@servers
def test_databases_of_one_name_are_two(database, dialect):
    first, second = database(dialect, "same"), database(dialect, "same")
    do(first, "CREATE TABLE t (a int)")
    assert first.database != second.database
    assert sa.inspect(engine(second)).get_table_names() == []


@servers
def test_a_reader_reads_and_writes_nothing(database, dialect):
    url = database(dialect)
    do(url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
    reader = reader_url(url)
    assert told(reader, "SELECT a FROM t") == 1
    for statement in (
        "INSERT INTO t VALUES (2)",
        "UPDATE t SET a = 2",
        "DELETE FROM t",
        "CREATE TABLE u (a int)",
        "CREATE TEMPORARY TABLE u (a int)",
    ):
        with pytest.raises(exc.DBAPIError, match="denied"):
            do(reader, statement)
    assert told(url, "SELECT sum(a) FROM t") == 1


@servers
def test_a_reader_also_reads_what_is_made_later(database, dialect):
    url = database(dialect)
    reader = reader_url(url)
    do(url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
    assert told(reader, "SELECT a FROM t") == 1


@servers
def test_a_reader_of_one_database_does_not_read_another_of_a_similar_name(private_server, dialect):
    server = private_server(dialect)
    mine, other = server.create("a_b"), server.create("axb")
    do(other, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
    reader = reader_url(mine)
    with pytest.raises(exc.DBAPIError, match="denied"):
        told(reader.set(database="axb"), "SELECT a FROM t")


def test_the_reader_of_a_file_has_its_url(database):
    url = database("sqlite")
    assert reader_url(url) == url


@servers
def test_a_database_is_dropped_though_somebody_is_connected(private_server, dialect):
    server = private_server(dialect)
    url = server.create("busy")
    do(url, "CREATE TABLE t (a int)")
    with engine(url).connect() as connection:
        connection.execute(sa.text("SELECT * FROM t"))
        server.drop("busy")
        with pytest.raises(exc.DBAPIError):
            connection.execute(sa.text("SELECT * FROM t"))
    with pytest.raises(exc.DBAPIError, match="busy"):
        told(url, "SELECT 1")


def test_mariadb_takes_accents_and_case_for_the_same(database):
    assert told(database("mariadb"), "SELECT 'Hòa' = 'hoa'") == 1


def test_postgresql_sorts_as_in_vietnamese_where_it_can(database):
    url = database("postgresql")
    if int(told(url, "SHOW server_version_num")) < 150000:
        pytest.skip("PostgreSQL before 15 has no such databases")
    assert told(url, "SELECT 'đ' < 'e'") is True


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [("postgresql", "SHOW timezone"), ("mariadb", "SELECT @@time_zone")],
)
def test_servers_do_not_live_in_utc(database, dialect, statement):
    assert told(database(dialect), statement) in ("Asia/Ho_Chi_Minh", "+07:00")
