"""Real worker processes, killed and interrupted."""

import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from merger.errors import Finding, InputError, MergerError, Place, Severity
from merger.migrate.batching import Retries, WorkerKilled, processes, run_all
from tests.migrate.batching import working

pytestmark = pytest.mark.faults
SOON = Retries(times=4, first=0.01, longest=0.05)
MODULE = "tests.migrate.batching.working"
POOL = processes(2, preload=[MODULE])


def drive(work, count, retries=SOON):
    got: list[tuple[int, int]] = []
    run_all(
        range(count), work, executor=POOL, on_done=lambda *one: got.append(one), in_flight=4, retries=retries
    )
    return sorted(got)


def doubled(count):
    return [(task, task * 2) for task in range(count)]


def test_processes_do_each_task_once(tmp_path):
    assert drive(partial(working.double, tmp_path), 40) == doubled(40)
    assert sum(1 for _ in tmp_path.iterdir()) == 40


def test_tasks_whose_worker_is_killed_are_done_again(tmp_path):
    assert drive(partial(working.killed_once, tmp_path), 20) == doubled(20)
    assert working.executions(tmp_path, 3) >= 2
    assert working.executions(tmp_path, 10) >= 2


def test_workers_killed_from_outside_at_any_moment_lose_nothing(tmp_path):
    chance = random.Random(7)
    over = threading.Event()
    kills = 0

    def kill() -> None:
        nonlocal kills
        while not over.wait(chance.uniform(0.2, 0.4)):
            children = multiprocessing.active_children()
            if children:
                os.kill(chance.choice(children).pid or 0, signal.SIGKILL)
                kills += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        assert drive(partial(working.slowly, tmp_path), 150, Retries(kills=50)) == doubled(150)
    finally:
        over.set()
        killer.join()
    assert kills >= 2


def test_a_batch_that_kills_its_workers_is_named_after_three_times(tmp_path):
    with pytest.raises(WorkerKilled) as told:
        drive(partial(working.poison, tmp_path), 30)
    assert str(told.value).startswith("a worker process was ended 3 times while it did 5; what was committed")
    assert working.executions(tmp_path, 5) == 3
    assert all(working.executions(tmp_path, task) <= 3 for task in range(30))


def test_transient_errors_are_tried_again(tmp_path):
    assert drive(partial(working.deadlocked_twice, tmp_path), 12) == doubled(12)
    assert [working.executions(tmp_path, task) for task in range(4)] == [3, 1, 1, 3]


def test_a_batch_that_keeps_failing_is_told_with_its_own_error(tmp_path):
    with pytest.raises(working.Deadlock, match="keeping the database locked"):
        drive(partial(working.always_deadlocked, tmp_path), 30)
    assert working.executions(tmp_path, 4) == 1 + SOON.times


def test_an_error_lets_the_others_end_and_acknowledges_them(tmp_path):
    got: list[int] = []
    with pytest.raises(MergerError, match="damaged"):
        run_all(
            range(1000), partial(working.wrong, tmp_path), executor=POOL,
            on_done=lambda task, _: got.append(task), in_flight=4, retries=SOON,
        )  # fmt: skip
    begun = {int(file.name.split("-")[0]) for file in tmp_path.iterdir()}
    assert sorted(got) == sorted(begun - {4})
    assert len(begun) < 20


def test_workers_have_the_environment_of_the_moment(monkeypatch):
    monkeypatch.setenv("MERGER_TOLD_LATE", "yes")
    got: dict[str, str | None] = {}
    run_all(["MERGER_TOLD_LATE"], working.setting, executor=POOL, on_done=got.__setitem__, in_flight=1)
    assert got == {"MERGER_TOLD_LATE": "yes"}


def test_errors_come_back_from_a_process_with_their_fields():
    found = Finding("migrate", "no-file", Severity.ERROR, Place(file="job.yaml"))
    for error in (MergerError("migrate.not-run", plan="p"), InputError([found])):
        again = pickle.loads(pickle.dumps(error))
        assert str(again) == str(error)
        assert again.fields == error.fields


PROGRAM = f"""
import sys
from functools import partial
from pathlib import Path
from merger.migrate.batching import processes, run_all
from {MODULE} import forever, slowly
if __name__ == "__main__":
    work = {{"forever": forever, "slowly": slowly}}[sys.argv[1]]
    run_all(range(1000), partial(work, Path(sys.argv[2])), executor=processes(2), in_flight=4,
            on_done=lambda task, _: print(task, flush=True))
"""


def begin(tmp_path: Path, work: str) -> tuple["subprocess.Popen[str]", Path]:
    program, notes = tmp_path / "program.py", tmp_path / "notes"
    program.write_text(PROGRAM)
    notes.mkdir()
    started = subprocess.Popen(
        [sys.executable, str(program), work, str(notes)], text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    until(lambda: sum(1 for _ in notes.iterdir()) >= 2)
    return started, notes


def until(true) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def workers(notes: Path) -> set[int]:
    return {int(file.name.split("-")[1]) for file in notes.iterdir()}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_interrupt_from_the_keyboard_lets_running_batches_end(tmp_path):
    started, notes = begin(tmp_path, "slowly")
    os.killpg(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=20)
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert "BrokenProcessPool" not in err
    assert {int(line) for line in out.split()} == {int(file.name.split("-")[0]) for file in notes.iterdir()}


def test_workers_end_with_the_program_even_when_it_is_killed(tmp_path):
    started, notes = begin(tmp_path, "forever")
    pids = workers(notes)
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    started.kill()
    started.communicate(timeout=20)
    until(lambda: not any(alive(pid) for pid in pids))
