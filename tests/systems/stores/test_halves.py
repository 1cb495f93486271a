import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.systems.stores import Store, open_source
from merger.systems.stores import sqlite as store_of_sqlite

ROWS = [(number, ("a", "b", None)[number % 3], "1" if number % 2 else 1) for number in range(-20, 21)]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(store_of_sqlite, "WORTH_HALVES", 10)
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b)")
        made.executemany("INSERT INTO t VALUES (?, ?, ?)", ROWS)
        made.execute("CREATE TABLE named (id TEXT PRIMARY KEY)")
        made.execute("CREATE TABLE small (id INTEGER PRIMARY KEY)")
        made.commit()
    url = sa.URL.create("sqlite", database=str(tmp_path / "a.db"))
    with open_source(url) as opened, opened.snapshot():
        yield opened


def test_two_processes_count_rows_as_one_does(store: Store) -> None:
    names = store.literals("names", {"a": "text", "said": "text"}, [("a", "x"), ("b", "y")], key=["a"])
    rows = store.table("t")
    asked = sa.select(names.c.said, rows.c.b).select_from(rows.outerjoin(names, names.c.a == rows.c.a))
    half = store.half("t", ("id",), rows.c.id)
    assert half is not None
    apart = store.apart()
    assert apart is not None
    joined = sa.select(sa.func.count()).select_from(rows.join(names, names.c.a == rows.c.a))
    assert apart(joined)() == [(sum(a is not None for _, a, _ in ROWS),)]
    there = sa.select(sa.func.count()).select_from(rows).where(half)
    assert store.connection.execute(there).scalar() == 21
    wanted = Counter(({"a": "x", "b": "y", None: None}[a], b) for _, a, b in ROWS)
    assert {tuple(one): rows for *one, rows in store.tally(asked, half)} == wanted
    assert sorted(store.tally(asked, half), key=str) == sorted(store.tally(asked), key=str)


@pytest.mark.parametrize("table", ["named", "small"])
def test_only_many_rows_with_numbers_for_keys_are_halved(store: Store, table: str) -> None:
    assert store.half(table, ("id",), store.table(table).c.id) is None


def test_the_distinct_rows_are_those_that_are_counted(store: Store) -> None:
    rows = store.table("t")
    asked = sa.select(rows.c.a, rows.c.b)
    assert Counter(store.distinct(asked)) == Counter(one[:-1] for one in store.tally(asked))
