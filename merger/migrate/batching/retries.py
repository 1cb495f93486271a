"""How often and how soon a batch that failed is tried again."""

import random
from collections.abc import Callable
from dataclasses import dataclass


def transient(error: BaseException) -> bool:
    """Whether the type of an error says that the same batch may succeed later: a deadlock, a lock that
    was not given in time, a lost connection. Such errors carry `transient = True`."""
    return getattr(error, "transient", False) is True


@dataclass(frozen=True)
class Retries:
    """The bounds of trying again.

    `times`: how often a batch is tried again after transient errors. `first`, `longest`: seconds before
    the first new try and at most before any; they double from try to try, and a random part of up to
    half is taken off, so that batches that hindered each other do not meet again. `kills`: how many
    workers may be killed over one batch, the last of them while it ran alone.
    """

    times: int = 6
    first: float = 0.2
    longest: float = 10.0
    kills: int = 3
    transient: Callable[[BaseException], bool] = transient

    def pause(self, fails: int) -> float:
        """Seconds to wait after the `fails`-th failure (from 1)."""
        whole = min(self.longest, self.first * 2.0 ** min(fails - 1, 60))
        return whole * random.uniform(0.5, 1.0)
