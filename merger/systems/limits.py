"""What a column takes, by its declared type: how long a text, how great a number, how many digits, which
members, which characters.

Databases round and cut silently what has no room (MariaDB the fractions of seconds and of decimals, all of
them blanks at the end of `CHAR`), or refuse a whole batch for one value; so it is looked for beforehand.
SQLite's columns have no limits. Lengths and forms are those of canonical texts (docs/canonical-form.md).
"""

import re
from dataclasses import dataclass

from merger.systems.kinds import Kind

_SIZES = re.compile(r"[^(]*\((\d+)(?:, *(\d+))?\).*")
_BITS = {
    "tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64,
}  # fmt: skip
_SINGLE = {"mariadb": ("float",), "postgresql": ("real",)}
_OCTETS = {"tiny": 255, "": 65_535, "medium": 16_777_215}
_MEMBERS = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_QUOTED = re.compile(r"''|\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
_TIMES = (Kind.TIME, Kind.MOMENT, Kind.CLOCK)


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits. `least`, `most`: of the characters of the canonical text; `octets`: of its bytes in UTF-8;
    `trimmed`: it does not end with a blank; `low`, `high`: of a number; `places`: digits after the point;
    `members`: the texts that it lists, of which a value is one, or (`several`) some in their order;
    `lacking`: characters that it has no writing for, as they stand in a class of a regular expression;
    `single`: of floating point numbers those of 32 bits."""

    least: int = 0
    most: int | None = None
    octets: int | None = None
    trimmed: bool = False
    low: int | None = None
    high: int | None = None
    places: int | None = None
    members: tuple[str, ...] = ()
    several: bool = False
    lacking: str = ""
    single: bool = False

    def within(self, other: "Limits") -> bool:
        """Whether all that fits here fits there."""
        return (
            self.least >= other.least
            and _less(self.most, other.most)
            and _less(None if self.most is None else 4 * self.most, other.octets)
            and self.trimmed >= other.trimmed
            and _less(self.high, other.high)
            and (other.low is None or (self.low is not None and self.low >= other.low))
            and _less(self.places, other.places)
            and self._lists_no_more(other)
            and other.lacking in ("", self.lacking)
            and self.single >= other.single
        )

    def _lists_no_more(self, other: "Limits") -> bool:
        if not other.members:
            return True
        if self.several or other.several:
            return self.several == other.several and self.members == other.members
        return bool(self.members) and set(self.members) <= set(other.members)

    @property
    def pattern(self) -> str:
        """A regular expression of the texts that fit, their length aside; empty where all do."""
        fraction = f"(?:[.][0-9]{{1,{self.places}}})?" if self.places else ""
        if self.high is not None:
            below = f"|-(?:{_up_to(-self.low)}){fraction}" if self.low else ""
            return f"(?:{_up_to(self.high)}){fraction}{below}"
        if self.places is not None:
            return f"[^.]*{fraction}"
        return "(?:.*[^ ])?" if self.trimmed else ""


NONE = Limits()


def members_in(declared: str) -> tuple[str, ...]:
    """The members of an ENUM or a SET of MariaDB, by its type in the database's own words."""

    def meant(part: re.Match[str]) -> str:
        return _ESCAPED.get(part[1], part[1]) if part[1] else "'"

    return tuple(_QUOTED.sub(meant, found[1]) for found in _MEMBERS.finditer(declared))


def limits_of(declared: str, kind: Kind, dialect: str) -> Limits:
    """The limits of a column of PostgreSQL or MariaDB, by its type in the database's own words."""
    words = declared.lower()
    name = words.partition("(")[0].partition(" ")[0]
    sizes = _SIZES.fullmatch(words)
    size = int(sizes[1]) if sizes else None
    if kind is Kind.NUMBER:
        return _of_number(words, name, size, int(sizes[2] or 0) if sizes else 0)
    if kind in _TIMES:
        return Limits(places=size if size is not None else 0 if dialect == "mariadb" else 6)
    if kind is Kind.BYTES and dialect == "mariadb":
        if name in ("binary", "varbinary") and size is not None:
            return Limits(least=2 * size if name == "binary" else 0, most=2 * size)
        octets = _OCTETS.get(name.removesuffix("blob")) if name.endswith("blob") else None
        return Limits(most=None if octets is None else 2 * octets)
    if kind is Kind.FLOAT:
        return Limits(single=name in _SINGLE.get(dialect, ()))
    if kind is Kind.TEXT:
        if name in ("enum", "set") and dialect == "mariadb":
            return Limits(members=members_in(declared), several=name == "set")
        if size is not None and "char" in name:
            return Limits(most=size, trimmed="var" not in words)
        if dialect == "mariadb" and name.endswith("text"):
            return Limits(octets=_OCTETS.get(name.removesuffix("text")))
    return NONE


def _of_number(words: str, name: str, size: int | None, places: int) -> Limits:
    if name in _BITS:
        bits = _BITS[name]
        if "unsigned" in words:
            return Limits(low=0, high=2**bits - 1, places=0)
        return Limits(low=-(2 ** (bits - 1)), high=2 ** (bits - 1) - 1, places=0)
    if name == "bit":
        return Limits(low=0, high=2 ** (size or 1) - 1, places=0)
    if name in ("decimal", "numeric") and size is not None:
        high = 10 ** max(size - places, 0) - 1
        return Limits(low=0 if "unsigned" in words else -high, high=high, places=places)
    return NONE


def _less(here: int | None, there: int | None) -> bool:
    return there is None or (here is not None and here <= there)


def _up_to(number: int) -> str:
    """The whole numbers from 0 on, as they are written."""
    digits = str(number)
    if digits.strip("9") == "":
        return f"[0-9]{{1,{len(digits)}}}"
    found = [f"[0-9]{{1,{len(digits) - 1}}}"] if len(digits) > 1 else []
    for at, digit in enumerate(digits):
        if digit > ("0" if at else "1"):
            rest = len(digits) - at - 1
            first = "0" if at or not rest else "1"
            found.append(f"{digits[:at]}[{first}-{int(digit) - 1}][0-9]{{{rest}}}")
    return "|".join([*found, digits])
