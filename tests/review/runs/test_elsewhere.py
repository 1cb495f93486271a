"""Runs that these pages did not begin: told truly, as the target's lock and its ledger tell of them."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from merger.migrate import api
from merger.migrate.lock import holding
from merger.review.runs.views import listed, run_view, standing
from merger.review.web.desk import Desk
from merger.review.work import works
from tests.review.runs.conftest import until
from tests.review.web.browsing import Browser


def test_a_run_of_the_command_line_is_seen_at_work_and_as_interrupted_once_it_was_killed(
    client: Browser, signed: Path, desk: Desk, plan: str, slow: Path
) -> None:
    (job,) = (one for one in desk.jobs() if one.name == "job.yaml")
    command = [sys.executable, "-m", "merger", "apply", str(signed / "plan.json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(lambda: slow.exists() or process.poll() is not None)
        assert process.poll() is None
        seen = run_view(desk, plan)
        assert (seen.stands, seen.current) == ("elsewhere", None)
        assert seen.info is not None
        moved = sum(api.settled(job, seen.info.run).values())
        assert 0 < moved < sum(one.to_move for one in seen.file.plan.datasets)
        page = client.get(f"/runs/{plan}").text
        assert "đang chạy" in page
        assert "không do các trang này bắt đầu" in page
        assert f'<progress value="{moved}"' in page
        assert "bị gián đoạn" not in page
        assert f'action="/runs/{plan}/apply"' not in page
        assert f'action="/runs/{plan}/pause"' not in page
        part = client.get(f"/runs/{plan}/live?stands=elsewhere", headers={"hx-request": "true"})
        assert (part.status_code, f'<progress value="{moved}"' in part.text) == (200, True)
        changed = client.get(f"/runs/{plan}/live?stands=unclear", headers={"hx-request": "true"})
        assert changed.headers["hx-refresh"] == "true"
        overview = client.get("/runs").text
        assert "đang chạy" in overview
        assert "bị gián đoạn" not in overview
        process.kill()
    assert run_view(desk, plan).stands == "interrupted"
    assert works(desk).all() == []
    page = client.get(f"/runs/{plan}").text
    assert "bị gián đoạn" in page
    assert f'action="/runs/{plan}/apply"' in page
    _held_without_a_word(client, desk, plan, signed / "databases" / "platform.db")
    _rolled_back_elsewhere(client, desk, plan, signed / "databases" / "platform.db")


def _held_without_a_word(client: Browser, desk: Desk, plan: str, target: Path) -> None:
    with holding(target):
        assert run_view(desk, plan).stands == "unclear"
        page = client.get(f"/runs/{plan}").text
        assert "đang chạy hoặc bị gián đoạn: chưa rõ" in page
        assert "bắt đầu, nên không tạm dừng được" not in page
        assert f'action="/runs/{plan}/apply"' not in page
        assert [row.stands for one in listed(desk) for row in one.runs] == ["unclear"]
    with holding(target, plan=run_view(desk, plan).file.sha256):
        assert run_view(desk, plan).stands == "elsewhere"
    assert run_view(desk, plan).stands == "interrupted"


def _rolled_back_elsewhere(client: Browser, desk: Desk, plan: str, target: Path) -> None:
    client.post(f"/runs/{plan}/rollback/make")
    with sqlite3.connect(target) as connection:
        connection.execute("UPDATE merger_run SET state = 'rolling-back'")
    connection.close()
    assert run_view(desk, plan).stands == "rolling-back"
    with holding(target, plan=run_view(desk, plan).file.sha256):
        page = client.get(f"/runs/{plan}").text
        assert "đang hoàn tác" in page
        assert "Một tiến trình đang gỡ ra" in page
        assert f'action="/runs/{plan}/rollback/run"' not in client.get(f"/runs/{plan}/rollback").text
    assert f'action="/runs/{plan}/rollback/run"' in client.get(f"/runs/{plan}/rollback").text


@pytest.mark.parametrize(
    ("state", "worked_on", "stands"),
    [
        ("", False, "planned"),
        ("running", True, "elsewhere"),
        ("running", None, "unclear"),
        ("running", False, "interrupted"),
        ("rolling-back", True, "taking-out"),
        ("rolling-back", None, "rolling-back"),
        ("rolling-back", False, "rolling-back"),
        ("done", None, "done"),
    ],
)
def test_no_word_says_more_than_is_known(state: str, worked_on: bool | None, stands: str) -> None:
    assert standing(state, None, None, worked_on) == stands
