"""What ends a command from outside: Ctrl-C, a terminal that is closed, a service that is stopped."""

import signal
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_told = False


def listen() -> None:
    """Lets each of `ENDING` interrupt the command; a second one ends the process at once, wherever it is.
    What was to be ignored from the start (as with `nohup`) still is."""
    for one in ENDING:
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, _interrupt)


def interrupted() -> bool:
    """Whether the command was told to end: what SQLite calls while it asks swallows an interruption."""
    return _told


def be_deaf() -> None:
    """Lets nothing disturb the end of a command that was not interrupted."""
    if not _told:
        for one in ENDING:
            signal.signal(one, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    global _told
    _told = True
    for one in ENDING:
        if signal.getsignal(one) is _interrupt:
            signal.signal(one, signal.SIG_DFL)
    raise KeyboardInterrupt
