"""Rules of a table's own: checks, and what may not repeat, as its database says them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a table, in the SQL of its database, over the names of the table's columns.

    `check`: its only part must not be false. `unique`: of the rows of which `where` is true (all, where that
    is empty) no two have the same texts in all `parts`; a row of which one is NULL counts only with `nulls`.
    `plain`: its columns, where it is nothing but these; the database compares them as the parts do. `other`:
    what is compared in pairs, or by what no text says; nothing here can tell. `needs`: the columns that it
    looks at. `documents`: a check that a column holds JSON, and nothing else.
    """

    name: str
    what: Literal["check", "unique", "other"]
    needs: frozenset[str]
    parts: tuple[str, ...] = ()
    where: str = ""
    nulls: bool = False
    plain: tuple[str, ...] = ()
    documents: bool = False

    @property
    def asked(self) -> list[str]:
        """What is asked of a row: of a check whether it refuses it, of what may not repeat whether the row
        counts, and its texts."""
        if self.what == "check":
            return [f"CASE WHEN NOT ({self.parts[0]}) THEN 1 ELSE 0 END"]
        counts = f"CASE WHEN {self.where} THEN 1 ELSE 0 END" if self.where else "1"
        return [counts, *self.parts]


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a table as a rule sees it. `given`: the SQL of its value by that of its canonical text;
    `default`: the SQL of what it holds when no value is given, None where that is a number which the database
    counts; `made`: the SQL by which the database computes it, of the columns `needs`."""

    name: str
    given: str
    default: str | None = "NULL"
    made: str = ""
    needs: frozenset[str] = frozenset()
