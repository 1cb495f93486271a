"""Every batch is acknowledged once, whatever the executor does: laws over made-up schedules."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.errors import MergerError
from merger.migrate.batching import Inline, Retries, WorkerKilled, run_all, threads

SOON = Retries(times=3, first=0.0001, longest=0.0002)


class Transient(MergerError):
    transient = True


class Whimsical(Executor):
    """Holds work up, does it in any order, and breaks at random; a broken pool may have done the work."""

    def __init__(self, seed: int, breaks: float, whole: "Callable[[], None]") -> None:
        self.random = random.Random(seed)
        self.breaks = breaks
        self.held: list[tuple[Future[object], Callable[[], object]]] = []
        self.broken = False
        self.closed = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        whole()

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        with self.lock:
            if self.broken:
                raise BrokenExecutor("broken before")
            future: Future[object] = Future()
            self.held.append((future, lambda: fn(*args, **kwargs)))
            return future

    def shutdown(self, wait: bool = True) -> None:  # what distributed has, too
        self.closed = True
        if wait:
            self.thread.join()

    def _run(self) -> None:
        while not (self.closed and not self.held):
            time.sleep(0.0001)
            with self.lock:
                if not self.held:
                    continue
                future, call = self.held.pop(self.random.randrange(len(self.held)))
                breaks = self.random.random() < self.breaks
                if breaks:
                    self.broken = True
                    if self.random.random() < 0.5:
                        with suppress(Transient):
                            call()
                    for one, _ in [(future, call), *self.held]:
                        one.set_exception(BrokenExecutor("killed"))
                    self.held.clear()
                    continue
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except Exception as error:
                future.set_exception(error)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 25),
    in_flight=st.integers(1, 6),
    breaks=st.sampled_from([0.0, 0.05, 0.3]),
    fails=st.sampled_from([0.0, 0.1, 0.3]),
)
def test_every_task_is_acknowledged_once_or_a_bound_is_reached(seed, count, in_flight, breaks, fails):
    chance = random.Random(seed)
    executed: Counter[int] = Counter()
    acknowledged: Counter[int] = Counter()
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for task in range(count):
            taken += 1
            assert taken - acknowledged.total() <= in_flight
            yield task

    def work(task: int) -> int:
        executed[task] += 1
        if chance.random() < fails:
            raise Transient("systems.failed.busy")
        return task * 2

    def on_done(task: int, result: int) -> None:
        assert result == task * 2
        acknowledged[task] += 1

    pools: list[int] = []
    try:
        run_all(
            tasks(),
            work,
            executor=lambda: Whimsical(seed + len(pools), breaks, lambda: pools.append(1)),
            on_done=on_done,
            in_flight=in_flight,
            retries=SOON,
        )
    except Transient:
        assert max(executed.values()) > SOON.times
    except WorkerKilled:
        assert len(pools) >= SOON.kills
    else:
        assert acknowledged == Counter(range(count))
    assert set(acknowledged) <= set(executed)
    assert set(acknowledged.values()) <= {1}


def test_without_tasks_no_worker_is_started():
    def none() -> Executor:
        raise AssertionError("a pool was made")

    run_all([], str, executor=none, on_done=lambda *_: None, in_flight=2)


def test_at_least_one_task_must_be_in_flight():
    with pytest.raises(ValueError, match="0"):
        run_all([1], str, executor=Inline, on_done=lambda *_: None, in_flight=0)


@pytest.mark.parametrize("executor", [Inline, threads(3)])
def test_results_come_with_their_tasks(executor):
    got: dict[int, int] = {}
    run_all(range(50), lambda n: n * n, executor=executor, on_done=got.__setitem__, in_flight=4)
    assert got == {n: n * n for n in range(50)}


@pytest.mark.parametrize("executor", [Inline, threads(2)])
def test_a_task_that_keeps_failing_stops_after_the_others_have_ended(executor):
    begun: list[int] = []
    got: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        if task == 3:
            raise Transient("systems.failed.busy")
        return task

    with pytest.raises(Transient, match="keeping the database locked"):
        run_all(
            range(10_000_000), work, executor=executor, on_done=lambda task, _: got.append(task),
            in_flight=3, retries=SOON,
        )  # fmt: skip
    assert begun.count(3) == 1 + SOON.times
    assert sorted(got) == sorted(set(begun) - {3})


def test_an_error_that_is_not_transient_is_not_tried_again():
    begun: list[int] = []

    def work(task: int) -> None:
        begun.append(task)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_all(range(9), work, executor=Inline, on_done=lambda *_: None, in_flight=1, retries=SOON)
    assert begun == [0]


def test_an_error_of_the_acknowledgement_stops_what_is_not_begun():
    began, gate = threading.Event(), threading.Event()
    got: list[int] = []

    def work(task: int) -> int:
        if task == 1:
            began.set()
            gate.wait(10)
        return task

    def on_done(task: int, _: int) -> None:
        got.append(task)
        if task == 0:
            began.wait(10)
            gate.set()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_all(range(100), work, executor=threads(2), on_done=on_done, in_flight=2)
    assert sorted(got) == [0, 1]


def test_an_error_of_the_tasks_themselves_is_raised_after_what_runs_has_ended():
    def tasks() -> Iterator[int]:
        yield 0
        raise ZeroDivisionError

    got: list[int] = []
    with pytest.raises(ZeroDivisionError):
        run_all(tasks(), int, executor=threads(1), on_done=lambda task, _: got.append(task), in_flight=5)
    assert got == [0]


def test_an_interrupt_begins_nothing_more_and_is_raised():
    got: list[int] = []

    def on_done(task: int, _: int) -> None:
        got.append(task)
        if task == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(range(1000), int, executor=threads(1), on_done=on_done, in_flight=3)
    assert {0, 1, 2} <= set(got)
    assert len(got) <= 5


def test_pauses_double_up_to_a_bound_and_are_partly_random():
    retries = Retries(first=1.0, longest=10.0)
    for fails, whole in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 10.0), (5000, 10.0)]:
        pauses = [retries.pause(fails) for _ in range(50)]
        assert all(whole / 2 <= pause <= whole for pause in pauses)
        assert len(set(pauses)) > 1
