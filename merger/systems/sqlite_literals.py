"""The scratch tables of one connection to SQLite, made again over another."""

import pickle
import sqlite3

CARRIED = 100_000
"""Rows that are given to another connection at most."""


def kept(connection: sqlite3.Connection) -> bytes | None:
    """The scratch tables but those of rows that landed, for `take`; None where they are too much."""
    made = connection.execute(
        "SELECT type, name, sql FROM temp.sqlite_master WHERE substr(tbl_name, 1, 7) <> 'merger_'"
        " ORDER BY rowid"
    ).fetchall()
    tables = {name: sql for kind, name, sql in made if kind == "table"}
    counts = [connection.execute(f"SELECT count(*) FROM temp.{_quoted(one)}").fetchone() for one in tables]
    if sum(count for (count,) in counts) > CARRIED:
        return None
    rows = {one: connection.execute(f"SELECT * FROM temp.{_quoted(one)}").fetchall() for one in tables}
    return pickle.dumps((tables, rows, [sql for kind, _, sql in made if kind == "index"]))


def take(connection: sqlite3.Connection, given: bytes) -> None:
    """Makes the tables that `kept` answered."""
    tables, rows, indexes = pickle.loads(given)
    for name, made in tables.items():
        connection.execute(made.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
        if rows[name]:
            places = ", ".join("?" * len(rows[name][0]))
            connection.executemany(f"INSERT INTO temp.{_quoted(name)} VALUES ({places})", rows[name])
    for made in indexes:
        connection.execute(made.replace("CREATE INDEX ", "CREATE INDEX temp.", 1))


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), chr(34) * 2)}"'
