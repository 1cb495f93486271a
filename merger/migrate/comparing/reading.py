"""Both sides of a comparison asked at once, and their rows streamed with flat memory."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

from merger.systems.stores.grouping import few_groups

Rows: TypeAlias = Iterator[Sequence[Any]]
Asked = TypeVar("Asked")
AskedToo = TypeVar("AskedToo")
One = TypeVar("One")
FETCH = 5_000
SEVERAL_AT_ONCE = ("sqlite", "postgresql")
"""Dialects whose connection serves several open results at once."""


Apart: TypeAlias = Callable[[sa.Select[Any]], Callable[[], list[tuple[Any, ...]] | None]]


def both(
    a: sa.Connection,
    ask_a: sa.Select[Any],
    b: sa.Connection,
    ask_b: sa.Select[Any],
    apart: Apart | None = None,
) -> tuple[Sequence[Sequence[Any]], Sequence[Sequence[Any]]]:
    """All rows of a small answer of either side. Two connections are asked at once, by two threads, the
    second by a process of its own where `apart` prepares one, and here where that fails."""
    if apart is not None:
        with beside(b, ask_b, apart) as other, _stopping(a):
            return answer_of(a, ask_a), other()
    return at_once(a, partial(answer_of, a, ask_a), b, partial(answer_of, b, ask_b))


def at_once(
    a: sa.Connection, ask_a: Callable[[], Asked], b: sa.Connection, ask_b: Callable[[], AskedToo]
) -> tuple[Asked, AskedToo]:
    """What is asked of either connection, by two threads; by turns where both are one."""
    if a is b:
        return ask_a(), ask_b()
    with ThreadPoolExecutor(2, "compare") as pool, _stopping(a, b):
        asked_a, asked_b = pool.submit(ask_a), pool.submit(ask_b)
        asked: list[Future[Any]] = [asked_a, asked_b]
        wait(asked, return_when=FIRST_EXCEPTION)
        for one in asked:
            if one.done():
                one.result()
        return asked_a.result(), asked_b.result()


@contextmanager
def beside(
    connection: sa.Connection, asked: sa.Select[Any], apart: Apart
) -> Iterator[Callable[[], Sequence[Sequence[Any]]]]:
    """What waits for all rows of a small answer that a process of its own finds while the block does other
    things; where that fails, it asks here."""
    ask = apart(asked)
    with ThreadPoolExecutor(1, "compare") as pool:
        coming = pool.submit(ask)

        def answer() -> Sequence[Sequence[Any]]:
            found = coming.result()
            return answer_of(connection, asked) if found is None else found

        yield answer


def answer_of(connection: sa.Connection, asked: sa.Select[Any]) -> Sequence[Sequence[Any]]:
    """All rows of a small answer."""
    with few_groups(connection):
        return connection.execute(asked).all()


@contextmanager
def streams(
    a: sa.Connection, ask_a: sa.Select[Any], b: sa.Connection, ask_b: sa.Select[Any], fetch: int = FETCH
) -> Iterator[tuple[Rows, Rows]]:
    """The rows of both sides as streams that are read in step, `fetch` rows ahead each.

    Two connections are read by two threads. One connection that serves one result at a time has the
    first side kept in a temporary file meanwhile."""
    with ExitStack() as stack:
        if a is not b:
            pool = stack.enter_context(ThreadPoolExecutor(2, "compare"))
            asked = [_Ahead(pool, c, s, fetch) for c, s in ((a, ask_a), (b, ask_b))]
            for one in asked:
                stack.callback(one.close)
            stack.enter_context(_stopping(a, b))
            yield iter(asked[0]), iter(asked[1])
        elif a.dialect.name in SEVERAL_AT_ONCE:
            yield (
                iter(stack.enter_context(_streamed(a, ask_a, fetch))),
                iter(stack.enter_context(_streamed(b, ask_b, fetch))),
            )
        else:
            kept = stack.enter_context(_kept(a, ask_a, fetch))
            yield kept, iter(stack.enter_context(_streamed(b, ask_b, fetch)))


def _streamed(connection: sa.Connection, asked: sa.Select[Any], fetch: int) -> sa.CursorResult[Any]:
    return connection.execute(asked, execution_options={"stream_results": True, "max_row_buffer": fetch})


class _Ahead:
    """A result whose next rows are fetched by a thread while those before are being used."""

    def __init__(self, pool: Executor, connection: sa.Connection, asked: sa.Select[Any], fetch: int) -> None:
        self.pool = pool
        self.fetch = fetch
        self.result: sa.CursorResult[Any] | None = None
        self.coming: Future[list[sa.Row[Any]]] = pool.submit(self._begin, connection, asked)

    def _begin(self, connection: sa.Connection, asked: sa.Select[Any]) -> list[sa.Row[Any]]:
        self.result = _streamed(connection, asked, self.fetch)
        return self._more()

    def _more(self) -> list[sa.Row[Any]]:
        assert self.result is not None
        return list(self.result.fetchmany(self.fetch))

    def __iter__(self) -> Rows:
        while rows := self.coming.result():
            self.coming = self.pool.submit(self._more)
            yield from rows

    def close(self) -> None:
        self.coming.exception()
        if self.result is not None:
            self.result.close()


@contextmanager
def _kept(connection: sa.Connection, asked: sa.Select[Any], fetch: int) -> Iterator[Rows]:
    with _streamed(connection, asked, fetch) as result, spooled(map(tuple, result), fetch) as parts:
        result.close()
        yield (row for part in parts for row in part)


@contextmanager
def spooled(rows: Iterable[One], at_once: int) -> Iterator[Iterator[list[One]]]:
    """Rows read to their end into a file without a name, and from there so many at once: connections that
    told them can be asked other things meanwhile."""
    with TemporaryFile() as file:
        left = iter(rows)
        parts = 0
        while part := list(islice(left, at_once)):
            pickle.dump(part, file)
            parts += 1
        file.seek(0)
        yield (pickle.load(file) for _ in range(parts))


@contextmanager
def _stopping(*connections: sa.Connection) -> Iterator[None]:
    """Lets the databases stop what they are computing when the block is left by an error or an interrupt,
    since a thread that waits for an answer cannot be stopped otherwise. A reader that has seen enough
    goes on with its transaction, so nothing is stopped for it."""
    try:
        yield
    except GeneratorExit:
        raise
    except BaseException:
        for connection in connections:
            with suppress(Exception):  # a connection that is lost computes nothing; its own error counts
                driver = connection.connection.driver_connection
                (getattr(driver, "cancel", None) or driver.interrupt)()  # type: ignore[union-attr]
        raise
