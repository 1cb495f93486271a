"""Tables of other people as a source: a crosswalk with at least two columns, or a list of changes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from merger.errors import Finding, InputError, Place, Severity
from merger.mapping.models import Change, Land, People, Ref, UnitKind, UnitsFile
from merger.mapping.models import Mapping as Definitions
from merger.mapping.tables import AS_LAND, Findings, Table, read_foreign
from merger.mapping.tree import shorten
from merger.quality.compare.mappings import PART
from merger.quality.compare.model import Pair, Source

CROSSWALK = ("old_code", "new_code")
CHANGES = ("date", "kind", "from_code", "to_code")
EVIDENCE = (("evidence",), ("resolution", "clause"), ("sources",), ("source",))
"""Columns that say what a row rests on; the first ones that the table has are taken."""

E = TypeVar("E", Land, People)


def holds_changes(table: Table) -> bool:
    """Whether it is a list of changes (changes-csv) rather than a crosswalk."""
    return set(CHANGES) <= set(table.header)


def read(path: Path) -> Table:
    """Reads a CSV file with the columns of a crosswalk or of a list of changes.

    Raises InputError with every problem of the file as a table.
    """
    found = Findings()
    table = read_foreign(path, found)
    if table is None:
        raise InputError(found.found)
    missing = [name for name in CROSSWALK if name not in table.header]
    if missing and not holds_changes(table):
        columns = {"columns": shorten(", ".join(table.header)), "missing": ", ".join(missing)}
        raise InputError([Finding(PART, "CMP011", Severity.ERROR, Place(table.file, 1, 1), columns)])
    if found.unusable:
        raise InputError(found.found)
    return table


def crosswalk_source(table: Table) -> Source:
    """The pairs of a crosswalk. An empty population is as the land; one without that column says nothing of
    people. Raises InputError with every value that cannot be read, and every pair
    that is given twice and not alike."""
    evidence = next((names for names in EVIDENCE if set(names) <= set(table.header)), ())
    findings: list[Finding] = []
    pairs: dict[tuple[str, str], Pair] = {}
    for place, row in _stripped(table):
        cells = _Cells(row, place, findings)
        land = cells.word("extent", Land) or Land.UNSPECIFIED
        as_land = AS_LAND[land] if "population" in row else People.UNSPECIFIED
        pair = Pair(
            old=cells.code("old_code"),
            new=row["new_code"],
            old_name=row.get("old_name", ""),
            new_name=row.get("new_name", ""),
            land=land,
            people=cells.word("population", People) or as_land,
            share=cells.share(),
            evidence=" §".join(filter(None, (row[name] for name in evidence))),
            place=place,
        )
        other = pairs.setdefault((pair.old, pair.new), pair)
        if (other.land, other.people, other.share) != (pair.land, pair.people, pair.share):
            cells.find("CMP014", old=shorten(pair.old), new=shorten(pair.new), line=other.place.line)
    if findings:
        raise InputError(findings)
    return Source(table.file, pairs)


def changes_of(table: Table, kind: UnitKind) -> tuple[Definitions, dict[date, dict[tuple[str, str], Place]]]:
    """A list of changes as definitions, and the place of each edge by day. Raises InputError."""
    findings: list[Finding] = []
    changes: list[Change] = []
    places: dict[date, dict[tuple[str, str], Place]] = {}
    for place, row in _stripped(table):
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
        "people": cells.word("population", People) or AS_LAND[land],
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


def _stripped(table: Table) -> Iterator[tuple[Place, dict[str, str]]]:
    return ((place, {name: cell.strip() for name, cell in row.items()}) for place, row in table.rows())


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
