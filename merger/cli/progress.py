"""Progress of long work: one line redrawn on a terminal, else one plain line every few seconds."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from merger.cli.out import number
from merger.cli.run import WATCH
from merger.messages import catalogue, current, text

EVERY = 5.0
COUNTS_ROWS = frozenset({"apply"})
REDRAW = 0.1


class Progress:
    """Called as `progress(stage, done, total)`: the stage's word and what it is at, and how far it is.

    Stages in COUNTS_ROWS count rows and so have a rate and a time left; the others count datasets.
    Used as a context manager, so that a redrawn line ends before anything else is printed. That nobody takes
    a line, since the terminal is gone or the disk is full, is no reason to stop. A command that is
    watched (`merger.migrate.watched`) tells its watch, and prints nothing where there is no terminal.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._clock = clock
        self._watch = _watch()
        self._stage = ""
        self._start = 0.0
        self._first = 0
        self._shown: float | None = None
        self._width = 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._watch is not None:
            self._watch(stage, done, total)
            if not self._live:
                return
        now = self._clock()
        kind, _, what = stage.partition(" ")
        if kind != self._stage:
            self._end_line()
            self._stage, self._start, self._first = kind, now, done
            self._shown = None if self._live else now
        finished = bool(total) and done >= total
        pause = REDRAW if self._live else EVERY
        if self._shown is None or now - self._shown >= pause or (finished and self._live):
            self._shown = now
            self._show(self._line(what, done, total, now))

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._end_line()

    def _line(self, what: str, done: int, total: int, now: float) -> str:
        names, key = catalogue(current(), "cli"), f"stage.{self._stage}"
        name = f"{text(f'cli.{key}') if key in names else self._stage} {what}".strip()
        if self._stage not in COUNTS_ROWS:
            return text("cli.out.progress-steps", stage=name, done=number(done), total=number(total))
        seconds = now - self._start
        rate = (done - self._first) / seconds if seconds > 0 else 0.0
        left = (total - done) / rate if rate > 0 else 0.0
        return text(
            "cli.out.progress-rows",
            stage=name,
            done=number(done),
            total=number(total),
            percent=100 * done // total if total else 100,
            rate=number(round(rate)),
            left=f"{int(left) // 60}:{int(left) % 60:02d}",
        )

    def _show(self, line: str) -> None:
        if self._live:
            self._write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._write(line + "\n")

    def _end_line(self) -> None:
        if self._live and self._width:
            self._write("\n")
        self._width = 0

    def _write(self, words: str) -> None:
        with suppress(OSError):
            self._stream.write(words)
            self._stream.flush()


def _watch() -> Callable[[str, int, int], None] | None:
    if WATCH not in os.environ:
        return None
    from merger.migrate.watched import watch

    return watch()
