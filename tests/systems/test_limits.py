"""What columns have room for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.systems.kinds import Kind
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
