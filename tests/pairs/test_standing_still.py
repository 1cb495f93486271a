"""The final run's proof that nobody wrote into the old systems while it moved their rows. A file of SQLite
lets nobody write while it is read."""

import pytest

from merger.errors import MergerError
from merger.migrate import api
from merger.testing.pairs import later
from merger.testing.pairs.kinds import DUCKDB, MARIADB, POSTGRESQL, SQLITE
from tests.pairs.conftest import Pairs, applied, planned


@pytest.mark.parametrize(
    "pair", [(POSTGRESQL, POSTGRESQL), (MARIADB, POSTGRESQL), (DUCKDB, SQLITE)], ids="-".join
)
def test_a_final_run_beside_which_someone_wrote_does_not_end(pair: tuple[str, str], pairs: Pairs) -> None:
    world = pairs.fresh(pair)
    planned(world, "final", final=True)
    moving: list[str] = []

    def meanwhile(stage: str, _done: int, _total: int) -> None:
        if stage.startswith("apply one/") and not moving:
            later.write_on(world)
            moving.append(stage)

    with pytest.raises(MergerError, match="source one changed while the final run was going on"):
        api.apply(world.folder / "final.json", 1, meanwhile)
    assert moving
    assert [one.state for one in api.runs(world.job)] == ["running"]
    with pytest.raises(MergerError, match="source one changed while the final run was going on"):
        applied(world, "final")
    later.take_back(world)
    assert applied(world, "final").state == "done"
    pairs.leave(world)
