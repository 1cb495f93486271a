"""One expression asked of SQLite, PostgreSQL and MariaDB, over the same values."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from merger.systems.functions import session
from merger.systems.functions.construct import Element
from merger.systems.sqlite_functions import register
from merger.testing.servers.fixtures import DIALECTS, MakeDatabase

TEXTS = {"mariadb": "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"}


class Asked:
    """A connection to an empty database of one dialect."""

    def __init__(self, dialect: str, connection: sa.Connection) -> None:
        self.dialect = dialect
        self.connection = connection
        for statement in session(dialect):
            connection.exec_driver_sql(statement)

    def table(self, values: Sequence[object], declared: str = "") -> sa.Table:
        """A table with a column `v` of a type (text, compared without regard to case, unless said)."""
        kind = declared or TEXTS.get(self.dialect, "text")
        self.connection.exec_driver_sql("DROP TABLE IF EXISTS t")
        self.connection.exec_driver_sql(f"CREATE TABLE t (i integer, v {kind} NULL)")
        rows = [{"i": number, "v": value} for number, value in enumerate(values)]
        given = f"CAST(:v AS {declared})" if declared and self.dialect == "postgresql" else ":v"
        self.connection.execute(sa.text(f"INSERT INTO t VALUES (:i, {given})"), rows)
        return sa.Table("t", sa.MetaData(), autoload_with=self.connection)

    def ask(self, table: sa.Table, *expressions: Element) -> list[tuple[object, ...]]:
        """The values of expressions, for every row in the order of its value."""
        asked = sa.select(*expressions).select_from(table).order_by(table.c.i)
        return [tuple(row) for row in self.connection.execute(asked)]


@pytest.fixture(params=DIALECTS)
def asked(request: pytest.FixtureRequest, open_: Callable[[str], Asked]) -> Asked:
    return open_(request.param)


@pytest.fixture
def three(open_: Callable[[str], Asked]) -> list[Asked]:
    return [open_(dialect) for dialect in DIALECTS]


@pytest.fixture
def open_(database: MakeDatabase) -> Iterator[Callable[[str], Asked]]:
    with ExitStack() as ends:

        def make(dialect: str) -> Asked:
            if dialect == "sqlite":
                engine = sa.create_engine("sqlite://", creator=_sqlite, poolclass=sa.StaticPool)
            else:
                engine = sa.create_engine(database(dialect), poolclass=sa.NullPool)
            ends.callback(engine.dispose)
            return Asked(dialect, ends.enter_context(engine.connect()))

        yield make


def _sqlite() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    register(connection)
    return connection
