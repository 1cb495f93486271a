"""Text, compared and written alike in every database."""

from collections.abc import Sequence

import sqlalchemy as sa

from merger.systems.functions.construct import Construct, Element, element, quoted
from merger.systems.kinds import Kind

_COLLATED = (sa.String, sa.types.NullType, sa.types.UserDefinedType)
_PLAIN = (sa.VARCHAR, sa.TEXT)


def exact(value: Element) -> Element:
    """A text compared byte by byte: by no collation's rules, and with its blanks at the end. What is no text
    stays as it is; a value of which the type is not known, or no usual one, is taken for text."""
    return Exact(value) if isinstance(value.type, _COLLATED) else value


def as_text(value: Element, of: Kind = Kind.ANY) -> Element:
    """The canonical text of a value as its own kind; NULL stays NULL."""
    from merger.systems.functions.forms import canonical

    return canonical(value, Kind.TEXT, of)


def trimmed(value: Element, blanks: str) -> Element:
    """A text without these characters at its beginning and end."""
    return Trimmed(value, given=(blanks,))


def joined(parts: Sequence[Element | str]) -> Element:
    """Texts one after the other; NULL where one is NULL."""
    return Joined(*[element(part) for part in parts])


def replaced(value: Element, old: str, new: str) -> Element:
    """A text with every `old` in it, byte by byte, written as `new`."""
    return Replaced(value, element(old), element(new))


def first(value: Element, characters: int) -> Element:
    """The first characters of a text."""
    return First(value, given=(characters,))


def alike(value: Element, collation: str) -> Element:
    """What all texts have in common that a unique index of the target takes for one, since it compares by a
    collation of its own (`Store.collations`)."""
    return Alike(value, given=(collation,))


class Exact(Construct):
    """`exact`."""

    inherit_cache = True

    def __init__(self, value: Element) -> None:
        super().__init__(value, given=isinstance(value.type, _PLAIN))
        self.type = sa.Text()

    def sqlite(self, value: str) -> str:
        return f"{value} COLLATE BINARY"

    def postgresql(self, value: str) -> str:
        return f'{value} COLLATE "C"' if self.given else f'CAST({value} AS text) COLLATE "C"'

    def mariadb(self, value: str) -> str:
        return f"CONVERT({value} USING utf8mb4) COLLATE utf8mb4_nopad_bin"


class Trimmed(Construct):
    """`trimmed`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str) -> str:
        return f"trim({value}, {_blanks(self)})"

    def postgresql(self, value: str) -> str:
        return f"btrim(CAST({value} AS text), {_blanks(self)})"

    def mariadb(self, value: str) -> str:
        any_ = "[" + _blanks(self).strip("'") + "]"
        text = f"CONVERT({value} USING utf8mb4) COLLATE utf8mb4_nopad_bin"
        return f"REGEXP_REPLACE({text}, '(?s)^{any_}+|{any_}+(?!.)', '')"


class Alike(Construct):
    """`alike`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str) -> str:
        return f"lower({value})" if self.given[0] == "NOCASE" else f"rtrim({value}, ' ')"

    def postgresql(self, value: str) -> str:
        return f"lower(CAST({value} AS text))"

    def mariadb(self, value: str) -> str:
        (collation,) = self.given
        text = f"CONVERT({value} USING {collation.partition('_')[0]})"
        padded = text if "_nopad_" in collation else f"RTRIM({text})"
        return f"HEX(WEIGHT_STRING({padded} COLLATE {collation}))"


class Joined(Construct):
    """`joined`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, *parts: str) -> str:
        return " || ".join(parts)

    def postgresql(self, *parts: str) -> str:
        return " || ".join(f"CAST({part} AS text)" for part in parts)

    def mariadb(self, *parts: str) -> str:
        return f"CONCAT({', '.join(parts)})"


class Replaced(Construct):
    """`replaced`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str, old: str, new: str) -> str:
        return f"replace({value}, {old}, {new})"

    def postgresql(self, value: str, old: str, new: str) -> str:
        return f"replace(CAST({value} AS text), CAST({old} AS text), CAST({new} AS text))"

    def mariadb(self, value: str, old: str, new: str) -> str:
        return f"REPLACE(CONVERT({value} USING utf8mb4) COLLATE utf8mb4_nopad_bin, {old}, {new})"


class First(Construct):
    """`first`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str) -> str:
        return f"substr({value}, 1, {self.given[0]})"

    def postgresql(self, value: str) -> str:
        return f"substr(CAST({value} AS text), 1, {self.given[0]})"

    def mariadb(self, value: str) -> str:
        return f"SUBSTR({value}, 1, {self.given[0]})"


def _blanks(construct: Construct) -> str:
    return quoted(construct.given[0])
