"""Lines where the database itself joins the columns of a row to one value, which spares the driver the
columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from merger.systems.stores.base import Select
from merger.systems.stores.failures import PART, DatabaseFailed
from merger.systems.stores.lines import CHUNK, from_joined, in_chunks

ROWS = 500
"""Rows that are joined to lines at a time, at most."""

Joined = Callable[[Sequence[sa.ColumnElement[str]]], sa.ColumnElement[bytes]]


def joined_select(select: Select, joined: Joined) -> sa.Select[*tuple[Any, ...]]:
    """A select of one joined value a row, in the order of the rows. The order of one that is DISTINCT or made
    of several is not kept, since databases forget the order of what is within."""
    if isinstance(select, sa.Select) and not select._distinct:
        return select.with_only_columns(joined(list(select.selected_columns)), maintain_column_froms=True)
    inner = select.subquery()
    return sa.select(joined(list(inner.columns)))


def joined_lines(cursor: Any, columns: int) -> Iterator[bytes]:
    """The rows of a driver's cursor over a joined select as lines."""
    return in_chunks(from_joined(rows, columns) for rows in _fetched(cursor))


def _fetched(cursor: Any) -> Iterator[list[bytes]]:
    """Rows so many at a time, or fewer that are large."""
    rows: list[bytes] = []
    length = 0
    for (value,) in cursor:
        if value is None:
            raise DatabaseFailed(PART + "too-large")
        rows.append(value)
        length += len(value)
        if len(rows) == ROWS or length >= CHUNK:
            yield rows
            rows, length = [], 0
    if rows:
        yield rows
