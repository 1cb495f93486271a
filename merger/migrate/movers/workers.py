"""Workers: processes that move batches of one dataset, each over connections of its own."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from merger.migrate.batching import processes, warm
from merger.migrate.ledger import Batch
from merger.migrate.movers.move import Move
from merger.migrate.movers.mover import Mover
from merger.systems.stores import DatabaseFailed, SourceStore, open_pair, open_source, open_target

WORTH_WORKERS = 50_000
"""From so many rows on, starting workers for a file of SQLite, of whom one writes while the others make
their batches ready, is worth it."""
STORES = {
    "postgresql": "merger.systems.stores.postgresql",
    "mariadb": "merger.systems.stores.mariadb",
    "mysql": "merger.systems.stores.mariadb",
}
"""What is imported for a kind of database, which every worker would do for itself (0.06 s CPU)."""
MOST = 4
"""Workers where nobody says how many: more hinder one another in most databases."""


@dataclass(frozen=True)
class Desk:
    """What a worker opens: the source, as the view `snapshot` shows it, the target, and what to do. Two files
    of SQLite are opened together, with the `literals` that `move` names; each batch is then one look at the
    source."""

    source: sa.URL
    snapshot: str | None
    target: sa.URL
    move: Move
    literals: bytes | None = None


def usual_workers() -> int:
    """How many workers there are unless somebody says: as many as cores, at most `MOST`."""
    return min(MOST, len(os.sched_getaffinity(0)))


def prepare(workers: int, rows: int, sources: Iterable[sa.URL], target: sa.URL) -> None:
    """Lets the workers' modules be imported meanwhile, where there may be workers for so many rows."""
    kinds = {one.get_backend_name() for one in sources}
    needed = "postgresql" in kinds
    if target.get_backend_name() == "sqlite":
        needed = "sqlite" in kinds and rows >= WORTH_WORKERS
    if workers > 1 and needed:
        kinds.add(target.get_backend_name())
        warm([__name__, *sorted({STORES[one] for one in kinds if one in STORES})])


def crew(workers: int, desk: Desk) -> Callable[[], Executor]:
    """A maker of pools of workers at a desk, for `run_all` with `work`."""
    return processes(workers, preload=[__name__], begin=partial(_sit, desk))


def work(batch: Batch) -> int:
    """Moves a batch, in a worker. Answers how many rows were settled.

    After an error the connections are let go of: they may be lost, and the next batch opens others.
    """
    assert _place is not None
    try:
        return _place.mover().run(batch, str(os.getpid()))
    except BaseException:
        _place.close()
        raise


class _Place:
    """A worker's own connections, opened for its first batch."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._open = ExitStack()
        self._mover: Mover | None = None

    def mover(self) -> Mover:
        if self._mover is None:
            with ExitStack() as stack:
                target = stack.enter_context(open_target(self.desk.target, write=True))
                if self.desk.literals is None:
                    source = self._seen(stack)
                else:
                    source = stack.enter_context(open_pair(self.desk.source, target))
                    target.take_literals(self.desk.literals)
                self._mover = Mover(self.desk.move, source, target)
                self._open = stack.pop_all()
        return self._mover

    def _seen(self, stack: ExitStack) -> SourceStore:
        """The source as the view shows it."""
        source = stack.enter_context(open_source(self.desk.source, self.desk.snapshot))
        try:
            stack.enter_context(source.snapshot())
        except DatabaseFailed as error:
            if error.transient:
                raise
            raise DatabaseFailed("systems.failed.lost") from error  # the view went with its connection
        return source

    def close(self) -> None:
        self._mover = None
        self._open.close()


_place: _Place | None = None


def _sit(desk: Desk) -> None:
    global _place
    _place = _Place(desk)
