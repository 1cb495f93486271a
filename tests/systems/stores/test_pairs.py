"""Every pair of databases: what goes in as lines comes out as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.systems.stores import open_pair, open_source, open_target, piped
from tests.systems.stores.support import PAIRS, as_lines, landed

COLUMNS = {"text": "text", "number": "integer", "blob": "bytes"}
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.text(alphabet="\\Nnxt\t\n\r\v\f\b\x1a\x7f '\"%:?`;"),
    st.sampled_from(["", "\\N", "\\.", "NULL", "\\x00", "Hòa", "Hoà", "\U0001f33e", " a ", "x" * 9000]),
)
ROWS = st.lists(
    st.tuples(st.none() | TEXT, st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.binary()),
    max_size=8,
)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_text_and_every_byte_comes_through(source: str, target: str, database) -> None:
    with open_source(database(source, "a")) as one, open_target(database(target, "b"), True) as other:

        @settings(max_examples=25, deadline=None)
        @given(ROWS)
        def comes_through(rows) -> None:
            with one.snapshot(), other.transaction():
                lines = one.lines(as_lines(one, COLUMNS, rows))
                count = piped(
                    lines, lambda given: other.land("landing", COLUMNS, given), in_step=other.in_step
                )
                assert count == len(rows)
                assert landed(other, "landing", list(COLUMNS)) == sorted(rows, key=repr)

        comes_through()


def test_two_sqlite_files_share_one_connection(database) -> None:
    first, second = database("sqlite", "a"), database("sqlite", "b")
    for url in (first, second):
        with open_target(url, True) as made:
            made.run("CREATE TABLE tgt.t (a)")
            made.run("INSERT INTO tgt.t VALUES (1)")
    with open_target(second, True) as target:
        with open_pair(first, target) as source:
            assert source.connection is target.connection
            assert (source.schema, target.schema) == ("src", "tgt")
            with target.transaction():
                target.run("INSERT INTO tgt.t SELECT a + 1 FROM src.t")
        target.run("INSERT INTO tgt.t VALUES (3)")
        assert target.connection.exec_driver_sql("SELECT count(*) FROM tgt.t").scalar() == 3
