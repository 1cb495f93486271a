"""Dry runs in processes of their own."""

import time

import pytest

from merger.errors import Refused
from merger.messages import use
from merger.migrate import api
from merger.review.plans import making
from merger.review.web.failures import Missing


@pytest.fixture(autouse=True)
def _english():
    use("en")


def ended(folder, identifier):
    until = time.monotonic() + 60
    while (found := making.look(folder, identifier)).code is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def test_a_plan_is_written_beside_the_job_and_others_wait_meanwhile(folder):
    job = folder / "job.yaml"
    started = making.start(folder, job, "an", "en", scope=("10001",))
    assert (started.code, started.by, started.scope) == (None, "an", ("10001",))
    with pytest.raises(Refused, match=r"a plan of job\.yaml is being made already"):
        making.start(folder, job, "an", "en")
    found = ended(folder, started.id)
    assert found.done
    plan = api.load_plan(folder / found.plan)
    assert (plan.kind, plan.scope) == ("pilot", ("10001",))
    assert "people must sign" in found.said
    assert found.step is not None
    assert found.step.done == found.step.total > 0
    assert [one.id for one in making.all_of(folder)] == [started.id]


def test_why_no_plan_was_made_is_told(folder):
    (folder / "mapping" / "units.yaml").write_text("schema: [")
    found = ended(folder, making.start(folder, folder / "job.yaml", "an", "vi").id)
    assert (found.failed, found.code) == (True, 2)
    assert "units.yaml" in found.wrong
    assert not (folder / found.plan).exists()


def test_another_server_is_told_whether_it_still_works(folder, monkeypatch):
    started = making.start(folder, folder / "job.yaml", "an", "en")
    monkeypatch.setattr(making, "_ours", set())
    assert making.look(folder, started.id).code is None
    assert ended(folder, started.id).done


def test_a_process_that_was_killed_counts_as_ended_without_a_plan(folder, monkeypatch):
    processes = []
    made = making._process
    monkeypatch.setattr(making, "_process", lambda *given: processes.append(made(*given)) or processes[0])
    started = making.start(folder, folder / "job.yaml", "an", "en")
    processes[0].kill()
    found = ended(folder, started.id)
    assert (found.failed, found.done) == (True, False)


@pytest.mark.parametrize("name", ["", "zz", "../..", "0123", "0123456789abcdef"])
def test_what_was_never_asked_for_is_missing(folder, name):
    with pytest.raises(Missing):
        making.look(folder, name)
