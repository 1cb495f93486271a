"""Hashes of rows, the same in every database (docs/canonical-form.md), and their sums."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from merger.systems.canonical import AS_BLOB, AS_DIGITS, LARGE, MODULUS
from merger.systems.functions import mariadb as maria
from merger.systems.functions.construct import Construct, Element
from merger.systems.functions.forms import AS_THEY_ARE, Canonical, Encoded
from merger.systems.kinds import Kind

SERVER_UTF8 = "merger_server_utf8"
"""The name under which PostgreSQL's dialect says whether its server keeps texts in UTF-8."""
WORDS = 8
LONG = 300
"""Characters of SQL from which on PostgreSQL is quicker when it computes an expression apart, and once."""
ARGUMENTS = 100
"""PostgreSQL's functions take no more."""
_WORD = 1 << 32


def row_hash(texts: Sequence[Element]) -> Element:
    """SHA-256 (32 bytes) of a row, by the canonical texts of its values in their order."""
    return RowHash(*texts)


def row_digits(texts: Sequence[Element]) -> Element:
    """`row_hash` as lines have bytes: `\\x` and hexadecimal digits."""
    return RowDigits(*texts)


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


def sums_undivided(key: Element, hash_: Element) -> Element:
    """`sums` of rows that are all of bucket 0."""
    return SumsUndivided(key, *(hash_.operands("sqlite") if isinstance(hash_, RowHash) else [hash_]),
                         given=isinstance(hash_, RowHash))  # fmt: skip


def summed(text: str | None) -> list[tuple[int | None, int, int, str]]:
    """(bucket, rows, rows with a key, sum of their hashes as of `folded`), by the value of `sums`:
    NULL of no rows."""
    return [(bucket, rows, keyed, total) for bucket, rows, keyed, total in json.loads(text or "[]")]


class RowHash(Construct):
    """`row_hash`."""

    inherit_cache = True
    type = sa.LargeBinary()

    def operands(self, dialect: str) -> list[Element]:
        """SQLite hashes bytes: the driver would make a `str` of each text, only to be encoded again."""
        given = super().operands(dialect)
        if dialect == "mariadb":
            return [Encoded(one) for one in given]
        return [Utf8(one) for one in given] if dialect == "sqlite" else given

    def sqlite(self, *texts: str) -> str:
        return f"merger_hash({', '.join(texts)})"

    def mariadb(self, *texts: str) -> str:
        return f"UNHEX({self._digits_of_mariadb(texts)})"

    def _digits_of_mariadb(self, texts: Sequence[str]) -> str:
        return maria.whole(f"SHA2({_form_of_mariadb(texts)}, 256)", texts[0])


class RowDigits(RowHash):
    """`row_digits`."""

    inherit_cache = True
    type = sa.Text()  # type: ignore[assignment]
    in_utf8 = True

    def sqlite(self, *texts: str) -> str:
        return f"'\\x' || lower(hex({super().sqlite(*texts)}))"

    def mariadb(self, *texts: str) -> str:
        return f"CONCAT(CHAR(92, 120 USING utf8mb4), {self._digits_of_mariadb(texts)})"


@compiles(RowHash, "postgresql")
def _hashed(hash_: RowHash, compiler: SQLCompiler, **options: Any) -> str:
    """Lengths are of UTF-8, which few servers do not use for themselves."""
    texts = [compiler.process(text, **options) for text in hash_.operands("postgresql")]
    form = _form_of_postgresql(texts, utf8=getattr(compiler.dialect, SERVER_UTF8, True))
    return f"(sha256(convert_to({form}, 'UTF8')))"


@compiles(RowDigits, "postgresql")
def _in_digits(hash_: RowDigits, compiler: SQLCompiler, **options: Any) -> str:
    return f"('\\x' || encode({_hashed(hash_, compiler, **options)}, 'hex'))"


class QuickHash(Construct):
    """`quick_hash`."""

    inherit_cache = True
    type = sa.BigInteger()

    def operands(self, dialect: str) -> list[Element]:
        """What MariaDB hashes is what it writes."""
        given = super().operands(dialect)
        return [Encoded(one) for one in given] if dialect == "mariadb" else given

    def sqlite(self, *values: str) -> str:
        return f"merger_quick({', '.join(values)})"

    def mariadb(self, *values: str) -> str:
        return f"CAST(CONV(LEFT(MD5({_form_of_mariadb(values)}), 16), 16, -10) AS SIGNED)"


