"""What a store says of tables, and tables that travel within statements."""

import pytest
import sqlalchemy as sa

from merger.systems.functions import exact
from merger.systems.kinds import Kind
from merger.systems.stores import open_source, open_target
from merger.systems.stores.rendered import rendered
from tests.systems.stores.support import DIALECTS, run

NAMED = (
    "CREATE TABLE {t}<HoSo %s> (<Mã> varchar(13) NOT NULL, <order> decimal(18,2), <100%> int, <a b> int,"
    " PRIMARY KEY (<Mã>), UNIQUE (<order>, <100%>))",
    "INSERT INTO {t}<HoSo %s> VALUES ('H36', 1.50, 2, 3)",
)
"""Names between angle brackets, to be written in the quotes of a database."""


def quoted(dialect: str, statement: str) -> str:
    mark = "`" if dialect == "mariadb" else '"'
    return statement.replace("<", mark).replace(">", mark)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_names_of_any_case_and_words_of_sql_are_found(dialect: str, database) -> None:
    url = database(dialect)
    run(url, *[quoted(dialect, one) for one in NAMED])
    with open_source(url) as store:
        columns = store.columns("HoSo %s")
        assert list(columns) == ["Mã", "order", "100%", "a b"]
        assert (columns["Mã"].width, columns["Mã"].nullable, columns["Mã"].kind) == (13, False, Kind.TEXT)
        assert columns["Mã"].declared.lower() in ("varchar(13)", "character varying(13)")
        assert columns["order"].nullable
        assert store.primary_key("HoSo %s") == ("Mã",)
        assert store.uniques("HoSo %s") == [("order", "100%")]
        table = store.table("HoSo %s")
        assert tuple(store.connection.execute(sa.select(table.c["Mã"], table.c["100%"])).one()) == ("H36", 2)
        assert store.has_table("HoSo %s")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_table_that_is_not_there_has_no_columns(dialect: str, database) -> None:
    url = database(dialect)
    with open_target(url, True) as store:
        assert (store.columns("later"), store.has_table("later")) == ({}, False)
        store.run("CREATE TABLE tgt.later (a int)" if dialect == "sqlite" else "CREATE TABLE later (a int)")
        store.forget()
        assert list(store.columns("later")) == ["a"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_unique_indexes_count_and_partial_ones_do_not(dialect: str, database) -> None:
    url = database(dialect)
    run(url, "CREATE TABLE {t}t (a int, b int, c int)")
    on = "tgt.{name} ON t" if dialect == "sqlite" else "{name} ON t"
    made = [
        f"CREATE UNIQUE INDEX {on.format(name='one')} (b, a)",
        f"CREATE INDEX {on.format(name='two')} (c)",
    ]
    if dialect != "mariadb":
        made.append(f"CREATE UNIQUE INDEX {on.format(name='three')} (c) WHERE c > 1")
    run(url, *made)
    with open_source(url) as store:
        assert store.uniques("t") == [("b", "a")]
        assert store.primary_key("t") == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_view_is_read_as_a_table(dialect: str, database) -> None:
    url = database(dialect)
    run(url, "CREATE TABLE {t}t (a int)", "CREATE VIEW {t}v AS SELECT a FROM t")
    with open_source(url) as store:
        assert list(store.columns("v")) == ["a"]


ROWS = [
    ("Hòa", 1, b"\x00\xff"),
    ("hòa", None, b""),
    (None, 3, None),
    ("", -(2**63), b"'"),
    ("x" * 400, 5, None),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("key", [(), ("t",)])
def test_literals_stay_as_they_are(dialect: str, key, database) -> None:
    with open_source(database(dialect)) as store:
        given = store.literals("given", {"t": "text", "n": "integer", "b": "bytes"}, ROWS, key)
        columns = given.c.t, given.c.n, given.c.b
        found = [tuple(row) for row in store.connection.execute(sa.select(*columns))]
        assert sorted(found, key=repr) == sorted(ROWS, key=repr)
        again = given.alias("again")
        same = sa.select(sa.func.count()).select_from(given.join(again, given.c.t == again.c.t))
        assert store.connection.execute(same).scalar() == 4
        none = store.literals("given", {"t": "text", "n": "integer", "b": "bytes"}, [], key)
        assert store.connection.execute(sa.select(none)).all() == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_literals_are_joined_by_a_hash_or_a_key(dialect: str, database) -> None:
    url = database(dialect)
    run(url, "CREATE TABLE {t}t (id integer PRIMARY KEY, code varchar(20))")
    with open_target(url, True) as store, store.transaction():
        lines = [b"".join(b"%d\t%05d\n" % (number, number % 5000) for number in range(20_000))]
        assert store.copy_into("t", ["id", "code"], lines) == 20_000
    if dialect != "sqlite":
        run(url, "ANALYZE t" if dialect == "postgresql" else "ANALYZE TABLE t")
    with open_source(url) as store:
        rows = [(f"{number:05d}", number) for number in range(1000)]
        given = store.literals("given", {"code": "text", "n": "integer"}, rows, key=["code"])
        table = store.table("t")
        here = store.matching(given, {"code": table.c.code})
        asked = sa.select(table.c.id, given.c.n).select_from(table.outerjoin(given, here))
        found = store.connection.execute(asked).all()
        assert (len(found), sum(row.n is not None for row in found)) == (20_000, 4000)
        statement, values = rendered(store.connection, asked, None)
        said = explained(store, statement, values)
        assert {"postgresql": "Hash Left Join", "mariadb": "key0", "sqlite": "given_key"}[dialect] in said


@pytest.mark.parametrize("dialect", DIALECTS)
def test_literals_are_matched_byte_by_byte_by_all_texts_of_their_key(dialect: str, database) -> None:
    url = database(dialect)
    collated = "varchar(20) COLLATE utf8mb4_unicode_ci" if dialect == "mariadb" else "varchar(20)"
    rows = [("a", "b"), ("A", "b"), ("a ", "b"), ("á", "b"), ("ab", ""), ("", "ab"), ("a", None), (None, "a"),
            (None, None), ("", ""), ("\x02", "b")]  # fmt: skip
    values = ", ".join(
        f"({at}, {', '.join('NULL' if one is None else repr(one) for one in row)})"
        for at, row in enumerate(rows)
    ).replace(r"'\x02'", "'\x02'")
    run(url, f"CREATE TABLE {{t}}t (id integer PRIMARY KEY, p {collated}, q {collated})",
        f"INSERT INTO {{t}}t VALUES {values}")  # fmt: skip
    given = [(*("\x02" if one is None else one for one in row), at) for at, row in enumerate(rows)]
    given = [row for row in given if row[:2] != ("\x02", "b")]
    with open_source(url) as store:
        literals = store.literals("given", {"p": "text", "q": "text", "n": "integer"}, given, key=["p", "q"])
        table = store.table("t")
        texts = {"p": exact(table.c.p), "q": exact(table.c.q)}
        for nothing, kept in (("\x02", range(10)), ("", [0, 1, 2, 3, 4, 5, 9])):
            there = literals.alias("l")
            joined = table.join(there, store.matching(there, texts, nothing))
            asked = sa.select(table.c.id, there.c.n).select_from(joined)
            assert sorted(store.connection.execute(asked)) == [(at, at) for at in kept]


def explained(store, statement: str, values) -> str:
    raw = store.connection.connection.driver_connection
    if store.dialect == "postgresql":
        from psycopg import ClientCursor

        cursor = ClientCursor(raw)
    else:
        cursor = raw.cursor()
    cursor.execute(("EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN ") + statement, values)
    return "\n".join(map(str, cursor.fetchall()))
