"""What one kind of database takes for one, or holds, and another does not: told before anything moves."""

from collections.abc import Iterator

import pytest

from merger.migrate import api
from merger.migrate.model import Plan
from merger.testing.pairs import gate
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.tables import GATE, insert
from merger.testing.pairs.world import World, platform
from tests.pairs.conftest import PAIRS, Pairs, applied, planned, quiet

EXACT = [one for one in PAIRS if one.values[0][0] == SQLITE and one.values[0][1] != MARIADB]
"""The targets that compare texts byte by byte."""
ALIKE = ["ĐƠN-Hòa", "đơn-Hoà", "đơn-hoa"]


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


def add(world: World) -> None:
    engine = world.engine("one")
    with engine.begin() as connection:
        insert(connection, GATE["dossier"], [gate.dossier(number) for number in ALIKE])
    engine.dispose()


@pytest.mark.parametrize("pair", EXACT)
def test_numbers_that_look_alike_are_different(fresh: World) -> None:
    add(fresh)
    plan = planned(fresh)
    applied(fresh)
    there = {row["number"] for row in platform(fresh)["p_dossier"]}
    assert reasons(plan, "one", "dossiers")["collision-number"] == 2
    assert there >= set(ALIKE)
    assert api.verify(str(fresh.folder / "plan.json"), False, False, quiet).state == "equal"


@pytest.mark.parametrize("pair", [(SQLITE, MARIADB), (POSTGRESQL, MARIADB)])
def test_numbers_that_the_targets_collation_takes_for_one_are_held(fresh: World) -> None:
    add(fresh)
    plan = planned(fresh)
    applied(fresh)
    there = {row["number"] for row in platform(fresh)["p_dossier"]}
    assert reasons(plan, "one", "dossiers")["collision-number"] == 2 + len(ALIKE)
    assert there & set(ALIKE) == set()
    assert api.verify(str(fresh.folder / "plan.json"), False, False, quiet).state == "equal"


@pytest.mark.parametrize(
    ("pair", "statement"),
    [
        pytest.param(
            (MARIADB, SQLITE),
            "UPDATE IGNORE dossier SET received = '0000-00-00 00:00:00' WHERE number = 'works'",
            id="zero-day-of-mariadb",
        ),
        pytest.param(
            (POSTGRESQL, SQLITE),
            "UPDATE dossier SET received = 'infinity' WHERE number = 'works'",
            id="infinity-of-postgresql",
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


@pytest.mark.parametrize("pair", [(POSTGRESQL, POSTGRESQL), (MARIADB, POSTGRESQL)])
def test_keys_follow_the_order_of_the_sources_with_and_without_gaps_between_them(fresh: World) -> None:
    keys = [*range(1001, 1060), *range(1070, 1100, 3), -5, 2**40]
    engine = fresh.engine("one")
    with engine.begin() as connection:
        added = [{"id": key, "user_name": f"user {key}", "full_name": None} for key in keys]
        insert(connection, GATE["officer"], added)
    engine.dispose()
    planned(fresh)
    applied(fresh)
    engine = fresh.engine("platform")
    with engine.connect() as connection:
        entered = connection.exec_driver_sql(
            "SELECT source_key, target_key FROM merger_row JOIN merger_dataset ON dataset_id = id "
            "WHERE system = 'one' AND dataset = 'officers'"
        ).all()
    engine.dispose()
    given = [int(target) for _, target in sorted((int(key), target) for key, target in entered)]
    assert len(given) == len(keys) + 3
    assert given == list(range(given[0], given[0] + len(given)))
    assert api.verify(str(fresh.folder / "plan.json"), False, False, quiet).state == "equal"
