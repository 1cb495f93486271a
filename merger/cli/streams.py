"""The standard streams of a command, which may be closed, full, or gone with their terminal."""

import os
import sys
from contextlib import suppress
from typing import TextIO


def open_streams() -> None:
    """Puts nothing in the place of standard streams that were closed, so that no file that is opened later
    gets their numbers; all are UTF-8 from now on."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            with suppress(OSError):
                os.fstat(number)
                continue
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            assert opened == number
            setattr(sys, name, os.fdopen(opened, "w" if number else "r", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


def flush_results() -> OSError | None:
    """Writes what is still to be written of the results. The error where nobody takes it; nothing more is
    tried then."""
    return _flush(sys.stdout)


def tell(words: str) -> None:
    """A line on stderr, if anybody takes it: an exit code is told all the same."""
    with suppress(OSError):
        print(words, file=sys.stderr)
    _flush(sys.stderr)


def _flush(stream: TextIO) -> OSError | None:
    """Writes what a stream still holds. Where nobody takes it, it goes nowhere: Python, ending, would try
    again and end with 120."""
    try:
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None
