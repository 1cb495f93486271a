"""Movers in threads, where one connection is all that sees the source: they read it by turns, and each
writes over a connection of its own, so that the source is read while the target takes what came before."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import sqlalchemy as sa

from merger.migrate.ledger import Batch
from merger.migrate.movers.move import Move
from merger.migrate.movers.mover import Mover
from merger.systems.stores import Store, open_target


class Turns:
    """What threads move batches with: an opened source, and as many connections to the target as there are
    threads that move at the same time."""

    def __init__(self, move: Move, source: Store, target: sa.URL) -> None:
        self._move = move
        self._source = source
        self._target = target
        self._reading = Lock()
        self._idle: deque[Mover] = deque()

    def work(self, batch: Batch) -> int:
        """Moves a batch. Answers how many rows were settled.

        After an error the connection to the target is let go of: it may be lost, and the next batch opens
        another.
        """
        mover = self._mover()
        try:
            settled = mover.run(batch)
        except BaseException:
            mover.target.close()
            raise
        self._idle.append(mover)
        return settled

    def close(self) -> None:
        """Lets go of the connections to the target; to be called when no thread moves any more."""
        while self._idle:
            self._idle.pop().target.close()

    def _mover(self) -> Mover:
        try:
            return self._idle.pop()
        except IndexError:
            target = open_target(self._target, write=True)
            try:
                return Mover(self._move, self._source, target, reading=self._reading)
            except BaseException:
                target.close()
                raise


@contextmanager
def by_turns(move: Move, source: Store, target: sa.URL) -> Iterator[Turns]:
    """`Turns` that are closed at the end."""
    turns = Turns(move, source, target)
    try:
        yield turns
    finally:
        turns.close()
