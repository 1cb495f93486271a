"""Mappings that jobs use: records that plans count, and copies of what people signed."""

import re
from datetime import UTC, datetime
from pathlib import Path

from starlette.testclient import TestClient

from merger.mapping.models import UnitKind
from merger.migrate import api
from merger.review import Settings, create_app
from merger.review.mapping import approved
from merger.review.mapping.sources import source, sources
from merger.review.mapping.touched import COUNTS, plans_of, touched
from merger.review.web.desk import Desk
from tests.review.conftest import PASSPHRASE
from tests.review.web.browsing import Browser


def test_a_units_records_are_those_that_the_plan_counts_under_it(folder: Path, settings: Settings):
    desk = Desk(settings)
    (job,) = (one for one in sources(desk) if one.kind == "job")
    book = job.book()
    ((identifier, counted),) = plans_of(desk, book)
    assert identifier == desk.identifier(folder / "plan.json")
    plan = api.load_plan(folder / "plan.json")
    labels = {count.unit for part in plan.datasets for count in part.by_unit} - {"unknown"}
    shown = 0
    for version in book.lineage.divided():
        if version.kind is UnitKind.COMMUNE and version.code in labels:
            rows = touched(desk, book, version)
            wanted = [
                (part.system, part.dataset, count.in_scope, count.moved, count.held, count.excluded)
                for part in plan.datasets for count in part.by_unit if count.unit == version.code
            ]  # fmt: skip
            told = [(one.system, one.dataset, one.count.in_scope, one.count.moved, one.count.held,
                     one.count.excluded) for one in rows]  # fmt: skip
            assert told == wanted
            shown += len(told)
    assert shown
    assert counted.in_scope == sum(part.in_scope for part in plan.datasets)


def test_the_pages_of_a_jobs_mapping_lead_to_its_plan_and_to_where_it_is_signed(
    settings: Settings, client: Browser
):
    (job,) = (one for one in sources(Desk(settings)) if one.kind == "job")
    page = client.get(f"/mapping/{job.identifier}").text
    (plan,) = re.findall(r'href="(/plans/[^"]+)">demo', page)
    (sign,) = re.findall(r'href="(/keys/sign/[^"]+)"', page)
    assert [client.get(one).status_code for one in (plan, sign)] == [200, 200]


def test_a_plan_that_cannot_be_read_counts_nothing(folder: Path, settings: Settings):
    (folder / "plan.json").write_text('{"schema": "merger/plan/1"', "utf-8")
    desk = Desk(settings)
    (job,) = (one for one in sources(desk) if one.kind == "job")
    assert plans_of(desk, job.book()) == []
    assert COUNTS.of(folder / "nothing.json") is None


def test_a_mapping_that_people_signed_is_kept_when_it_is_seen_and_compared_with_later(
    folder: Path, settings: Settings, client: Browser
):
    desk = Desk(settings)
    identifier = desk.identifier(folder / "mapping")
    for name in ("first", "second"):
        api.sign(folder / "mapping", folder / f"{name}.key", PASSPHRASE, datetime.now(UTC))
    page = client.get(f"/mapping/{identifier}").text
    assert "2 trên 2 người đã ký đúng nội dung này." in page
    (about,) = approved.kept(approved.place_of(desk))
    assert (about.mapping, about.complete, sorted(one.name for one in about.signed)) == (
        "mapping",
        True,
        ["Demo first", "Demo second"],
    )
    file = folder / "mapping" / "localities.yaml"
    names = re.search(r"names: \[([^,\]]+)", file.read_text("utf-8"))
    assert names
    file.write_text(file.read_text("utf-8").replace(names[1], "Thôn Không Có", 1), "utf-8")
    page = client.get(f"/mapping/{identifier}").text
    assert "0 trên 2 người đã ký đúng nội dung này." in page
    assert f"/mapping/{identifier}/changes?against={about.canonical}" in page
    changes = client.get(f"/mapping/{identifier}/changes").text
    assert "Thôn Không Có" in changes
    assert "Demo first" in changes
    assert source(desk, identifier).signable


def test_a_signed_job_has_its_mapping_kept_to_be_compared_with_later(
    folder: Path, settings: Settings, client: Browser
):
    desk = Desk(settings)
    (job,) = (one for one in sources(desk) if one.kind == "job")
    for name in ("first", "second"):
        api.sign(job.path, folder / f"{name}.key", PASSPHRASE, datetime.now(UTC))
    htmx = {"hx-request": "true"}
    part = client.get(f"/mapping/{job.identifier}?part=approvals", headers=htmx).text
    assert "2 trên 2 người đã ký đúng nội dung này." in part
    assert "<html" not in part
    (about,) = approved.kept(approved.place_of(desk))
    assert (about.mapping, about.canonical, about.complete) == (job.path.name, job.book().canonical, True)
    (folder / "mapping" / "competence.yaml").unlink()
    (folder / "mapping" / "localities.yaml").write_text("schema: merger/localities/1\n", "utf-8")
    part = client.get(f"/mapping/{job.identifier}?part=approvals", headers=htmx)
    assert part.status_code == 200
    assert "competence.yaml" in part.text


def test_nothing_is_kept_where_the_folder_is_served_for_reading_only(folder: Path):
    for name in ("first", "second"):
        api.sign(folder / "mapping", folder / f"{name}.key", PASSPHRASE, datetime.now(UTC))
    settings = Settings(folder, token="token", hosts=("testserver",), read_only=True)
    identifier = Desk(settings).identifier(folder / "mapping")
    with TestClient(create_app(settings), follow_redirects=False) as client:
        browser = Browser(client)
        browser.enter("token")
        assert "2 trên 2 người" in browser.get(f"/mapping/{identifier}").text
    assert not (folder / ".merger" / "approved").exists()
