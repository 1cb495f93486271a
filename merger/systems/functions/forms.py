"""The canonical text of a value of one kind in a column of another, and whether it stays what it was."""

from collections.abc import Callable
from types import ModuleType

import sqlalchemy as sa

from merger.systems.functions import mariadb, normal, postgresql
from merger.systems.functions.construct import Construct, Element, quoted
from merger.systems.functions.texts import Exact
from merger.systems.kinds import DYNAMIC, TIMES, WRITTEN, Kind
from merger.systems.values import (
    CLOCK,
    DECIMAL,
    FLOATING,
    LONG,
    NUMBERLIKE,
    OFFSET_GIVEN,
    TRUTH,
    UNIQUE,
    UTC_OFFSET,
)  # fmt: skip

_NEVER = "1 = 0"
_DECIMALS = (Kind.NUMBER, Kind.JSONB, Kind.NORMAL)
AS_THEY_ARE = frozenset({Kind.TEXT, *DYNAMIC, Kind.JSON, Kind.BOOL, Kind.CLOCK})
"""The kinds of columns in which every value of SQLite's is written as its own kind."""
_TEXT_STAYS = AS_THEY_ARE | {Kind.NUMBER, Kind.FLOAT}
_WHOLE = 10**18 - 1
"""The greatest number that every column of numbers holds."""
_NO_NUMBER = "'*[^-+.0-9eE \t\n\v\f\r]*'"
"""What a text matches that no database takes for a number."""


def canonical(value: Element, kind: Kind, of: Kind, zone: str = "") -> Element:
    """The canonical text of a value of kind `of` in a column of `kind`; NULL stays NULL. It says nothing
    where the value is `unfit`. `zone` is the zone of times that name none, where `kind` is MOMENT, and the
    zone by whose clocks a MOMENT is written, where `kind` is TIME or DAY."""
    return Canonical(value, given=(kind, of, zone, _is_whole(value)))


def unfit(value: Element, kind: Kind, of: Kind, zone: str = "") -> sa.ColumnElement[bool] | None:
    """When a column of `kind` cannot hold a value of kind `of` unaltered (never of NULL); None where that
    cannot be."""
    if kind is Kind.ANY:
        return None
    return Unfit(value, given=(kind, of, zone, _is_whole(value)))


def text_of_key(value: Element, kind: Kind) -> Element:
    """A key as text, the same in every database; to be compared with `exact` texts."""
    return TextOfKey(value, given=(Kind.TEXT, kind, "", _is_whole(value)))


def _is_whole(value: Element) -> bool:
    """Whether numbers or times have no fraction, by the type of their column."""
    type_ = value.type
    if isinstance(type_, sa.DateTime | sa.Time):
        return getattr(type_, "fsp", 6) in (None, 0)
    return isinstance(type_, sa.Integer)


def encoded(text: Element) -> Element:
    """The bytes of a text in UTF-8, in MariaDB: to stand beside what is bytes by its type, since it may be
    text itself, of any collation."""
    return Encoded(text)


