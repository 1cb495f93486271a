"""A run that goes on sees the old systems as they are by then: rows may refer to others that came when what
they belong to had been moved."""

import pytest
import sqlalchemy as sa

from merger.migrate import api
from merger.testing.pairs import later
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.tables import Row
from merger.testing.pairs.world import World, content, platform
from tests.pairs.conftest import Pairs, applied, planned, quiet

NEWCOMER = "Mới Đến"


def turn_to_newcomer(world: World) -> None:
    """A citizen comes into the old system, and a dossier that is to move becomes theirs."""
    engine = world.engine("one")
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO citizen (id, name, idno) VALUES ('c-new', :name, '079099000099')"),
            {"name": NEWCOMER},
        )
        connection.execute(
            sa.text("UPDATE dossier SET citizen_id = 'c-new' WHERE number = :number"),
            {"number": later.CHANGED},
        )
    engine.dispose()


def dossier(world: World) -> list[Row]:
    return [one for one in content(platform(world))["p_dossier"] if one["number"] == later.CHANGED]


@pytest.mark.parametrize(
    "pair", [(SQLITE, SQLITE), (POSTGRESQL, POSTGRESQL), (MARIADB, POSTGRESQL)], ids="-".join
)
def test_no_link_is_lost_when_a_row_is_turned_to_one_that_came_later(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = pairs.fresh(pair)
    planned(world)

    def interrupted(stage: str, _done: int, _total: int) -> None:
        if stage == "apply one/officers":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        api.apply(world.folder / "plan.json", 1, interrupted)
    turn_to_newcomer(world)
    moved = {one.dataset: one.moved + one.already for one in applied(world).datasets if one.system == "one"}
    assert dossier(world) == []
    assert moved["dossiers"] == 77
    planned(world, "next")
    applied(world, "next")
    assert [one["applicantId"] for one in dossier(world)] == [NEWCOMER]
    assert api.verify(str(world.folder / "next.json"), False, False, quiet).state == "equal"
    pairs.leave(world)
