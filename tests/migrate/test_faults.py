"""A real process is killed anywhere; the same command again ends where an uninterrupted run does."""

import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from merger.approval import trail
from merger.errors import Refused
from merger.migrate import api, failpoints
from merger.migrate.failpoints import CIRCLES, FILES, NAMES, VARIABLE
from tests.migrate.conftest import Worlds
from tests.migrate.world import ask_sql, platform, quiet, sign_by

pytestmark = pytest.mark.faults

APPLY = [
    "before-ledger-upgrade", "after-ledger-upgrade", "before-run-start", "after-run-start",
    "before-run-file", "after-run-file", "before-keys-commit", "after-keys-commit:2", "in-batch",
    "before-batch-commit", "before-batch-commit:6", "after-batch-commit",
    "after-batch-commit:5",
    "after-batch-commit:14", "before-run-end", "after-run-end",
]  # fmt: skip
ROLLBACK = ["before-rollback-start", "after-rollback-start", "before-rollback-commit",
            "before-rollback-commit:6", "after-rollback-commit", "after-rollback-commit:9",
            "before-rollback-end", "after-rollback-end"]  # fmt: skip
VERIFY = ["before-verified", "after-verified"]
WORK_LIST = ["before-work-list", "after-work-list"]
ROLLBACK_FILE = ["before-rollback-file", "after-rollback-file"]
PLAN = ["before-plan-written", "after-plan-written"]
ELSEWHERE = {*FILES, *CIRCLES}
"""Tried in filing/test_jobs.py and in tests/pairs/test_circles.py."""
RANDOM_KILLS = 5
COMMAND = "import sys; from pathlib import Path; from merger.migrate import api; "
APPLY_COMMAND = COMMAND + "api.apply(Path(sys.argv[1]), 1, lambda *_: None)"


