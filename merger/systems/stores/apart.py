"""A question to a SQLite file asked by a process of its own: `python -m merger.systems.stores.apart`.

SQLite calls Python for every row that is hashed, so two questions of one process wait for one another.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from merger.systems.stores.base import Select
from merger.systems.stores.rendered import rendered

Answer = list[tuple[Any, ...]]
_PROGRAM = [sys.executable, "-m", "merger.systems.stores.apart"]


def asked_apart(
    connection: sa.Connection, select: Select, file: Path, schema: str
) -> Callable[[], Answer | None]:
    """What asks a question of which everything is in `file`, to be called once by any thread; it answers None
    where that process failed. What it sees is what is committed: whoever must see the same holds a lock."""
    statement, values = rendered(connection, select, None)
    question = pickle.dumps((str(file), schema, statement, tuple(values)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}

    def ask() -> Answer | None:
        done = subprocess.run(
            _PROGRAM, input=question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            check=False,
        )  # fmt: skip
        return None if done.returncode else pickle.loads(done.stdout)

    return ask


def main() -> None:
    """Reads a question from standard input and writes the pickled rows to standard output."""
    from merger.systems.stores.sqlite import attach, connected, raw_of

    file, schema, statement, values = pickle.load(sys.stdin.buffer)
    connection, close = connected()
    attach(connection, Path(file), schema, "ro")
    rows = raw_of(connection).execute(statement, values).fetchall()
    close()
    pickle.dump(rows, sys.stdout.buffer)


if __name__ == "__main__":
    main()
