"""One database, copied table by table with every cell masked as its role says."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from operator import eq
from pathlib import Path
from typing import Any

from merger.demo.masking.cells import Change, JsonCells, Localities, change_of
from merger.demo.masking.masks import Masks
from merger.demo.masking.model import ColumnDone, TableDone
from merger.demo.masking.roles import Path as Steps
from merger.demo.masking.roles import Roles, Use, steps_of
from merger.demo.masking.tables import Table, schema
from merger.systems.profile import Value
from merger.systems.sqlite_tables import quoted

PORTION = 2000
PORTION_OF_BLOBS = 50
"""Fewer rows at a time where a column may hold files."""


@dataclass
class Plan:
    """How a table is copied: what is done to its columns, by their place."""

    table: Table
    uses: list[Use]
    changes: list[Change | None]


class Columns:
    """What is done to the columns of the systems of one run."""

    def __init__(self, roles: Roles, masks: Masks, localities: Localities) -> None:
        self._roles = roles
        self._masks = masks
        self._localities = localities

    def of(self, system: str, table: Table) -> Plan:
        """The plan of a table."""
        found = [self._column(system, table.name, column) for column in table.columns]
        return Plan(table, [use for use, _ in found], [change for _, change in found])

    def at(self, system: str, table: str, value: Value) -> Change | None:
        """What is done to a column or to a place in its JSON."""
        node = (system, table, (value.column, *steps_of(value.json_path)))
        return change_of(self._roles.of(node), self._masks, self._localities)

    def _column(self, system: str, table: str, column: str) -> tuple[Use, Change | None]:
        role = self._roles.of((system, table, (column,)))
        inside = self._roles.inside(system, table, column)
        if not inside and role.use is not Use.MASKED:
            return role.use, change_of(role, self._masks, self._localities)
        other = change_of(role, self._masks, self._localities)
        named: dict[Steps, Change | None] = {
            path[1:]: change_of(self._roles.of((system, table, path)), self._masks, self._localities)
            for path in inside
        }
        return Use.JSON if inside else role.use, JsonCells(named, other, self._masks)


def copy_database(
    source: sqlite3.Connection,
    out: Path,
    plans: Sequence[Plan],
    left_out: list[str],
    kept: Mapping[str, str],
    progress: Callable[[int], None],
) -> list[TableDone]:
    """Writes the masked copy of an opened database to `out`, which must not exist.

    `kept`: by table, the condition of the rows that are copied where not all are. `progress` is called with
    how many rows were written since the last time. Constraints are declared as in the source and are not
    asked for while rows are written: what the source has against them, the copy has too.
    """
    with closing(sqlite3.connect(out, isolation_level=None)) as target:
        for name in ("page_size", "encoding", "user_version", "application_id", "auto_vacuum"):
            ((value,),) = source.execute(f"PRAGMA {name}")
            target.execute(f"PRAGMA {name} = {quoted(value) if isinstance(value, str) else value}")
        target.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;"
            "PRAGMA ignore_check_constraints = ON; PRAGMA temp_store = FILE;"
        )
        statements = list(schema(source, left_out))
        target.execute("BEGIN")
        for kind, statement in statements:
            if kind == "table":
                target.execute(statement)
        done = [_copy(source, target, plan, kept.get(plan.table.name, ""), progress) for plan in plans]
        if source.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
            target.execute("DELETE FROM sqlite_sequence")
            target.executemany(
                "INSERT INTO sqlite_sequence VALUES (?, ?)",
                [
                    one
                    for one in source.execute("SELECT name, seq FROM sqlite_sequence")
                    if one[0] not in left_out
                ],
            )
        for kind, statement in statements:
            if kind != "table":
                target.execute(statement)
        target.execute("COMMIT")
    return done


def _copy(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    plan: Plan,
    condition: str,
    progress: Callable[[int], None],
) -> TableDone:
    table = plan.table
    name = quoted(table.name)
    columns = ", ".join(map(quoted, table.columns))
    ((rows,),) = source.execute(f"SELECT count(*) FROM {name}")
    nulls, unchanged = [0] * len(plan.uses), [0] * len(plan.uses)
    written = 0
    asked = f"SELECT {columns} FROM {name}{condition}"
    put = f"INSERT INTO {name} ({columns}) VALUES ({', '.join('?' * len(table.columns))})"
    for portion in _portions(source, asked):
        cells = list(zip(*portion, strict=True))
        for place, change in enumerate(plan.changes):
            before = cells[place]
            none = before.count(None)
            nulls[place] += none
            if change is None:
                unchanged[place] += len(before) - none
                continue
            after = (
                tuple(map(change, before))
                if not none
                else tuple(None if one is None else change(one) for one in before)
            )
            unchanged[place] += sum(map(eq, before, after)) - none
            cells[place] = after
        target.executemany(put, zip(*cells, strict=True))
        written += len(portion)
        progress(len(portion))
    done = [
        ColumnDone(column=column, use=use, nulls=empty, unchanged=same)
        for column, use, empty, same in zip(table.columns, plan.uses, nulls, unchanged, strict=True)
    ]
    return TableDone(table=table.name, rows=rows, copied=written, columns=tuple(done))


def _portions(source: sqlite3.Connection, asked: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a question, some at a time."""
    cursor = source.execute(asked)
    size = PORTION
    while portion := cursor.fetchmany(size):
        yield portion
        size = PORTION_OF_BLOBS if any(type(cell) is bytes for cell in portion[-1]) else PORTION
