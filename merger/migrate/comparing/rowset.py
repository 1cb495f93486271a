"""One side of a comparison: a query for rows, and the questions that are asked about it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from merger.systems.functions import exact, fenced, fold

OWN = ("key", "bucket", "hash")


@dataclass(frozen=True)
class RowSet:
    """Rows of one database, as `select` yields them, read through `connection`.

    `select` yields `key` (text, byte-exact, the same in every database), `bucket` (integer, made of the
    key) and `hash` (32 bytes, never NULL, of the key and the row), and, where `cells` will be asked, the
    canonical texts of the columns under their names. What a question does not need, the database need not
    compute. `among` narrows `select` to rows of given keys in a way that its indexes serve; without it every
    question for keys reads the whole set. The connection is in a transaction; that both sides stand still
    while they are compared is the caller's concern (snapshots).
    """

    connection: sa.Connection
    select: sa.Select[Any]
    among: Callable[[Sequence[str]], sa.ColumnElement[bool]] | None = None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns whose texts `select` yields, in its order."""
        return tuple(name for name in self.select.selected_columns.keys() if name not in OWN)  # noqa: SIM118

    def sums(self) -> sa.Select[Any]:
        """One row a bucket: bucket, rows, rows with a key, then the parts of the fold of their hashes."""
        own = [self.select.selected_columns[name] for name in OWN]
        rows = fenced(self.select.with_only_columns(*own, maintain_column_froms=True), "rows").c
        counts = sa.func.count().label("rows"), sa.func.count(rows.key).label("keyed")
        return sa.select(rows.bucket, *counts, *fold(rows.hash)).group_by(rows.bucket)

    def keyless(self) -> sa.Select[Any]:
        """The rows without a key, by hash."""
        rows = self.select.subquery("rows").c
        return sa.select(rows.key, rows.hash).where(rows.key.is_(None)).order_by(rows.hash)

    def keyed(self, buckets: Iterable[int | None] | None) -> sa.Select[Any]:
        """Key and hash of the rows in `buckets` (all, where None), in the byte order of keys."""
        rows = self.select.subquery("rows").c
        asked = sa.select(rows.key, rows.hash).where(rows.key.is_not(None))
        if buckets is not None:
            asked = asked.where(_in(rows.bucket, buckets))
        return asked.order_by(exact(rows.key), rows.hash)

    def texts(self, keys: Sequence[str]) -> sa.Select[Any]:
        """Key, hash and the columns' texts of the rows with these keys, in the byte order of keys."""
        narrowed = self.select if self.among is None else self.select.where(self.among(keys))
        rows = narrowed.subquery("rows").c
        asked = sa.select(rows.key, rows.hash, *[rows[name] for name in self.columns])
        if self.among is None:
            asked = asked.where(exact(rows.key).in_(keys))
        return asked.order_by(exact(rows.key), rows.hash)


def _in(bucket: sa.ColumnElement[int], buckets: Iterable[int | None]) -> sa.ColumnElement[bool]:
    numbers = sorted(number for number in buckets if number is not None)
    listed = sa.bindparam(None, numbers, sa.Integer, expanding=True, literal_execute=True)
    among = bucket.in_(listed)
    return among if None not in buckets else sa.or_(among, bucket.is_(None))
