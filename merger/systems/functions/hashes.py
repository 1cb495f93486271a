"""Hashes of rows, the same in every database (docs/canonical-form.md), and their sums."""

import json
from collections.abc import Sequence

import sqlalchemy as sa

from merger.systems.canonical import MODULUS
from merger.systems.functions.construct import Construct, Element
from merger.systems.functions.forms import AS_THEY_ARE, Canonical
from merger.systems.kinds import Kind

WORDS = 8
LONG = 300
"""Characters of SQL from which on PostgreSQL is quicker when it computes an expression apart, and once."""
_WORD = 1 << 32


def row_hash(texts: Sequence[Element]) -> Element:
    """SHA-256 (32 bytes) of a row, by the canonical texts of its values in their order."""
    return RowHash(*texts)


def quick_hash(values: Sequence[Element]) -> Element:
    """An integer of 64 bits, by the database's own fast hash: only to be compared within one kind of
    database, between columns of the same types."""
    return QuickHash(*values)


def fold(hash_: Element) -> list[Element]:
    """The sum of hashes of rows, as aggregates: `folded` makes one text of their values. `hash_` is to be a
    column of a `fenced` query, or every aggregate computes it anew."""
    return [Word(hash_, given=number).label(f"fold_{number}") for number in range(WORDS)]


def folded(values: Sequence[object]) -> str:
    """The sum of hashes as 64 hexadecimal digits, by the values of the columns of `fold`."""
    if isinstance(values[0], str):
        return values[0]
    total = 0
    for value in values:
        total = total * _WORD + int(value or 0)  # type: ignore[call-overload]
    return f"{total % MODULUS:064x}"


def fenced(select: sa.Select[tuple[object, ...]], name: str) -> sa.Subquery:
    """A query in a FROM clause of which each column is computed once a row, however often it is used."""
    return select.offset(sa.literal_column("0")).subquery(name)


def bucket(key: Element, kind: Kind, buckets: int) -> Element:
    """A number from 0 to buckets - 1, by the canonical text of a key; of a NUMBER, which must be whole, by
    its value."""
    return Bucket(key, given=(kind, buckets))


def sums(key: Element, bucket: Element, hash_: Element) -> Element:
    """Rows of SQLite summed bucket by bucket, as one aggregate: `summed` reads its value. One call for each
    row does what buckets, hashes and sums would take one each for, and nothing is sorted."""
    return Sums(key, bucket, hash_)


def summed(text: str | None) -> list[tuple[int | None, int, int, str]]:
    """(bucket, rows, rows with a key, sum of their hashes as of `folded`), by the value of `sums`:
    NULL of no rows."""
    return [(bucket, rows, keyed, total) for bucket, rows, keyed, total in json.loads(text or "[]")]


class RowHash(Construct):
    """`row_hash`."""

    inherit_cache = True
    type = sa.LargeBinary()

    def operands(self, dialect: str) -> list[Element]:
        """SQLite's function writes values as they are, so that it need not be called for their texts."""
        given = super().operands(dialect)
        return [_itself(one) for one in given] if dialect == "sqlite" else given

    def sqlite(self, *texts: str) -> str:
        return f"merger_hash({', '.join(texts)})"

    def postgresql(self, *texts: str) -> str:
        return f"sha256(convert_to({_form_of_postgresql(texts)}, 'UTF8'))"

    def mariadb(self, *texts: str) -> str:
        return f"UNHEX(SHA2({_form_of_mariadb(texts)}, 256))"


class QuickHash(Construct):
    """`quick_hash`."""

    inherit_cache = True
    type = sa.BigInteger()

    def sqlite(self, *values: str) -> str:
        return f"merger_quick({', '.join(values)})"

    def postgresql(self, *values: str) -> str:
        return f"hash_record_extended(ROW({', '.join(values)}), 0)"

    def mariadb(self, *values: str) -> str:
        return f"CAST(CONV(LEFT(MD5({_form_of_mariadb(values)}), 16), 16, -10) AS SIGNED)"


class Word(Construct):
    """One column of `fold`: the sum of one of the eight words of 32 bits of a hash."""

    inherit_cache = True
    type = sa.types.NullType()

    def sqlite(self, hash_: str) -> str:
        return f"merger_sum({hash_})" if self.given == 0 else "0"

    def postgresql(self, hash_: str) -> str:
        first = self.given * 4
        high, low = (
            f"sum(get_byte({hash_}, {at}) * 256 + get_byte({hash_}, {at + 1}))" for at in (first, first + 2)
        )
        return f"{high} * 65536 + {low}"

    def mariadb(self, hash_: str) -> str:
        return f"SUM(CAST(CONV(HEX(SUBSTR({hash_}, {self.given * 4 + 1}, 4)), 16, 10) AS UNSIGNED))"


class Bucket(Construct):
    """`bucket`."""

    inherit_cache = True
    type = sa.Integer()

    def sqlite(self, key: str) -> str:
        return self._whole(key, "") or f"merger_bucket({key}, {self.given[1]})"

    def postgresql(self, key: str) -> str:
        hash_ = f"encode(sha256(convert_to({key}, 'UTF8')), 'hex')"
        return (
            self._whole(key) or f"mod(CAST(CAST('x' || left({hash_}, 7) AS bit(28)) AS int), {self.given[1]})"
        )

    def mariadb(self, key: str) -> str:
        hash_ = f"SHA2(CONVERT({key} USING utf8mb4), 256)"
        return self._whole(key, "MOD") or f"CONV(LEFT({hash_}, 7), 16, 10) MOD {self.given[1]}"

    def _whole(self, key: str, name: str = "mod") -> str:
        kind, buckets = self.given
        if kind is not Kind.NUMBER:
            return ""
        if not name:
            return f"({key} % {buckets} + {buckets}) % {buckets}"
        return f"{name}({name}({key}, {buckets}) + {buckets}, {buckets})"


class Sums(Construct):
    """`sums`."""

    inherit_cache = True
    type = sa.Text()

    def __init__(self, key: Element, bucket: Element, hash_: Element) -> None:
        hashes = isinstance(hash_, RowHash)
        buckets = bucket.given[1] if isinstance(bucket, Bucket) and bucket.given[0] is not Kind.NUMBER else 0
        super().__init__(
            key, bucket.operand() if isinstance(bucket, Bucket) and buckets else bucket,
            *(hash_.operands("sqlite") if isinstance(hash_, RowHash) else [hash_]),
            given=(buckets, hashes),
        )  # fmt: skip

    def sqlite(self, *operands: str) -> str:
        buckets, hashes = self.given
        return f"merger_sums({buckets}, {int(hashes)}, {', '.join(operands)})"


def _itself(text: Element) -> Element:
    return text.operand() if isinstance(text, Canonical) and text.given[0] in AS_THEY_ARE else text


def _form_of_postgresql(texts: Sequence[str]) -> str:
    return " || ".join(f"coalesce({_marked(text)}, '-')" for text in texts) or "''"


def _marked(text: str) -> str:
    """A text with its length before it; a long expression is computed once."""
    if len(text) < LONG:
        return f"length({text}) || ':' || {text}"
    return f"(SELECT length(t) || ':' || t FROM (SELECT {text} AS t OFFSET 0) AS x)"


def _form_of_mariadb(texts: Sequence[str]) -> str:
    parts = (f"COALESCE(CONCAT(CHAR_LENGTH({text}), ':', {text}), '-')" for text in texts)
    return f"CONVERT(CONCAT('', {', '.join(parts)}) USING utf8mb4)"
