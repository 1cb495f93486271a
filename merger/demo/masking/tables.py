"""The tables of a SQLite file, as its own catalogue tells them."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LEDGER = "merger_"
"""Tables of the ledger hold hashes of rows, from which short values could be guessed."""
RUNS = "merger_run"
"""The table of the ledger with a row for each run."""


@dataclass(frozen=True)
class Table:
    """A table: its name, its columns that are stored, its key, its foreign keys (column, table, column)."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    foreign: tuple[tuple[str, str, str], ...]
    rowid: bool


def reading(path: Path) -> sqlite3.Connection:
    """A file opened to be read only, and one consistent view of it."""
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute("BEGIN")
    return connection


def tables(connection: sqlite3.Connection) -> tuple[list[Table], list[str]]:
    """The tables that are copied, and the names of those that are not: of the ledger, and full-text indexes
    and other virtual tables with what they store."""
    kinds = connection.execute(
        "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'"
    ).fetchall()
    found, left_out = [], []
    for name, kind, without_rowid in sorted(kinds):
        if name.startswith("sqlite_") or kind == "view":
            continue
        if kind != "table" or name.startswith(LEDGER):
            left_out.append(name)
        else:
            found.append(_table(connection, name, not without_rowid))
    return found, left_out


def schema(connection: sqlite3.Connection, left_out: list[str]) -> Iterator[tuple[str, str]]:
    """Kind and statement of whatever the file declares, tables first, in the order of their making."""
    asked = (
        "SELECT type, sql, tbl_name FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%'"
        " ESCAPE '!' ORDER BY type <> 'table', rowid"
    )
    for kind, statement, table in connection.execute(asked):
        if table not in left_out:
            yield kind, statement


def _table(connection: sqlite3.Connection, name: str, rowid: bool) -> Table:
    columns = connection.execute("SELECT name, pk, hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    foreign = connection.execute(
        'SELECT "from", "table", coalesce("to", \'\') FROM pragma_foreign_key_list(?)', (name,)
    ).fetchall()
    key = [one for one, place, _ in sorted(columns, key=lambda column: column[1]) if place]
    return Table(
        name, tuple(one for one, _, hidden in columns if not hidden), tuple(key), tuple(foreign), rowid
    )
