"""What columns have room for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.systems.kinds import Kind
from merger.systems.letters import lacking_in
from merger.systems.limits import limits_of


@given(
    st.integers(-(10**7), 10**7), st.sampled_from(["tinyint", "smallint", "mediumint", "int"]), st.booleans()
)
def test_whole_numbers_fit_that_are_of_the_form(number: int, name: str, unsigned: bool) -> None:
    found = limits_of(f"{name}(9){' unsigned' * unsigned}", Kind.NUMBER, "mariadb")
    assert found.low is not None
    assert found.high is not None
    fits = found.low <= number <= found.high
    assert (re.fullmatch(found.pattern, str(number)) is not None) == fits


@pytest.mark.parametrize("bound", [2**63 - 1, -(2**63), 2**64 - 1, 0, 2**31])
@pytest.mark.parametrize("declared", ["bigint", "bigint unsigned", "integer"])
@pytest.mark.parametrize("near", [-1, 0, 1])
def test_the_form_of_whole_numbers_ends_where_they_do(bound: int, declared: str, near: int) -> None:
    found = limits_of(declared, Kind.NUMBER, "mariadb")
    assert found.low is not None
    assert found.high is not None
    fits = found.low <= bound + near <= found.high
    assert (re.fullmatch(found.pattern, str(bound + near)) is not None) == fits


@pytest.mark.parametrize(
    ("here", "there", "within"),
    [
        ("varchar(10)", "varchar(20)", True),
        ("varchar(20)", "varchar(10)", False),
        ("varchar(10)", "char(10)", False),
        ("char(10)", "varchar(10)", True),
        ("text", "varchar(10)", False),
        ("longtext", "text", False),
        ("varchar(100)", "text", True),
        ("varchar(100)", "tinytext", False),
    ],
)
def test_a_column_is_within_another_that_takes_all_that_it_holds(here: str, there: str, within: bool) -> None:
    assert limits_of(here, Kind.TEXT, "mariadb").within(limits_of(there, Kind.TEXT, "mariadb")) == within


@pytest.mark.parametrize(
    ("here", "there", "within"),
    [
        ("int", "bigint", True),
        ("int unsigned", "int", False),
        ("int", "int unsigned", False),
        ("decimal(10,2)", "decimal(12,2)", True),
        ("decimal(10,4)", "decimal(12,2)", False),
        ("int", "decimal(20,0)", True),
        ("decimal(5,0)", "int", True),
        ("decimal(65,30)", "decimal", True),
    ],
)
def test_numbers_are_within_others_by_their_ends_and_places(here: str, there: str, within: bool) -> None:
    assert limits_of(here, Kind.NUMBER, "mariadb").within(limits_of(there, Kind.NUMBER, "mariadb")) == within


@pytest.mark.parametrize(
    ("here", "there", "within"),
    [
        ("enum('a','b')", "enum('b','c','a')", True),
        ("enum('a','b')", "enum('a')", False),
        ("varchar(1)", "enum('a')", False),
        ("enum('a')", "set('a')", False),
        ("set('a','b')", "set('a','b')", True),
        ("set('a','b')", "set('b','a')", False),
    ],
)
def test_a_list_is_within_another_that_has_its_members(here: str, there: str, within: bool) -> None:
    assert limits_of(here, Kind.TEXT, "mariadb").within(limits_of(there, Kind.TEXT, "mariadb")) == within


def test_the_members_of_a_list_are_read_as_they_are_meant() -> None:
    assert limits_of(r"enum('it''s','a\\b','Mở, đóng','')", Kind.TEXT, "mariadb").members == (
        "it's", "a\\b", "Mở, đóng", "",
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1258", "KOI8R", "ISO_8859_5"])
def test_what_an_encoding_lacks_is_all_but_its_characters(encoding: str) -> None:
    lacks = re.compile(f"[{lacking_in(encoding)}]")
    python = encoding.replace("WIN", "cp").replace("KOI8", "koi8-")
    for number in (*range(1, 0x3000), 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF):
        known = chr(number).encode(python, "ignore") != b""
        assert (lacks.search(chr(number)) is None) == known


def test_an_encoding_of_all_characters_lacks_none() -> None:
    assert lacking_in("UTF8") == lacking_in("SQL_ASCII") == lacking_in("EUC_JP") == ""
