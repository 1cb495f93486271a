"""Questions whose answer is small, though they are asked of every row."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from merger.errors import MergerError


@contextmanager
def few_groups(connection: sa.Connection) -> Iterator[None]:
    """Lets PostgreSQL group by hash tables within the block. It guesses badly how many groups expressions
    make, and sorts all rows where it takes them for many. Does nothing in other databases."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET enable_sort = off")
    try:
        yield
    finally:
        with suppress(MergerError, sa.exc.SQLAlchemyError):  # the connection may be lost
            connection.exec_driver_sql("RESET enable_sort")
