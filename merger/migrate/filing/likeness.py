"""Which files get names that differ only in case or Unicode form. On disk, so that memory stays flat."""

import hashlib
import sqlite3

from merger.systems.files import alike


class Likeness:
    """The target paths seen so far."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("")  # a temporary file that SQLite takes away
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(
            "CREATE TABLE seen (alike BLOB PRIMARY KEY, path BLOB NOT NULL, key TEXT NOT NULL) WITHOUT ROWID"
        )

    def other(self, path: str, key: str) -> str:
        """The key of the first row whose path is another one, but alike; empty if there is none."""
        like, exact = _digest(alike(path)), _digest(path)
        self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (like, exact, key))
        first = self._connection.execute("SELECT path, key FROM seen WHERE alike = ?", (like,)).fetchone()
        return str(first[1]) if first[0] != exact else ""

    def __enter__(self) -> "Likeness":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
