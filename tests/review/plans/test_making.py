"""Dry runs: what they are asked for, where they write, and how they end."""

import os
import signal
from datetime import UTC, datetime

import pytest

from merger.errors import Refused
from merger.messages import use
from merger.migrate import api
from merger.review.plans import making
from merger.review.runs.ordering import settle
from merger.review.runs.views import listed
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing
from merger.review.web.settings import Settings
from merger.review.work import Kind, Order, works
from tests.review.runs.conftest import until
from tests.review.web.forms import PlainBrowser

JOB = "ab" * 32


@pytest.fixture(autouse=True)
def _english():
    use("en")


@pytest.fixture
def desk(folder):
    return Desk(Settings(folder))


def ended(desk, identifier):
    until(lambda: making.look(desk, identifier).ended)
    return making.look(desk, identifier)


def test_a_plan_is_written_beside_the_job_and_others_wait_meanwhile(folder, desk):
    job = folder / "job.yaml"
    started = making.start(desk, job, JOB, "an", "en", scope=("10001",))
    assert (started.ended, started.by, started.asked.scope) == (False, "an", ("10001",))
    with pytest.raises(Refused, match=r"a plan of job\.yaml is being made already"):
        making.start(desk, job, JOB, "an", "en")
    found = ended(desk, started.id)
    assert found.done
    plan = api.load_plan(folder / found.asked.plan)
    assert (plan.kind, plan.scope) == ("pilot", ("10001",))
    assert "people must sign" in found.said
    assert found.step is not None
    assert found.step.done == found.step.total > 0
    assert [one.id for one in making.all_of(desk)] == [started.id]


def test_why_no_plan_was_made_is_told(folder, desk):
    (folder / "mapping" / "units.yaml").write_text("schema: [")
    found = ended(desk, making.start(desk, folder / "job.yaml", JOB, "an", "vi").id)
    assert (found.failed, found.code) == (True, 2)
    assert "units.yaml" in found.wrong
    assert not (folder / found.asked.plan).exists()


def test_a_process_that_was_killed_counts_as_ended_without_a_plan(folder, desk):
    started = making.start(desk, folder / "job.yaml", JOB, "an", "en")
    os.kill(int((works(desk).place / started.id / "pid").read_text()), signal.SIGKILL)
    found = ended(desk, started.id)
    assert (found.failed, found.done, found.code) == (True, False, -1)
    assert not (folder / found.asked.plan).exists()


def test_a_dry_run_is_stopped_by_a_form_and_nothing_is_written(folder, desk, client):
    person = PlainBrowser(client.client)
    started = making.start(desk, folder / "job.yaml", JOB, "an", "vi")
    process = int((works(desk).place / started.id / "pid").read_text())
    os.kill(process, signal.SIGSTOP)  # not over before we are
    person.open(f"/plans/making/{started.id}")
    person.press("Dừng")
    os.kill(process, signal.SIGCONT)
    found = ended(desk, started.id)
    assert (found.stopped, found.failed, found.done) == (True, False, False)
    assert "Đã dừng theo yêu cầu. Chưa ghi gì" in person.open(f"/plans/making/{started.id}")
    assert person.forms("Dừng") == []
    assert not (folder / found.asked.plan).exists()
    with pytest.raises(Refused, match="Nothing is running here any more"):
        making.stop(desk, started.id)
    assert [one.action for one in desk.trail.records()].count("plan-stopped") == 1


def test_a_dry_run_is_no_work_on_a_plan(folder, desk):
    started = making.start(desk, folder / "job.yaml", JOB, "an", "en")
    rows = [row for job in listed(desk) for row in (*job.runs, *job.waiting)]
    assert {row.stands for row in rows} == {"planned"}
    ended(desk, started.id)
    settle(desk, works(desk).get(started.id))
    assert desk.trail.records() == []


@pytest.mark.parametrize("name", ["", "zz", "../..", "20260302T080000-0123abcd"])
def test_what_was_never_asked_for_is_missing(desk, name):
    with pytest.raises(Missing):
        making.look(desk, name)


def test_a_work_on_a_plan_is_no_dry_run(folder, desk):
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    order = Order(
        schema_="merger/order/1", id="20260302T080000-0123abcd", kind=Kind.VERIFY, subject="p", sha256=JOB,
        by="an", at=at, lang="en",
    )  # fmt: skip
    works(desk).begin(order, ["verify", str(folder / "no-plan.json")], Refused("review_runs.under-way"))
    until(lambda: not works(desk).get(order.id).alive)
    with pytest.raises(Missing):
        making.look(desk, order.id)
    assert making.all_of(desk) == []
