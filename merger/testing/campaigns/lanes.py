"""Parts of a campaign done side by side, each in a process of its own."""

import multiprocessing
import traceback
from collections.abc import Callable, Iterator
from queue import Empty

from merger.testing.campaigns.outcome import Outcome


def in_lanes(count: int, work: Callable[[int], Outcome], lanes: int) -> Iterator[Outcome]:
    """What `work` answers for 0 to `count` - 1, as it comes. A part that fails, or whose process was killed,
    is a failure in words."""
    context = multiprocessing.get_context("fork")
    tasks, found = context.Queue(), context.Queue()
    for at in range(count):
        tasks.put(at)

    def lane() -> None:
        while True:
            try:
                at = tasks.get(timeout=1)
            except Empty:
                return
            try:
                found.put(work(at))
            except Exception:
                found.put(Outcome("", failures=[f"part {at}: {traceback.format_exc()}"]))

    processes = [context.Process(target=lane) for _ in range(min(lanes, count))]
    for one in processes:
        one.start()
    given = 0
    while given < count:
        try:
            yield found.get(timeout=1)
        except Empty:
            if not any(one.is_alive() for one in processes) and found.empty():
                yield Outcome("", failures=[f"{count - given} parts ended without a word"])
                break
        else:
            given += 1
    for one in processes:
        one.join()
