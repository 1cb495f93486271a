"""Runs as a person sees and drives them: started, paused, killed, verified, rolled back."""

import json
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from merger.approval import load_key
from merger.messages import text_in
from merger.migrate import api
from merger.review.runs.views import run_view
from merger.review.web.desk import Desk
from merger.review.work import Kind, State, works
from tests.review.conftest import PASSPHRASE
from tests.review.runs.conftest import KEYS, sign, until
from tests.review.web.browsing import Browser
from tests.review.web.forms import PlainBrowser

SIGN = text_in("vi", "review_keys.sign.do")


def word(key: str) -> str:
    return text_in("vi", f"review_runs.{key}")


def ended(desk: Desk, plan: str) -> bool:
    return not any(one.alive for one in works(desk).of(plan))


def test_the_list_names_runs(client: Browser, ran: Path, plan: str) -> None:
    page = client.get("/runs")
    assert page.status_code == 200
    assert f"/runs/{plan}" in page.text
    (row,) = api.runs(ran / "job.yaml")
    assert row.run in page.text
    assert "chưa kiểm chứng" in page.text


def test_a_plan_that_is_not_signed_cannot_be_started_and_says_who_is_missing(
    client: Browser, desk: Desk, plan: str
) -> None:
    page = client.get(f"/runs/{plan}")
    assert "0/2 người đã ký" in page.text
    assert f'action="/runs/{plan}/apply"' not in page.text
    assert client.post(f"/runs/{plan}/apply").status_code == 303
    until(lambda: ended(desk, plan))
    page = client.get(f"/runs/{plan}").text
    assert "bị từ chối" in page
    assert "chưa được phê duyệt" in page
    assert run_view(desk, plan).stands == "planned"


def test_a_run_is_started_verified_and_tells_what_it_did(
    client: Browser, signed: Path, desk: Desk, plan: str
) -> None:
    assert client.post(f"/runs/{plan}/apply").headers["location"] == f"/runs/{plan}"
    until(lambda: ended(desk, plan))
    seen = run_view(desk, plan)
    assert (seen.stands, seen.last[Kind.APPLY].state) == ("done", State.DONE)
    assert json.loads(seen.last[Kind.APPLY].out.read_text())["state"] == "done"
    assert client.post(f"/runs/{plan}/verify", {"strength": "full"}).status_code == 303
    until(lambda: ended(desk, plan))
    page = client.get(f"/runs/{plan}/verification").text
    assert "Nguồn và đích bằng nhau." in page
    assert "Mức đầy đủ (SHA-256)." in page
    assert run_view(desk, plan).info.verified == "equal"  # type: ignore[union-attr]
    told = [one.action for one in desk.trail.records()]
    assert [one for one in told if one.startswith(("apply", "verify"))] == [
        "apply-begun", "apply-done", "verify-begun", "verify-done",
    ]  # fmt: skip
    assert api.audit(signed / "job.yaml") is None


@pytest.mark.usefixtures("signed")
def test_a_run_that_was_killed_is_told_so_and_goes_on(
    client: Browser, desk: Desk, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merger.review.work._SECRETS", ())
    monkeypatch.setenv("MERGER_FAILPOINT", "after-batch-commit:2")
    client.post(f"/runs/{plan}/apply")
    until(lambda: ended(desk, plan))
    monkeypatch.delenv("MERGER_FAILPOINT")
    seen = run_view(desk, plan)
    assert (seen.stands, seen.last[Kind.APPLY].state) == ("interrupted", State.KILLED)
    page = client.get(f"/runs/{plan}").text
    assert "bị ngắt đột ngột" in page
    assert "Chạy tiếp" in page
    client.post(f"/runs/{plan}/apply")
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).stands == "done"


@pytest.mark.usefixtures("signed")
def test_a_run_is_seen_while_it_works_paused_and_resumed_to_equal(
    client: Browser, desk: Desk, plan: str, slow: Path
) -> None:
    client.post(f"/runs/{plan}/apply")
    until(lambda: slow.exists())
    page = client.get(f"/runs/{plan}").text
    assert "đang chạy" in page
    assert f'action="/runs/{plan}/pause"' in page
    part = client.get(f"/runs/{plan}/live", headers={"hx-request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert 'hx-trigger="every 1s"' in part.text
    assert "<progress" in part.text
    assert client.post(f"/runs/{plan}/apply").status_code == 409
    assert client.get(f"/runs/{plan}/live").headers["location"] == f"/runs/{plan}"
    assert client.post(f"/runs/{plan}/pause").status_code == 303
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).last[Kind.APPLY].state is State.PAUSED
    assert run_view(desk, plan).stands == "paused"
    ended_part = client.get(f"/runs/{plan}/live", headers={"hx-request": "true"})
    assert (ended_part.status_code, ended_part.headers["hx-refresh"]) == (204, "true")
    assert client.post(f"/runs/{plan}/pause").status_code == 409
    slow.with_name("fast").touch()
    client.post(f"/runs/{plan}/apply")
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).stands == "done"
    client.post(f"/runs/{plan}/verify", {"strength": "full"})
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).info.verified == "equal"  # type: ignore[union-attr]


