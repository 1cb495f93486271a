"""A question to a SQLite file asked by a process of its own: `python -m merger.systems.sqlite_apart`.

It is written for what `merger.systems.stores.apart` sends it, and imports no more than it needs: SQLAlchemy
would take longer than many a question.
"""

import pickle
import sqlite3
import sys
from contextlib import closing

from merger.systems.sqlite_functions import register
from merger.systems.sqlite_literals import take


def main() -> None:
    """Reads a question from standard input and writes the pickled rows to standard output."""
    uri, schema, literals, statement, values = pickle.load(sys.stdin.buffer)
    connection = sqlite3.connect(":memory:", uri=True, isolation_level=None)
    with closing(connection):
        register(connection)
        connection.execute(f"ATTACH DATABASE ? AS {schema}", (uri,))
        take(connection, literals)
        rows = connection.execute(statement, values).fetchall()
    pickle.dump(rows, sys.stdout.buffer)


if __name__ == "__main__":
    main()
