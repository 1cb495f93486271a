"""One side of a comparison: a query for rows, and the questions that are asked about it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import sqlalchemy as sa

from merger.migrate.comparing.reading import Apart
from merger.systems.functions import exact, fenced, fold, folded, row_digits, summed, sums, sums_undivided

Sums: TypeAlias = dict[int | None, tuple[int, int, str]]
"""By bucket: rows, rows with a key, the sum of their hashes."""
Keys: TypeAlias = "Sequence[str] | sa.Select[tuple[str]]"
OWN = ("key", "bucket", "hash")
LONG = 100_000
"""Characters that a text has at most to be told itself; of a file the databases tell a hash."""


@dataclass(frozen=True)
class RowSet:
    """Rows of one database, as `select` yields them, read through `connection`.

    `select` yields `key` (text, byte-exact, the same in every database), `bucket` (integer, made of the
    key) and `hash` (32 bytes, never NULL, of the key and the row), and, where `cells` will be asked, the
    canonical texts of the columns under their names. What a question does not need, the database need not
    compute. `among` is `select` for rows of given keys, in a way that the indexes serve; without it every
    question for keys reads the whole set. `apart` prepares a question for a process of its own, where there
    can be one (see `Store.apart`). `quick`: the hashes are a database's own (`quick_hash`). The connection is
    in a transaction; that both sides stand still while they are compared is the caller's concern (snapshots).
    """

    connection: sa.Connection
    select: sa.Select[Any]
    among: Callable[[Keys], sa.Select[Any]] | None = None
    apart: Apart | None = None
    quick: bool = False
    half: sa.ColumnElement[bool] | None = None
    divided: bool = True

    def whole(self) -> "RowSet":
        """The same rows, all in one bucket."""
        return replace(self, divided=False)

    def halves(self) -> "tuple[RowSet, RowSet] | None":
        """The rows for which `half` holds, and the others; None where that cannot be told."""
        if self.half is None:
            return None
        return (
            replace(self, select=self.select.where(self.half)),
            replace(self, select=self.select.where(sa.not_(self.half))),
        )

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns whose texts `select` yields, in its order."""
        return tuple(name for name in self.select.selected_columns.keys() if name not in OWN)  # noqa: SIM118

    def sums(self) -> sa.Select[Any]:
        """The question for the set's sums, bucket by bucket; `read_sums` reads its answer."""
        key, bucket, hash_ = own = [self.select.selected_columns[name] for name in OWN]
        if self._plain:
            key, bucket, hash_ = map(_unlabelled, own)
            asked = sums(key, bucket, hash_) if self.divided else sums_undivided(key, hash_)
            return self.select.with_only_columns(asked, maintain_column_froms=True)
        if not self.divided:
            own = [key, sa.literal_column("0", sa.Integer).label(bucket.key), hash_]
        rows = fenced(self.select.with_only_columns(*own, maintain_column_froms=True), "rows").c
        counts = sa.func.count().label("rows"), sa.func.count(rows.key).label("keyed")
        folds = [sa.func.sum(rows.hash).label("fold")] if self.quick else fold(rows.hash)
        return sa.select(rows.bucket, *counts, *folds).group_by(rows.bucket)

    def read_sums(self, answer: Sequence[Sequence[Any]]) -> Sums:
        """Rows, those of them with a key, and the sum of their hashes, by bucket."""
        if self._plain:
            return {bucket: (rows, keyed, total) for bucket, rows, keyed, total in summed(answer[0][0])}
        return {bucket: (rows, keyed, folded(parts)) for bucket, rows, keyed, *parts in answer}

    @property
    def _plain(self) -> bool:
        """Whether SQLite is asked, and the rows are those of tables, not of groups or parts of them."""
        asked = self.select
        whole = not (asked._distinct or asked._group_by_clauses or asked._has_row_limiting_clause)
        return whole and not self.quick and self.connection.dialect.name == "sqlite"

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
        """Key, hash and the columns' texts of the rows with these keys, in the byte order of keys; of texts
        that are LONG, what tells them apart."""
        narrowed = self.select if self.among is None else self.among(keys)
        rows = narrowed.subquery("rows").c
        asked = sa.select(rows.key, rows.hash, *[_told(rows[name]) for name in self.columns])
        if self.among is None:
            asked = asked.where(exact(rows.key).in_(keys))
        return asked.order_by(exact(rows.key), rows.hash)


def _told(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    hashed = sa.literal("SHA-256 ").concat(row_digits([text]))
    return sa.case((sa.func.char_length(text) > LONG, hashed), else_=text).label(text.key)


def _unlabelled(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return column.element if isinstance(column, sa.Label) else column


def _in(bucket: sa.ColumnElement[int], buckets: Iterable[int | None]) -> sa.ColumnElement[bool]:
    numbers = sorted(number for number in buckets if number is not None)
    listed = sa.bindparam(None, numbers, sa.Integer, expanding=True, literal_execute=True)
    among = bucket.in_(listed)
    return among if None not in buckets else sa.or_(among, bucket.is_(None))
