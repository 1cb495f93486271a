"""What one kind of database takes for one, or holds, and another does not: told before anything moves."""

from collections.abc import Iterator

import pytest

from merger.migrate import api
from merger.migrate.model import Plan
from merger.testing.pairs import gate
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.tables import GATE, insert
from merger.testing.pairs.world import World, platform
from tests.pairs.conftest import NOT_BUILT, PAIRS, Pairs, applied, planned, quiet

FROM_SQLITE = [one for one in PAIRS if one.values[0][0] == SQLITE]
"""The three kinds of targets."""


@pytest.fixture
def fresh(pair: tuple[str, str], pairs: Pairs) -> Iterator[World]:
    """A world of the pair's own that nobody has planned."""
    world = pairs.fresh(pair)
    yield world
    pairs.leave(world)


def reasons(plan: Plan, system: str, dataset: str) -> dict[str, int]:
    """How many rows of a dataset are held for which reason."""
    (part,) = [one for one in plan.datasets if (one.system, one.dataset) == (system, dataset)]
    return part.held_by_reason


@pytest.mark.parametrize("pair", FROM_SQLITE)
def test_numbers_that_only_the_targets_collation_takes_for_one_are_held_there(
    fresh: World, pair: tuple[str, str]
) -> None:
    alike = ["ĐƠN-Hòa", "đơn-Hoà", "đơn-hoa"]
    engine = fresh.engine("one")
    with engine.begin() as connection:
        insert(connection, GATE["dossier"], [gate.dossier(number) for number in alike])
    engine.dispose()
    plan = planned(fresh)
    applied(fresh)
    there = {row["number"] for row in platform(fresh)["p_dossier"]}
    held = 2 + (len(alike) if pair[1] == MARIADB else 0)
    assert reasons(plan, "one", "dossiers")["collision-number"] == held
    assert there & set(alike) == (set() if pair[1] == MARIADB else set(alike))
    assert api.verify(str(fresh.folder / "plan.json"), False, False, quiet).state == "equal"


@pytest.mark.parametrize(
    ("pair", "statement"),
    [
        pytest.param(
            (MARIADB, SQLITE),
            "UPDATE IGNORE dossier SET received = '0000-00-00 00:00:00' WHERE number = 'works'",
            id="zero-day-of-mariadb", marks=NOT_BUILT,
        ),
        pytest.param(
            (POSTGRESQL, SQLITE),
            "UPDATE dossier SET received = 'infinity' WHERE number = 'works'",
            id="infinity-of-postgresql", marks=NOT_BUILT,
        ),
        pytest.param(
            (SQLITE, SQLITE),
            "UPDATE dossier SET received = 'hôm qua' WHERE number = 'works'",
            id="any-text-of-sqlite",
        ),
    ],
)  # fmt: skip
def test_a_time_that_is_none_holds_its_row(fresh: World, statement: str) -> None:
    before = reasons(planned(fresh), "one", "dossiers")
    engine = fresh.engine("one")
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    after = reasons(planned(fresh, "again"), "one", "dossiers")
    assert after == before | {"unreadable-time": before["unreadable-time"] + 1}
