"""Columns of figures as whole numbers, so that sums are exact: every value times the same power of ten.

A figure is what is written: `0.1` is a tenth, also in a column of floating point numbers, where it stands for
the shortest decimal that means it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

from merger.errors import Finding, InputError
from merger.recode.model import problem
from merger.recode.tables import AT_ONCE, LINE, Table, read_batches

DIGITS = 38
"""Decimal digits of the widest whole numbers that are added up."""

SHOWN = 20
"""So many lines of a column are told."""

_NUMBER = r"^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?$"
_GROUPED = {
    "point": r"^[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?$",
    "comma": r"^[+-]?(?:[0-9]*|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]*)?$",
}
"""What is taken besides plain numbers where it is said which sign stands before decimals."""

_EITHER_WAY = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
"""A number of thousands to one reader, one with three decimals to another."""

_POWERS = pl.Series([10**power for power in range(DIGITS + 1)], dtype=pl.Int128)
_PARTS = ("sign", "whole", "decimals", "exponent")


@dataclass(frozen=True, slots=True)
class Figures:
    """A column of figures: the digits behind the point that its values need, and those before it."""

    name: str
    kind: pl.DataType
    text: pl.Expr
    scale: int
    size: int

    @property
    def numbers(self) -> pl.Expr:
        """The values times 10 to the power of `scale`, as whole numbers; null where there is none."""
        scale = self.scale
        if self.kind.is_integer():
            return pl.col(self.name).cast(pl.Int128)

        def scaled(written: pl.Series) -> pl.Series:
            parts = _parts(written)
            shift = (pl.col("exponent") - pl.col("decimals").str.len_bytes().cast(pl.Int32) + scale).alias(
                "shift"
            )
            digits = pl.concat_str("sign", "whole", "decimals").cast(pl.Int128).alias("digits")
            found = parts.select(digits, shift)
            return found["digits"] * _POWERS.gather(found["shift"])

        return self.text.map_batches(scaled, return_dtype=pl.Int128, is_elementwise=True)

    def value(self, number: int) -> Fraction:
        """What a whole number (or a sum of them) means."""
        return Fraction(number, 10**self.scale)


def figures(
    table: Table, names: Sequence[str], decimal: str | None = None, weights: Sequence[str] = ()
) -> dict[str, Figures]:
    """The columns `names` as figures, by name. `decimal` says which sign stands before decimals in text:
    `point`, `comma`, or None where it is not said; a column that could then mean either is a problem.

    Raises InputError with the first 20 lines of a column that hold no number (or a negative weight), and for
    a column whose numbers are too long to be added exactly.
    """
    texts = {name: _text(table, name, decimal) for name in dict.fromkeys(names)}
    seen = {name: _Seen() for name in texts}
    line = [LINE] if LINE in table.frame.collect_schema() else []
    asked = table.frame.select(*line, *(text.alias(name) for name, text in texts.items()))
    for rows in read_batches(asked, table.path, AT_ONCE):
        lines = rows[LINE] if line else pl.Series(LINE, [0], pl.Int64).new_from_index(0, rows.height)
        for name in texts:
            seen[name].take(rows[name], lines, name in weights)
    findings: list[Finding] = []
    for name, one in seen.items():
        undecided = decimal is None and table.schema[name] == pl.String and 0 < one.pointed == one.thousands
        wrong = {
            "no-number": one.bad,
            "negative-weight": one.negative,
            "either-way": one.either if undecided else [],
        }
        for code, places in wrong.items():
            some = sorted(set(places[:SHOWN]))
            findings += [problem(code, str(table.path), at, 1 if at else 0, name=name) for at in some]
        if one.scale + one.size > DIGITS:
            findings.append(long_number(table, name))
    if findings:
        raise InputError(findings)
    return {
        name: Figures(name, table.schema[name], texts[name], one.scale, one.size)
        for name, one in seen.items()
    }


def long_number(table: Table, name: str) -> Finding:
    """The finding for a column whose numbers are too long to be added exactly."""
    return problem("long-number", str(table.path), name=name, digits=DIGITS)


def fits(rows: int, *columns: Figures) -> bool:
    """Whether the sum of so many values (products, of several columns) has at most 38 digits."""
    return sum(one.size + one.scale for one in columns) + len(str(rows)) <= DIGITS


@dataclass(slots=True)
class _Seen:
    """What was seen of a column so far: digits behind the point and before it, how many values have a point,
    how many of them could mean thousands, and the first lines of what is no number, negative, or these."""

    scale: int = 0
    size: int = 1
    pointed: int = 0
    bad: list[int] = field(default_factory=list)
    negative: list[int] = field(default_factory=list)
    either: list[int] = field(default_factory=list)
    thousands: int = 0

    def take(self, written: pl.Series, lines: pl.Series, weight: bool) -> None:
        """Looks at the values of some rows."""
        if written.dtype.is_integer():
            ends = [abs(one) for one in (written.min(), written.max()) if isinstance(one, int)]
            self.size = max(self.size, len(str(max(ends, default=0))))
            self.negative += (
                lines.filter(written < 0).head(SHOWN - len(self.negative)).to_list() if weight else []
            )
            return
        parts = _parts(written)
        empty = (pl.col("whole") == "") & (pl.col("decimals") == "")
        numbers = parts.select(
            (pl.col("decimals").str.len_bytes().cast(pl.Int32) - pl.col("exponent")).max().alias("scale"),
            (pl.col("whole").str.strip_chars_start("0").str.len_bytes().cast(pl.Int32) + pl.col("exponent"))
            .max()
            .alias("size"),
        ).row(0, named=True)
        self.scale = max(self.scale, numbers["scale"] or 0)
        self.size = max(self.size, numbers["size"] or 1)
        bad = written.is_not_null() & parts.select(pl.col("whole").is_null() | empty).to_series()
        self.bad += lines.filter(bad).head(SHOWN - len(self.bad)).to_list()
        if weight:
            below = parts["sign"] == "-"
            self.negative += lines.filter(below).head(SHOWN - len(self.negative)).to_list()
        self.pointed += int(written.str.contains(".", literal=True).sum())
        either = written.str.contains(_EITHER_WAY)
        self.thousands += int(either.sum())
        self.either += lines.filter(either).head(SHOWN - len(self.either)).to_list()


def _parts(written: pl.Series) -> pl.DataFrame:
    """Sign, digits before and behind the point, and exponent; null where it is no number."""
    found = written.str.extract_groups(_NUMBER).struct.unnest()
    found.columns = list(_PARTS)
    number = pl.col("whole").is_not_null()
    return found.with_columns(
        pl.when(number).then(pl.col("decimals").fill_null("")),
        pl.when(number).then(pl.col("exponent").cast(pl.Int32).fill_null(0)),
    )


def _text(table: Table, name: str, decimal: str | None) -> pl.Expr:
    """The values as plain numbers in text (whole ones as they are), null where a cell is empty."""
    kind = table.schema[name]
    if kind != pl.String:
        if not (kind.is_numeric() or kind == pl.Null):
            raise InputError([problem("no-numbers", str(table.path), name=name, type=kind)])
        return pl.col(name) if kind.is_integer() else pl.col(name).cast(pl.String)
    text = pl.col(name).str.strip_chars()
    if decimal == "comma":
        plain = text.str.replace_all(".", "", literal=True).str.replace_all(",", ".", literal=True)
        text = pl.when(text.str.contains(_GROUPED["comma"])).then(plain).otherwise(pl.lit("?"))
    elif decimal == "point":
        plain = text.str.replace_all(",", "", literal=True)
        text = pl.when(text.str.contains(_GROUPED["point"])).then(plain).otherwise(text)
    return pl.when(pl.col(name).str.strip_chars() != "").then(text)
