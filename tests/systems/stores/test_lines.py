from collections.abc import Iterable
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.systems.stores.failures import DatabaseFailed
from merger.systems.stores.lines import (
    COLUMN,
    NOTHING,
    ROW,
    all_from_joined,
    cut,
    from_joined,
    in_chunks,
    written,
)
from merger.systems.stores.read_lines import bytes_of, rows_of

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


def in_pieces(whole: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Bytes cut at these distances from one another."""
    out = []
    for size in sizes:
        out.append(whole[:size])
        whole = whole[size:]
    return [*out, whole]


@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(st.integers(1, 9), max_size=9))
def test_a_joined_row_in_pieces_is_the_line_that_it_is_as_a_whole(row, sizes) -> None:
    joined = COLUMN.join([NOTHING if one is None else one.encode() for one in row])
    found = b"".join(all_from_joined([iter(in_pieces(joined, sizes))], len(row)))
    assert found == from_joined([joined], len(row)) == written([row])


@given(st.sampled_from([b"\xff", b"\xfd", b"\xfe", b"\x80", b"a\xc3", NOTHING[:2]]), st.integers(1, 9))
def test_a_joined_row_in_pieces_that_is_not_utf_8_is_refused(broken: bytes, size: int) -> None:
    pieces = in_pieces(b"Nguyen" + COLUMN + broken, [size] * 9)
    with pytest.raises(DatabaseFailed, match="a text in a database is not UTF-8"):
        list(all_from_joined([iter(pieces)], 2))


@given(st.text(alphabet="\\\\a\n", max_size=30), st.integers(1, 5))
def test_a_line_is_never_cut_within_an_escape(text: str, size: int) -> None:
    line = written([(text, "b")])
    with patch("merger.systems.stores.lines.PIECE", size):
        pieces = list(cut(memoryview(line)))
    assert b"".join(pieces) == line
    assert [row for some in rows_of(pieces) for row in some] == [(text, "b")]
    assert all((len(one) - len(one.rstrip(b"\\"))) % 2 == 0 for one in pieces)


@given(
    st.lists(st.tuples(TEXTS, st.none() | st.binary(max_size=9), TEXTS), max_size=4),
    st.lists(st.integers(1, 9), max_size=30),
)
def test_rows_are_read_from_pieces_too(rows, sizes) -> None:
    digits = [(a, None if b is None else f"\\x{b.hex()}", c) for a, b, c in rows]
    pieces = in_pieces(written(digits).replace(b"\\", b"\\"), sizes)
    whole: list[bytes] = []
    for piece in pieces:  # none ends within an escape
        joint = whole and (len(whole[-1]) - len(whole[-1].rstrip(b"\\"))) % 2
        whole = [*whole[:-1], whole[-1] + piece] if joint else [*whole, piece]
    assert [row for some in rows_of(whole, [1]) for row in some] == rows


@given(st.binary())
def test_bytes_are_read_from_their_digits(value: bytes) -> None:
    assert bytes_of("\\x" + value.hex()) == value
    assert bytes_of(None) is None