def test_a_run_that_another_holds_is_refused_with_its_words(
    client: Browser, signed: Path, desk: Desk, plan: str, slow: Path
) -> None:
    client.post(f"/runs/{plan}/apply")
    until(lambda: slow.exists())
    (work,) = works(desk).of(plan)
    second = signed / "plan-b.json"
    api.make_plan(signed / "job.yaml", second, (), False, lambda *_: None)
    sign(second)
    other = desk.identifier(second)
    client.post(f"/runs/{other}/apply")
    until(lambda: ended(desk, other))
    page = client.get(f"/runs/{other}").text
    assert "bị từ chối" in page
    assert run_view(desk, plan).stands == "running"
    assert work.watched is not None
    os.kill(work.watched.pid, signal.SIGKILL)
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).last[Kind.APPLY].state is State.KILLED


def test_differences_are_counted_for_all_and_named_for_those_who_may_see_persons(
    client: Browser, ran: Path, desk: Desk, plan: str
) -> None:
    change_cell(ran)
    client.post(f"/runs/{plan}/verify", {"strength": "full"})
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).last[Kind.VERIFY].state is State.ATTENTION
    page = client.get(f"/runs/{plan}/verification").text
    assert "Nguồn và đích khác nhau." in page
    assert "Từng khác biệt" in page
    assert "Kẻ Lạ" not in page
    client.post(f"/runs/{plan}/verify", {"strength": "full", "values": "yes"})
    until(lambda: ended(desk, plan))
    assert "Kẻ Lạ" in client.get(f"/runs/{plan}/verification").text
    told = [one.action for one in desk.trail.records()]
    assert {"values-asked", "values-seen", "differences-seen"} <= set(told)
    client.post(f"/runs/{plan}/verification/forget")
    assert "Kẻ Lạ" not in client.get(f"/runs/{plan}/verification").text
    assert not [one for one in works(desk).place.rglob("*") if one.is_file() and "Kẻ Lạ" in one.read_text()]


def test_a_roll_back_needs_two_people_and_takes_the_run_out_by_forms_without_scripts(
    client: Browser, ran: Path, desk: Desk, plan: str
) -> None:
    person, address = PlainBrowser(client.client), f"/runs/{plan}/rollback"
    assert client.post(f"{address}/run").status_code == 409
    person.open(address)
    page = person.press(word("do.make-rollback"))
    assert person.address == address
    assert "Còn 2 người phải ký" in page
    assert person.forms(word("do.rollback")) == []
    client.post(f"{address}/run")
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).last[Kind.ROLLBACK].state is State.REFUSED
    for key in KEYS:
        person.open(f"/keys/sign/{desk.identifier(ran / 'plan.rollback.json')}")
        person.press(SIGN, key=load_key(ran / key, PASSPHRASE).keyid, secret=PASSPHRASE)
        assert person.page.status_code == 200
    person.open(address)
    person.press(word("do.rollback"))
    assert person.address == f"/runs/{plan}"
    until(lambda: ended(desk, plan))
    assert run_view(desk, plan).last[Kind.ROLLBACK].state is State.DONE
    assert run_view(desk, plan).stands == "rolled-back"
    assert "đã hoàn tác" in person.open(address)
    assert person.forms(word("do.rollback")) == []
    assert "rollback-done" in [one.action for one in desk.trail.records()]


@pytest.mark.parametrize(
    "address", ["/runs/0123456789abcdef", "/runs/..%2f..%2fetc", "/runs/0123456789abcdef/rollback"]
)
def test_what_is_no_plan_of_the_folder_is_not_found(client: Browser, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_plan_that_cannot_be_read_and_a_bent_trail_hide_no_other_run(
    client: Browser, ran: Path, desk: Desk, plan: str
) -> None:
    (ran / "broken.json").write_text('{"schema":"merger/plan/1"}')
    desk.trail.note("Bình", "plan-seen")
    desk.trail.path.write_bytes(desk.trail.path.read_bytes().replace(b"plan-seen", b"plan-sewn"))
    page = client.get("/runs")
    assert page.status_code == 200
    assert "broken.json" in page.text
    assert f"/runs/{plan}" in page.text
    assert client.get(f"/runs/{plan}").status_code == 200
    assert client.post(f"/runs/{plan}/verify", {"strength": "full"}).status_code == 409
    assert works(desk).all() == []


def test_a_job_is_no_plan(client: Browser, desk: Desk, folder: Path) -> None:
    assert client.get(f"/runs/{desk.identifier(folder / 'job.yaml')}").status_code == 404


def change_cell(folder: Path) -> None:
    """Changes the name of an applicant in the target."""
    with sqlite3.connect(folder / "databases" / "platform.db") as connection:
        connection.execute(
            "UPDATE opencps_dossier SET applicantName = 'Kẻ Lạ'"
            " WHERE dossierId = (SELECT max(dossierId) FROM opencps_dossier)"
        )
    connection.close()
