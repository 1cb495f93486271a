"""What is asked of a table, and what comes out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from merger.errors import Finding, InputError, Place, Severity

KINDS = ("commune", "province", "district", "agency", "service")
UNIT_KINDS = ("commune", "province", "district")

MAX_FINDINGS = 100

HIDDEN = "\ue000"
"""How the names of columns begin that are no part of a table."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of codes of one kind."""

    name: str
    kind: str = "commune"

    @classmethod
    def of(cls, written: str) -> Column:
        """Reads `NAME` or `NAME:KIND`; a name may hold colons itself."""
        name, colon, kind = written.rpartition(":")
        return cls(name, kind) if colon and kind in KINDS else cls(written)

    @property
    def new(self) -> str:
        return f"{self.name}_new"

    @property
    def outcome(self) -> str:
        return f"{self.name}_outcome"

    @property
    def reason(self) -> str:
        return f"{self.name}_reason"


@dataclass(frozen=True, slots=True)
class Days:
    """The day on which codes were valid (`at`, or a column that says it) and the day `to` wanted."""

    to: date
    at: date | None = None
    at_column: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Columns to recode, the days, and what else decides.

    `locality` and `service` are names of columns, `point` those with latitude and longitude; `follow` is
    `people` or `territory`.
    """

    columns: tuple[Column, ...]
    days: Days
    follow: str | None = None
    locality: str | None = None
    service: str | None = None
    point: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a column have an outcome for a reason."""

    column: str
    outcome: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class Recoded:
    """All rows, those of them without a unique successor in some column, and the counts by column."""

    rows: int
    unresolved: int
    counts: tuple[Count, ...]


def problem(code: str, file: str, line: int = 0, column: int = 0, **fields: object) -> Finding:
    """An error in a table, in the words of this room's messages."""
    return Finding("recode", code, Severity.ERROR, Place(file, line, column), fields)


def need_columns(
    file: str, wanted: Iterable[str | None], there: Sequence[str], coded: Sequence[str] = ()
) -> None:
    """Raises InputError with every wanted column that is not there, each with a name near to it.

    `coded`: those of them that hold codes; what stands behind a colon of theirs may be meant as a kind.
    """
    findings = []
    for name in dict.fromkeys(one for one in wanted if one is not None):
        if name not in there:
            before, colon, kind = name.rpartition(":")
            near = [before] if before in there else difflib.get_close_matches(name[:100], there, 1, 0.5)
            shown = ", ".join(near or there[:10]) or "–"
            if colon and name in coded:
                known = ", ".join(KINDS)
                wrong = problem("no-column-or-kind", file, name=name, near=shown, kind=kind, kinds=known)
            else:
                wrong = problem("no-column", file, name=name, near=shown)
            findings.append(wrong)
    if findings:
        raise InputError(findings)


def need_free(file: str, added: Sequence[str], there: Sequence[str]) -> None:
    """Raises InputError for each column to be added that is there already or would be added twice."""
    taken = [name for name in dict.fromkeys(added) if name in there or added.count(name) > 1]
    if taken:
        raise InputError(problem("column-taken", file, name=name) for name in taken)
