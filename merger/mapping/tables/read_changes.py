"""changes-csv: one row for each edge between units of one kind, in any code scheme, of any country."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from merger.errors import InputError, Place, Severity
from merger.mapping.imported import Imported
from merger.mapping.models import Change, Land, OpenPoint, UnitKind, What
from merger.mapping.tables import columns
from merger.mapping.tables.cells import Cells
from merger.mapping.tables.csv import Findings, Record, Table, read_table
from merger.mapping.tables.drafts import drafts_of, have_digits, named_as_in_viet_nam, refs_of
from merger.mapping.tables.unsaid import survivors_unsaid

KINDS: dict[str, What] = {what: what for what in get_args(What)}
SHOWN_CODES = 100

_POINTS = TypeAdapter(list[OpenPoint])

Row = tuple[Table, Record, Change]


def read_changes(
    paths: Sequence[Path], id_: str, kind: UnitKind = UnitKind.COMMUNE, same_day: str | None = None
) -> Imported:
    """Reads files of changes between units of one kind, in the order given, as one set of changes.

    `same_day` says how rows of one day are read in files without a column `seq`: `together` (None too) or
    `chained`, event after event as they stand. Raises InputError with every problem of every file.
    """
    findings = Findings()
    rows: list[Row] = []
    unordered: list[Row] = []
    points: list[OpenPoint] = []
    for path in paths:
        table = read_table(path, columns.CHANGES_NEEDED, findings)
        if table is not None:
            read = _rows(table, kind, findings)
            points += _open_points(table, findings)
            unordered += [] if _is_ordered(table) else read
            rows += read
    _duplicates(rows, findings)
    if findings.unusable:
        raise InputError(findings.found)
    survivors_unsaid(rows, findings)
    order = _same_day(unordered, same_day, findings)
    changes = [order.get(id(change), change) for _, _, change in rows]
    codes, names = refs_of(changes)
    if rows and have_digits(codes, kind) and not named_as_in_viet_nam(names):
        table, record, _ = rows[0]
        findings.add("DOC244", table.place(record, 0), Severity.NOTE)
    origins = [partial(_place, table, record) for table, record, _ in rows]
    return Imported(tuple(drafts_of(id_, kind, changes, points, origins)), tuple(findings.found))


def _place(table: Table, record: Record, key: str) -> Place:
    """Where a key of a row's change stands."""
    column = columns.OF_KEYS.get(key, "")
    if column not in table.header:
        column = "from_code" if record.cells[table.header.index("from_code")] else "to_code"
    return table.place(record, table.header.index(column))


def _open_points(table: Table, findings: Findings) -> Iterator[OpenPoint]:
    """What a draft left open, from the column of its own, if there is one."""
    if columns.OPEN not in table.header:
        return
    cells = Cells(table, findings)
    for record in table.records:
        written = cells.text(record, columns.OPEN)
        try:
            yield from _POINTS.validate_json(written) if written else ()
        except ValidationError:
            cells.say("DOC235", record, columns.OPEN)


def _is_ordered(table: Table) -> bool:
    """Whether a column `seq` says anything; one that is empty from top to bottom says nothing."""
    if "seq" not in table.header:
        return False
    column = table.header.index("seq")
    return any(record.cells[column].strip() for record in table.records)


def _rows(table: Table, kind: UnitKind, findings: Findings) -> list[Row]:
    cells = Cells(table, findings)
    further = [name for name in table.header if name not in (*columns.CHANGES, columns.OPEN)]
    rows: list[Row] = []
    for record in table.records:
        if findings.full:
            break
        change = _change(cells, record, kind, further)
        if change is not None:
            rows.append((table, record, change))
    return _with_columns(rows, further)


def _change(cells: Cells, record: Record, kind: UnitKind, further: Sequence[str]) -> Change | None:
    what = KINDS.get(cells.text(record, "kind"))
    if what is None:
        cells.say("DOC221", record, "kind", allowed=", ".join(KINDS))
    when = cells.day(record, "date")
    old = cells.ref(record, "from_code", "from_name")
    new = cells.ref(record, "to_code", "to_name")
    land = cells.land(record)
    people = cells.people(record, land)
    share = cells.share(record)
    number = cells.text(record, "seq")
    seq = columns.seq(number) if number else None
    if number and seq is None:
        cells.say("DOC227", record, "seq")
    if old is None and new is None:
        if not cells.text(record, "from_code") and not cells.text(record, "to_code"):
            cells.say("DOC226", record, "from_code")
        return None
    if when is None or what is None:
        return None
    _sides(cells, record, what)
    said = {name: written for name in further if (written := cells.text(record, name))}
    after = columns.day(said.get("after", ""))
    signed = said.get("dated") == "signed"
    own = {"source", "note"} | ({"after"} if after else set()) | ({"dated"} if signed else set())
    return Change.model_construct(
        date=when,
        what=what,
        kind=kind,
        from_=old,
        to=new,
        land=land,
        people=people,
        share=share,
        after=after,
        dated="signed" if signed else "effective",
        event=cells.text(record, "event_id"),
        seq=seq,
        source=said.get("source", ""),
        note=said.get("note", ""),
        notes={name: written for name, written in said.items() if name not in own},
    )


