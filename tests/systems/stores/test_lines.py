import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.systems.stores.failures import DatabaseFailed
from merger.systems.stores.lines import (
    COLUMN,
    NOTHING,
    ROW,
    bytes_of,
    from_joined,
    in_chunks,
    rows_of,
    written,
)

TEXTS = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"])), st.text(alphabet="\\Nnxt\t\n\r\v\f\b")
)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[TEXTS] * width))))
def test_what_is_written_as_lines_is_read_again(rows) -> None:
    assert [row for some in rows_of([written(rows)]) for row in some] == rows


def test_a_line_is_what_copy_of_postgresql_writes() -> None:
    assert written([("", None, "\\N", "a\tb\nc\rd\be\ff\vg\\", "Hoà")]) == (
        b"\t\\N\t\\\\N\ta\\tb\\nc\\rd\\be\\ff\\vg\\\\\tHo\xc3\xa0\n"
    )


@pytest.mark.parametrize("broken", [b"\xff", b"\xfd", b"\xfe", b"\x80", b"a\xc3", b"x" + NOTHING[:1]])
def test_text_that_is_not_utf_8_is_refused_and_not_shown(broken: bytes) -> None:
    with pytest.raises(DatabaseFailed, match="a text in a database is not UTF-8") as failed:
        from_joined([b"Nguyen" + COLUMN + broken], 2)
    assert "Nguyen" not in str(failed.value)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(DatabaseFailed, match="not UTF-8"):
        written([("\ud800",)])


def test_chunks_hold_whole_parts() -> None:
    assert list(in_chunks([b"ab\n", b"cd\n", b"ef\n"], 4)) == [b"ab\ncd\n", b"ef\n"]
    assert list(in_chunks([])) == []
    assert from_joined([], 3) == b""


def test_what_parts_joined_rows_is_no_utf_8() -> None:
    for one in (COLUMN, ROW, NOTHING):
        with pytest.raises(UnicodeDecodeError):
            one.decode()


@given(st.binary())
def test_bytes_are_read_from_their_digits(value: bytes) -> None:
    assert bytes_of("\\x" + value.hex()) == value
    assert bytes_of(None) is None
