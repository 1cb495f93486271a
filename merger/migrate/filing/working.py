"""Work on many files at once: bounded, tried again where that can help, in the order of the requests."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from itertools import islice
from typing import TypeVar

from merger.migrate.filing.model import FileRequest
from merger.systems.files import FileHeld, StoreFailed

T = TypeVar("T")
R = TypeVar("R")

BATCH = 256
"""Files between two writes to the ledger."""
WORKERS = 8
WAITS = (0.2, 1.0, 5.0)
"""How long to wait before each further try, in seconds."""

Wait = Callable[[float], None]


def batches(requests: Iterable[FileRequest], size: int = BATCH) -> Iterator[list[FileRequest]]:
    """The requests, some at a time."""
    left = iter(requests)
    while batch := list(islice(left, size)):
        yield batch


def each(pool: Executor, work: Callable[[T], R], things: Sequence[T]) -> list[R | StoreFailed]:
    """Does the work on all things at once. A store that failed is the answer for its thing; every other
    thing is still worked on, so that what was done can be noted before it is told."""

    def one(thing: T) -> R | StoreFailed:
        try:
            return work(thing)
        except StoreFailed as error:
            return error

    return list(pool.map(one, things))


def tried(work: Callable[[], R], wait: Wait = time.sleep) -> R:
    """Does the work again where the type of its error says that this may help. Raises the last error."""
    for seconds in WAITS:
        try:
            return work()
        except (FileHeld, StoreFailed) as error:
            if not error.transient:
                raise
        wait(seconds)
    return work()


def raise_first(answers: Iterable[object]) -> None:
    """Raises the first StoreFailed among answers of `each`."""
    for one in answers:
        if isinstance(one, StoreFailed):
            raise one