def _sides(cells: Cells, record: Record, what: str) -> None:
    """Whether the sides that are empty are those that the kind leaves empty."""
    old, new = cells.text(record, "from_code"), cells.text(record, "to_code")
    if what == "create" and old:
        cells.say("DOC230", record, "from_code", kind=what)
    elif what == "abolish" and new:
        cells.say("DOC230", record, "to_code", kind=what)
    elif what != "abolish" and not new and not cells.text(record, "to_name"):
        cells.say("DOC231", record, "to_code", Severity.WARNING, kind=what, unit=old)
    elif what != "create" and not old and not cells.text(record, "from_name"):
        cells.say("DOC232", record, "from_code", Severity.WARNING, kind=what, unit=new)


def _with_columns(rows: list[Row], further: Sequence[str]) -> list[Row]:
    """Has the first change name every column of notes, so that their order and the empty ones stay."""
    if not rows or not further:
        return rows
    filled = {name for _, _, change in rows for name in columns.OWN if _said(change, name)}
    table, record, first = rows[0]
    notes = {name: first.notes.get(name, "") for name in further if name not in filled or name in first.notes}
    return [(table, record, first.model_copy(update={"notes": notes})), *rows[1:]]


def _said(change: Change, name: str) -> bool:
    return bool(getattr(change, name)) and (name != "dated" or change.dated == "signed")


def _duplicates(rows: Sequence[Row], findings: Findings) -> None:
    """No edge may stand twice in one event, nor a row without one twice, but that a unit goes on itself."""
    seen: dict[tuple[object, ...], Record] = {}
    for table, record, change in rows:
        sides = (change.from_.code if change.from_ else "", change.to.code if change.to else "")
        if not change.event and sides[0] == sides[1]:
            continue
        event = (change.date, change.event, change.seq, *sides) if change.event else tuple(record.cells)
        first = seen.setdefault(event, record)
        if first is not record:
            place = table.place(record, table.header.index("from_code"))
            findings.add("DOC228", place, old=sides[0] or "–", new=sides[1] or "–", first=first.line)


def _same_day(rows: Sequence[Row], same_day: str | None, findings: Findings) -> dict[int, Change]:
    """Finds the codes for which the order within a day matters; where chained, the changes in order.

    Gives the changes that are to stand in the place of others, by their identity.
    """
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        days[row[2].date].append(row)
    ordered: dict[int, Change] = {}
    for when, of_day in days.items():
        events = _events(of_day)
        codes = _given_up_and_taken(events)
        if not codes:
            continue
        table, record, _ = of_day[0]
        shown = ", ".join(codes[:SHOWN_CODES]) + (" …" if len(codes) > SHOWN_CODES else "")
        code = "DOC241" if same_day == "chained" else "DOC240"
        severity = Severity.NOTE if same_day else Severity.WARNING
        findings.add(code, table.place(record, 0), severity, day=when, count=len(codes), codes=shown)
        if same_day == "chained":
            for seq, event_rows in enumerate(events.values(), start=1):
                for _, _, change in event_rows:
                    ordered[id(change)] = change.model_copy(update={"seq": seq})
    return ordered


def _events(rows: Sequence[Row]) -> dict[tuple[str, int], list[Row]]:
    """The rows of a day by event, in the order of each event's first row.

    Rows without an event_id are one event if they have the same predecessor or the same successor: all that
    come together in one unit, all that one is divided into.
    """
    first: dict[tuple[str, str], int] = {}
    joined = list(range(len(rows)))

    def root(number: int) -> int:
        while joined[number] != number:
            joined[number] = joined[joined[number]]
            number = joined[number]
        return number

    for number, (_, _, change) in enumerate(rows):
        sides = (("from", change.from_), ("to", change.to)) if not change.event else ()
        for side, ref in sides:
            if ref:
                a, b = root(first.setdefault((side, ref.code), number)), root(number)
                joined[max(a, b)] = min(a, b)
    events: dict[tuple[str, int], list[Row]] = {}
    for number, row in enumerate(rows):
        event = row[2].event
        events.setdefault((event, 0 if event else root(number)), []).append(row)
    return events


def _given_up_and_taken(events: dict[tuple[str, int], list[Row]]) -> list[str]:
    """The codes that one event of a day gives up and another takes, so that their order matters.

    It does not where every event that names a unit says that it goes on itself as a whole.
    """
    gives, keeps, takes = (defaultdict[str, set[tuple[str, int]]](set) for _ in range(3))
    for event, rows in events.items():
        for _, _, change in rows:
            old, new = change.from_, change.to
            if old and new and old.code == new.code and change.land in (Land.WHOLE, Land.UNSPECIFIED):
                keeps[new.code].add(event)
                continue
            if old:
                gives[old.code].add(event)
            if new:
                takes[new.code].add(event)
    return sorted(
        code
        for code in gives.keys() | takes.keys()
        if _in_two(gives[code], takes[code] | keeps[code]) or _in_two(keeps[code], takes[code] - keeps[code])
    )


def _in_two(some: set[tuple[str, int]], others: set[tuple[str, int]]) -> bool:
    """Whether there is one of each, of different events."""
    return bool(some and others) and len(some | others) > 1
