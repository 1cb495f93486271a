"""Whether a column takes a value, by the value's canonical text."""

from types import ModuleType

import sqlalchemy as sa

from merger.systems.functions import mariadb, postgresql
from merger.systems.functions.construct import Construct, Element, quoted
from merger.systems.functions.texts import exact, joined, replaced
from merger.systems.limits import Limits
from merger.systems.values import FLOATING

_BETWEEN = ","
"""What stands between the members of a SET."""


def cramped(text: Element, limits: Limits) -> sa.ColumnElement[bool] | None:
    """When a column with these limits has no room for a canonical text (never for NULL); None where it has
    for all."""
    sized = limits.least or limits.most is not None or limits.octets is not None or limits.pattern
    return Cramped(text, given=limits) if sized else None


def unlisted(text: Element, limits: Limits) -> sa.ColumnElement[bool] | None:
    """When a column that lists its members does not list a text; None where it lists none."""
    if not limits.members:
        return None
    if not limits.several:
        return exact(text).not_in(limits.members)
    around = joined([_BETWEEN, text, _BETWEEN])
    written: list[Element | str] = [
        sa.case((exact(replaced(around, f",{one},", ",")) != exact(around), f",{one}"), else_="")
        for one in limits.members
    ]
    return sa.and_(exact(text) != "", exact(joined(written)) != exact(joined([_BETWEEN, text])))


def unwritable(text: Element, limits: Limits) -> sa.ColumnElement[bool] | None:
    """When a column's character set lacks a character of a text; None where it has all."""
    return Unwritable(text, given=f"[^{limits.lacking}]*") if limits.lacking else None


def rounded(text: Element, limits: Limits) -> sa.ColumnElement[bool] | None:
    """When floating point numbers of 32 bits are none that a canonical text stands for; None where they have
    64."""
    return Rounded(text) if limits.single else None


class Cramped(Construct):
    """`cramped`."""

    inherit_cache = True
    type = sa.Boolean()

    def sqlite(self, text: str) -> str:
        return _cramped(self.given, f"length({text})", f"length(CAST({text} AS BLOB))", self._by_python(text))

    def postgresql(self, text: str) -> str:
        return _cramped(
            self.given,
            f"char_length({text})",
            f"octet_length({text})",
            _in_form(postgresql, text, self.given),
        )

    def mariadb(self, text: str) -> str:
        text = mariadb.cast(text)
        return _cramped(
            self.given, f"CHAR_LENGTH({text})", f"LENGTH({text})", _in_form(mariadb, text, self.given)
        )

    def _by_python(self, text: str) -> str:
        pattern = self.given.pattern
        return f"merger_matches({text}, {quoted(pattern)})" if pattern else ""


class Unwritable(Construct):
    """`unwritable`."""

    inherit_cache = True
    type = sa.Boolean()

    def sqlite(self, text: str) -> str:
        return f"NOT merger_matches({text}, {quoted(self.given)})"

    def postgresql(self, text: str) -> str:
        return f"NOT ({postgresql.matches(text, self.given)})"

    def mariadb(self, text: str) -> str:
        return f"NOT {mariadb.matches(text, self.given)}"


class Rounded(Construct):
    """`rounded`. What no database reads as a number is told as rounded too."""

    inherit_cache = True
    type = sa.Boolean()

    def sqlite(self, text: str) -> str:
        return f"merger_rounded({text})"

    def postgresql(self, text: str) -> str:
        double = f"CAST({text} AS float8)"
        same = f"CAST(CAST({double} AS real) AS float8) = {double}"
        within = f"abs({double}) BETWEEN 1.2e-38 AND 3.4e38"
        return _rounded(postgresql, text, f"{double} <> 0 AND NOT ({within} AND {same})")

    def mariadb(self, text: str) -> str:
        double = f"CAST({text} AS DOUBLE)"
        return _rounded(mariadb, text, f"CAST(CAST({double} AS FLOAT) AS DOUBLE) <> {double}")


def _rounded(to: ModuleType, text: str, is_rounded: str) -> str:
    read = to.matches(text, FLOATING)
    return f"CASE WHEN {text} IS NULL THEN 1 = 0 WHEN {read} THEN {is_rounded} ELSE 1 = 1 END"


def _in_form(to: ModuleType, text: str, limits: Limits) -> str:
    return str(to.matches(text, limits.pattern)) if limits.pattern else ""


def _cramped(limits: Limits, length: str, octets: str, in_form: str) -> str:
    cases = [f"{length} < {limits.least}"] if limits.least else []
    cases += [f"{length} > {limits.most}"] if limits.most is not None else []
    cases += [f"{octets} > {limits.octets}"] if limits.octets is not None else []
    cases += [f"NOT {in_form}"] if in_form else []
    return f"COALESCE({' OR '.join(cases)}, 1 = 0)"
