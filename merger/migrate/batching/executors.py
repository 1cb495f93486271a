"""Executors for batches: in this process, in threads, in processes of their own.

Each function gives a maker, since a pool whose worker was killed cannot be used again.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import forkserver
from multiprocessing.context import BaseContext, ForkServerContext
from typing import ParamSpec, TypeVar

from merger.migrate.failpoints import VARIABLE

FROZEN = "merger.migrate.batching.frozen"
P = ParamSpec("P")
T = TypeVar("T")
Maker = Callable[[], Executor]
Begin = Callable[[], None]


class Inline(Executor):
    """Does the work in `submit` itself. For one worker, and for what cannot be sent to a process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def threads(workers: int) -> Maker:
    """A maker of pools of threads."""
    return partial(ThreadPoolExecutor, workers, thread_name_prefix="merger")


def processes(workers: int, *, preload: Sequence[str] = (), begin: Begin | None = None) -> Maker:
    """A maker of pools of processes.

    Workers are forked from a server that has imported `preload` and what the program began with (where
    there is no such server, started anew); the server is started once in a program, so only the first
    call's `preload` counts. A worker gets this process's environment as it is when the pool is made,
    leaves an interrupt from the keyboard to this process, ends when this process ends, however that
    happens, and calls `begin` (which must be picklable) before its first batch. Failpoints are for the first
    pool that is made: one made anew after a worker was killed has none.
    """
    context = _context(preload)
    made = False

    def make() -> Executor:
        nonlocal made
        environment = dict(os.environ)
        if made:
            environment.pop(VARIABLE, None)
        made = True
        return _started(
            ProcessPoolExecutor(
                workers, mp_context=context, initializer=_begin, initargs=(environment, begin)
            )
        )

    return make


def _started(pool: ProcessPoolExecutor) -> Executor:
    """A pool with all its workers. Raises BrokenProcessPool where one was killed while it was being started.

    A pool that starts a worker while it finds another killed would wait for the new one without end.
    """
    others = set(multiprocessing.active_children())
    setattr(pool, "_safe_to_dynamically_spawn_children", False)  # noqa: B010 not in the types of all versions
    try:
        pool.submit(_nothing)
    except (EOFError, OSError) as error:
        for one in set(multiprocessing.active_children()) - others:
            one.kill()
            one.join()
        raise BrokenProcessPool("a worker was killed while it was being started") from error
    return pool


def warm(preload: Sequence[str]) -> None:
    """Lets the server that workers are forked from begin to import, while this process does other things."""
    if isinstance(_context(preload), ForkServerContext):
        forkserver.ensure_running()


def _context(preload: Sequence[str]) -> BaseContext:
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    context.set_forkserver_preload(["__main__", __name__, *preload, FROZEN])
    return context


def _nothing() -> None:
    """The first task of a pool."""


def _begin(environment: Mapping[str, str], begin: Begin | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    if begin is not None:
        begin()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
