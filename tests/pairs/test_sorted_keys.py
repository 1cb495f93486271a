"""Keys that a database sorts otherwise than it compares them, or takes several of for one."""

import pytest

from merger.testing.pairs.kinds import DIALECTS, MARIADB, POSTGRESQL, SQLITE
from tests.pairs.conftest import Pairs
from tests.pairs.small import Small

P_ITEM = "CREATE TABLE p_item (id {key}, ward VARCHAR(10), v VARCHAR(20))"
MEMBERS = ["z", "a", "m", "Đ", "b", "y", "A ", "c", "x", "d", "w", "e"]


def rows(keys: list[str]) -> str:
    return "INSERT INTO item VALUES " + ", ".join(f"('{one}', '10002', 'v{one}')" for one in keys)


@pytest.mark.parametrize("way", ["block", "keep"])
@pytest.mark.parametrize("target", DIALECTS)
def test_rows_whose_keys_are_of_an_enum_all_move(target: str, way: str, pairs: Pairs) -> None:
    members = ", ".join(f"'{one}'" for one in MEMBERS if one != "A ")
    keys = [one for one in MEMBERS if one != "A "]
    made = f"CREATE TABLE item (id ENUM({members}) PRIMARY KEY, commune VARCHAR(10), v VARCHAR(20))"
    into = P_ITEM if way == "block" else P_ITEM.replace("{key}", "VARCHAR(9) PRIMARY KEY")
    small = Small(pairs, (MARIADB, target), [made, rows(keys)], [into], {"v": "v"}, way=way)
    assert small.plan().to_move == len(keys)
    found = small.apply()
    assert (found.state, found.datasets[0].rows) == ("equal", len(keys))


def test_rows_whose_keys_are_of_a_set_all_move(pairs: Pairs) -> None:
    keys = ["z", "a", "z,a", "m", "a,m", "z,m", "z,a,m"]
    made = "CREATE TABLE item (id SET('z', 'a', 'm') PRIMARY KEY, commune VARCHAR(10), v VARCHAR(20))"
    small = Small(pairs, (MARIADB, SQLITE), [made, rows(keys)], [P_ITEM], {"v": "v"})
    small.plan()
    assert small.apply().state == "equal"


ALIKE = {
    SQLITE: "TEXT COLLATE NOCASE",
    MARIADB: "VARCHAR(9) COLLATE utf8mb4_general_ci",
    POSTGRESQL: "TEXT COLLATE folded",
}


@pytest.mark.parametrize("source", DIALECTS)
def test_keys_that_a_collation_takes_for_one_and_no_index_keeps_apart_all_move(
    source: str, pairs: Pairs
) -> None:
    keys = ["a", "A", "b", "B", "c", "C", "d", "D", "e", "E", "f", "F"]
    made = [f"CREATE TABLE item (id {ALIKE[source]}, commune VARCHAR(10), v VARCHAR(20))", rows(keys)]
    if source == POSTGRESQL:
        folded = "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        made = [f"CREATE COLLATION folded {folded}", *made]
    small = Small(pairs, (source, SQLITE), made, [P_ITEM], {"v": "v"})
    small.plan()
    assert small.apply().state == "equal"