def ledger(world: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the ledger holds, without times."""
    path = world / "platform.db"
    return {
        "rows": ask_sql(
            path,
            "SELECT system, dataset, source_key, target_key, row_hash, merged, run FROM merger_row"
            " JOIN merger_dataset d ON d.id = dataset_id ORDER BY 1, 2, 3",
        ),
        "blocks": ask_sql(path, "SELECT * FROM merger_block ORDER BY 1, 2, 3"),
        "batches": ask_sql(path, "SELECT dataset_id, sum(rows) FROM merger_batch GROUP BY 1"),
        "runs": ask_sql(path, "SELECT id, job, kind, state, plan_sha256, ended IS NULL FROM merger_run"),
        "approvals": ask_sql(path, "SELECT name, role, action, run FROM merger_approval ORDER BY 1, 3"),
        "trail": ask_sql(path, "SELECT seq, action FROM merger_trail ORDER BY 1"),
    }


def killed_at(failpoint: str, work: Callable[[], object]) -> None:
    """Does the work in a process of its own that is killed at a failpoint."""

    def child() -> None:
        os.environ[VARIABLE] = failpoint
        work()

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, f"{failpoint} was not reached"


def killed_after(seconds: float, plan: Path) -> bool:
    """Runs a plan in a new interpreter and kills it; whether it was still running."""
    with subprocess.Popen([sys.executable, "-c", APPLY_COMMAND, str(plan)]) as process:
        time.sleep(seconds)
        still = process.poll() is None
        process.kill()
    return still


def kill_at_random(worlds: Worlds, times: int, seed: int, longest: float) -> list[float]:
    """Kills runs after random times, up to two kills each, and resumes; answers the times that went wrong."""
    rng = random.Random(seed)
    worlds.restore("moved")
    whole, whole_ledger = platform(worlds.here), ledger(worlds.here)
    wrong = []
    for _ in range(times):
        here = worlds.restore("planned")
        after = rng.uniform(0.2, longest)
        if killed_after(after, here / "plan.json") and rng.random() < 0.3:
            killed_after(rng.uniform(0.2, longest), here / "plan.json")
        api.apply(here / "plan.json", 1, quiet)
        if platform(here) != whole or ledger(here) != whole_ledger:
            wrong.append(after)
    return wrong


def test_every_failpoint_is_tried() -> None:
    tried = (*APPLY, *ROLLBACK, *PLAN, *VERIFY, *WORK_LIST, *ROLLBACK_FILE)
    assert {one.partition(":")[0] for one in tried} == set(NAMES) - ELSEWHERE


def test_every_failpoint_is_in_the_code() -> None:
    code = "".join(path.read_text("utf-8") for path in Path(failpoints.__file__).parent.rglob("*.py"))
    assert set(re.findall(r'reach\("([a-z-]+)"\)', code)) == set(NAMES) - set(FILES)


@pytest.mark.parametrize("failpoint", VERIFY)
def test_a_verification_that_was_killed_can_be_made_again(worlds: Worlds, failpoint: str) -> None:
    here = worlds.restore("moved")
    killed_at(failpoint, lambda: api.verify(str(here / "plan.json"), False, False, quiet))
    verified = [one.verified for one in api.runs(here / "job.yaml")]
    assert verified == (["equal"] if failpoint == "after-verified" else [""])
    assert api.verify(str(here / "plan.json"), False, False, quiet).state == "equal"
    assert trail.verify(api.audit_export(here / "job.yaml")) is None


@pytest.mark.parametrize("failpoint", WORK_LIST)
def test_a_work_list_is_whole_or_not_there(worlds: Worlds, failpoint: str) -> None:
    here = worlds.restore("moved")
    api.work_list(str(here / "plan.json"), here / "whole.csv")
    killed_at(failpoint, lambda: api.work_list(str(here / "plan.json"), here / "list.csv"))
    assert (here / "list.csv").exists() == (failpoint == "after-work-list")
    api.work_list(str(here / "plan.json"), here / "list.csv")
    assert (here / "list.csv").read_bytes() == (here / "whole.csv").read_bytes()


@pytest.mark.parametrize("failpoint", ROLLBACK_FILE)
def test_a_roll_back_file_is_whole_or_not_there(worlds: Worlds, failpoint: str) -> None:
    here = worlds.restore("moved")
    killed_at(failpoint, lambda: api.rollback(str(here / "plan.json"), quiet))
    assert (here / "plan.rollback.json").exists() == (failpoint == "after-rollback-file")
    with pytest.raises(Refused, match="what would be taken out"):
        api.rollback(str(here / "plan.json"), quiet)


def test_a_run_that_is_being_rolled_back_is_not_gone_on_with(worlds: Worlds) -> None:
    here = worlds.restore("moved")
    with pytest.raises(Refused):
        api.rollback(str(here / "plan.json"), quiet)
    sign_by(here, here / "plan.rollback.json", "one", "two")
    killed_at("after-rollback-commit:3", lambda: api.rollback(str(here / "plan.json"), quiet))
    before = platform(here)
    with pytest.raises(Refused, match=r"is being rolled back.*nothing was changed"):
        api.apply(here / "plan.json", 1, quiet)
    assert platform(here) == before


@pytest.mark.parametrize("failpoint", APPLY)
def test_a_run_that_was_killed_ends_like_one_that_was_not(worlds: Worlds, failpoint: str) -> None:
    worlds.restore("moved")
    whole, whole_ledger = platform(worlds.here), ledger(worlds.here)
    here = worlds.restore("planned")
    killed_at(failpoint, lambda: api.apply(here / "plan.json", 1, quiet))
    result = api.apply(here / "plan.json", 1, quiet)
    assert result.state == ("already" if failpoint == "after-run-end" else "done")
    assert platform(here) == whole
    assert ledger(here) == whole_ledger
    assert trail.verify(api.audit_export(here / "job.yaml")) is None


@pytest.mark.parametrize("failpoint", ["in-batch:3", "before-batch-commit:3"])
def test_a_batch_that_was_not_committed_leaves_nothing(worlds: Worlds, failpoint: str) -> None:
    here = worlds.restore("planned")
    killed_at(failpoint, lambda: api.apply(here / "plan.json", 1, quiet))
    assert len(ask_sql(here / "platform.db", "SELECT * FROM merger_batch WHERE state = 'done'")) == 2
    in_target = sum(len(rows) for table, rows in platform(here).items() if table != "counter")
    ((in_ledger,),) = ask_sql(here / "platform.db", "SELECT count(*) FROM merger_row WHERE NOT merged")
    assert in_target == 4 + in_ledger


def test_a_run_that_is_killed_again_and_again_comes_to_its_end(worlds: Worlds) -> None:
    worlds.restore("moved")
    whole = platform(worlds.here)
    here = worlds.restore("planned")
    for _ in range(4):
        killed_at("after-batch-commit:2", lambda: api.apply(here / "plan.json", 1, quiet))
    api.apply(here / "plan.json", 1, quiet)
    assert platform(here) == whole


def test_a_run_killed_at_any_moment_ends_like_one_that_was_not(worlds: Worlds) -> None:
    assert kill_at_random(worlds, RANDOM_KILLS, seed=int(time.time()), longest=1.5) == []


@pytest.mark.parametrize("failpoint", ROLLBACK)
def test_a_roll_back_that_was_killed_ends_like_one_that_was_not(worlds: Worlds, failpoint: str) -> None:
    before = platform(worlds.restore("planned"))
    here = worlds.restore("moved")
    with pytest.raises(Refused):
        api.rollback(str(here / "plan.json"), quiet)
    sign_by(here, here / "plan.rollback.json", "one", "two")
    killed_at(failpoint, lambda: api.rollback(str(here / "plan.json"), quiet))
    result = api.rollback(str(here / "plan.json"), quiet)
    assert result.state == ("already" if failpoint == "after-rollback-end" else "done")
    assert platform(here) == before
    assert ledger(here)["rows"] == []


@pytest.mark.parametrize("failpoint", PLAN)
def test_a_plan_is_there_whole_or_not_at_all(worlds: Worlds, failpoint: str) -> None:
    here = worlds.restore("standard")
    before = {one.name for one in here.iterdir()}
    killed_at(failpoint, lambda: api.make_plan(here / "job.yaml", here / "plan.json", (), False, quiet))
    new = {one.name for one in here.iterdir()} - before
    if failpoint == "before-plan-written":
        assert new == set()
    else:
        assert new == {"plan.json"}
        assert api.load_plan(here / "plan.json").kind == "bulk"
