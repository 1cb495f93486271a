"""Goes on where a connection was lost, the server restarted, or two hindered each other.

What is tried again is the whole command, from its first look at the ledger. What was committed stays and is
not done again, also where the connection was lost before the answer to a commit came: the ledger knows.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from merger.migrate.batching import Retries
from merger.systems.stores.failures import LOST, NO_ANSWER, PART, failure_of

Progress = Callable[[str, int, int], None]
Result = TypeVar("Result")

LOCKED = "migrate.locked"
PASSING = frozenset({LOST, PART + "deadlock", PART + "replaying", PART + "no-room", "migrate.lock-lost"})
"""Errors that pass. A lock that was not given in time has been waited for already."""


def going_on(
    work: Callable[[Progress], Result], progress: Progress, retries: Retries | None = None
) -> Result:
    """What `work(progress)` answers, tried again as `retries` says; whenever it comes further than before,
    the count begins anew. Raises the last error.

    A database that does not answer from the start is not waited for. After a first error two more pass: the
    lock is still held and a commit still under way, both by a connection that the server has not given up.
    """
    bounds = retries or Retries()
    furthest: dict[str, int] = {}
    fails = 0

    def told(stage: str, done: int, total: int) -> None:
        nonlocal fails
        if done > furthest.get(stage, -1):
            furthest[stage], fails = done, 0
        progress(stage, done, total)

    while True:
        try:
            return work(told)
        except Exception as raised:
            error = failure_of(raised) or raised
            if fails >= bounds.times or not _passes(error, begun=bool(fails or furthest)):
                if error is raised:
                    raise
                raise error from raised
        fails += 1
        time.sleep(bounds.pause(fails))


def _passes(error: Exception, *, begun: bool) -> bool:
    key = getattr(error, "key", "")
    if begun and (key in (LOCKED, NO_ANSWER) or isinstance(error, sa.exc.IntegrityError)):
        return True
    return key in PASSING
