"""From which time a column's codes are: the days on which all of them are valid together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from merger.recode.keys import CODE, text_key
from merger.recode.knowledge import Knowledge
from merger.recode.model import Column, need_columns
from merger.recode.tables import AT_ONCE, Table, opened, read_batches

LISTED = 100_000
"""So many codes that no definition names are listed at most; the rows with others are only counted."""


@dataclass(frozen=True, slots=True)
class Span:
    """From its first to its last day, both included; None stands for 'as far as the record goes'."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Time:
    """How many distinct codes, and rows with them, are valid in a span."""

    span: Span
    codes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Group:
    """Codes that are valid in the same spans (in none, where `spans` is empty), and the rows with them."""

    spans: tuple[Span, ...]
    codes: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Vintage:
    """A column: rows, those without a code, distinct codes that some definition names.

    `together` are the spans in which all codes that are ever valid are so together; `times` says for every
    span between two changes how many are, `most` is the one of these with most rows; `groups` which codes
    belong to which time. `unknown` are codes that no definition names (`unlisted` rows have further ones, of
    which there are too many to be listed), `never` those that are named and in force on no day.
    """

    column: Column
    rows: int
    empty: int
    codes: int
    together: tuple[Span, ...]
    times: tuple[Time, ...]
    groups: tuple[Group, ...]
    unknown: Group
    never: Group
    unlisted: int = 0

    @property
    def most(self) -> Time | None:
        """The span in which most rows have a valid code, the latest of equals."""
        return max(self.times, key=lambda one: (one.rows, one.span.first or date.min), default=None)


@dataclass(slots=True)
class _Counted:
    """The rows with each code; of codes that no definition names only so many, and the rows with others."""

    rows: dict[str, int]
    known: set[str]
    unlisted: int = 0


def vintage(source: Path, columns: Sequence[Column], knowledge: Knowledge) -> list[Vintage]:
    """One answer for each column, in their order. Raises InputError for a table that cannot be used."""
    with opened(source) as table:
        names = [column.name for column in columns]
        need_columns(str(table.path), names, table.columns, coded=names)
        return [_vintage(column, _counted(table, column, knowledge), knowledge) for column in columns]


def _counted(table: Table, column: Column, knowledge: Knowledge) -> _Counted:
    found = _Counted({}, set())
    code = text_key(table, column.name, CODE)
    others = 0
    for batch in read_batches(table.frame.select(code), table.path, AT_ONCE):
        for written, rows in batch[CODE].value_counts().sort(CODE).iter_rows():
            one = written if written.strip() else ""
            if one in found.rows:
                found.rows[one] += rows
            elif one and knowledge.known(column.kind, one):
                found.known.add(one)
                found.rows[one] = rows
            elif others < LISTED or not one:
                others += bool(one)
                found.rows[one] = rows
            else:
                found.unlisted += rows
    return _Counted(dict(sorted(found.rows.items())), found.known, found.unlisted)


def _vintage(column: Column, found: _Counted, knowledge: Knowledge) -> Vintage:
    counted = found.rows
    spans = range(len(knowledge.changes) + 1)
    everywhere = (1 << len(spans)) - 1
    valid: dict[str, int] = {}
    unknown: list[str] = []
    for code in counted:
        if not code.strip():
            continue
        if code in found.known:
            valid[code] = sum(1 << span for span in spans if knowledge.valid(column.kind, code, span))
        else:
            unknown.append(code)
    together = everywhere if any(valid.values()) else 0
    by_time: dict[int, list[str]] = {}
    for code, mask in valid.items():
        together &= mask or everywhere
        by_time.setdefault(mask, []).append(code)
    never = by_time.pop(0, [])
    order = sorted(by_time, key=lambda mask: (-sum(counted[code] for code in by_time[mask]), mask))
    times = []
    for first, last in _runs_of_equal(spans, list(by_time)):
        here = [code for mask, codes in by_time.items() if mask >> first & 1 for code in codes]
        times.append(Time(_span(knowledge, first, last), len(here), _rows(here, counted)))
    return Vintage(
        column,
        sum(counted.values()) + found.unlisted,
        sum(rows for code, rows in counted.items() if not code.strip()),
        len(valid),
        tuple(_spans(knowledge, together)),
        tuple(times) if by_time else (),
        tuple(_group(tuple(_spans(knowledge, mask)), by_time[mask], counted) for mask in order),
        Group((), tuple(unknown), _rows(unknown, counted) + found.unlisted),
        _group((), never, counted),
        found.unlisted,
    )


def _group(spans: tuple[Span, ...], codes: Iterable[str], counted: dict[str, int]) -> Group:
    found = tuple(codes)
    return Group(spans, found, _rows(found, counted))


def _rows(codes: Iterable[str], counted: dict[str, int]) -> int:
    return sum(counted[code] for code in codes)


def _runs_of_equal(spans: range, masks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring spans in which the same groups are valid, as first and last."""
    begin = 0
    for span in spans:
        follows = span + 1
        if follows == len(spans) or any((mask >> span ^ mask >> follows) & 1 for mask in masks):
            yield begin, span
            begin = follows


def _spans(knowledge: Knowledge, mask: int) -> Iterator[Span]:
    """The bits of a mask as spans of days, neighbours joined."""
    begin: int | None = None
    for span in range(len(knowledge.changes) + 2):
        if mask >> span & 1:
            begin = span if begin is None else begin
        elif begin is not None:
            yield _span(knowledge, begin, span - 1)
            begin = None


def _span(knowledge: Knowledge, first: int, last: int) -> Span:
    changes = knowledge.changes
    until = changes[last] - timedelta(days=1) if last < len(changes) else None
    return Span(changes[first - 1] if first else None, until)