class Canonical(Construct):
    """`canonical`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str) -> str:
        kind, _, zone, _ = self.given
        called = f"merger_canonical({value}, {quoted(kind)}, {quoted(zone)})"
        if not self.of_column or kind not in _TEXT_STAYS:
            return called
        whole = f" WHEN 'integer' THEN CAST({value} AS TEXT)" if kind is not Kind.FLOAT else ""
        return f"CASE typeof({value}) WHEN 'text' THEN {value}{whole} WHEN 'null' THEN NULL ELSE {called} END"

    def postgresql(self, value: str) -> str:
        return _canonical(postgresql, value, *self.given)

    def mariadb(self, value: str) -> str:
        return _canonical(mariadb, value, *self.given)

    @property
    def in_utf8(self) -> bool:  # type: ignore[override]
        """Of what is written as its own kind."""
        kind, of, _, _ = self.given
        own = kind in (of, Kind.TEXT, Kind.JSON, *DYNAMIC)
        return own and of not in (Kind.NORMAL, Kind.MOMENT, Kind.BYTES)


class TextOfKey(Canonical):
    """`text_of_key`."""

    inherit_cache = True

    def mariadb(self, value: str) -> str:
        return f"{mariadb.cast(f'({super().mariadb(value)})')} COLLATE utf8mb4_nopad_bin"


class Encoded(Construct):
    """The bytes of a text in UTF-8, for MariaDB. What is written in utf8mb4 is not converted once more, which
    takes a tenth of a second for a million texts and is done in every column."""

    inherit_cache = True
    type = sa.LargeBinary()

    def __init__(self, text: Element) -> None:
        element = _bare(text)
        super().__init__(element, given=_in_utf8(element))

    def mariadb(self, text: str) -> str:
        return text if self.given else f"CAST({mariadb.cast(text)} AS BINARY)"


def _bare(text: Element) -> Element:
    """A text without what matters only where texts are compared, or where they are not in UTF-8."""
    if isinstance(text, sa.Label):
        return _bare(text.element)
    if isinstance(text, Exact):
        return _bare(text.operand())
    if isinstance(text, TextOfKey):
        return _bare(Canonical(text.operand(), given=text.given))
    if isinstance(text, sa.sql.functions.coalesce):
        first, *others = [Encoded(one) for one in text.clauses]
        return sa.func.coalesce(sa.cast(first, sa.LargeBinary), *others, type_=sa.LargeBinary)
    if isinstance(text, Canonical) and text.in_utf8 and text.given[1] is Kind.TEXT:
        return text.operand() if _in_utf8(text.operand()) else text
    return text


def _in_utf8(text: Element) -> bool:
    if isinstance(text, sa.ColumnClause):
        return getattr(text.type, "charset", None) == "utf8mb4"
    return text.in_utf8 if isinstance(text, Construct) else isinstance(text, sa.sql.functions.coalesce)


class Unfit(Construct):
    """`unfit`."""

    inherit_cache = True
    type = sa.Boolean()

    def sqlite(self, value: str) -> str:
        kind, _, zone, _ = self.given
        called = f"merger_unfit({value}, {quoted(kind)}, {quoted(zone)})"
        if kind is Kind.TEXT:  # no other value comes after all texts; `typeof` takes three times as long
            return (
                f"{value} IS NOT NULL AND {value} COLLATE BINARY >= x''"
                if self.of_column
                else (f"typeof({value}) = 'blob'")
            )
        if kind is not Kind.LOOSE or not self.of_column:
            return called
        return (
            f"CASE typeof({value}) WHEN 'null' THEN 0 WHEN 'blob' THEN 0"
            f" WHEN 'integer' THEN CASE WHEN {value} BETWEEN {-_WHOLE} AND {_WHOLE} THEN 0 ELSE {called} END"
            f" WHEN 'text' THEN CASE WHEN {value} GLOB {_NO_NUMBER} THEN 0 ELSE {called} END"
            f" ELSE {called} END"
        )

    def postgresql(self, value: str) -> str:
        return _unfit(postgresql, value, *self.given)

    def mariadb(self, value: str) -> str:
        return _unfit(mariadb, value, *self.given)


def _own(to: ModuleType, value: str, of: Kind, whole: bool) -> str:
    """The text of a value of its own kind."""
    if of is Kind.NUMBER:
        return str(to.number(value, whole))
    if of in (Kind.TIME, Kind.DAY, Kind.CLOCK):
        return mariadb.whole_time(value) if whole and to is mariadb else str(to.time(value))
    write = {
        Kind.FLOAT: to.floating, Kind.MOMENT: to.moment, Kind.BOOL: to.truth, Kind.BYTES: to.binary,
    }.get(of, to.cast)  # fmt: skip
    return str(write(value))


def _canonical(to: ModuleType, value: str, kind: Kind, of: Kind, zone: str, whole: bool) -> str:
    if kind is Kind.NORMAL:
        said = value if of in (*WRITTEN, kind) else f"({_canonical(to, value, Kind.JSONB, of, zone, whole)})"
        return str(_normal(to)(said, of))
    own = _own(to, value, of, whole)
    if of is Kind.MOMENT and kind is not Kind.MOMENT:
        own = to.joined(f"({own})", quoted(UTC_OFFSET))
    if of is Kind.FLOAT and kind in _DECIMALS:
        return str(to.floating_as_number(value))
    if of is Kind.BYTES and kind is not of:
        return str(to.joined(to.BACKSLASH, "'x'", f"({own})"))
    if kind in (of, Kind.TEXT, Kind.JSON, *DYNAMIC):
        return own
    if kind in TIMES and of in (*WRITTEN, *TIMES):
        read = to.read_time(f"({own})", "iso", zone or "UTC", "UTC" if kind is Kind.MOMENT else zone or "UTC")
        return f"LEFT(({read}), 10)" if kind is Kind.DAY else str(_without_zeros(f"({read})"))
    if of in WRITTEN:
        if kind is Kind.UUID:
            return f"LOWER({own})"
        if kind is Kind.BYTES:
            return str(to.binary_of_text(own))
        return str(to.jsonb_of_text(own)) if kind is Kind.JSONB else own
    if (kind, of) == (Kind.FLOAT, Kind.NUMBER):
        return str(to.floating(value))
    return own


def _normal(to: ModuleType) -> Callable[[str, Kind], str]:
    return normal.mariadb if to is mariadb else normal.postgresql


def _without_zeros(time: str) -> str:
    short = f"TRIM(TRAILING '0' FROM {time})"
    return f"CASE WHEN {time} LIKE '_{'_' * 18}._{'_' * 5}' THEN {short} ELSE {time} END"


def _unfit(to: ModuleType, value: str, kind: Kind, of: Kind, zone: str, whole: bool) -> str:
    fits = _fits(to, value, kind, of, zone, whole)
    return _NEVER if fits is None else f"{value} IS NOT NULL AND NOT COALESCE({fits}, 1 = 0)"


def _fits(to: ModuleType, value: str, kind: Kind, of: Kind, zone: str, whole: bool) -> str | None:
    """When a value stays what it is; None: always."""
    if of in WRITTEN:
        return _text_fits(to, f"({_own(to, value, of, whole)})", kind, of, zone)
    if kind is Kind.TEXT or (kind is of and of in (Kind.BOOL, Kind.BYTES, Kind.UUID)):
        return _NEVER if of is Kind.BYTES and kind is Kind.TEXT else None
    own = f"({_own(to, value, of, whole)})"
    if of in TIMES:
        return _time_fits(to, value, own, kind, of, zone)
    if of is Kind.CLOCK:
        return str(to.matches(own, CLOCK)) if kind in (Kind.CLOCK, *DYNAMIC) else _NEVER
    if of is Kind.NUMBER:
        return _number_fits(to, value, own, kind, whole)
    if of is Kind.FLOAT:
        if kind is Kind.BOOL:
            return str(to.matches(own, TRUTH))
        if kind in _DECIMALS:
            return str(to.is_decimal(value))
        return str(to.is_finite(value)) if kind in (Kind.FLOAT, Kind.JSON, *DYNAMIC) else _NEVER
    if of is Kind.BOOL:
        return None if kind in (Kind.NUMBER, Kind.FLOAT, *DYNAMIC) else _NEVER
    return None if kind in DYNAMIC else _NEVER


def _text_fits(to: ModuleType, own: str, kind: Kind, of: Kind, zone: str) -> str | None:
    if kind in (Kind.TEXT, Kind.ANY, Kind.BYTES) or kind is of:
        return None
    if kind in (Kind.LOOSE, Kind.REAL):
        number = f"({to.matches(own, NUMBERLIKE)})"
        whole = f" OR {to.matches(own, LONG)}" if kind is Kind.LOOSE else ""
        return f"NOT {number}{whole} OR {_short_float(to, own)}"
    if kind is Kind.NUMBER:
        return f"{to.matches(own, DECIMAL)} AND {own} <> '-0'"
    if kind is Kind.FLOAT:
        return _short_float(to, own)
    if kind in TIMES:
        read = to.read_time(own, "iso", zone or "UTC", "UTC" if kind is Kind.MOMENT else zone or "UTC")
        known = f"({read}) IS NOT NULL"
        if kind is Kind.DAY:
            known = f"({read}) LIKE '{'_' * 10} 00:00:00'"
        if zone:
            return known
        offset = to.matches(own, OFFSET_GIVEN)
        return f"{known} AND {offset}" if kind is Kind.MOMENT else f"{known} AND NOT {offset}"
    if kind is Kind.JSON:
        return str(to.json_ok(own)) if of is not Kind.JSONB else None
    if kind is Kind.JSONB:
        return str(to.jsonb_ok(own))
    if kind is Kind.NORMAL:
        return normal.mariadb_ok(own) if to is mariadb else str(to.jsonb_ok(own))
    return str(to.matches(own, {Kind.BOOL: TRUTH, Kind.UUID: UNIQUE, Kind.CLOCK: CLOCK}[kind]))


def _short_float(to: ModuleType, own: str) -> str:
    """Whether a text is a floating point number as it is written; a text that is none is not read as one."""
    return f"CASE WHEN {to.matches(own, FLOATING)} THEN {to.is_float_of(own)} ELSE 1 = 0 END"


def _time_fits(to: ModuleType, value: str, own: str, kind: Kind, of: Kind, zone: str) -> str | None:
    if kind not in (*TIMES, *DYNAMIC):
        return _NEVER
    known = f"({to.in_calendar(value, of)})"
    if kind in DYNAMIC or kind is of:
        return known
    if Kind.MOMENT in (kind, of):
        if not zone:
            return _NEVER
        given = to.joined(own, quoted(UTC_OFFSET)) if of is Kind.MOMENT else own
        read = to.read_time(given, "iso", zone, "UTC" if kind is Kind.MOMENT else zone)
        midnight = f"({read}) LIKE '{'_' * 10} 00:00:00'"
        return f"{known} AND {midnight if kind is Kind.DAY else f'({read}) IS NOT NULL'}"
    return f"{known} AND {own} LIKE '{'_' * 10} 00:00:00'" if kind is Kind.DAY else known


def _number_fits(to: ModuleType, value: str, own: str, kind: Kind, whole: bool) -> str | None:
    if kind in (Kind.JSON, *_DECIMALS):
        return to.number_is_finite(value, whole)  # type: ignore[no-any-return]
    if kind is Kind.BOOL:
        return str(to.matches(own, TRUTH))
    if kind is Kind.LOOSE:
        return f"{to.matches(own, LONG)} OR {_short_float(to, own)}"
    if kind in (Kind.FLOAT, Kind.REAL, Kind.ANY):
        small = to.matches(own, "-?[0-9]{1,15}")
        return f"{small} OR {_short_float(to, own)}"
    return _NEVER
