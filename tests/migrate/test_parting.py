"""A row and its entry in the ledger come as one line and are parted byte by byte."""

from hypothesis import given
from hypothesis import strategies as st

from merger.migrate.movers.parting import ENTRY, numbered, parted
from merger.systems.stores.lines import each, written
from merger.systems.stores.read_lines import rows_of

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
ROW = st.tuples(TEXT, TEXT, TEXT, st.none() | TEXT, st.none() | TEXT)
"""Key in the target, hash, key in the source, and two columns."""


@given(st.lists(st.lists(ROW, min_size=1, max_size=5), max_size=3))
def test_whatever_stands_in_rows_each_part_has_what_is_its_own(chunks):
    entries: list[bytes] = []
    rows = list(parted(each(map(written, chunks)), entries, b"7\tf"))
    assert [row for some in rows_of(rows) for row in some] == [
        (key, *columns) for some in chunks for key, _, _, *columns in some
    ]
    assert [row for some in rows_of(entries) for row in some] == [
        (*entry, "7", "f") for some in chunks for *entry, _, _ in some
    ]
    assert ENTRY == ("target_key", "row_hash", "source_key")


@given(st.lists(st.lists(ROW, min_size=1, max_size=5), min_size=1, max_size=3), st.data())
def test_a_row_that_comes_in_pieces_is_parted_and_numbered_once(chunks, data):
    whole = [written([row]) for some in chunks for row in some]
    lines: list[bytes] = [b""]
    for row in whole:
        at = data.draw(st.integers(row.index(b"\t"), len(row) - 1))
        head = len(b"\t".join(row.split(b"\t", 3)[:3])) + 1
        at = max(at, head)
        lines[-1] += row[:at]
        lines.append(row[at:])
    entries: list[bytes] = []
    parts = list(parted(each(lines), entries, b"7"))
    assert b"".join(parts) == b"".join(row.split(b"\t")[0] + b"\t" + row.split(b"\t", 3)[3] for row in whole)
    assert b"".join(entries) == b"".join(b"\t".join([*row.split(b"\t")[:3], b"7\n"]) for row in whole)
    assert b"".join(numbered(lines, 5)) == b"".join(b"%d\t%b" % one for one in enumerate(whole, 5))


@given(st.lists(st.lists(ROW, min_size=1, max_size=5), max_size=3), st.integers(0, 10**12))
def test_lines_are_numbered_from_the_first_on(chunks, first):
    lines = [line for some in each(numbered(map(written, chunks), first)) for line in some]
    assert lines == [
        b"%d\t%b" % (number, written([row]))
        for number, row in enumerate((row for some in chunks for row in some), first)
    ]
