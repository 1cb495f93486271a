"""What the tables of real old systems hold that databases keep in ways of their own."""

import sqlite3
from contextlib import closing

import pytest

from merger.errors import InputError
from merger.systems.stores import DatabaseFailed
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from tests.pairs.conftest import PAIRS, Pairs
from tests.pairs.small import Small

ITEM = "CREATE TABLE item (id {key}, commune VARCHAR(10), v %s)"
P_ITEM = "CREATE TABLE p_item (id {key}, ward VARCHAR(10), v %s)"


def given(values: list[str]) -> str:
    rows = ", ".join(f"('10002', {one})" for one in values)
    return f"INSERT INTO item (commune, v) VALUES {rows}"


@pytest.mark.parametrize(
    ("kinds", "of", "values", "into", "stay"),
    [
        ("mm", "TIME(3)", ["'08:00:00'", "'23:59:59.999'"], "TIME", 1),
        ("mm", "VARCHAR(9)", ["'hòa'", "'🙂🙂🙂'", "'hoa '", "'hoàn'"], "CHAR(3)", 2),
        ("mm", "INT", ["-5", "32767", "32768", "NULL"], "SMALLINT NOT NULL", 2),
        ("mm", "DATETIME", ["'2025-05-05'", "NULL"], "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", 1),
        ("mm", "BINARY(4)", ["'ab'", "x'00ff00ff'"], "BINARY(8)", 2),
        ("mm", "DECIMAL(20,10)", ["1.5", "1.005", "-1e9"], "DECIMAL(10,2)", 2),
        ("mp", "BIGINT UNSIGNED", ["18446744073709551615", "7"], "BIGINT", 1),
        ("sm", "", ["1.5", "7", "'x'", "2147483648", "NULL"], "INT", 3),
        ("sp", "", ["1.5", "'hòa'", "'hoàn'", "1234"], "VARCHAR(3)", 2),
    ],
)  # fmt: skip
def test_a_value_that_has_no_room_holds_its_row(
    kinds: str, of: str, values: list[str], into: str, stay: int, pairs: Pairs
) -> None:
    names = {"m": MARIADB, "p": POSTGRESQL, "s": SQLITE}
    pair = names[kinds[0]], names[kinds[1]]
    small = Small(pairs, pair, [ITEM % of, given(values)], [P_ITEM % into], {"v": "v"})
    plan = small.plan()
    assert (plan.to_move, plan.held) == (len(values) - stay, stay)
    assert "no-room" in plan.held_by_reason
    assert small.apply().state == "equal"


@pytest.mark.parametrize(
    ("of", "values"),
    [
        ("YEAR", ["0", "1999"]),
        ("GEOMETRY", ["ST_GeomFromText('POINT(108.4 11.9)', 4326)", "NULL"]),
        ("BIGINT UNSIGNED", ["18446744073709551615"]),
    ],
)
def test_what_mariadb_alone_has_moves_as_it_is(of: str, values: list[str], pairs: Pairs) -> None:
    small = Small(pairs, (MARIADB, MARIADB), [ITEM % of, given(values)], [P_ITEM % of], {"v": "v"})
    small.plan()
    assert small.apply().state == "equal"
    rows = [small.run(name, f"SELECT HEX(v) FROM {table} ORDER BY id")
            for name, table in (("one", "item"), ("platform", "p_item"))]  # fmt: skip
    assert rows[0] == rows[1]


BYTES = {SQLITE: "BLOB", MARIADB: "BINARY(4)", POSTGRESQL: "BYTEA"}


@pytest.mark.parametrize("pair", PAIRS)
def test_a_key_of_bytes_is_kept_as_it_is(pair: tuple[str, str], pairs: Pairs) -> None:
    source, target = (BYTES[one] for one in pair)
    keys = ["00ff00ff", "5c785c78", "fffefdfc"]
    wrote = {SQLITE: "x'{}'", MARIADB: "x'{}'", POSTGRESQL: "'\\x{}'"}[pair[0]]
    rows = ", ".join(f"({wrote.format(key)}, '10002')" for key in keys)
    small = Small(
        pairs, pair,
        [
            f"CREATE TABLE item (id {source} PRIMARY KEY, commune VARCHAR(10))",
            f"INSERT INTO item VALUES {rows}",
        ],
        [f"CREATE TABLE p_item (id {target} PRIMARY KEY, ward VARCHAR(10))"],
        {}, way="keep",
    )  # fmt: skip
    small.plan()
    assert small.apply().state == "equal"
    assert sorted(bytes(key).hex() for (key,) in small.run("platform", "SELECT id FROM p_item")) == keys


