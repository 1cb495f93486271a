"""Two sorted streams read as one."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

K = TypeVar("K", bound=Any)
A = TypeVar("A")
B = TypeVar("B")


def merged(a: Iterable[tuple[K, A]], b: Iterable[tuple[K, B]]) -> Iterator[tuple[K, A | None, B | None]]:
    """Every key of two streams of (key, value) with its value on each side, None where it has none.

    Both streams ascend by key (texts: in the order of their UTF-8 bytes, which is the order of Python's
    `str`). A key that is there several times is paired in the order of the streams, what is left over
    stands alone. Holds one pair of each stream. Raises ValueError where a stream does not ascend.
    """
    left, right = _ascending(a), _ascending(b)
    mine, other = next(left, None), next(right, None)
    while mine is not None or other is not None:
        if other is None or (mine is not None and mine[0] < other[0]):
            assert mine is not None
            yield mine[0], mine[1], None
            mine = next(left, None)
        elif mine is None or other[0] < mine[0]:
            yield other[0], None, other[1]
            other = next(right, None)
        else:
            yield mine[0], mine[1], other[1]
            mine, other = next(left, None), next(right, None)


def _ascending(stream: Iterable[tuple[K, A]]) -> Iterator[tuple[K, A]]:
    before: tuple[K, A] | None = None
    for one in stream:
        if before is not None and one[0] < before[0]:
            raise ValueError("a stream of keys does not ascend")
        yield one
        before = one
