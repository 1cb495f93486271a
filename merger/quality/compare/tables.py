"""Tables of other people as a source: a crosswalk with at least two columns, or a list of changes."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from merger.errors import Finding, InputError, Place, Severity
from merger.mapping.models import Change, Land, People, Ref, UnitKind, UnitsFile
from merger.mapping.models import Mapping as Definitions
from merger.mapping.tree import decode, problem, shorten
from merger.quality.compare.mappings import PART
from merger.quality.compare.model import Pair, Source

MAX_BYTES = 100_000_000
CROSSWALK = ("old_code", "new_code")
CHANGES = ("date", "kind", "from_code", "to_code")
EVIDENCE = (("evidence",), ("resolution", "clause"), ("sources",), ("source",))
"""Columns that say what a row rests on; the first ones that the table has are taken."""

_PEOPLE_AS_LAND = {
    Land.WHOLE: People.ALL,
    Land.PART: People.SOME,
    Land.NONE: People.NONE,
    Land.UNSPECIFIED: People.UNSPECIFIED,
}

E = TypeVar("E", Land, People)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file with a header: its columns, and each row with its line (from 1)."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]

    @property
    def holds_changes(self) -> bool:
        """Whether it is a list of changes (changes-csv) rather than a crosswalk."""
        return set(CHANGES) <= set(self.columns)


def read_table(path: Path) -> Table:
    """Reads a CSV file in UTF-8 with the columns of a crosswalk or of a list of changes.

    Raises InputError with every row that has more or fewer cells than the header.
    """
    file = str(path)
    text = decode(_content(path), file)
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error:
        raise InputError([_finding(file, "CMP010", reader.line_num)]) from None
    head = tuple(rows[0][1]) if rows else ()
    missing = [name for name in CROSSWALK if name not in head]
    if missing and not set(CHANGES) <= set(head):
        columns = {"columns": shorten(", ".join(head)), "missing": ", ".join(missing)}
        raise InputError([_finding(file, "CMP011", 1, **columns)])
    twice = sorted({name for name in head if name and head.count(name) > 1})
    findings = [_finding(file, "CMP012", 1, column=shorten(name)) for name in twice]
    findings += [
        _finding(file, "CMP013", line, cells=len(cells), columns=len(head))
        for line, cells in rows[1:]
        if len(cells) != len(head)
    ]
    if findings:
        raise InputError(findings)
    return Table(path, head, tuple((line, dict(zip(head, cells, strict=True))) for line, cells in rows[1:]))


def crosswalk_source(table: Table) -> Source:
    """The pairs of a crosswalk. Raises InputError with every value that cannot be read, and every pair
    that is given twice and not alike."""
    evidence = next((names for names in EVIDENCE if set(names) <= set(table.columns)), ())
    findings: list[Finding] = []
    pairs: dict[tuple[str, str], Pair] = {}
    for line, row in table.rows:
        place = Place(file=str(table.path), line=line, column=1)
        cells = _Cells(row, place, findings)
        pair = Pair(
            old=cells.code("old_code"),
            new=row["new_code"],
            old_name=row.get("old_name", ""),
            new_name=row.get("new_name", ""),
            land=cells.word("extent", Land) or Land.UNSPECIFIED,
            people=cells.word("population", People) or People.UNSPECIFIED,
            share=cells.share(),
            evidence=" §".join(filter(None, (row[name] for name in evidence))),
            place=place,
        )
        other = pairs.setdefault((pair.old, pair.new), pair)
        if (other.land, other.people, other.share) != (pair.land, pair.people, pair.share):
            cells.find("CMP014", old=shorten(pair.old), new=shorten(pair.new), line=other.place.line)
    if findings:
        raise InputError(findings)
    return Source(str(table.path), pairs)


def changes_of(table: Table, kind: UnitKind) -> tuple[Definitions, dict[date, dict[tuple[str, str], Place]]]:
    """A list of changes as definitions, and the place of each edge by day. Raises InputError."""
    findings: list[Finding] = []
    changes: list[Change] = []
    places: dict[date, dict[tuple[str, str], Place]] = {}
    for line, row in table.rows:
        place = Place(file=str(table.path), line=line, column=1)
        cells = _Cells(row, place, findings)
        change = _change(row, cells, kind)
        if change is not None:
            changes.append(change)
            edge = (row["from_code"], row["to_code"])
            places.setdefault(change.date, {}).setdefault(edge, place)
    if findings:
        raise InputError(findings)
    days = {change.date for change in changes} or {date.max}
    said = {"schema": "merger/units/1", "id": "table", "codes": "other", "effective": min(days)}
    file = UnitsFile.model_validate(said).model_copy(update={"changes": tuple(changes)})
    return Definitions(units=(file,)), places


def _change(row: Mapping[str, str], cells: "_Cells", kind: UnitKind) -> Change | None:
    land = cells.word("extent", Land) or Land.UNSPECIFIED
    sides = {
        name: Ref(code=row[f"{side}_code"], name=row.get(f"{side}_name", ""))
        for name, side in (("from", "from"), ("to", "to"))
        if row[f"{side}_code"]
    }
    said = {
        "date": row["date"],
        "what": row["kind"],
        "kind": kind,
        "land": land,
        "people": cells.word("population", People) or _PEOPLE_AS_LAND[land],
        "share": cells.share(),
        "seq": row.get("seq") or None,
        "event": row.get("event_id", ""),
        "source": row.get("event_id", ""),
    }
    try:
        change = Change.model_validate(said | sides)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            column = str(detail["loc"][0]) if detail["loc"] else ""
            column = {"what": "kind", "from": "from_code", "to": "to_code"}.get(column, column)
            cells.find("CMP015", column=column, value=shorten(row.get(column, "")))
        return None
    if not sides:
        cells.find("CMP015", column="from_code", value="")
    return change


class _Cells:
    """The cells of one row, with findings for those that cannot be read."""

    def __init__(self, row: Mapping[str, str], place: Place, findings: list[Finding]) -> None:
        self._row = row
        self._place = place
        self._findings = findings

    def find(self, code: str, /, **fields: object) -> None:
        self._findings.append(Finding(PART, code, Severity.ERROR, self._place, fields))

    def code(self, column: str) -> str:
        value = self._row[column]
        if not value:
            self.find("CMP015", column=column, value="")
        return value

    def word(self, column: str, words: Callable[[str], E]) -> E | None:
        value = self._row.get(column, "").lower()
        if not value:
            return None
        try:
            return words(value)
        except ValueError:
            self.find("CMP015", column=column, value=shorten(value))
            return None

    def share(self) -> float | None:
        value = self._row.get("share", "")
        if not value:
            return None
        try:
            share = float(value)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.find("CMP015", column="share", value=shorten(value))
            return None
        return share


def _finding(file: str, code: str, line: int, **fields: object) -> Finding:
    return Finding(PART, code, Severity.ERROR, Place(file=file, line=line, column=1), fields)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise InputError([problem(str(path), "DOC001")]) from None
    if len(content) > MAX_BYTES:
        raise InputError([problem(str(path), "DOC002", (1, 1), limit=MAX_BYTES)])
    return content
