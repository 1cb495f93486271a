"""What differs between two sets of rows, told apart as a plain comparison in Python would."""

import random
import threading
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.migrate.comparing import (
    Cell,
    Comparison,
    Differing,
    RowSet,
    buckets_for,
    cells,
    differing,
    reading,
)
from tests.migrate.comparing.sets import Row, database, fill, rowset

KEYS = st.none() | st.text(st.sampled_from("aAbđ\uffff\U0001f600 "), max_size=2)
WORDS = st.none() | st.sampled_from(["", "-", "Hòa", "Hoà", "a"])
ROWS = st.lists(st.tuples(KEYS, WORDS, WORDS), max_size=12)


def plainly(a: list[Row], b: list[Row]) -> Counter[Differing]:
    """The same answer from lists in memory."""
    sides: dict[str | None, tuple[Counter[Row], Counter[Row]]] = defaultdict(lambda: (Counter(), Counter()))
    for number, rows in enumerate((a, b)):
        for row in rows:
            sides[row[0]][number][row] += 1
    out: Counter[Differing] = Counter()
    for key, (left, right) in sides.items():
        missing, extra = (left - right).total(), (right - left).total()
        changed = min(missing, extra)
        for kind, times in (("changed", changed), ("missing", missing - changed), ("extra", extra - changed)):
            if times:
                out[Differing(key, kind)] += times
    return out


@settings(max_examples=100, deadline=None)
@given(ROWS, ROWS, st.lists(st.integers(0, 11)), st.integers(1, 5))
def test_two_sets_differ_as_two_lists_do(a, other, same, buckets):
    b = [a[index] for index in same if index < len(a)] + other
    with database(a) as one, database(b) as two:
        got = list(differing(rowset(one, buckets=buckets), rowset(two, buckets=buckets)))
    assert Counter(got) == plainly(a, b)
    keys = [key for key, _ in got if key is not None]
    assert keys == sorted(keys, key=str.encode)


def test_hashes_of_64_bits_are_compared_in_the_order_in_which_the_database_has_them():
    def numbered(connection, *hashes: int) -> RowSet:
        asked = sa.union_all(*[sa.select(sa.literal("twice"), sa.literal(one)) for one in hashes])
        rows = asked.subquery().c
        columns = (
            rows[0].label("key"),
            sa.literal_column("0", sa.Integer).label("bucket"),
            rows[1].label("hash"),
        )
        return RowSet(connection, sa.select(*columns), quick=True)

    with database([]) as one, database([]) as two:
        found = list(differing(numbered(one, -5, 3), numbered(two, 3, 7, -5)))
    assert found == [Differing("twice", "extra")]


@settings(max_examples=30, deadline=None)
@given(ROWS, ROWS)
def test_two_sets_of_one_connection_differ_as_two_lists_do(a, b):
    with database(a) as connection:
        fill(connection, b, "others")
        got = differing(rowset(connection), rowset(connection, "others"))
        assert Counter(got) == plainly(a, b)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_a_set_does_not_differ_from_itself_in_another_order(rows):
    with database(rows) as one, database(rows[::-1]) as two:
        compared = Comparison(rowset(one), rowset(two))
        assert compared.equal
        assert compared.a == compared.b
        assert (compared.a.rows, compared.a.keyless) == (len(rows), sum(row[0] is None for row in rows))
        assert list(compared.differing()) == []


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.text("abđ", min_size=1, max_size=2), st.tuples(WORDS, WORDS), max_size=8),
    st.dictionaries(st.text("abđ", min_size=1, max_size=2), st.tuples(WORDS, WORDS), max_size=8),
    st.integers(1, 3),
)
def test_cells_are_the_columns_in_which_rows_differ(a, b, chunk):
    left, right = ([(key, *of) for key, of in side.items()] for side in (a, b))
    with database(left) as one, database(right) as two:
        asked = iter(sorted(a.keys() | b.keys()))
        got = list(cells(rowset(one), rowset(two), asked, chunk=chunk))
    assert got == [
        Cell(key, column, a[key][number], b[key][number])
        for key in sorted(a.keys() & b.keys())
        for number, column in enumerate(("name", "place"))
        if a[key][number] != b[key][number]
    ]


def test_every_corrupted_cell_is_found_and_none_else():
    chance = random.Random(5)
    a: list[Row] = [(str(n), f"name {n}", chance.choice(["Hòa", None, ""])) for n in range(3000)]
    b = list(a)
    expected = set()
    for n in chance.sample(range(3000), 60):
        column = chance.randrange(1, 3)
        was = b[n][column]
        now = chance.choice([one for one in ("Hoà", None, "", " ", f"name {n} ") if one != was])
        b[n] = (b[n][0], *(now if at == column else b[n][at] for at in (1, 2)))  # type: ignore[assignment]
        expected.add(Cell(str(n), ("name", "place")[column - 1], was, now))
    chance.shuffle(b)
    with database(a) as one, database(b) as two:
        left, right = rowset(one, buckets=200), rowset(two, buckets=200)
        keys = [key for key, kind in differing(left, right) if key is not None and kind == "changed"]
        assert len(keys) == 60
        assert set(cells(left, right, keys)) == expected


def test_of_rows_that_share_a_key_equal_ones_do_not_differ():
    left: list[Row] = [("k", "a", "1"), ("k", "b", "1")]
    right: list[Row] = [("k", "c", "1"), ("k", "a", "1")]
    with database(left) as one, database(right) as two:
        assert list(differing(rowset(one), rowset(two))) == [Differing("k", "changed")]
        assert list(cells(rowset(one), rowset(two), ["k"])) == [Cell("k", "name", "b", "c")]


