"""Values that a column of the target does not take as they are: told and held before anything moves."""

import pytest

from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.servers import reader_url
from tests.pairs.conftest import Pairs
from tests.pairs.small import KEYS, Small

ITEM = "CREATE TABLE item (id {key}, commune VARCHAR(10), v %s)"
ITEM = "CREATE TABLE item (id {key}, commune VARCHAR(10), v %s)"
P_ITEM = "CREATE TABLE p_item (id {key}, ward VARCHAR(10), v %s)"


def given(values: list[str]) -> str:
    rows = ", ".join(f"('10002', {one})" for one in values)
    return f"INSERT INTO item (commune, v) VALUES {rows}"


MEMBER, LETTER, ROUNDED = "unlisted", "unwritable", "altered-by-target"


@pytest.mark.parametrize(
    ("kinds", "of", "values", "into", "stay", "why"),
    [
        ("mm", "ENUM('mở','đóng')", ["'mở'", "'đóng'", "NULL"], "ENUM('đóng','Mở')", 1, MEMBER),
        ("sm", "TEXT", ["'a'", "'A'", "'it''s \\ %'", "''", "'a '"], r"ENUM('a','it''s \\ %')", 3, MEMBER),
        ("pm", "TEXT", ["'a'", "'c,a'", "'a,c'", "''", "'a,d'", "'a,a'"], "SET('a','b','c')", 3, MEMBER),
        ("mm", "SET('a','b')", ["'a,b'", "'b'"], "SET('b','a')", 1, MEMBER),
        ("mm", "VARCHAR(9)", ["'Hoà'", "'Đỗ'", "'à'", "'€'"], "TEXT CHARACTER SET latin1", 1, LETTER),
        ("pm", "TEXT", ["'Hoà'", "'🙂'"], "TEXT CHARACTER SET utf8mb3", 1, LETTER),
        ("sm", "TEXT", ["'Hoà'", "'Đỗ'"], "CHAR(5) CHARACTER SET ascii", 2, LETTER),
        ("mm", "DOUBLE", ["0.5", "0.1", "1e300", "0", "-2.25"], "FLOAT", 2, ROUNDED),
        ("pp", "NUMERIC", ["0.5", "0.1", "16777217", "1e39"], "REAL", 3, ROUNDED),
        ("sp", "REAL", ["0.5", "0.1", "-1e300", "1e-40"], "REAL", 3, ROUNDED),
    ],
)  # fmt: skip
def test_a_value_that_a_column_does_not_take_as_it_is_holds_its_row(
    kinds: str, of: str, values: list[str], into: str, stay: int, why: str, pairs: Pairs
) -> None:
    names = {"m": MARIADB, "p": POSTGRESQL, "s": SQLITE}
    pair = names[kinds[0]], names[kinds[1]]
    small = Small(pairs, pair, [ITEM % of, given(values)], [P_ITEM % into], {"v": "v"})
    plan = small.plan()
    assert (plan.to_move, plan.held_by_reason) == (len(values) - stay, {why: stay})
    assert small.apply().state == "equal"


def test_a_member_that_an_enum_of_postgresql_lacks_holds_its_row(pairs: Pairs) -> None:
    made = ["CREATE TYPE mood AS ENUM ('good', 'bad')", "CREATE DOMAIN feeling AS mood",
            P_ITEM % "mood, w feeling"]  # fmt: skip
    moods = ", ".join(f"('10002', '{v}', '{w}')" for v, w in [("good", "bad"), ("Good", "bad"), ("bad", "x")])
    rows = f"INSERT INTO item (commune, v, w) VALUES {moods}"
    small = Small(pairs, (SQLITE, POSTGRESQL), [ITEM % "TEXT, w TEXT", rows], made, {"v": "v", "w": "w"})
    assert small.plan().held_by_reason == {"unlisted": 2}
    assert small.apply().state == "equal"


def test_a_character_that_the_encoding_of_a_server_lacks_holds_its_row(pairs: Pairs) -> None:
    values = ["'Hoà'", "'Đỗ'", "NULL"]
    small = Small(pairs, (SQLITE, POSTGRESQL), [ITEM % "TEXT", given(values)], [], {"v": "v"})
    name = f"{small.urls['platform'].database}_latin"
    made = f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    small.run("platform", made)
    small.urls["platform"] = small.urls["platform"].set(database=name)
    url = small.urls["platform"].render_as_string(hide_password=False)
    pairs.patch.setenv("SMALL_PLATFORM", url)
    small.run("platform", (P_ITEM % "TEXT").replace("{key}", KEYS[POSTGRESQL]))
    assert small.plan().held_by_reason == {"unwritable": 1}
    assert small.apply().state == "equal"


def test_a_server_that_is_not_in_utf_8_is_asked_for_what_it_can_have(pairs: Pairs) -> None:
    into = [P_ITEM % "ENUM('é','mở'), w VARCHAR(9) CHARACTER SET latin1"]
    small = Small(pairs, (POSTGRESQL, MARIADB), [], into, {"v": "v", "w": "w"})
    name = f"{small.urls['one'].database}_latin"
    made = f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    small.run("one", made)
    small.urls["one"] = small.urls["one"].set(database=name)
    reader = reader_url(small.urls["one"]).render_as_string(hide_password=False)
    pairs.patch.setenv("SMALL_ONE", reader)
    item = (ITEM % "TEXT, w TEXT").replace("{key}", KEYS[POSTGRESQL])
    small.run("one", item, "INSERT INTO item (commune, v, w) VALUES ('10002', 'é', 'à'), ('10002', 'e', 'à')")
    assert small.plan().held_by_reason == {"unlisted": 1}
    assert small.apply().state == "equal"
