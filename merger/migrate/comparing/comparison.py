"""Which rows differ: one sum a bucket on both sides, then the rows of the buckets that differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, repeat
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from merger.migrate.comparing.merging import merged
from merger.migrate.comparing.reading import Rows, answer_of, beside, both, streams
from merger.migrate.comparing.rowset import RowSet, Sums

MODULUS = 1 << 256
ROWS_A_BUCKET = 1_000
MOST_BUCKETS = 16_384
_LEAST = 1 << 63

Kind = Literal["missing", "extra", "changed"]


class Differing(NamedTuple):
    """A row that differs: `missing` is only in the first set, `extra` only in the second."""

    key: str | None
    kind: Kind


@dataclass(frozen=True)
class Total:
    """A set as a whole: rows, those of them without a key, and the sum modulo 2**256, as 64 hexadecimal
    digits, of the hashes of its rows. These hold the key, or two rows that have changed places would go
    unnoticed."""

    rows: int
    keyless: int
    fold: str


def buckets_for(rows: int) -> int:
    """Into how many buckets a set of so many rows is best divided."""
    return max(1, min(rows // ROWS_A_BUCKET, MOST_BUCKETS))


def differing(a: RowSet, b: RowSet) -> Iterator[Differing]:
    """The rows in which two sets differ; see Comparison.differing."""
    return Comparison(a, b).differing()


class Comparison:
    """Two sets, summed when this is made: `a`, `b` are their totals, `equal` says whether they agree.

    Both sides must divide their keys among buckets in the same way. A database is asked for one pass over
    its rows; the two are asked at once where they have connections of their own."""

    def __init__(self, a: RowSet, b: RowSet, *, alike: bool = False) -> None:
        """`alike`: they most likely agree. They are then summed as a whole, which is quicker than by buckets
        (SQLite: 3.4 instead of 6.4 CPU seconds for a million rows), and divided only where they do not."""
        self._sides = a, b
        whole = _asked(a.whole(), b.whole()) if alike else None
        self._sums: tuple[Sums, Sums] = whole if whole and whole[0] == whole[1] else _asked(a, b)
        self.a, self.b = _total(self._sums[0]), _total(self._sums[1])

    @cached_property
    def buckets(self) -> frozenset[int | None]:
        """The buckets that differ."""
        left, right = self._sums
        return frozenset(one for one in left.keys() | right.keys() if left.get(one) != right.get(one))

    @property
    def equal(self) -> bool:
        return not self.buckets

    def differing(self) -> Iterator[Differing]:
        """The rows that differ, in the byte order of their keys, those without a key first.

        A row is its key and its hash. Of rows that share a key, those that have an equal one on the other
        side do not differ; of the rest as many are `changed` as both sides have, and what is over is
        `missing` or `extra`. One more pass over each side, however many rows differ: only the buckets
        that do are read, or, where most do, everything. Memory does not grow with the rows. Closing the
        iterator ends the reading."""
        if self.equal:
            return
        if any(sums[one][0] > sums[one][1] for sums in self._sums for one in self.buckets & sums.keys()):
            yield from self._read([side.keyless() for side in self._sides], keyless=True)
        everything = 2 * len(self.buckets) > max(len(sums) for sums in self._sums)
        buckets = None if everything else self.buckets
        yield from self._read([side.keyed(buckets) for side in self._sides], keyless=False)

    def _read(self, asked: list[sa.Select[Any]], *, keyless: bool) -> Iterator[Differing]:
        a, b = self._sides
        with streams(a.connection, asked[0], b.connection, asked[1]) as (left, right):
            for key, rows in groupby(merged(_hashed(left), _hashed(right)), key=lambda row: row[0][0]):
                only_a = only_b = 0
                for _, in_a, in_b in rows:
                    only_a += in_b is None
                    only_b += in_a is None
                changed = min(only_a, only_b)
                kinds: dict[Kind, int] = {
                    "changed": changed,
                    "missing": only_a - changed,
                    "extra": only_b - changed,
                }
                for kind, count in kinds.items():
                    yield from repeat(Differing(None if keyless else key, kind), count)


def _hashed(rows: Rows) -> Iterator[tuple[tuple[str, bytes], bool]]:
    return (((key or "", _bytes(digest)), True) for key, digest in rows)


def _bytes(digest: object) -> bytes:
    """A hash as bytes, in the order of the hashes; one of a database's own is a number of 64 bits."""
    return (digest + _LEAST).to_bytes(8) if isinstance(digest, int) else bytes(digest)  # type: ignore[call-overload]


def _asked(a: RowSet, b: RowSet) -> tuple[Sums, Sums]:
    """The sums of both sets. Of two sets over one connection another process is asked for half of the second,
    where it may be."""
    halves = b.halves() if a.connection is b.connection else None
    if halves is None or b.apart is None:
        answers = both(a.connection, a.sums(), b.connection, b.sums(), b.apart)
        return a.read_sums(answers[0]), b.read_sums(answers[1])
    here, there = halves
    with beside(there.connection, there.sums(), b.apart) as other:
        sums = a.read_sums(answer_of(a.connection, a.sums()))
        mine = here.read_sums(answer_of(here.connection, here.sums()))
        return sums, _added(mine, there.read_sums(other()))


def _added(one: Sums, other: Sums) -> Sums:
    nothing = (0, 0, "0")
    out: Sums = {}
    for bucket in one.keys() | other.keys():
        left, right = one.get(bucket, nothing), other.get(bucket, nothing)
        fold = (int(left[2], 16) + int(right[2], 16)) % MODULUS
        out[bucket] = left[0] + right[0], left[1] + right[1], f"{fold:064x}"
    return out


def _total(sums: Sums) -> Total:
    rows, keyed = sum(one[0] for one in sums.values()), sum(one[1] for one in sums.values())
    fold = sum(int(one[2], 16) for one in sums.values()) % MODULUS
    return Total(rows, rows - keyed, f"{fold:064x}")
