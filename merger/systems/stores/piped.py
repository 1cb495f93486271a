"""Lines from one database into another, both at work at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

DEPTH = 8
"""Chunks that wait between the two at most, so that memory stays flat."""
_LOOK = 0.2

Chunk = TypeVar("Chunk", bytes, list[bytes])
Loaded = TypeVar("Loaded")


def piped(
    lines: Iterator[Chunk],
    load: Callable[[Iterator[Chunk]], Loaded],
    depth: int = DEPTH,
    *,
    in_step: bool = False,
) -> Loaded:
    """What `load` answers, given the lines. They are read in a thread of their own; `load` runs in the
    caller's.

        piped(source.lines(select), lambda lines: target.land("landing", columns, lines),
        in_step=target.in_step)

    `in_step`: no thread, reading and loading by turns (see `TargetStore.in_step`).
    An error while reading is raised out of `load`; when `load` fails, reading is ended before its error is
    raised. Until then the source's connection belongs to the thread: do nothing else with it.
    """
    if in_step:
        return load(lines)
    queue: Queue[Chunk | BaseException | None] = Queue(depth)
    stopped = Event()

    def put(item: Chunk | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                queue.put(item, timeout=_LOOK)
                return
            except Full:
                continue

    def read() -> None:
        end: BaseException | None = None
        try:
            for chunk in lines:
                put(chunk)
                if stopped.is_set():
                    break
            _close(lines)
        except BaseException as error:
            end = error
        put(end)

    reader = Thread(target=read, name="merger-lines", daemon=True)
    reader.start()
    try:
        return load(_taken(queue, reader))
    finally:
        stopped.set()
        reader.join()


def _taken(queue: Queue[Chunk | BaseException | None], reader: Thread) -> Iterator[Chunk]:
    while True:
        try:
            item = queue.get(timeout=_LOOK)
        except Empty:
            if reader.is_alive() or not queue.empty():
                continue
            raise RuntimeError("the reader of lines ended without a word") from None
        if item is None:
            return
        if isinstance(item, BaseException):
            raise item
        yield item


def _close(lines: Iterable[object]) -> None:
    close = getattr(lines, "close", None)
    if close is not None:
        close()
