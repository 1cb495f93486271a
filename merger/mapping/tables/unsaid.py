"""What a table of changes leaves unsaid about units that, by its other rows, may still be there.

Offices list what a merger took in, or what was cut off, and often not the unit that goes on. Its own row is
missing then, and it would be taken for a new one, or for gone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from merger.errors import Severity
from merger.mapping.models import Change, Land
from merger.mapping.tables.csv import Findings, Record, Table

SHOWN_CODES = 100

Row = tuple[Table, Record, Change]


def survivors_unsaid(rows: Sequence[Row], findings: Findings) -> None:
    """Tells of each file, once, which units of its rows no row says to go on, though they seem to.

    `DOC242`: a merger of one unit into another one that is not said to go on, where a merger takes two.
    `DOC243`: one part of a unit goes somewhere, and nothing says what became of the rest.
    """
    merged, divided = set(_taking_in_one(rows)), set(_giving_one_part(rows))
    for code, units in (("DOC242", merged), ("DOC243", divided)):
        told: dict[str, list[tuple[Table, Record, str]]] = defaultdict(list)
        for table, record, change in rows:
            ref = change.to if code == "DOC242" else change.from_
            if ref and (change.date, ref.code) in units:
                told[table.file].append((table, record, ref.code))
        for found in told.values():
            table, record, _ = found[0]
            codes = sorted({unit for _, _, unit in found})
            shown = ", ".join(codes[:SHOWN_CODES]) + (" …" if len(codes) > SHOWN_CODES else "")
            place = table.place(record, table.header.index("from_code"))
            severity = Severity.NOTE if code == "DOC242" else Severity.WARNING
            findings.add(code, place, severity, count=len(codes), codes=shown)


def _taking_in_one(rows: Sequence[Row]) -> Iterator[tuple[date, str]]:
    """Units into which one other unit is merged on a day, and nothing else, not even they themselves."""
    into: dict[tuple[date, str], list[Change]] = defaultdict(list)
    gives: Counter[tuple[date, str]] = Counter()
    for _, _, change in rows:
        if change.to:
            into[change.date, change.to.code].append(change)
        if change.from_:
            gives[change.date, change.from_.code] += 1
    for unit, changes in into.items():
        (first, *others) = changes
        alone = not others and first.from_ is not None and gives[first.date, first.from_.code] == 1
        if alone and first.what == "merge" and not gives[unit]:
            yield unit


def _giving_one_part(rows: Sequence[Row]) -> Iterator[tuple[date, str]]:
    """Units of which one row of a day tells where a part went, and no other row names them."""
    gives: dict[tuple[date, str], list[Change]] = defaultdict(list)
    for _, _, change in rows:
        if change.from_:
            gives[change.date, change.from_.code].append(change)
    for unit, changes in gives.items():
        (first, *others) = changes
        if not others and first.land is Land.PART and first.to and first.what != "transfer":
            yield unit
