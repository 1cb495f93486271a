"""Sources that are copied to be read: once a command, however often it opens them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merger.systems.stores.copied import CopiedSource

_kept: ContextVar[dict[Hashable, CopiedSource] | None] = ContextVar("kept", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within the block every source that has to be copied is copied once. Within another it is that one."""
    if _kept.get() is not None:
        yield
        return
    copies: dict[Hashable, CopiedSource] = {}
    token = _kept.set(copies)
    try:
        yield
    finally:
        let_go()
        _kept.reset(token)


def let_go() -> None:
    """Ends the copies that are held: a source that is opened then is copied as it is then."""
    copies = _kept.get() or {}
    while copies:
        _, one = copies.popitem()
        one.held = False
        one.close()


def once(key: Hashable, make: Callable[[], CopiedSource]) -> CopiedSource:
    """The copy of a key: within `read_once` made once and held until its end, else made anew."""
    copies = _kept.get()
    if copies is None:
        return make()
    if key not in copies:
        copies[key] = make()
        copies[key].held = True
    return copies[key]
