"""Several workers move what one does, also where one of them is killed."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor

import pytest

from merger.migrate import api, applying
from merger.migrate.failpoints import VARIABLE
from merger.migrate.ledger import Batch
from merger.migrate.movers import Desk, Mover, crew
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from tests.pairs.conftest import Pairs, planned, quiet


def failing(failpoint: str, killed: list[str]) -> Callable[[int, Desk], Callable[[], Executor]]:
    """A crew of which the workers, and nobody else, know of a failpoint; notes each new pool."""

    def hired(workers: int, desk: Desk) -> Callable[[], Executor]:
        make = crew(workers, desk)
        pools: list[Executor] = []

        def made() -> Executor:
            if pools:
                killed.append(desk.move.dataset)
            os.environ[VARIABLE] = failpoint
            pools.append(make())
            del os.environ[VARIABLE]
            return pools[-1]

        return made

    return hired


@pytest.mark.parametrize("kind", [POSTGRESQL, SQLITE])
@pytest.mark.parametrize("failpoint", ["", "in-batch", "before-batch-commit:2", "after-batch-commit"])
def test_workers_move_everything_once_though_one_is_killed(
    pairs: Pairs, failpoint: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = kind, kind
    world = pairs.fresh(pair)
    planned(world)
    plan = world.folder / "plan.json"
    killed: list[str] = []
    monkeypatch.setattr(applying, "crew", failing(failpoint, killed))
    monkeypatch.setattr(applying, "WORTH_WORKERS", 0)
    result = api.apply(plan, 2, quiet)
    assert bool(killed) == bool(failpoint)
    alone = pairs.kept("moved", pair).result
    assert result.state == "done"
    assert [(one.dataset, one.moved, one.held) for one in result.datasets] == [
        (one.dataset, one.moved, one.held) for one in alone.datasets
    ]
    pairs.enter(world)
    assert api.verify(str(plan), False, False, quiet).state == "equal"
    pairs.leave(world)


@pytest.mark.parametrize("pair", [(MARIADB, POSTGRESQL), (SQLITE, MARIADB)], ids="-".join)
def test_workers_move_everything_once_though_one_connection_is_all_that_sees_the_source(
    pairs: Pairs, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = pairs.fresh(pair)
    plan = planned(world)
    movers: set[str] = set()
    run = Mover.run

    def noted(self: Mover, batch: Batch, worker: str = "") -> int:
        movers.add(threading.current_thread().name)
        return run(self, batch, worker)

    monkeypatch.setattr(Mover, "run", noted)
    result = api.apply(world.folder / "plan.json", 2, quiet)
    assert len(movers - {threading.main_thread().name}) > 1
    assert result.state == "done"
    planned_rows = {one.dataset: one.to_move for one in plan.datasets}
    assert {one.dataset: one.moved for one in result.datasets} == planned_rows
    assert api.verify(str(world.folder / "plan.json"), False, False, quiet).state == "equal"
    pairs.leave(world)
