"""An official list of units, and a mapping's roster of a day set beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from merger.errors import Finding, InputError, Severity
from merger.mapping.models import UnitKind
from merger.mapping.tree import problem


@dataclass(frozen=True, slots=True)
class Roster:
    """The units of one kind that a list names for a day: code to full name and line."""

    path: Path
    day: date
    kind: UnitKind
    units: Mapping[str, tuple[str, int]]


def read_roster(path: Path, day: date, kind: UnitKind = UnitKind.COMMUNE) -> Roster:
    """Reads a list of units: CSV with the columns `code`, `name` and perhaps `type`; others are left aside.

    Raises InputError with every problem of it.
    """
    from merger.mapping.tables import Findings, read_foreign

    found = Findings()
    table = read_foreign(path, found)
    if table is None or found.unusable:
        raise InputError(found.found)
    head = [name.strip() for name in table.header]
    missing = [name for name in ("code", "name") if name not in head]
    if missing:
        raise InputError([problem(table.file, "DOC101", (1, 1), key=name) for name in missing])
    findings: list[Finding] = []
    units: dict[str, tuple[str, int]] = {}
    for place, cells in table.rows():
        row = {name.strip(): cell.strip() for name, cell in cells.items()}
        code = row["code"]
        if not code or code in units:
            word = "roster-twice" if code else "roster-without-code"
            findings.append(Finding("quality", word, Severity.ERROR, place, {"code": code}))
        units[code] = (f"{row.get('type', '')} {row['name']}".strip(), place.line)
    if findings:
        raise InputError(findings)
    return Roster(path, day, kind, units)
