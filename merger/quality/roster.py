"""An official list of units, and a mapping's roster of a day set beside it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from merger.errors import Finding, InputError, Place, Severity
from merger.mapping.models import UnitKind
from merger.mapping.tree import decode, problem

MAX_BYTES = 20_000_000


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
    file = str(path)
    try:
        content = path.read_bytes() if path.is_file() and path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValueError):
        content = None
    if content is None:
        raise InputError([problem(file, "DOC001")])
    lines = csv.reader(decode(content, file).splitlines())
    head = [name.strip() for name in next(lines, [])]
    findings = [problem(file, "DOC101", (1, 1), key=name) for name in ("code", "name") if name not in head]
    if findings:
        raise InputError(findings)
    units: dict[str, tuple[str, int]] = {}
    for cells in lines:
        row = dict(zip(head, map(str.strip, cells), strict=False))
        code = row.get("code", "")
        if code in units:
            place = Place(file=file, line=lines.line_num, column=1)
            findings.append(Finding("quality", "roster-twice", Severity.ERROR, place, {"code": code}))
        elif code:
            units[code] = (f"{row.get('type', '')} {row.get('name', '')}".strip(), lines.line_num)
    if findings:
        raise InputError(findings)
    return Roster(path, day, kind, units)
