"""Making a large structure that keeps all that it is made of."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def growing() -> Iterator[None]:
    """Holds the collector of cyclic garbage back while nothing becomes garbage.

    It would look through everything made so far again and again: with the whole country, half of the time
    that reading and building take.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
