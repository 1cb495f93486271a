"""Works: processes that outlive the server, and what is told of them afterwards."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from merger.errors import Refused
from merger.migrate.watched import Step, Watched
from merger.review.runs.ordering import settle
from merger.review.runs.progress import PartProgress, progress_of
from merger.review.runs.views import run_view
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing
from merger.review.work import KEPT, Kind, Order, Part, State, Work, Works, new_id, works
from tests.review.runs.conftest import until

BUSY = Refused("review_runs.under-way")
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
PARTS = (
    Part(system="one", dataset="citizens", rows=100),
    Part(system="one", dataset="dossiers", rows=50),
    Part(system="two", dataset="dossiers", rows=0),
)


def ordered(number: int = 0, kind: Kind = Kind.APPLY) -> Order:
    return Order(
        schema_="merger/order/1", id=f"20260302T0800{number:02d}-0123abcd", kind=kind, subject="p",
        sha256="ab" * 32, by="Bình", at=AT, lang="vi", parts=PARTS,
    )  # fmt: skip


def kept(here: Works, number: int = 0, code: int | None = None, out: str = "", asked: bool = False) -> State:
    """The state of a work whose process is no more."""
    folder = here.place / ordered(number).id
    folder.mkdir(parents=True)
    (folder / "order.json").write_text(ordered(number).model_dump_json(by_alias=True))
    (folder / "watched.json").write_text(
        Watched(schema_="merger/watched/1", pid=1, exit_code=code).model_dump_json(by_alias=True)
    )
    (folder / "out").write_text(out)
    if asked:
        (folder / "pause").touch()
    return here.get(ordered(number).id).state


@pytest.mark.parametrize(
    ("code", "out", "asked", "state"),
    [
        (0, "{}", False, State.DONE),
        (1, "{}", False, State.ATTENTION),
        (1, "", False, State.FAILED),
        (2, "", False, State.UNUSABLE),
        (3, "", False, State.REFUSED),
        (70, "", False, State.FAILED),
        (130, "", True, State.PAUSED),
        (None, "", False, State.KILLED),
        (None, "", True, State.PAUSED),
    ],
)
def test_what_has_ended_is_told_by_its_exit_code_or_its_silence(
    tmp_path: Path, code: int | None, out: str, asked: bool, state: State
) -> None:
    assert kept(Works(tmp_path / "work"), code=code, out=out, asked=asked) is state


def test_a_command_leaves_its_words_and_its_code(tmp_path: Path) -> None:
    here = Works(tmp_path / "work")
    here.begin(ordered(), ["apply", str(tmp_path / "no-plan.json"), "--json"], BUSY)
    until(lambda: not here.get(ordered().id).alive)
    work = here.get(ordered().id)
    assert work.state is State.UNUSABLE
    assert "no-plan.json" in work.messages[0]
    assert (here.place.stat().st_mode & 0o077, work.out.stat().st_mode & 0o077) == (0, 0)


def test_of_old_works_only_the_last_are_kept(tmp_path: Path) -> None:
    here = Works(tmp_path / "work")
    for number in range(KEPT + 3):
        kept(here, number, code=0)
    here.begin(ordered(59), ["--help"], BUSY)
    until(lambda: not here.get(ordered(59).id).alive)
    assert len(here.of("p")) == KEPT
    assert here.of("p")[0].order.id == ordered(59).id


def test_what_is_no_id_is_no_work(tmp_path: Path) -> None:
    here = Works(tmp_path / "work")
    for name in ("..", "../order", "20260302T080000-0123ABCD", "", "20260302T080000-0123abcd"):
        with pytest.raises(Missing):
            here.get(name)
    assert here.all() == []


def test_ids_are_in_the_order_of_time() -> None:
    assert new_id(AT) < new_id(AT.replace(second=1))
    assert new_id(AT) != new_id(AT)


def test_progress_is_told_by_dataset_with_rate_and_time_left() -> None:
    steps = (
        Step(stage="check", what="one", total=1, first=0, done=1, began=90, at=95),
        Step(stage="apply", what="one/citizens", total=150, first=40, done=100, began=100, at=106),
        Step(stage="apply", what="one/dossiers", total=150, first=110, done=120, began=107, at=110),
    )
    work = Work(ordered(), State.RUNNING, Watched(schema_="merger/watched/1", pid=1, steps=steps), (), Path())
    found = progress_of(work, lambda: 112.0)
    assert found is not None
    assert (found.stage, found.what, found.done, found.total, found.percent) == (
        "apply", "one/dossiers", 120, 150, 80,
    )  # fmt: skip
    assert found.rate == pytest.approx(8.0)
    assert found.left == pytest.approx(30 / 8)
    assert found.silent == pytest.approx(2.0)
    assert found.parts == (
        PartProgress("one", "citizens", 100, 100),
        PartProgress("one", "dossiers", 50, 20),
        PartProgress("two", "dossiers", 0, 0),
    )
    assert [one.percent for one in found.parts] == [100, 40, 100]


def test_a_work_that_told_nothing_has_no_progress() -> None:
    assert progress_of(Work(ordered(), State.RUNNING, None, (), Path())) is None


_SERVER = """
import os, signal, sys
from pathlib import Path
from merger.review.runs.ordering import order
from merger.review.runs.views import plan_file
from merger.review.web.desk import Desk
from merger.review.web.settings import Settings
from merger.review.work import Kind

desk = Desk(Settings(Path(sys.argv[1])))
order(desk, plan_file(desk, sys.argv[2]), Kind.APPLY, "Bình", "vi")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_goes_on_when_the_server_is_killed_and_its_end_is_noted_once(
    signed: Path, desk: Desk, plan: str, slow: Path
) -> None:
    server = subprocess.run(
        [sys.executable, "-c", _SERVER, str(signed), plan], env=dict(os.environ), check=False, timeout=60
    )
    assert server.returncode == -signal.SIGKILL
    until(slow.exists)
    (work,) = works(desk).of(plan)
    assert (work.state, run_view(desk, plan).stands) == (State.RUNNING, "running")
    settle(desk, work)
    slow.with_name("fast").touch()
    until(lambda: not works(desk).get(work.order.id).alive)
    assert run_view(desk, plan).stands == "done"
    for _ in range(2):
        settle(desk, works(desk).get(work.order.id))
    told = [(one.actor, one.action) for one in desk.trail.records()]
    assert told == [("Bình", "apply-begun"), ("Bình", "apply-done"), ("Bình", "ledger-end")]
