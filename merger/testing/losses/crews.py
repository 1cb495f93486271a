"""Workers, in processes of their own, who lose what their command loses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from multiprocessing import forkserver

from merger.migrate import applying
from merger.migrate.batching import processes, warm
from merger.migrate.movers import workers as crews
from merger.testing.losses.calls import Loss, lose

WORKER = "worker: "
"""How what a worker has lost is told of."""


def let_workers_lose(now: Callable[[], Loss]) -> None:
    """Lets the workers of commands of this process lose what is to be lost `now`."""
    _begin_anew()
    warm([__name__, f"{__package__}.postgresql", f"{__package__}.mariadb", *crews.STORES.values()])

    def crew(workers: int, desk: crews.Desk) -> Callable[[], Executor]:
        return processes(workers, preload=[__name__], begin=partial(_sit, now(), desk))

    setattr(applying, "crew", crew)  # noqa: B010


def _begin_anew() -> None:
    """Lets this process, which was forked, have a server of processes of its own: that of the process before
    it is no child of it."""
    vars(forkserver._forkserver)["_forkserver_pid"] = None


def _sit(loss: Loss, desk: crews.Desk) -> None:
    lose(loss, WORKER)
    crews._sit(desk)
