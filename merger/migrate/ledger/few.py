"""Rows of the ledger that are found by the keys of few others."""

from collections.abc import Collection

import sqlalchemy as sa

from merger.systems.expressions import Column


def of_few(row: sa.FromClause, keys: Column, connection: sa.Connection) -> sa.ColumnElement[bool]:
    """Says of rows of the ledger once more that their keys are among those of a small table, as a join says
    already: SQLite knows of no table how large it is, and would begin with all the ledger's rows of a
    dataset."""
    if connection.dialect.name != "sqlite":
        return sa.true()
    return row.c.source_key.in_(sa.select(keys))


def of_datasets(row: sa.FromClause, numbers: Collection[int]) -> sa.ColumnElement[bool]:
    """Says of rows of the ledger that are looked up by their keys in the target which datasets they are of.
    SQLite would take that for the narrower condition, and look through all rows of these datasets each time:
    so it is said in words that no index serves."""
    return (row.c.dataset_id + 0).in_(list(numbers))
