import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.systems.stores import open_source


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ("id INTEGER PRIMARY KEY", True),
        ("id INTEGER PRIMARY KEY AUTOINCREMENT", True),
        ("id INTEGER, PRIMARY KEY (id)", True),
        ("id INTEGER PRIMARY KEY DESC", False),
        ("id INT PRIMARY KEY", False),
        ("id TEXT PRIMARY KEY", False),
        ("id INTEGER UNIQUE", False),
        ("id INTEGER, other INTEGER, PRIMARY KEY (id, other)", False),
    ],
)
def test_only_the_number_of_a_row_is_sure_to_be_a_key_in_sqlite(
    tmp_path: Path, declared: str, kept: bool
) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute(f"CREATE TABLE t ({declared})")
    with open_source(sa.URL.create("sqlite", database=str(tmp_path / "a.db"))) as store:
        assert store.keeps_key("t", ("id",)) is kept
        assert not store.keeps_key("t", ("other",))
