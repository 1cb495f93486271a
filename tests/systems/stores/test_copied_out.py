"""PostgreSQL's rows, as COPY sends them, are taken in lists; its errors are told wherever they come."""

import pytest
import sqlalchemy as sa

from merger.systems.stores import DatabaseFailed, open_source
from merger.systems.stores.lines import CHUNK
from merger.systems.stores.postgresql import raw_of

ROWS = 4000
SERIES = sa.func.generate_series(1, ROWS).table_valued(sa.column("n", sa.Integer)).render_derived(name="g")


def long_texts(n: sa.ColumnElement[int]) -> list[sa.ColumnElement[str]]:
    """Some 200 bytes a row, with every character below 128 that a text may hold."""
    sign = sa.func.chr(1 + n % 127)
    return [sa.cast(n, sa.Text), sa.func.repeat(sign, 100), sa.func.nullif(sign, "\t").concat("ệ")]


def test_rows_are_those_that_the_driver_gives_one_by_one(database) -> None:
    asked = sa.select(*long_texts(SERIES.c.n)).select_from(SERIES)
    with open_source(database("postgresql")) as store, store.snapshot():
        rows = list(store.rows(asked))
        lines = list(store.lines(asked))
        said = (
            f"SELECT n::text, repeat(chr(1 + n % 127), 100), nullif(chr(1 + n % 127), E'\\t') || 'ệ'"
            f" FROM generate_series(1, {ROWS}) n"
        )
        with raw_of(store.connection).cursor() as cursor, cursor.copy(f"COPY ({said}) TO STDOUT") as copy:
            wanted = [bytes(row) for row in copy]
    assert len(wanted) == ROWS
    assert [row for some in rows for row in some] == wanted
    assert [b"".join(some) for some in rows] == lines
    assert len(rows) > 2
    assert all(len(one) >= CHUNK for one in lines[:-1])


@pytest.mark.parametrize("at", [1, ROWS // 2, ROWS])
def test_an_error_after_some_rows_is_told_and_the_connection_goes_on(at: int, database) -> None:
    failing = sa.cast(sa.literal(1) // (SERIES.c.n - at), sa.Text)
    asked = sa.select(failing, sa.func.repeat("x", 200)).select_from(SERIES)
    with open_source(database("postgresql")) as store:
        with pytest.raises(DatabaseFailed, match="does not fit its column"):
            list(store.rows(asked))
        assert store.connection.execute(sa.select(sa.literal(7))).scalar() == 7


def test_no_rows_are_no_list(database) -> None:
    with open_source(database("postgresql")) as store, store.snapshot():
        assert list(store.rows(sa.select(sa.literal("a")).where(sa.false()))) == []
        assert list(store.rows(sa.select(sa.literal("a")))) == [[b"a\n"]]


def test_rows_that_are_left_unread_leave_the_connection_to_others(database) -> None:
    asked = sa.select(*long_texts(SERIES.c.n)).select_from(SERIES)
    with open_source(database("postgresql")) as store:
        rows = store.rows(asked)
        assert next(rows)
        rows.close()
        assert store.connection.execute(sa.select(sa.literal(7))).scalar() == 7


def test_a_connection_that_is_lost_while_rows_come_is_told_as_lost(database) -> None:
    ended = sa.case(
        (SERIES.c.n == ROWS, sa.cast(sa.func.pg_terminate_backend(sa.func.pg_backend_pid()), sa.Text)),
        else_=sa.func.repeat("x", 200),
    )
    with open_source(database("postgresql")) as store, pytest.raises(DatabaseFailed) as failed:
        list(store.rows(sa.select(ended).select_from(SERIES)))
    assert failed.value.key == "systems.failed.lost"
