"""A question to a SQLite file asked by a process of its own.

SQLite calls Python for every row that is hashed or counted, so two questions of one process wait for one
another.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from merger.systems.stores.base import Select
from merger.systems.stores.rendered import rendered

Answer = list[tuple[Any, ...]]
_PROGRAM = [sys.executable, "-m", "merger.systems.sqlite_apart"]


def asked_apart(
    connection: sa.Connection, select: Select, uri: str, schema: str, literals: bytes | None
) -> Callable[[], Answer | None]:
    """What asks a question of which everything is in a file or in `literals` (see `Store.kept_literals`), to
    be called once by any thread; it answers None where that process failed, or where `literals` are too much
    to be given to it. What it sees of the file is what is committed: whoever must see the same holds a
    lock."""
    if literals is None:
        return lambda: None
    statement, values = rendered(connection, select, None)
    question = pickle.dumps((uri, schema, literals, statement, tuple(values)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}

    def ask() -> Answer | None:
        done = subprocess.run(
            _PROGRAM, input=question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            check=False,
        )  # fmt: skip
        return None if done.returncode else pickle.loads(done.stdout)

    return ask
