"""Databases of DuckDB, for sources that are copied to be read."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

Made = Callable[[str], sa.URL]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """What makes a database by statements."""

    def make(statements: str) -> sa.URL:
        url = sa.URL.create("duckdb", database=str(tmp_path / "old.duckdb"))
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET TimeZone = 'Asia/Ho_Chi_Minh'")
            for one in filter(str.strip, statements.split(";\n")):
                connection.exec_driver_sql(one)
        engine.dispose()
        return url

    return make
