"""Killed at every step, as by `kill -9`: the same call again ends as if nothing had happened."""

import signal
from pathlib import Path

import pytest

from merger.migrate.failpoints import VARIABLE
from merger.migrate.filing import STEPS
from merger.testing.campaigns.killing import done
from tests.migrate.filing.world import WHOLE, FileWorld, work

REMOVING = [step for step in STEPS if "removed" in step or "forgotten" in step]
COPYING = [step for step in STEPS if step not in REMOVING]


def killed(folder: Path, what: str, point: str) -> int:
    """How a process of its own ends that does a part of the work up to a failpoint."""
    return done(work, [str(folder), what], {VARIABLE: point}).code


@pytest.mark.faults
@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("step", COPYING)
def test_a_copy_killed_at_any_step_is_gone_on_with(tmp_path, step, time):
    FileWorld(tmp_path).book.close()
    assert killed(tmp_path, "copy", f"{step}:{time}") == -signal.SIGKILL
    with FileWorld(tmp_path) as world:
        there = world.there()
        assert {name: there[name] for name in WHOLE if name in there} == {
            name: WHOLE[name] for name in WHOLE if name in there
        }
        done = world.copy(batch=2)
        assert (done.copied + done.already, done.held) == (5, 0)
        assert world.there() == WHOLE
        assert set(world.states().values()) == {"done"}
        assert world.verify().differences == 0


@pytest.mark.faults
@pytest.mark.parametrize("step", COPYING)
def test_a_copy_killed_at_any_step_can_be_taken_back(tmp_path, step):
    FileWorld(tmp_path).book.close()
    assert killed(tmp_path, "copy", f"{step}:2") == -signal.SIGKILL
    with FileWorld(tmp_path) as world:
        world.remove()
        assert (world.there(), world.book.rows()) == ({}, [])


@pytest.mark.faults
@pytest.mark.parametrize("step", REMOVING)
def test_a_roll_back_killed_at_any_step_is_gone_on_with(tmp_path, step):
    with FileWorld(tmp_path) as world:
        world.copy()
    assert killed(tmp_path, "remove", f"{step}:2") == -signal.SIGKILL
    with FileWorld(tmp_path) as world:
        world.remove()
        assert (world.there(), world.book.rows()) == ({}, [])
