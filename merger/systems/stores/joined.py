"""Lines where the database itself joins the columns of a row to one value, which spares the driver the
columns."""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from merger.systems.canonical import BLOB
from merger.systems.functions.files import FILE_MARK
from merger.systems.stores.base import Select
from merger.systems.stores.failures import PART, DatabaseFailed
from merger.systems.stores.lines import CHUNK, LARGE, PIECE, all_from_joined
from merger.systems.stores.lines import Joined as Found

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


def joined_lines(cursor: Any, columns: int, *, files: bool = False) -> Iterator[bytes]:
    """The rows of a driver's cursor over a joined select as lines. `files`: further columns have the files
    that are to stand for the FILE_MARKs of a row, NULL where there is none."""
    return all_from_joined(_fetched(cursor, files), columns)


def _fetched(cursor: Any, files: bool) -> Iterator[Found]:
    """Rows so many at a time, or fewer; a large one by itself."""
    rows: list[bytes] = []
    length = 0
    for row in cursor:
        value = row[0]
        if value is None:
            raise DatabaseFailed(PART + "too-large")
        if len(value) > LARGE or (files and any(row[1:])):
            if rows:
                yield rows
            rows, length = [], 0
            large = _pieces(row)
            del row, value  # or two rows would be held while the next one comes
            yield large
            continue
        rows.append(value)
        length += len(value)
        if len(rows) == ROWS or length >= CHUNK:
            yield rows
            rows, length = [], 0
    if rows:
        yield rows


def _pieces(row: Sequence[bytes | None]) -> Iterator[bytes]:
    """A large row in pieces, its files written as digits."""
    value, *files = filter(None, row)
    texts = value.split(FILE_MARK) if files else [value]
    for text, file in zip(texts, [*files, b""], strict=True):
        yield from _parts(text)
        if file:
            yield BLOB.encode()
            yield from map(hexlify, _parts(file))


def _parts(value: bytes) -> Iterator[bytes]:
    return (value[at : at + PIECE] for at in range(0, len(value), PIECE))
