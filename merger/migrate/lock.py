"""One run at a time: a lock on the target that the operating system frees when the process dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from merger.errors import Refused


@contextmanager
def holding(target: Path) -> Iterator[None]:
    """Holds the target's lock. Raises Refused when another run holds it."""
    with target.with_name(f"{target.name}.merger-lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("migrate.locked", target=target) from error
        yield