def test_a_view_with_any_name_is_read_by_an_account_with_select_alone(pairs: Pairs) -> None:
    made = [
        ITEM % "TEXT",
        given(["'x'"]),
        "CREATE VIEW `Hồ sơ 5%``` AS SELECT id, commune, v `giá``trị` FROM item",
    ]
    small = Small(pairs, (MARIADB, SQLITE), made, [P_ITEM % "TEXT"], {"v": "giá`trị"}, table="Hồ sơ 5%`")
    small.plan()
    assert small.apply().state == "equal"


@pytest.mark.parametrize(
    ("pair", "made", "said"),
    [
        ((SQLITE, MARIADB), P_ITEM % "TEXT" + " ENGINE=MyISAM", "kept by MyISAM, which cannot take back"),
        ((SQLITE, MARIADB), P_ITEM % "TEXT AS ('x') STORED", "p_item.v, which the target computes itself"),
        ((SQLITE, SQLITE), P_ITEM % "TEXT AS ('x') STORED", "p_item.v, which the target computes itself"),
    ],
)
def test_a_table_that_would_not_keep_what_is_moved_is_refused(
    pair: tuple[str, str], made: str, said: str, pairs: Pairs
) -> None:
    small = Small(pairs, pair, [ITEM % "TEXT"], [made], {"v": "v"})
    with pytest.raises(InputError) as caught:
        small.plan()
    assert said in "\n".join(one.message for one in caught.value.findings)


def test_an_update_leaves_the_time_stamps_that_are_not_moved(pairs: Pairs) -> None:
    stamp = "TEXT, d DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"
    small = Small(pairs, (MARIADB, MARIADB), [ITEM % "TEXT", given(["'x'"])], [P_ITEM % stamp], {"v": "v"})
    small.plan()
    small.apply()
    before = small.run("platform", "SELECT d FROM p_item")
    small.run("one", "UPDATE item SET v = 'y'")
    assert small.plan("later").to_update == 1
    assert small.apply("later").state == "equal"
    assert small.run("platform", "SELECT d FROM p_item") == before
    assert small.run("platform", "SELECT v FROM p_item") == [("y",)]


def test_a_code_that_is_no_text_is_told(pairs: Pairs) -> None:
    spoilt = "UPDATE item SET commune = CAST(x'ff41' AS TEXT)"
    made = [ITEM % "TEXT", given(["'x'"]), spoilt]
    small = Small(pairs, (SQLITE, SQLITE), made, [P_ITEM % "VARCHAR(5)"], {"v": "v"})
    with pytest.raises(DatabaseFailed, match="not UTF-8"):
        small.plan()


def test_a_collation_that_only_the_old_program_has_is_told(pairs: Pairs) -> None:
    small = Small(pairs, (SQLITE, SQLITE), [ITEM % "TEXT"], [P_ITEM % "TEXT"], {"v": "v"})
    with closing(sqlite3.connect(str(small.urls["one"].database))) as connection:
        connection.create_collation("old", lambda one, other: (one > other) - (one < other))
        connection.execute("DROP TABLE item")
        connection.execute("CREATE TABLE item (id TEXT COLLATE old PRIMARY KEY, commune TEXT, v TEXT)")
    small.plan()
    with pytest.raises(DatabaseFailed, match="a collation, a function or a module"):
        small.apply()


def test_a_server_that_is_set_oddly_is_read_and_written_like_others(pairs: Pairs) -> None:
    small = Small(
        pairs,
        (MARIADB, MARIADB),
        [ITEM % "TEXT", given(["'x\\\\y'", "'\"'", "'z '"])],
        [P_ITEM % "TEXT"],
        {"v": "v"},
    )
    odd = {
        "sql_mode": "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'", "sql_select_limit": "1",
        "completion_type": "1", "sql_quote_show_create": "0", "default_storage_engine": "'Aria'",
    }  # fmt: skip
    kept = small.run("one", f"SELECT {', '.join(f'@@GLOBAL.{name}' for name in odd)}")[0]
    try:
        small.run("one", *[f"SET GLOBAL {name} = {value}" for name, value in odd.items()])
        small.plan()
        found = small.apply()
    finally:
        before = [f"'{one}'" if isinstance(one, str) else one for one in kept]
        small.run("one", *[f"SET GLOBAL {name} = {one}" for name, one in zip(odd, before, strict=True)])
    assert (found.state, found.datasets[0].rows) == ("equal", 3)
    engines = "SELECT DISTINCT engine FROM information_schema.tables WHERE table_schema = DATABASE()"
    assert small.run("platform", engines) == [("InnoDB",)]