@compiles(QuickHash, "postgresql")
def _quickly(hash_: QuickHash, compiler: SQLCompiler, **options: Any) -> str:
    """The same bytes have the same hash, as text and as bytes: those of UTF-8 count, whatever the server
    keeps its texts in. PostgreSQL adds up the hashes of a row's values, each times a number: sums of that
    would not change when values of two rows change places. So what it finds is hashed once more."""
    utf8 = getattr(compiler.dialect, SERVER_UTF8, True)
    values = [
        f"convert_to({text}, 'UTF8')" if not utf8 and isinstance(one.type, sa.String) else text
        for one in hash_.operands("postgresql")
        for text in (compiler.process(one, **options),)
    ]
    return f"hashint8extended(hash_record_extended(ROW({', '.join(values)}), 0), 0)"


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
        """Two words at once, which its sums have room for."""
        if self.given % 2 == 0:
            return "0"
        return f"SUM(CAST(CONV(HEX(SUBSTR({hash_}, {self.given * 4 - 3}, 8)), 16, 10) AS UNSIGNED))"


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


class Utf8(Construct):
    """The UTF-8 of a canonical text, on SQLite; of a value that is written as it is, of the value itself.
    Of a file its bytes are given instead (`AS_BLOB`)."""

    inherit_cache = True
    type = sa.LargeBinary()

    def __init__(self, text: Element) -> None:
        own = isinstance(text, Canonical) and text.given[0] not in AS_THEY_ARE
        values = [text.operand()] if isinstance(text, Canonical) else []
        digits = own and isinstance(text, Canonical) and text.given[0] is Kind.BYTES and text.of_column
        operands = [text, *values] if digits else values if values and not own else [text]
        super().__init__(*operands, given=own)

    def sqlite(self, value: str, given: str = "") -> str:
        """Texts and whole numbers are cast, which spares the call: a third of the time of a hash. What is not
        less than a blob is one, and only numbers are less than all texts; `typeof` takes three times as
        long."""
        if given:
            as_digits = f"CAST(x'{AS_DIGITS.hex()}' || {given} AS BLOB)"
            large = f"{given} >= x'' AND length({given}) > {LARGE}"
            return f"CASE WHEN {large} THEN {as_digits} ELSE CAST({value} AS BLOB) END"
        if self.given:
            return f"CAST({value} AS BLOB)"
        called = f"merger_utf8({value})"
        if not self.of_column:
            return called
        own = f"{value} COLLATE BINARY"
        as_blob = f"CAST(x'{AS_BLOB.hex()}' || {value} AS BLOB)"
        large = f"{own} >= x'' AND length({value}) > {LARGE}"
        odd = f"{own} >= x'' OR {own} < '' AND typeof({value}) = 'real'"
        called = f"CASE WHEN {large} THEN {as_blob} ELSE {called} END"
        return f"CASE WHEN {odd} THEN {called} ELSE CAST({value} AS BLOB) END"


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


class SumsUndivided(Construct):
    """`sums_undivided`: SQLite counts by itself, so that a row's call does nothing but hash and add."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, key: str, *operands: str) -> str:
        folded = f"{'merger_fold' if self.given else 'merger_sum'}({', '.join(operands)})"
        return f"""'[[0,' || count(*) || ',' || count({key}) || ',"' || {folded} || '"]]'"""


def _form_of_postgresql(texts: Sequence[str], *, utf8: bool = True) -> str:
    if any(len(text) >= LONG for text in texts):
        names = [f"x{number}" for number in range(len(texts))]
        given = ", ".join(f"{text} AS {name}" for text, name in zip(texts, names, strict=True))
        return f"(SELECT {_form_of_postgresql(names, utf8=utf8)} FROM (SELECT {given} OFFSET 0) AS x)"
    sized = [text if utf8 else f"convert_to({text}, 'UTF8')" for text in texts]
    lengths = ", ".join(f"octet_length({one})" for one in sized)
    parts = [f"CAST(ARRAY[{lengths}] AS int[])", *texts]
    concatenated = [
        f"concat({', '.join(parts[at : at + ARGUMENTS])})" for at in range(0, len(parts), ARGUMENTS)
    ]
    return " || ".join(concatenated)


def _form_of_mariadb(texts: Sequence[str]) -> str:
    lengths = ", ',', ".join(f"COALESCE(LENGTH({text}), 'NULL')" for text in texts)
    parts = ", ".join(f"COALESCE({text}, '')" for text in texts)
    return f"CONCAT(CAST('{{' AS BINARY), {lengths}, '}}', {parts})"
