"""Who can be killed while a command runs: its process, a worker of it, a server's back end that serves it."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

import sqlalchemy as sa

from merger.testing.pairs.kinds import POSTGRESQL
from merger.testing.pairs.tables import dialect_of
from merger.testing.pairs.world import World

Kill = Callable[[int, Random], bool]
"""Kills one of its kind that belongs to the process of this number; False where there is none now."""


def kill_process(process: int, _chance: Random) -> bool:
    """The command itself, as by `kill -9`."""
    os.kill(process, signal.SIGKILL)
    return True


def kill_worker(process: int, chance: Random) -> bool:
    """One of the processes that move batches. They are forked by a server that the command started."""
    workers = sorted(one for child in children(process) for one in children(child))
    if not workers:
        return False
    with suppress(ProcessLookupError):
        os.kill(chance.choice(workers), signal.SIGKILL)
        return True
    return False


def children(process: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError):
                found += [int(one) for one in (task / "children").read_text("ascii").split()]
    return found


class BackEnds:
    """The servers' own connections to a world's databases. Holds a connection to each server that it asks."""

    def __init__(self, world: World) -> None:
        self._databases: dict[str, list[str]] = {}
        self._connections: dict[str, sa.Connection] = {}
        for url in world.urls.values():
            backend = url.get_backend_name()
            if backend != "sqlite":
                self._databases.setdefault(backend, []).append(str(url.database))
                if backend not in self._connections:
                    beside = url.set(database="postgres" if backend == POSTGRESQL else "mysql")
                    engine = sa.create_engine(beside, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
                    self._connections[backend] = engine.connect()

    def __bool__(self) -> bool:
        return bool(self._connections)

    def close(self) -> None:
        """Lets go of the servers."""
        for connection in self._connections.values():
            connection.close()

    def kill(self, _process: int, chance: Random) -> bool:
        """Ends one connection: `pg_terminate_backend`, `KILL CONNECTION`."""
        there = [(name, one) for name in self._connections for one in self._serving(name)]
        if not there:
            return False
        name, number = chance.choice(there)
        ending: Mapping[str, str] = {POSTGRESQL: f"SELECT pg_terminate_backend({number})"}
        with suppress(sa.exc.DBAPIError):  # it ended meanwhile
            self._connections[name].exec_driver_sql(ending.get(name, f"KILL CONNECTION {number}"))
            return True
        return False

    def _serving(self, name: str) -> list[int]:
        connection = self._connections[name]
        databases: sa.BindParameter[object] = sa.bindparam("databases", self._databases[name], expanding=True)
        if dialect_of(connection.engine) == POSTGRESQL:
            asked = sa.text(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND datname IN :databases ORDER BY pid"
            )
        else:
            asked = sa.text(
                "SELECT id FROM information_schema.processlist WHERE db IN :databases AND command <> 'Killed'"
                " ORDER BY id"
            )
        return [int(one) for one in connection.scalars(asked.bindparams(databases))]
