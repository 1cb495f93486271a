import threading
import time
from collections.abc import Iterator

import pytest

from merger.systems.stores import piped


def counted(count: int, seen: list[int]) -> Iterator[bytes]:
    for number in range(count):
        seen.append(number)
        yield b"%d\n" % number


@pytest.mark.parametrize("in_step", [False, True])
def test_all_lines_come_through_in_order(in_step: bool) -> None:
    assert piped(counted(100, []), b"".join, in_step=in_step) == b"".join(counted(100, []))


def test_no_more_waits_than_the_depth() -> None:
    seen: list[int] = []

    def load(lines: Iterator[bytes]) -> int:
        next(lines)
        time.sleep(0.3)
        return len(seen)

    assert piped(counted(10_000, seen), load, depth=4) <= 7


def test_an_error_while_reading_is_raised_out_of_the_loading() -> None:
    def broken() -> Iterator[bytes]:
        yield b"1\n"
        raise OSError("gone")

    taken: list[bytes] = []

    def load(lines: Iterator[bytes]) -> None:
        for one in lines:
            taken.append(one)

    with pytest.raises(OSError, match="gone"):
        piped(broken(), load)
    assert taken == [b"1\n"]


def test_an_error_while_loading_ends_the_reading_first() -> None:
    ended = threading.Event()

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"1\n"
        finally:
            ended.set()

    def load(lines: Iterator[bytes]) -> None:
        next(lines)
        raise ValueError("full")

    with pytest.raises(ValueError, match="full"):
        piped(endless(), load)
    assert ended.is_set()
    assert not [one for one in threading.enumerate() if one.name == "merger-lines"]
