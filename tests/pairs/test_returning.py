"""Rows that come back in their source after they were withdrawn, all of a dataset at once."""

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate import api
from merger.testing.pairs.kinds import SQLITE
from merger.testing.pairs.tables import insert
from merger.testing.pairs.world import SCHEMAS, World, content, everything, platform
from merger.testing.people import sign_by_all
from tests.pairs.conftest import Pairs, applied, planned, quiet

FILES = SCHEMAS["two"]["attachment"]


def without_files(world: World) -> None:
    engine = world.engine("two")
    with engine.begin() as connection:
        connection.execute(sa.delete(FILES.clause()))
    engine.dispose()


def rolled_back(world: World, name: str) -> None:
    plan = str(world.folder / f"{name}.json")
    with pytest.raises(Refused):
        api.rollback(plan, quiet)
    sign_by_all(world.folder / f"{name}.rollback.json")
    assert api.rollback(plan, quiet).state == "done"


def attachments(world: World, name: str) -> tuple[int, int]:
    """How many attachments a new plan would move and take out."""
    (part,) = [one for one in planned(world, name).datasets if one.dataset == "attachments"]
    return part.to_move, part.to_withdraw


def test_a_dataset_that_was_withdrawn_as_a_whole_comes_back_as_a_whole_and_can_be_rolled_back(
    pairs: Pairs,
) -> None:
    world = pairs.fresh((SQLITE, SQLITE))
    files = everything(world, "two")["attachment"]
    moved, _ = attachments(world, "bulk")
    applied(world, "bulk")
    whole = content(platform(world))

    without_files(world)
    assert attachments(world, "gone") == (0, moved)
    applied(world, "gone")
    gone = content(platform(world))
    assert len(whole["p_file"]) - len(gone["p_file"]) == moved

    engine = world.engine("two")
    with engine.begin() as connection:
        insert(connection, FILES, files)
    engine.dispose()
    assert attachments(world, "back") == (moved, 0)
    applied(world, "back")
    assert content(platform(world)) | {"counter": []} == whole | {"counter": []}
    assert api.verify(str(world.folder / "back.json"), False, False, quiet).state == "equal"
    assert attachments(world, "nothing") == (0, 0)

    rolled_back(world, "back")
    assert content(platform(world)) | {"counter": []} == gone | {"counter": []}
    assert attachments(world, "again") == (moved, 0)
    pairs.leave(world)
