"""The same answers from every pair of databases."""

import tracemalloc
from contextlib import ExitStack, contextmanager
from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy import pool

from merger.migrate.comparing import Cell, Comparison, Differing, RowSet, cells, differing
from merger.systems.canonical import row_hash
from merger.systems.stores import open_source
from tests.migrate.comparing.sets import Row, fill, rowset

DIALECTS = ("sqlite", "postgresql", "mariadb")
PAIRS = list(product(DIALECTS, DIALECTS))
COMMON: list[Row] = [(f"H{n}", f"Nguyễn Văn {n}", "Đà Lạt \U00020b9f") for n in range(1200)]
TWICE: list[Row] = [("twice", "a", "1"), ("twice", "a", "1"), (None, "keyless", None), (None, "keyless", "")]
ODD = ["Hòa", "Hoà", "hòa", "Hoa", "a", "a ", "A", "\U00020b9f", "ﬀ", "-", " "]


@pytest.fixture
def opened(database):
    """`opened(dialect, {table: rows})`: a connection that reads a new database with these rows."""

    @contextmanager
    def give(dialect: str, name: str, tables: dict[str, list[Row]]):
        url = database(dialect, name)
        engine = sa.create_engine(url, poolclass=pool.NullPool)
        with engine.begin() as connection:
            for table_name, rows in tables.items():
                fill(connection, rows, table_name)
        with open_source(url) as store, store.snapshot():
            yield store

    return give


def of(store, name: str = "rows") -> RowSet:
    return rowset(store.connection, name, schema=store.schema)


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_of_a_long_text_that_differs_a_hash_is_told(opened, one, two, monkeypatch):
    monkeypatch.setattr("merger.migrate.comparing.rowset.LONG", 150)
    long = "ă" * 150
    a, b = ([("k", text, long), ("l", "x", long + text)] for text in ("1", "2"))
    with ExitStack() as stack:
        left = of(stack.enter_context(opened(one, "a", {"rows": a})))
        right = of(stack.enter_context(opened(two, "b", {"rows": b})))
        short, told = cells(left, right, ["k", "l"])
    assert short == Cell("k", "name", "1", "2")
    hashes = [f"SHA-256 \\x{row_hash(long + text).hex()}" for text in ("1", "2")]
    assert told == Cell("l", "place", *hashes)


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_what_differs_is_told_alike_by_every_pair(opened, one, two):
    a = [*COMMON, *TWICE, *[(key, "a", None) for key in ODD], ("gone", "1", "1")]
    b = [*COMMON[::-1], *TWICE[:1], TWICE[3], *[(key, "b", None) for key in ODD], ("new", "1", "1")]
    b[7] = (b[7][0], b[7][1], "Đà Lạt")
    with ExitStack() as stack:
        left = of(stack.enter_context(opened(one, "a", {"rows": a})))
        right = of(stack.enter_context(opened(two, "b", {"rows": b})))
        found = list(differing(left, right))
        changed = sorted([*ODD, b[7][0]])
        expected = {("gone", "missing"), ("new", "extra"), ("twice", "missing"), (None, "missing")}
        assert set(found) == expected | {(key, "changed") for key in changed}
        assert len(found) == len(set(found))
        assert [key for key, _ in found[1:]] == sorted(key for key, _ in found[1:])
        assert list(cells(left, right, [key for key, kind in found if kind == "changed"])) == sorted(
            [Cell(key, "name", "a", "b") for key in ODD]
            + [Cell(b[7][0], "place", "Đà Lạt \U00020b9f", "Đà Lạt")]
        )


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_equal_rows_have_equal_sums_in_every_pair(opened, one, two):
    rows = [*COMMON, *TWICE, *[(key, None, key) for key in ODD]]
    with ExitStack() as stack:
        left = of(stack.enter_context(opened(one, "a", {"rows": rows})))
        right = of(stack.enter_context(opened(two, "b", {"rows": rows[::-1]})))
        compared = Comparison(left, right)
        assert compared.equal
        assert compared.a == compared.b
        assert (compared.a.rows, compared.a.keyless) == (len(rows), 2)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_sets_of_one_connection_are_compared_and_it_serves_on(opened, dialect):
    with opened(dialect, "a", {"rows": COMMON, "others": COMMON[1:]}) as store:
        found = differing(of(store), of(store, "others"))
        assert next(found) == Differing("H0", "missing")
        found.close()
        assert store.connection.execute(
            sa.select(sa.func.count()).select_from(of(store).select.subquery())
        ).scalar()
        assert list(differing(of(store, "others"), of(store))) == [Differing("H0", "extra")]


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_memory_does_not_grow_with_the_rows(opened, dialect):
    many: list[Row] = [(str(n), "x" * 100, None) for n in range(30_000)]
    with opened(dialect, "a", {"rows": many}) as one, opened(dialect, "b", {"rows": []}) as two:
        tracemalloc.start()
        try:
            assert sum(1 for _ in differing(of(one), of(two))) == 30_000
            assert tracemalloc.get_traced_memory()[1] < 5 << 20
        finally:
            tracemalloc.stop()
