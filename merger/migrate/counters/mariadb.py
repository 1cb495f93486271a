"""`AUTO_INCREMENT` and sequences of MariaDB (`AUTO_INCREMENT` of MySQL too).

Both are changed by statements that commit, so they are changed on a connection of their own, which locks the
table and so waits for whoever has written to it, and keeps others waiting. In a Galera cluster that lock is
one node's: there, reserve while the platform stands still.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from merger.migrate.counters.place import Place
from merger.systems.stores.failures import connected, let_commit

if TYPE_CHECKING:
    from merger.systems.profile import Dataset

WAIT_SECONDS = 60
"""How long the lock on a table is waited for."""

_NEXTVAL = re.compile(r"nextval\((?P<name>`.*`)\)", re.IGNORECASE)
_NEXT = re.compile(r"^\) ENGINE=\S+ AUTO_INCREMENT=(\d+)", re.MULTILINE)


def gives_out(connection: sa.Connection, dataset: Dataset) -> tuple[str, str]:
    """What gives out a table's keys: `column` (`AUTO_INCREMENT`), `sequence` with its quoted name, or
    nothing."""
    asked = sa.text(
        "SELECT column_default, extra FROM information_schema.columns"
        " WHERE table_schema = database() AND table_name = :table AND column_name = :column"
    )
    given = {"table": dataset.table, "column": dataset.key[0]}
    found = connection.execute(asked, given).one_or_none()
    if found is None:
        return "", ""
    default, extra = found
    if "auto_increment" in str(extra).lower():
        return "column", ""
    sequence = _NEXTVAL.search(default or "")
    return ("sequence", sequence["name"]) if sequence else ("", "")


class _Locked(Place):
    lasting = True

    @contextmanager
    def alone(self) -> Iterator[Self]:
        with connected(self.connection.engine) as own:
            let_commit(own)
            own.detach()
            own.exec_driver_sql(f"SET SESSION lock_wait_timeout = {WAIT_SECONDS}")
            own.exec_driver_sql(f"LOCK TABLES {', '.join(f'{name} WRITE' for name in self._locked())}")
            yield replace(self, connection=own)  # after an error the locks go with the connection
            own.exec_driver_sql("UNLOCK TABLES")

    def _locked(self) -> tuple[str, ...]:
        return (self._table,)

    @property
    def _table(self) -> str:
        return self.connection.dialect.identifier_preparer.quote_identifier(self.dataset.table)


@dataclass(frozen=True)
class AutoIncrement(_Locked):
    """`AUTO_INCREMENT` of a table's key. What the table itself says; `information_schema` may be stale."""

    def kept(self) -> int | None:
        made = self.connection.exec_driver_sql(f"SHOW CREATE TABLE {self._table}").one()[1]
        found = _NEXT.search(made)
        return int(found[1]) - 1 if found else 0

    def advance(self, value: int) -> None:
        """A value below the highest key in use is taken for that key."""
        self.connection.exec_driver_sql(f"ALTER TABLE {self._table} AUTO_INCREMENT = {int(value) + 1}")


@dataclass(frozen=True)
class MariaSequence(_Locked):
    """A sequence that a table's key takes its default from. Keys that the server has drawn in stock count as
    given out."""

    name: str

    @property
    def step(self) -> int:
        return int(self._row.increment)

    @property
    def _row(self) -> Any:
        asked = f"SELECT next_not_cached_value, increment FROM {self.name}"
        return self.connection.exec_driver_sql(asked).one()

    def kept(self) -> int | None:
        row = self._row
        return int(row.next_not_cached_value) - int(row.increment)

    def advance(self, value: int) -> None:
        self.connection.exec_driver_sql(f"ALTER SEQUENCE {self.name} RESTART {int(value) + self.step}")

    def _locked(self) -> tuple[str, ...]:
        return self._table, self.name
