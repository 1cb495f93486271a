"""Fills a new SQLite file table by table, in portions, so that memory does not grow with the rows."""

import sqlite3
from pathlib import Path
from random import Random
from typing import TypeAlias

from merger.demo.settings import DATA

Cell: TypeAlias = str | int | None

PORTION = 4000


class Tables:
    """A database under construction. `close` writes what is left."""

    def __init__(self, path: Path, shape: str) -> None:
        path.unlink(missing_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;"
        )
        self.connection.executescript((DATA / "shapes" / f"{shape}.sql").read_text("utf-8"))
        self.connection.execute("BEGIN")
        self.rows = 0
        self._waiting: dict[str, list[tuple[Cell, ...]]] = {}

    def add(self, table: str, row: tuple[Cell, ...]) -> None:
        """Adds a row, its cells in the order of the table's columns."""
        waiting = self._waiting.setdefault(table, [])
        waiting.append(row)
        if len(waiting) >= PORTION:
            self._write(table)

    def close(self) -> None:
        """Writes what is left and closes the file."""
        for table in self._waiting:
            self._write(table)
        self.connection.execute("COMMIT")
        self.connection.close()

    def _write(self, table: str) -> None:
        rows = self._waiting[table]
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            self.rows += len(rows)
            rows.clear()


def guid(rng: Random) -> str:
    """A key as 8-4-4-4-12 hexadecimal digits."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def object_id(rng: Random) -> str:
    """A key of 24 hexadecimal digits."""
    return f"{rng.getrandbits(96):024x}"
