import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.migrate.comparing.reading import both
from merger.systems.functions import row_hash
from merger.systems.stores import open_target


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t (v TEXT)")
        made.executemany("INSERT INTO t VALUES (?)", [("Hòa",), (None,), ("",)])
        made.commit()
    return tmp_path / "a.db"


def asked() -> sa.Select[tuple[object, ...]]:
    v: sa.ColumnElement[str] = sa.column("v")
    return sa.select(v, row_hash([v])).select_from(sa.table("t", schema="tgt")).order_by(v)


def test_another_process_answers_as_this_one_does(file: Path) -> None:
    with open_target(sa.URL.create("sqlite", database=str(file)), write=False) as store, store.snapshot():
        prepare = store.apart()
        assert prepare is not None
        answer = prepare(asked())()
        assert answer == [tuple(one) for one in store.connection.execute(asked())]


def test_what_another_process_cannot_answer_is_asked_here(file: Path) -> None:
    url = sa.URL.create("sqlite", database=str(file))
    with open_target(url, write=False) as store, open_target(url, write=False) as other:
        a, b = both(store.connection, asked(), other.connection, asked(), lambda _: lambda: None)
        assert [tuple(one) for one in a] == [tuple(one) for one in b]
        assert len(b) == 3


def test_a_file_that_may_change_meanwhile_is_not_asked_apart(file: Path) -> None:
    url = sa.URL.create("sqlite", database=str(file))
    with open_target(url, write=False) as store:
        assert store.apart() is None
    with closing(sqlite3.connect(file)) as made:
        made.execute("PRAGMA journal_mode = wal")
    with open_target(url, write=False) as store, store.snapshot():
        assert store.apart() is None
