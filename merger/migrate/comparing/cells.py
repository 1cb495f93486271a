"""In which columns rows of the same key differ."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import NamedTuple, TypeAlias

from merger.migrate.comparing.merging import merged
from merger.migrate.comparing.reading import Rows, streams
from merger.migrate.comparing.rowset import RowSet

KEYS = 1_000
FETCH = 50
Texts: TypeAlias = "tuple[str | None, ...]"


class Cell(NamedTuple):
    """A value that differs: its canonical text in the first set and in the second, None for NULL; of a text
    that is `LONG`, the hash of a row of it alone."""

    key: str
    column: str
    a: str | None
    b: str | None


def cells(a: RowSet, b: RowSet, keys: Iterable[str], *, chunk: int = KEYS) -> Iterator[Cell]:
    """The columns that differ in the rows with these keys, as both sets write them.

    Both selects must yield the same columns, or ValueError is raised. A row that only one side has yields
    nothing. Of rows that share a key, those that are equal (by `hash`) on both sides are left out, and the
    rest are compared in the order of their hashes. Keys are asked for `chunk` at a time; within a chunk
    cells come in the byte order of keys. Give `among` to sets whose keys are many: without it each chunk
    reads the set once."""
    columns = a.columns
    if columns != b.columns:
        raise ValueError("the columns of both sets must be the same")
    left = iter(keys)
    while part := list(dict.fromkeys(islice(left, chunk))):
        with streams(a.connection, a.texts(part), b.connection, b.texts(part), FETCH) as (rows_a, rows_b):
            for key, mine, other in _unequal(rows_a, rows_b):
                for column, text_a, text_b in zip(columns, mine, other, strict=True):
                    if text_a != text_b:
                        yield Cell(key, column, text_a, text_b)


def _unequal(a: Rows, b: Rows) -> Iterator[tuple[str, Texts, Texts]]:
    for key, rows in groupby(merged(_hashed(a), _hashed(b)), key=lambda row: row[0][0]):
        mine: list[Texts] = []
        other: list[Texts] = []
        for _, in_a, in_b in rows:
            if in_a is None and in_b is not None:
                other.append(in_b)
            elif in_b is None and in_a is not None:
                mine.append(in_a)
        for one_a, one_b in zip(mine, other, strict=False):
            yield key, one_a, one_b


def _hashed(rows: Rows) -> Iterator[tuple[tuple[str, bytes], Texts]]:
    for row in rows:
        key, digest, *texts = row
        yield (key, bytes(digest)), tuple(texts)
