"""A book of files of its own, in SQLite."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from merger.migrate.filing import FileRow

_COLUMNS = tuple(one.name for one in fields(FileRow))


class SqliteFileLedger:
    """A book of files in an SQLite file of its own. Raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        with self._connection:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS merger_file (id INTEGER PRIMARY KEY, dataset_id INTEGER NOT NULL,"
                " source_key TEXT NOT NULL, path_sha256 TEXT NOT NULL, target_sha256 TEXT,"
                " state TEXT NOT NULL, run TEXT NOT NULL, size INTEGER, sha256 TEXT,"
                " copied INTEGER NOT NULL, why TEXT NOT NULL,"
                " UNIQUE (dataset_id, source_key, path_sha256))"
            )
            self._connection.execute(
                "CREATE INDEX IF NOT EXISTS merger_file_by_target ON merger_file (target_sha256)"
            )

    def known(self, dataset_id: int, source_keys: Sequence[str]) -> Iterable[FileRow]:
        asked = (
            f"SELECT {', '.join(_COLUMNS)} FROM merger_file"
            f" WHERE dataset_id = ? AND source_key IN ({_marks(source_keys)})"
        )
        return [FileRow(*row) for row in self._connection.execute(asked, (dataset_id, *source_keys))]

    def keep(self, rows: Sequence[FileRow]) -> None:
        told = f"INSERT INTO merger_file ({', '.join(_COLUMNS)}) VALUES ({_marks(_COLUMNS)})"
        changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[3:])
        again = f" ON CONFLICT (dataset_id, source_key, path_sha256) DO UPDATE SET {changed}"
        with self._connection:
            self._connection.executemany(told + again, [astuple(row) for row in rows])

    def forget(self, rows: Sequence[FileRow]) -> None:
        gone = "DELETE FROM merger_file WHERE dataset_id = ? AND source_key = ? AND path_sha256 = ?"
        with self._connection:
            self._connection.executemany(
                gone, [(row.dataset_id, row.source_key, row.path_sha256) for row in rows]
            )

    def named_by_others(self, target_sha256: Sequence[str], run: str) -> Iterable[str]:
        asked = (
            "SELECT DISTINCT target_sha256 FROM merger_file WHERE run <> ? AND state IN ('done', 'there')"
            f" AND target_sha256 IN ({_marks(target_sha256)})"
        )
        return [one for (one,) in self._connection.execute(asked, (run, *target_sha256))]

    def rows(self) -> list[FileRow]:
        """Every row, in the order in which they came."""
        asked = f"SELECT {', '.join(_COLUMNS)} FROM merger_file ORDER BY id"
        return [FileRow(*row) for row in self._connection.execute(asked)]

    def close(self) -> None:
        self._connection.close()


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
