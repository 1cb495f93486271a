import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.systems import sqlite_literals
from merger.systems.stores import open_pair, open_target


def made(folder: Path, name: str) -> sa.URL:
    with closing(sqlite3.connect(folder / name)) as connection:
        connection.execute("CREATE TABLE t (v TEXT)")
    return sa.URL.create("sqlite", database=str(folder / name))


@pytest.fixture
def file(tmp_path: Path) -> sa.URL:
    return made(tmp_path, "a.db")


def test_another_connection_takes_literals_with_their_values_and_indexes(
    file: sa.URL, tmp_path: Path
) -> None:
    rows = [("Hòa", 1, b"\0\xff"), (None, None, None), ("", -(2**63), b"")]
    with open_target(file, write=True) as one, open_pair(made(tmp_path, "b.db"), one) as source:
        table = source.literals("of two", {"a": "text", "b": "integer", "c": "bytes"}, rows, key=["a", "b"])
        source.literals("empty", {"a": "text"}, [])
        with one.transaction():
            one.land("merger_landing", {"v": "text"}, [b"Nguyen\n"])
        kept = one.kept_literals()
        assert kept is not None
        assert b"Nguyen" not in kept
        with open_target(file, write=True) as other:
            other.take_literals(kept)
            assert other.connection.execute(sa.select(table)).all() == rows
            assert other.connection.exec_driver_sql("SELECT count(*) FROM temp.empty").scalar() == 0
            indexes = other.connection.exec_driver_sql("PRAGMA temp.index_info('of two_key')").all()
            assert [name for _, _, name in indexes] == ["a", "b"]


def test_literals_of_very_many_rows_are_not_given_to_others(
    file: sa.URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_literals, "CARRIED", 2)
    with open_target(file, write=True) as store:
        store.literals("few", {"a": "text"}, [("a",), ("b",)])
        assert store.kept_literals() is not None
        store.literals("more", {"a": "text"}, [("a",)])
        assert store.kept_literals() is None
