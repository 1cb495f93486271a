"""Drives batches through an executor until all are done, one has failed for good, or a person stops it.

Only the standard interface of `concurrent.futures` is used (`submit`, `shutdown`, futures), so pools of
threads, of processes and of other hosts serve alike. A batch may be done more than once: when a worker
is killed nobody knows how far it came. The ledger must make that harmless.
"""

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from merger.errors import MergerError
from merger.migrate.batching.retries import Retries

T = TypeVar("T")
R = TypeVar("R")


class WorkerKilled(MergerError):
    """A batch whose worker was killed again and again. What was committed stays."""


def run_all(
    tasks: Iterable[T],
    work: Callable[[T], R],
    *,
    executor: Callable[[], Executor],
    on_done: Callable[[T, R], None],
    in_flight: int,
    retries: Retries | None = None,
    label: Callable[[T], str] = str,
) -> None:
    """Does `work(task)` for every task and calls `on_done(task, result)` exactly once for each.

    `on_done` is called in this thread, in the order in which tasks end. At most `in_flight` tasks (one
    or two more than there are workers) are taken from `tasks` and not yet acknowledged. For processes,
    `work`, tasks and results must be picklable, and a result small (under 4 KB, so that a worker is
    never killed in the middle of sending one).

    When a worker is killed, the pool is made anew once its other workers have ended, and what was not
    acknowledged is submitted again. A task that was there twice when that happened is then run with
    nothing beside it, so the third time is its own doing, and raises WorkerKilled. Transient errors are
    tried again as `retries` says. Any other error, also of `tasks` or `on_done`, stops: nothing more is
    begun, what runs is waited for and acknowledged, then the first error is raised. KeyboardInterrupt
    does the same; a second one does not wait.
    """
    if in_flight < 1:
        raise ValueError(in_flight)
    _Driver(tasks, work, executor, on_done, in_flight, retries or Retries(), label).run()


@dataclass
class _Batch(Generic[T]):
    task: T
    fails: int = 0
    kills: int = 0


class _Driver(Generic[T, R]):
    def __init__(
        self,
        tasks: Iterable[T],
        work: Callable[[T], R],
        executor: Callable[[], Executor],
        on_done: Callable[[T, R], None],
        in_flight: int,
        retries: Retries,
        label: Callable[[T], str],
    ) -> None:
        self.tasks = iter(tasks)
        self.work = work
        self.executor = executor
        self.on_done = on_done
        self.in_flight = in_flight
        self.retries = retries
        self.label = label
        self.pool: Executor | None = None
        self.flying: dict[Future[R], _Batch[T]] = {}
        self.again: deque[_Batch[T]] = deque()
        self.paused: list[tuple[float, int, _Batch[T]]] = []
        self.pauses = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._fill()
            while self.error is None and (self.flying or self.paused):
                self._collect()
                self._fill()
            self._let_end()
        except KeyboardInterrupt:
            try:
                self._let_end()
                self._close(wait=True)
            finally:
                self._close(wait=False)
            raise
        except BaseException:
            self._close(wait=False)
            raise
        self._close(wait=True)
        if self.error is not None:
            raise self.error

    def _fill(self) -> None:
        """Submits what there is room for."""
        while self.error is None and len(self.flying) + len(self.paused) < self.in_flight + self._due():
            batch = self._next()
            if batch is None:
                return
            self._submit(batch)

    def _due(self) -> int:
        """1 where a paused batch may be tried again; it has its room already."""
        return int(bool(self.paused) and self.paused[0][0] <= time.monotonic())

    def _next(self) -> _Batch[T] | None:
        if any(self._alone(batch) for batch in self.flying.values()):
            return None
        if self._due():
            self.again.append(heapq.heappop(self.paused)[2])
        if self.again:
            if self._alone(self.again[0]) and self.flying:
                return None
            return self.again.popleft()
        try:
            return _Batch(next(self.tasks))
        except StopIteration:
            return None
        except Exception as error:
            self._stop(error)
            return None

    def _alone(self, batch: _Batch[T]) -> bool:
        return batch.kills >= self.retries.kills - 1

    def _submit(self, batch: _Batch[T]) -> None:
        try:
            if self.pool is None:
                self.pool = self.executor()
            self.flying[self.pool.submit(self.work, batch.task)] = batch
        except BrokenExecutor as error:
            if self.flying:
                self.again.appendleft(batch)
                self._rebuild([], error)
            else:
                self._rebuild([batch], error)

    def _collect(self) -> None:
        """Waits for something to end or for a pause to be over, and settles it."""
        pause = max(0.0, self.paused[0][0] - time.monotonic()) if self.paused else None
        if not self.flying:
            time.sleep(pause or 0.0)
            return
        done, _ = wait(self.flying, pause, FIRST_COMPLETED)
        killed: list[_Batch[T]] = []
        cause: BaseException | None = None
        for future in done:
            broken = self._settle(future, killed)
            cause = cause or broken
        if cause is not None:
            self._rebuild(killed, cause)

    def _settle(self, future: Future[R], killed: list[_Batch[T]]) -> BaseException | None:
        """Acknowledges a result or notes an error; a broken pool is told, not noted."""
        batch = self.flying.pop(future)
        error = CancelledError() if future.cancelled() else future.exception()
        if error is None:
            try:
                self.on_done(batch.task, future.result())
            except Exception as own:
                self._stop(own)
        elif isinstance(error, BrokenExecutor):
            killed.append(batch)
            return error
        elif self.retries.transient(error) and batch.fails < self.retries.times:
            batch.fails += 1
            self.pauses += 1
            due = time.monotonic() + self.retries.pause(batch.fails)
            heapq.heappush(self.paused, (due, self.pauses, batch))
        else:
            self._stop(error)
        return None

    def _rebuild(self, killed: list[_Batch[T]], cause: BaseException) -> None:
        """Lets the broken pool end, so that none of its workers is still at a batch, and takes back what
        was not acknowledged."""
        self._close(wait=True)
        wait(self.flying)
        for future in list(self.flying):
            self._settle(future, killed)
        for batch in killed:
            batch.kills += 1
            if batch.kills >= self.retries.kills:
                failed = WorkerKilled(
                    "migrate.worker-killed", batch=self.label(batch.task), times=batch.kills
                )
                failed.__cause__ = cause
                self._stop(failed)
        self.again.extend(killed)
        self.again = deque(sorted(self.again, key=self._alone))

    def _let_end(self) -> None:
        """Begins nothing more; waits for what runs and acknowledges it."""
        for future in list(self.flying):
            if future.cancel():
                del self.flying[future]
        while self.flying:
            done, _ = wait(self.flying, return_when=FIRST_COMPLETED)
            for future in done:
                self._settle(future, [])

    def _stop(self, error: BaseException) -> None:
        if self.error is None:
            self.error = error

    def _close(self, *, wait: bool) -> None:
        pool, self.pool = self.pool, None
        if pool is not None:
            pool.shutdown(wait=wait)
