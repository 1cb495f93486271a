"""Workers that are killed from outside while they move batches."""

from random import Random

import pytest

from merger import cli
from merger.errors import MergerError
from merger.testing.campaigns.killing import Running
from merger.testing.campaigns.victims import kill_worker
from merger.testing.pairs.kinds import POSTGRESQL
from merger.testing.pairs.trial import entered
from tests.faults.conftest import Ground, says_enough

pytestmark = pytest.mark.faults


def test_a_run_goes_on_when_one_of_its_workers_is_killed(ground: Ground) -> None:
    found = ground.world((POSTGRESQL, POSTGRESQL))
    with entered(found.world):
        command = Running(cli.run, ["apply", str(found.plan), "--workers", "2"])
        assert command.kill_after(0, kill_worker, Random(1))
        ended = command.wait()
        assert ended.code == 0, ended.printed
        assert found.different() == []


def test_a_run_whose_workers_are_killed_again_and_again_ends_with_words_and_goes_on_later(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERGER_LANG", "en")
    found = ground.world((POSTGRESQL, POSTGRESQL))
    with entered(found.world):
        command = Running(cli.run, ["apply", str(found.plan), "--workers", "2"])
        while command.kill_after(0, kill_worker, Random(1)):
            pass
        ended = command.wait()
        assert ended.code == MergerError.exit_code
        assert "a worker process was ended" in ended.printed
        assert says_enough(found, ended.printed)
        assert found.apply(workers=2) == "done"
        assert found.different() == []
