"""Times as systems write them, read by the databases as `merger.systems.times` reads them."""

import sqlalchemy as sa

from merger.systems.functions import mariadb, postgresql
from merger.systems.functions.construct import Construct, Element, quoted
from merger.systems.functions.texts import as_text, exact
from merger.systems.kinds import DYNAMIC, TIMES, Kind
from merger.systems.times import midnights

_PUT_RIGHT = "'+0 days'"
"""Lets SQLite's own functions make another day of 31/02."""
FEW = 8
"""Up to so many periods SQLite finds a day's own by itself, and MariaDB by comparing, not by counting."""


def read_time(value: Element, written: str, zone: str, local: str, of: Kind = Kind.TEXT) -> Element:
    """`YYYY-MM-DD HH:MM:SS[.ffffff]` in the zone `local`, NULL where the value is no such time: what
    `merger.systems.times.read_time` makes of its canonical text. A value whose own kind is a time is read
    as `iso`, however its texts are said to be written."""
    if of in TIMES:
        return ShownTime(value, given=(of, zone, local))
    text = value if of in (Kind.TEXT, *DYNAMIC) else as_text(value, of)
    return ReadTime(text, given=(written, zone, local))


def period(day: Element, starts: str) -> Element:
    """The first day of the period that a day (text, `YYYY-MM-DD`) lies in, of periods that begin on `starts`
    (in order, apart by spaces); of one before them all, the first. NULL of NULL."""
    return Period(exact(day), given=tuple(starts.split()))


def period_of_time(value: Element, of: Kind, zone: str, local: str, starts: str) -> Element:
    """`period` of the day, in the zone `local`, of a value whose own kind is a time (one of TIMES): found
    without writing the time where the zone's clocks allow it."""
    days = tuple(starts.split())
    begun = midnights(days, local) if of is Kind.MOMENT else days
    if begun is None or (of is not Kind.MOMENT and zone != local):
        return period(sa.func.substr(read_time(value, "iso", zone, local, of), 1, 10), starts)
    return PeriodOfTime(value, given=(of, zone, local, days, tuple(begun)))


class ReadTime(Construct):
    """`read_time`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str) -> str:
        written, zone, local = self.given
        called = f"merger_time({value}, {quoted(written)}, {quoted(zone)}, {quoted(local)})"
        if written != "iso" or zone != local or not self.of_column:
            return called
        same = f"= {value} COLLATE BINARY AND {value} >= '0001' COLLATE BINARY"
        return (
            f"CASE WHEN {value} IS NULL THEN NULL"
            f" WHEN datetime({value}, {_PUT_RIGHT}) {same} THEN {value}"
            f" WHEN date({value}, {_PUT_RIGHT}) {same} THEN {value} || ' 00:00:00'"
            f" ELSE {called} END"
        )

    def postgresql(self, value: str) -> str:
        return postgresql.read_time(f"CAST({value} AS text)", *self.given)

    def mariadb(self, value: str) -> str:
        return mariadb.read_time(value, *self.given)


class ShownTime(Construct):
    """`read_time` of a value that is a time."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str) -> str:
        _, zone, local = self.given
        return f"merger_time({value}, 'iso', {quoted(zone)}, {quoted(local)})"

    def postgresql(self, value: str) -> str:
        return postgresql.shown_time(value, *self.given)

    def mariadb(self, value: str) -> str:
        return mariadb.shown_time(value, *self.given)


class Period(Construct):
    """`period`."""

    inherit_cache = True
    type = sa.Text()
    in_utf8 = True

    def sqlite(self, day: str) -> str:
        if len(self.given) > FEW:
            return f"merger_period({day}, {quoted(' '.join(self.given))})"
        return _halved(day, self.given)

    def postgresql(self, day: str) -> str:
        starts = ", ".join(quoted(start) for start in self.given)
        placed = f'width_bucket({day}, ARRAY[{starts}] COLLATE "C")'
        return f"(ARRAY[{starts}])[CASE {placed} WHEN 0 THEN 1 ELSE {placed} END]"

    def mariadb(self, day: str) -> str:
        starts = ", ".join(f"TO_DAYS({quoted(start)})" for start in self.given)
        names = ", ".join(quoted(start) for start in (self.given[0], *self.given))
        return f"ELT(1 + INTERVAL(TO_DAYS({day}), {starts}), {names})"


class PeriodOfTime(Construct):
    """`period_of_time`, by the moments at which the periods begin; SQLite's columns are of no kind."""

    inherit_cache = True
    type = sa.Text()
    in_utf8 = True

    def postgresql(self, value: str) -> str:
        of, _, _, starts, begun = self.given
        zoned, plus = ("timestamptz", "+00") if of is Kind.MOMENT else ("timestamp", "")
        moments = ", ".join(quoted(one + plus) for one in begun)
        names = ", ".join(map(quoted, starts))
        placed = f"width_bucket(CAST({value} AS {zoned}), CAST(ARRAY[{moments}] AS {zoned}[]))"
        named = f"(ARRAY[{names}])[greatest({placed}, 1)]"
        return f"CASE WHEN {postgresql.in_calendar(value, of)} THEN {named} END"

    def mariadb(self, value: str) -> str:
        of, _, _, starts, begun = self.given
        wall = value if of is Kind.DAY else f"CAST({value} AS DATETIME(6))"
        if len(starts) <= FEW:
            time = wall if of is Kind.MOMENT else value
            later = [
                f"WHEN {time} >= TIMESTAMP{quoted(f'{one} 00:00:00'[:19])} THEN {quoted(start)}"
                for one, start in zip(begun[:0:-1], starts[:0:-1], strict=True)
            ]
            placed = f"CASE {' '.join(later)} ELSE {quoted(starts[0])} END" if later else quoted(starts[0])
            return f"CASE WHEN {mariadb.in_calendar(value, of)} THEN {placed} END"
        moments = ", ".join(f"TO_SECONDS({quoted(one)})" for one in begun)
        names = ", ".join(map(quoted, (starts[0], *starts)))
        placed = f"ELT(1 + INTERVAL(TO_SECONDS({wall}), {moments}), {names})"
        return f"CASE WHEN {mariadb.in_calendar(value, of)} THEN {placed} END"


def _halved(day: str, starts: tuple[str, ...]) -> str:
    """The period of a day by halves, so that the day is computed as seldom as can be."""
    if len(starts) == 1:
        return f"CASE {day} IS NULL WHEN 0 THEN {quoted(starts[0])} END"
    middle = len(starts) // 2
    before, after = (
        quoted(half[0]) if len(half) == 1 else _halved(day, half)
        for half in (starts[:middle], starts[middle:])
    )
    return f"CASE {day} < {quoted(starts[middle])} WHEN 1 THEN {before} WHEN 0 THEN {after} END"
