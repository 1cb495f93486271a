"""Whether a column has room for a value, by the value's canonical text."""

from types import ModuleType

import sqlalchemy as sa

from merger.systems.functions import mariadb, postgresql
from merger.systems.functions.construct import Construct, Element, quoted
from merger.systems.limits import NONE, Limits


def cramped(text: Element, limits: Limits) -> sa.ColumnElement[bool] | None:
    """When a column with these limits has no room for a canonical text (never for NULL); None where it has
    for all."""
    return None if limits == NONE else Cramped(text, given=limits)


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


def _in_form(to: ModuleType, text: str, limits: Limits) -> str:
    return str(to.matches(text, limits.pattern)) if limits.pattern else ""


def _cramped(limits: Limits, length: str, octets: str, in_form: str) -> str:
    cases = [f"{length} < {limits.least}"] if limits.least else []
    cases += [f"{length} > {limits.most}"] if limits.most is not None else []
    cases += [f"{octets} > {limits.octets}"] if limits.octets is not None else []
    cases += [f"NOT {in_form}"] if in_form else []
    return f"COALESCE({' OR '.join(cases)}, 1 = 0)"
