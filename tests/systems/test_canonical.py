import re
import sqlite3
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.systems.canonical import (
    AS_BLOB,
    AS_DIGITS,
    LARGE,
    MODULUS,
    Fold,
    quick_hash,
    row_hash,
    text_hash,
    text_of,
    utf8,
)

PAGE = Path(__file__).parents[2] / "docs" / "canonical-form.md"
TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["", "-", "1:", "1:1", ":", "0:", "12", "\u00e9", "e\u0301"])
)
VALUES = st.one_of(st.none(), TEXTS, st.integers())
ROWS = st.lists(VALUES, max_size=5).map(tuple)


def written(row: Sequence[object]) -> tuple[str | None, ...]:
    return tuple(None if value is None else text_of(value) for value in row)


def fold(rows: Sequence[Sequence[object]]) -> str:
    total = Fold()
    for row in rows:
        total.step(*map(utf8, row))
    return total.finalize()


@given(ROWS, ROWS)
@settings(max_examples=300)
def test_two_rows_have_one_hash_only_if_their_written_values_are_the_same(
    one: tuple[object, ...], other: tuple[object, ...]
) -> None:
    assert (row_hash(*one) == row_hash(*other)) == (written(one) == written(other))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3))
@settings(max_examples=200)
def test_moving_text_over_the_border_of_two_values_changes_the_hash(pairs: list[tuple[str, str]]) -> None:
    for one, other in pairs:
        if one:
            assert row_hash(one, other) != row_hash(one[:-1], one[-1] + other)
        assert row_hash(one, other) != row_hash(one + other)


@pytest.mark.parametrize("size", [LARGE + 1, 2 * LARGE])
def test_bytes_that_are_given_as_they_are_have_the_hash_of_their_digits(size: int) -> None:
    given = (bytes(range(256)) * (size // 256 + 1))[:size]
    texts = ("Hoà".encode(), None, "é".encode() * 9000)
    assert text_hash(*texts, AS_BLOB + given) == text_hash(*texts, b"\\x" + given.hex().encode())
    assert text_hash(AS_DIGITS + given, *texts) == text_hash(given.hex().encode(), *texts)
    assert quick_hash("Hoà", given) == quick_hash("Hoà", "\\x" + given.hex())
    sums = [Fold(), Fold()]
    sums[0].step(*texts, AS_BLOB + given)
    sums[1].step(*texts, b"\\x" + given.hex().encode())
    assert sums[0].finalize() == sums[1].finalize()


def test_text_beside_given_bytes_must_be_utf_8() -> None:
    with pytest.raises(UnicodeDecodeError):
        text_hash(b"\xff", AS_BLOB + bytes(LARGE))


def test_empty_null_and_nothing_differ() -> None:
    hashes = [row_hash("1", ""), row_hash("", "1"), row_hash("1", None), row_hash(None, "1"), row_hash("1"),
              row_hash("-"), row_hash(None), row_hash(""), row_hash()]  # fmt: skip
    assert len(set(hashes)) == len(hashes)


def test_texts_that_look_alike_differ() -> None:
    alike = ["Hòa", "Hoà", "Ho\u0300a", "HÒA", "Hòa ", "Hoa"]
    assert len({row_hash(one) for one in alike}) == len(alike)


def test_numbers_are_written_without_noise() -> None:
    assert [text_of(one) for one in (1, 1.0, -0.0, 12.5, 0.1 + 0.2, 2.0**53, True, False)] == [
        "1", "1", "0", "12.5", "0.30000000000000004", "9007199254740992.0", "1", "0",
    ]  # fmt: skip


def test_bytes_are_written_as_hexadecimal_digits_that_no_text_is_taken_for() -> None:
    assert text_of(b"\x00\xff") == text_of(memoryview(b"\x00\xff")) == "\\x00ff"


def test_half_of_a_surrogate_pair_is_hashed_and_not_refused() -> None:
    assert row_hash("\ud83d") != row_hash("\ud83e")


@given(st.lists(ROWS, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_sum_of_rows_does_not_depend_on_their_order(
    rows: list[tuple[object, ...]], random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(rows) == fold(shuffled)


@given(st.lists(ROWS, max_size=4), ROWS)
@settings(max_examples=100)
def test_the_sum_counts_a_row_that_is_there_twice(
    rows: list[tuple[object, ...]], row: tuple[object, ...]
) -> None:
    sums = [fold([*rows, *[row] * times]) for times in range(4)]
    assert all(one != other for one, other in pairwise(sums))
    assert len(set(sums)) == 4


def test_the_sum_is_taken_modulo_two_to_the_256() -> None:
    rows = [(number,) for number in range(50)]
    total = sum(int.from_bytes(row_hash(*row)) for row in rows)
    assert total > MODULUS
    assert fold(rows) == f"{total % 2**256:064x}"
    assert fold([]) == "0" * 64


def test_the_database_folds_as_python_does() -> None:
    connection = sqlite3.connect(":memory:")
    connection.create_aggregate("fold", -1, Fold)  # type: ignore[arg-type]
    connection.create_function("utf8", 1, utf8)
    rows = [("a", None, 1), ("", b"\x01", 2.5), ("a", None, 1)]
    connection.execute("CREATE TABLE t (a, b, c)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    assert connection.execute("SELECT fold(utf8(a), utf8(b), utf8(c)) FROM t").fetchone()[0] == fold(rows)
    connection.close()


def test_the_example_of_the_page_is_right() -> None:
    page = PAGE.read_text("utf-8")
    row = ("Hòa", None, "", 7, 12.5, b"\x00\xff")
    form = "{4,NULL,0,1,4,6}Hòa712.5\\x00ff"
    assert form in page
    assert row_hash(*row) == sha256(form.encode()).digest()
    told = re.findall(r"\b[0-9a-f]{64}\b", page)
    assert told == [row_hash(*row).hex(), fold([row, row])]


@given(ROWS)
@settings(max_examples=100)
def test_a_row_of_encoded_texts_has_the_hash_of_its_values(row: tuple[object, ...]) -> None:
    assert text_hash(*map(utf8, row)) == row_hash(*row)


@pytest.mark.parametrize("row", [(b"\xff",), (None, b"a", b"x\xc3", b"y"), (b"\xed\xa0\xbd",)])
def test_bytes_that_are_no_text_are_not_hashed_as_one(row: tuple[bytes | None, ...]) -> None:
    with pytest.raises(UnicodeDecodeError):
        text_hash(*row)


def test_a_row_with_a_long_text_has_the_same_form_as_any_other() -> None:
    for length in (2047, 2048, 5000):
        form = f"{{{2 * length},NULL,1}}{'ơ' * length}7"
        assert row_hash("ơ" * length, None, 7) == sha256(form.encode()).digest()
