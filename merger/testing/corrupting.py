"""Changes in a target behind the toolkit's back, and what verification must say of each."""

import sqlite3
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Any

from merger.migrate.model import Difference
from merger.systems.canonical import text_of
from merger.systems.profile import Dataset
from merger.testing.trials import Trial

Told = tuple[str, str, str, str, str]
"""System, dataset, key, column (empty for a whole row) and kind of a difference."""


@dataclass(frozen=True)
class Moved:
    """One moved row: whose it is, and where it is in the target."""

    system: str
    dataset: str
    source_key: str
    target: Dataset
    target_key: Any
    columns: tuple[str, ...]


def told(differences: tuple[Difference, ...]) -> set[Told]:
    """What a verification says, without values."""
    return {(one.system, one.dataset, one.key, one.column, one.kind) for one in differences}


class Corruptor:
    """Spoils rows of an applied target, each row once, and puts everything back on leaving.

    `expected` is what verification must say now, no more and no less.
    """

    def __init__(self, trial: Trial, chance: Random) -> None:
        self.chance = chance
        self.campaign = trial.campaign
        self.expected: set[Told] = set()
        self.connection = sqlite3.connect(trial.target, isolation_level=None)
        self._spoilt: dict[tuple[str, Any], tuple[Any, ...]] = {}
        self._own: list[tuple[str, str, Any]] = []
        self._rows = self.connection.execute(
            "SELECT d.system, d.dataset, r.source_key, r.target_key FROM merger_row r"
            " JOIN merger_dataset d ON d.id = r.dataset_id WHERE NOT r.merged"
        ).fetchall()

    def __enter__(self) -> "Corruptor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()
        while self._own:
            self.own_row_goes()
        self.connection.close()

    @property
    def rows(self) -> int:
        """How many rows could be spoilt."""
        return len(self._rows)

    def change_cell(self) -> None:
        """Another value in one cell of a moved row."""
        row = self._fresh_row()
        while not self._change(row, self.chance.choice(row.columns)):
            row = self._fresh_row()

    def doctor_row(self) -> None:
        """Other values in several cells of a moved row."""
        while True:
            row = self._fresh_row()
            wanted = self.chance.sample(row.columns, min(len(row.columns), self.chance.randint(2, 4)))
            if sum([self._change(row, column) for column in wanted]) >= 1:
                return

    def delete_row(self) -> None:
        """A moved row less."""
        row = self._fresh_row()
        self.connection.execute(f"DELETE FROM {_table(row)} WHERE {_key(row)} = ?", (row.target_key,))
        self.expected.add((row.system, row.dataset, row.source_key, "", "missing"))

    def own_row_comes(self) -> None:
        """A row of the target's own, like a moved one but for its key and whatever must be unique."""
        row = self._row()
        names, values = self._read(row)
        new = dict(zip(names, values, strict=True))
        for name in self._unique(row):
            new[name] = f"own-{self.chance.getrandbits(64):x}"
        if isinstance(row.target_key, int):
            (highest,) = self.connection.execute(f"SELECT max({_key(row)}) FROM {_table(row)}").fetchone()
            new[row.target.key[0]] = highest + 1
        marks = ", ".join("?" * len(new))
        columns = ", ".join(f'"{name}"' for name in new)
        self.connection.execute(
            f"INSERT INTO {_table(row)} ({columns}) VALUES ({marks})", tuple(new.values())
        )
        self._own.append((_table(row), _key(row), new[row.target.key[0]]))

    def own_row_goes(self) -> None:
        """One of the rows that came is deleted again."""
        if self._own:
            table, key, value = self._own.pop(self.chance.randrange(len(self._own)))
            self.connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (value,))

    def restore(self) -> None:
        """Puts every spoilt row back."""
        for (table, key), values in self._spoilt.items():
            name, _, table = table.partition(" ")
            marks = ", ".join("?" * len(values))
            self.connection.execute(f"DELETE FROM {table} WHERE {name} = ?", (key,))
            self.connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        self._spoilt.clear()
        self.expected.clear()

    def _row(self) -> Moved:
        system, dataset, source_key, target_key = self.chance.choice(self._rows)
        source = self.campaign.source(system).profile.datasets[dataset]
        target = self.campaign.target.profile.datasets[source.to]
        columns = tuple(name for name in source.columns if name != target.key[0])
        return Moved(system, dataset, source_key, target, target_key, columns)

    def _fresh_row(self) -> Moved:
        """A row that is not spoilt yet; how it was is remembered."""
        for _ in range(10_000):
            row = self._row()
            where = (f"{_key(row)} {_table(row)}", row.target_key)
            if where not in self._spoilt:
                self._spoilt[where] = self._read(row)[1]
                return row
        raise ValueError("every moved row is spoilt already")

    def _change(self, row: Moved, column: str) -> bool:
        """Writes another value; whether the target takes it."""
        asked = f'SELECT "{column}" FROM {_table(row)} WHERE {_key(row)} = ?'
        (value,) = self.connection.execute(asked, (row.target_key,)).fetchone()
        try:
            self.connection.execute(
                f'UPDATE {_table(row)} SET "{column}" = ? WHERE {_key(row)} = ?',
                (self._other(value), row.target_key),
            )
        except sqlite3.IntegrityError:
            return False
        (found,) = self.connection.execute(asked, (row.target_key,)).fetchone()
        if (value is None) == (found is None) and (value is None or text_of(value) == text_of(found)):
            return False
        self.expected.add((row.system, row.dataset, row.source_key, column, "changed"))
        return True

    def _other(self, value: Any) -> Any:
        """A value unlike this one, often only a little."""
        if value is None:
            return self.chance.choice(["", 0, "x"])
        if self.chance.randrange(8) == 0:
            return None
        if isinstance(value, bytes):
            return value + b"\0"
        if isinstance(value, int | float):
            return value + self.chance.choice([1, -1, 10**9])
        place = self.chance.randrange(len(value) + 1)
        letter = self.chance.choice([" ", "\u0301", "0", "a", "\u00a0"])
        return value[:place] + letter + value[place + self.chance.randrange(2) :]

    def _read(self, row: Moved) -> tuple[list[str], tuple[Any, ...]]:
        asked = f"SELECT * FROM {_table(row)} WHERE {_key(row)} = ?"
        found = self.connection.execute(asked, (row.target_key,))
        return [column[0] for column in found.description], found.fetchone()

    def _unique(self, row: Moved) -> set[str]:
        """The columns of a row's table that any rule or index wants to be unique, its key left out."""
        names = {name for unique in row.target.unique.values() for name in unique}
        for index in self.connection.execute(f"PRAGMA index_list({_table(row)})").fetchall():
            if index[2]:
                names |= {one[2] for one in self.connection.execute(f'PRAGMA index_info("{index[1]}")')}
        return names if isinstance(row.target_key, int) else names | {row.target.key[0]}


def _table(row: Moved) -> str:
    return f'"{row.target.table}"'


def _key(row: Moved) -> str:
    return f'"{row.target.key[0]}"'