def test_rows_of_one_bucket_that_have_changed_places_differ():
    with database([("k", "a", "1"), ("l", "b", "1")]) as one:
        left = rowset(one, buckets=1)
        with database([("k", "b", "1"), ("l", "a", "1")]) as two:
            right = rowset(two, buckets=1)
            assert list(differing(left, right)) == [Differing("k", "changed"), Differing("l", "changed")]
        with database([("", "a", "1"), (None, "b", "1")]) as two:
            assert list(differing(left, rowset(two, buckets=1))) == [
                Differing(None, "extra"), Differing("", "extra"),
                Differing("k", "missing"), Differing("l", "missing"),
            ]  # fmt: skip


def test_sets_without_rows_are_equal_and_any_row_is_extra():
    with database() as one, database() as two:
        compared = Comparison(rowset(one), rowset(two))
        assert (compared.equal, compared.a.rows, compared.a.fold) == (True, 0, "0" * 64)
    with database() as one, database([("k", "a", None)]) as two:
        assert list(differing(rowset(one), rowset(two))) == [Differing("k", "extra")]
        assert list(differing(rowset(two), rowset(one))) == [Differing("k", "missing")]


def test_cells_of_sets_with_other_columns_are_an_error():
    with database() as one, database() as two:
        right = rowset(two)
        fewer = RowSet(two, right.select.with_only_columns(*list(right.select.selected_columns)[:4]))
        with pytest.raises(ValueError, match="columns of both sets must be the same"):
            list(cells(rowset(one), fewer, ["k"]))


def test_keys_are_asked_for_through_the_question_that_a_set_brings():
    asked: list[list[str]] = []

    def among(keys):
        asked.append(list(keys))
        return left.select.where(sa.literal_column("rows.key").in_(keys))

    with (
        database([("a", "1", "1"), ("b", "1", "1"), ("c", "1", "1")]) as one,
        database([("b", "2", "1")]) as two,
    ):
        left = rowset(one)
        narrow = RowSet(one, left.select, among)
        assert list(cells(narrow, rowset(two), ["a", "b", "c"], chunk=2)) == [Cell("b", "name", "1", "2")]
    assert asked == [["a", "b"], ["c"]]


def statements(connection: sa.Connection) -> list[str]:
    told: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *given: told.append(given[2]))
    return told


@pytest.mark.parametrize("changed", [1, 500, 4000])
def test_one_pass_for_the_sums_and_one_for_the_rows_however_many_differ(changed):
    a: list[Row] = [(str(n), "a", None) for n in range(4000)]
    b: list[Row] = [(str(n), "b" if n < changed else "a", None) for n in range(4000)]
    with database(a) as one, database(b) as two:
        told = statements(one)
        found = list(differing(rowset(one, buckets=40), rowset(two, buckets=40)))
    assert len(found) == changed
    assert len(told) == 2


def test_only_buckets_that_differ_are_read():
    a: list[Row] = [(str(n), "a", None) for n in range(4000)]
    with database(a) as one, database(a[1:]) as two:
        compared = Comparison(rowset(one, buckets=40), rowset(two, buckets=40))
        assert len(compared.buckets) == 1
        left = rowset(one, buckets=40)
        assert 0 < len(one.execute(left.keyed(compared.buckets)).all()) < 400


def test_the_two_sides_are_summed_at_once():
    meet = threading.Barrier(2, timeout=10)

    def slow(*_: object) -> None:
        meet.wait()

    with database([("a", "1", "1")]) as one, database([("a", "1", "1")]) as two:
        for connection in (one, two):
            sa.event.listen(connection, "before_cursor_execute", slow)
        assert Comparison(rowset(one), rowset(two)).equal


def test_a_reader_that_has_seen_enough_can_go_on_with_both_connections():
    with database([(str(n), "a", None) for n in range(12_000)]) as one, database() as two:
        found = differing(rowset(one), rowset(two))
        assert next(found) == Differing("0", "missing")
        found.close()
        assert one.execute(sa.text("SELECT count(*) FROM rows")).scalar() == 12_000
        assert two.execute(sa.text("SELECT count(*) FROM rows")).scalar() == 0


def test_the_error_of_one_side_stops_both():
    with database([("a", "1", "1")]) as one, database() as two:
        two.execute(sa.text("DROP TABLE rows"))
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            Comparison(rowset(one), rowset(two))
        assert one.execute(sa.text("SELECT count(*) FROM rows")).scalar() == 1


def test_a_connection_that_serves_one_result_at_a_time_has_one_side_kept_in_a_file(monkeypatch):
    monkeypatch.setattr(reading, "SEVERAL_AT_ONCE", ())
    rows: list[Row] = [(f"{n:05}", "a", None) for n in range(12_000)]
    with database(rows) as connection:
        fill(connection, rows[1:], "others")
        found = list(differing(rowset(connection), rowset(connection, "others")))
    assert found == [Differing("00000", "missing")]


def test_a_bucket_holds_about_a_thousand_rows_and_their_number_is_bounded():
    assert [buckets_for(rows) for rows in (0, 1, 999, 2500, 300_000, 10**12)] == [1, 1, 1, 2, 300, 16_384]


def test_a_set_that_is_asked_for_by_halves_has_the_sums_of_the_whole() -> None:
    kept_rows: list[Row] = [(f"k{number}", "name", str(number)) for number in range(40)]
    with database(kept_rows) as connection:
        fill(connection, [*kept_rows[:-1], ("k39", "name", "other")], "now")
        then, now = rowset(connection), rowset(connection, "now")
        half = now.select.selected_columns["place"] < "2"
        by_halves = replace(now, half=half, apart=lambda _: lambda: None)
        assert Comparison(then, by_halves).b == Comparison(then, now).b
        assert list(Comparison(then, by_halves).differing()) == [Differing("k39", "changed")]
