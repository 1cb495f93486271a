"""A mapping as changes-csv: entries and changes of one kind, an edge a row, in the mapping's order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merger.mapping.models import (
    Change,
    Land,
    Mapping,
    People,
    Predecessor,
    Ref,
    UnitEntry,
    UnitKind,
    UnitsFile,
    What,
)
from merger.mapping.sources import source_of
from merger.mapping.tables.columns import CHANGES, OPEN, OWN, extent_cell, population_cell, share_cell
from merger.mapping.tables.csv import to_csv
from merger.mapping.write import plain


@dataclass(frozen=True, slots=True)
class Rows:
    """The header and the rows of a changes-csv. `left_out`: how many changes of other kinds there are."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0

    @property
    def text(self) -> str:
        """The file's content."""
        return to_csv(self.header, self.rows)


def write_changes(mapping: Mapping, kind: UnitKind = UnitKind.COMMUNE) -> Rows:
    """All that a mapping says of units of one kind.

    What is open in the drafts stands in a column of its own, spread evenly over the rows. Rows
    stand in the order of the files' ids and in each file's order: entries, then changes. Columns: those
    of the format, then `source`, `note`, `after` and `dated` where a row has them, then notes as they come.
    A change that names no unit is left out; it says nothing.
    """
    changes = [change for file in mapping.units for change in _changes(file, kind)]
    changes += _only_listed(mapping, kind, changes)
    cells = [_cells(change) for change in changes if change.from_ or change.to]
    points = [plain(point) for file in mapping.units for point in file.open_]
    used = dict.fromkeys(name for row in cells for name in row if name not in CHANGES)
    size = -(-len(points) // len(cells)) if cells else 0
    for number, row in enumerate(cells):
        here = points[number * size : (number + 1) * size]
        if here:
            row[OPEN] = json.dumps(here, ensure_ascii=False)
    if points:
        used[OPEN] = None
    filled = {name for row in cells for name in OWN if row.get(name)}
    header = (*CHANGES, *(name for name in OWN if name in filled), *(n for n in used if n not in filled))
    return Rows(
        header,
        tuple(tuple(row.get(name, "") for name in header) for row in cells),
        sum(change.kind is not kind for file in mapping.units for change in file.changes),
    )


def _changes(file: UnitsFile, kind: UnitKind) -> Iterator[Change]:
    if kind is UnitKind.PROVINCE and file.province is not None:
        event = f"{file.id}:province"
        yield from _formed(
            file.effective, kind, event, file.province.into, file.province.from_, source_of(file, kind)
        )
    if kind is UnitKind.DISTRICT:
        for number, district in enumerate(file.districts, start=1):
            yield Change(
                date=file.effective,
                what="abolish",
                kind=kind,
                from_=district.unit,
                event=f"{file.id}:district-{number}",
                source=source_of(file, kind),
                notes={"province": district.province},
            )
    if kind is UnitKind.COMMUNE:
        for number, entry in enumerate(file.communes, start=1):
            yield from _entry(file, entry, number)
    yield from (change for change in file.changes if change.kind is kind)


def _entry(file: UnitsFile, entry: UnitEntry, number: int) -> Iterator[Change]:
    """The edges of an entry; what it says besides stands as notes in the first of them."""
    made_of = entry.from_ if entry.keep is None else (Predecessor(unit=entry.keep),)
    about = {
        "clause": entry.clause,
        "clause_words": entry.words,
        "clause_note": entry.note,
        "area_km2": "" if entry.area_km2 is None else share_cell(entry.area_km2),
        "point": ",".join(map(share_cell, entry.point or ())),
        "areas": json.dumps(plain_areas(entry), ensure_ascii=False) if entry.areas else "",
    }
    notes = {name: value for name, value in about.items() if value}
    event = f"{file.id}:{entry.clause or f'entry-{number}'}"
    source = source_of(file, UnitKind.COMMUNE, entry.clause)
    for change in _formed(file.effective, UnitKind.COMMUNE, event, entry.unit, made_of, source):
        yield change.model_copy(update={"notes": {**change.notes, **notes}})
        notes = {}


def plain_areas(entry: UnitEntry) -> list[object]:
    """The areas of an entry as a person would write them."""
    return [plain(area) for area in entry.areas]


def _formed(
    day: date, kind: UnitKind, event: str, into: Ref, made_of: tuple[Predecessor, ...], source: str
) -> Iterator[Change]:
    if not made_of:
        yield Change(date=day, what="create", kind=kind, to=into, event=event, source=source)
    for one in made_of:
        yield Change(
            date=day,
            what=_what(one, into, alone=len(made_of) == 1),
            kind=kind,
            from_=one.unit,
            to=into,
            land=one.land,
            people=one.people,
            share=one.share,
            event=event,
            source=source,
            note=one.note,
            notes={"words": one.words} if one.words else {},
        )


def _what(one: Predecessor, into: Ref, *, alone: bool) -> What:
    """What happens to a unit that goes into another: divided, merged, or going on under a name or code."""
    if one.land is not Land.WHOLE or one.people is not People.ALL:
        return "split"
    if not alone:
        return "merge"
    return "rename" if one.unit.code == into.code else "recode"


def _only_listed(mapping: Mapping, kind: UnitKind, changes: list[Change]) -> Iterator[Change]:
    """Communes that a district's list names and nothing else says what became of."""
    if kind is not UnitKind.COMMUNE:
        return
    named: set[tuple[date, str]] = {
        (change.date, ref.code) for change in changes for ref in (change.from_, change.to) if ref
    }
    for file in mapping.units:
        for code in sorted({code for district in file.districts for code in district.communes}):
            if (file.effective, code) not in named:
                named.add((file.effective, code))
                event = f"{file.id}:left-out"
                yield Change(date=file.effective, what="merge", from_=Ref(code=code), event=event)


def _kind(change: Change) -> str:
    """The kind as the format wants it: only what has one side is created or abolished."""
    if change.from_ is None:
        return "merge" if change.what == "abolish" else change.what
    one_sided = ("create",) if change.to is None else ("create", "abolish")
    return "merge" if change.what in one_sided else change.what


def _cells(change: Change) -> dict[str, str]:
    old, new = change.from_, change.to
    row = {
        "date": change.date.isoformat(),
        "event_id": change.event,
        "kind": _kind(change),
        "from_code": old.code if old else "",
        "from_name": old.name if old else "",
        "to_code": new.code if new else "",
        "to_name": new.name if new else "",
        "extent": extent_cell(change.land),
        "share": share_cell(change.share),
        "population": population_cell(change.land, change.people),
        "seq": "" if change.seq is None else str(change.seq),
    }
    own = {
        "source": change.source,
        "note": change.note,
        "after": change.after.isoformat() if change.after else "",
        "dated": change.dated if change.dated == "signed" else "",
    }
    notes = {name: note for name, note in change.notes.items() if name not in row and not own.get(name)}
    return row | {name: value for name, value in own.items() if value} | notes
