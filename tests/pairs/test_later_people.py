"""People who come into one old system after another system's row of the same person was moved."""

import pytest
import sqlalchemy as sa

from merger.migrate import api
from merger.testing.pairs.kinds import POSTGRESQL, SQLITE
from merger.testing.pairs.world import World, content, platform
from tests.pairs.conftest import Pairs, applied, planned, quiet


def come_anew(world: World) -> int:
    """The person of `two` who was merged into a citizen of `one` is entered there a second time, and the
    records go to that entry. Answers how many records."""
    engine = world.engine("two")
    with engine.begin() as connection:
        first = connection.execute(sa.text("SELECT * FROM person WHERE id = 1")).mappings().one()
        marks = ", ".join(f":{name}" for name in first)
        again = sa.text(f"INSERT INTO person ({', '.join(first)}) VALUES ({marks})")
        connection.execute(again, {**first, "id": 70})
        turned = connection.execute(sa.text("UPDATE record SET person_id = 70 WHERE person_id = 1")).rowcount
    engine.dispose()
    return turned


@pytest.mark.parametrize("pair", [(SQLITE, SQLITE), (POSTGRESQL, POSTGRESQL)], ids="-".join)
def test_a_person_who_comes_again_is_the_one_that_another_system_moved(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = pairs.fresh(pair)
    planned(world)
    applied(world)
    before = content(platform(world))
    turned = come_anew(world)
    assert turned == 10
    plan = planned(world, "later")
    assert {(one.dataset, one.to_move, one.to_update) for one in plan.datasets if one.to_move} == {
        ("people", 1, 0)
    }
    applied(world, "later")
    found = api.verify(str(world.folder / "later.json"), False, False, quiet)
    assert (found.state, found.differences) == ("equal", ())
    assert content(platform(world)) == before
    again = planned(world, "again")
    assert [one.held for one in again.datasets] == [one.held for one in plan.datasets]
    pairs.leave(world)
