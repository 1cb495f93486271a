import pytest
import sqlalchemy as sa

from merger.systems import canonical as reference
from merger.systems.functions import (
    bucket,
    canonical,
    fenced,
    fold,
    folded,
    quick_hash,
    read_time,
    row_digits,
    row_hash,
)
from merger.systems.kinds import Kind
from tests.systems.functions import traps
from tests.systems.functions.conftest import Asked

VN = "Asia/Ho_Chi_Minh"


def total(values: list[tuple[str | None, ...]]) -> str:
    sums = reference.Fold()
    for row in values:
        sums.step(*map(reference.utf8, row))
    return sums.finalize()


def test_every_database_hashes_rows_alike(asked: Asked) -> None:
    table = asked.table(traps.TEXTS)
    found = asked.ask(table, row_hash([table.c.v, sa.literal("x"), table.c.v]))
    assert [bytes(one) for (one,) in found] == [reference.row_hash(one, "x", one) for one in traps.TEXTS]  # type: ignore[call-overload]


def test_digits_of_a_hash_are_written_as_lines_have_bytes(asked: Asked) -> None:
    table = asked.table(traps.TEXTS)
    found = asked.ask(table, row_digits([table.c.v, table.c.v]))
    wanted = [f"\\x{reference.row_hash(one, one).hex()}" for one in traps.TEXTS]
    assert [one for (one,) in found] == wanted


def test_a_row_of_the_page_on_the_canonical_form_is_hashed_as_it_says(asked: Asked) -> None:
    table = asked.table(["Hòa"])
    texts = [table.c.v, sa.null(), sa.literal(""), sa.literal("7"), sa.literal("12.5"), sa.literal("00ff")]
    ((found,),) = asked.ask(table, row_hash(texts))
    assert bytes(found).hex() == "bdbb11a96785ca4fe5493ac737057d3daddbb04a2a9c6b51f8d5815bf8bb0f8f"  # type: ignore[call-overload]


def test_a_row_of_more_columns_than_a_function_takes_is_hashed_alike(asked: Asked) -> None:
    table = asked.table(["Hòa"])
    ((found,),) = asked.ask(table, row_hash([table.c.v] * 120))
    assert bytes(found) == reference.row_hash(*["Hòa"] * 120)  # type: ignore[call-overload]


def test_a_long_expression_is_hashed_as_a_short_one(three: list[Asked]) -> None:
    wanted = reference.row_hash("2025-06-30 00:00:00", None)
    for asked in three:
        table = asked.table(["30/06/2025"])
        read = read_time(table.c.v, "dd/MM/yyyy", VN, "Asia/Bangkok")
        unread = read_time(table.c.v, "iso", VN, "Asia/Bangkok")
        ((found,),) = asked.ask(table, row_hash([read, unread]))
        assert bytes(found) == wanted, asked.dialect  # type: ignore[call-overload]


@pytest.mark.parametrize("values", [traps.TEXTS, [*traps.TEXTS, *traps.TEXTS], ["x"] * 40, []])
def test_every_database_sums_hashes_alike(asked: Asked, values: list[str | None]) -> None:
    table = asked.table(values or ["x"])
    rows = fenced(sa.select(row_hash([table.c.v]).label("h")).where(sa.literal(bool(values))), "rows")
    sums = asked.connection.execute(sa.select(*fold(rows.c.h))).one()
    assert folded(tuple(sums)) == total([(one,) for one in values])


def test_sums_are_taken_group_by_group(asked: Asked) -> None:
    table = asked.table(["a", "b", "c", "d"])
    inner = sa.select((table.c.i % 2).label("n"), row_hash([table.c.v]).label("h"))
    rows = fenced(inner, "rows")
    found = asked.connection.execute(sa.select(rows.c.n, *fold(rows.c.h)).group_by(rows.c.n).order_by("n"))
    assert [folded(tuple(sums)) for _, *sums in found] == [total([("a",), ("c",)]), total([("b",), ("d",)])]


def test_sqlite_hashes_values_of_every_type_by_their_canonical_texts(three: list[Asked]) -> None:
    values = ["", "012", "Hòa", "a\0b", 7, -(2**63), 12.5, -0.0, 1e300, b"", b"x", b"\0\xff", None]
    for declared in ("blob", "text", "numeric", "text COLLATE NOCASE", "integer", "real"):
        table = three[0].table(values, declared)
        kept = three[0].connection.exec_driver_sql("SELECT v FROM t ORDER BY i").scalars().all()
        for text in (
            table.c.v,
            canonical(table.c.v, Kind.LOOSE, Kind.LOOSE),
            sa.func.coalesce(table.c.v, sa.null()),
        ):
            found = three[0].ask(table, row_hash([text, text]))
            assert [one for (one,) in found] == [reference.row_hash(one, one) for one in kept]


def test_postgresql_computes_a_fenced_hash_once(three: list[Asked]) -> None:
    table = three[1].table(["a"])
    rows = fenced(sa.select(row_hash([table.c.v]).label("h")), "rows")
    asked = sa.select(*fold(rows.c.h)).compile(three[1].connection)
    plan = [
        line.strip() for line in three[1].connection.exec_driver_sql(f"EXPLAIN VERBOSE {asked}").scalars()
    ]
    assert [line.startswith("Output: sha256(") for line in plan].count(
        True
    ) == 1  # handed up by the table's scan


def test_quick_hashes_tell_values_apart_and_nothing_from_empty(asked: Asked) -> None:
    table = asked.table([*traps.TEXTS, None, "Hòa"])
    found = [one for (one,) in asked.ask(table, quick_hash([table.c.v, sa.literal("x", sa.Text())]))]
    assert len(set(found)) == len(set(traps.TEXTS))
    assert found[-2] == found[0]
    assert all(isinstance(one, int) and -(2**63) <= one < 2**63 for one in found)


def test_the_sum_of_quick_hashes_changes_when_two_values_change_places(asked: Asked) -> None:
    def total(values: list[str]) -> int:
        table = asked.table(values)
        other = sa.case((table.c.v == "a", "1"), else_="2"), sa.case((table.c.v == "a", "2"), else_="1")
        sums = [[one for (one,) in asked.ask(table, quick_hash([table.c.v, value]))] for value in other]
        return sum(sums[0]) - sum(sums[1])

    assert total(["a", "b"]) != 0


def test_every_database_puts_a_key_into_the_same_bucket(asked: Asked) -> None:
    table = asked.table(traps.TEXTS)
    found = asked.ask(table, bucket(table.c.v, Kind.TEXT, 97))
    assert found == [(None if one is None else reference.bucket(one, 97),) for one in traps.TEXTS]
    numbers = [0, 1, -1, 96, 97, -98, 2**63 - 1, -(2**63), None]
    table = asked.table(numbers, "bigint")
    found = asked.ask(table, bucket(table.c.v, Kind.NUMBER, 97))
    assert [one and int(one) for (one,) in found[:6]] == [0, 1, 96, 96, 0, 96]  # type: ignore[call-overload]
    assert all(one is None or 0 <= one < 97 for (one,) in found)  # type: ignore[operator]
