"""Sequences of PostgreSQL, of serial and identity columns and of plain defaults.

The table is held against writers, so that nobody is between drawing a key and using it. Whoever owns the
sequence holds that too (`ALTER SEQUENCE` keeps `nextval` waiting). Who does not draws every key that it
reserves, which is safe beside anybody, and tries again where somebody drew in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.counters.place import Note, Place, Reserved

if TYPE_CHECKING:
    from merger.systems.profile import Dataset

TRIES = 5


def sequence_of(connection: sa.Connection, dataset: Dataset, schema: str | None) -> str | None:
    """The sequence that a table's key column takes its values from, quoted, None where it takes none."""
    asked = sa.text(
        "SELECT coalesce(pg_get_serial_sequence(:table, :column), ("
        " SELECT CAST(CAST(d.refobjid AS regclass) AS text) FROM pg_attribute a"
        " JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum"
        " JOIN pg_depend d ON d.classid = CAST('pg_attrdef' AS regclass) AND d.objid = f.oid"
        " JOIN pg_class s ON d.refclassid = CAST('pg_class' AS regclass) AND s.oid = d.refobjid"
        " WHERE a.attrelid = CAST(:table AS regclass) AND a.attname = :column AND s.relkind = 'S'))"
    )
    given = {"table": _quoted(dataset.table, schema), "column": dataset.key[0]}
    found: str | None = connection.execute(asked, given).scalar()
    return found


def _quoted(table: str, schema: str | None) -> str:
    """A table's name. SQLAlchemy's own way doubles `%`, as where there are parameters."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in (schema, table) if name)


@dataclass(frozen=True)
class Sequence(Place):
    """A sequence by its quoted name."""

    name: str

    @cached_property
    def _about(self) -> Any:
        """Its step, lowest value, and whether we own it."""
        asked = sa.text(
            "SELECT q.seqincrement AS step, q.seqmin AS lowest, pg_has_role(c.relowner, 'USAGE') AS owned"
            " FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid"
            " WHERE q.seqrelid = CAST(:name AS regclass)"
        )
        found = self.connection.execute(asked, {"name": self.name}).one()
        if found.step < 1:
            raise Refused("migrate.no-counter", table=self.dataset.table)
        return found

    @property
    def step(self) -> int:
        return int(self._about.step)

    @property
    def can_go_back(self) -> bool:
        return bool(self._about.owned)

    def kept(self) -> int | None:
        last, called = self._run(f"SELECT last_value, is_called FROM {self.name}").one()
        return int(last) if called else int(last) - self.step

    def advance(self, value: int) -> None:
        called = value >= self._about.lowest
        given = {"name": self.name, "value": value if called else value + self.step, "called": called}
        self.connection.execute(sa.text("SELECT setval(CAST(:name AS regclass), :value, :called)"), given)

    @contextmanager
    def alone(self) -> Iterator[Self]:
        table = _quoted(self.dataset.table, self.schema)
        self._run(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        if self.can_go_back:
            self._run(f"ALTER SEQUENCE {self.name} INCREMENT BY {self.step}")
        yield self

    def _run(self, sql: str) -> Any:
        return self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})

    def take(self, count: int, note: Note) -> Reserved:
        if self.can_go_back:
            return super().take(count, note)
        drawn = self._drawn(count)
        note(drawn)
        return drawn

    def _drawn(self, count: int) -> Reserved:
        """Keys drawn one by one, as anybody draws them; those of a try that was disturbed are lost."""
        asked = sa.text(
            "SELECT min(key), max(key) FROM (SELECT nextval(CAST(:name AS regclass)) AS key"
            " FROM generate_series(1, :draws)) AS drawn"
        )
        highest = self.highest()
        for _ in range(TRIES):
            wanted = count + max(0, highest - (self.kept() or 0))
            draws = -(-(wanted - 1) // self.step) + 1
            lowest, last = self.connection.execute(asked, {"name": self.name, "draws": draws}).one()
            first = max(lowest, highest + 1)
            if last - lowest == (draws - 1) * self.step and first + count - 1 <= last:
                return Reserved(first, count, lowest - self.step, last)
        raise Refused("migrate.counter-busy", table=self.dataset.table)
