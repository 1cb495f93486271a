"""The pages of runs over databases on servers: list, progress, verification, held rows, roll-back."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from merger.migrate import api
from merger.review import Settings, create_app
from merger.review.plans.groups import groups_of
from merger.review.runs.views import run_view
from merger.review.web.desk import Desk
from merger.testing.pairs.world import DATABASES, make_world
from merger.testing.people import sign_by_all
from tests.review.runs.conftest import quiet
from tests.review.web.browsing import Browser

SERVERS = ("postgresql", "mariadb")


@pytest.fixture(params=SERVERS)
def country(
    request: pytest.FixtureRequest,
    database: Callable[..., sa.URL],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The folder of a country whose systems and platform are databases of a server, with a signed plan."""
    urls = {name: database(request.param, name) for name in DATABASES}
    world = make_world(tmp_path / "country", request.param, request.param, urls)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    api.make_plan(world.job, world.folder / "plan.json", (), False, quiet)
    sign_by_all(world.folder / "plan.json")
    return world.folder


@pytest.fixture
def visitor(country: Path) -> Iterator[Browser]:
    """The local user's browser."""
    settings = Settings(country, token="token", hosts=("testserver",))
    with TestClient(create_app(settings), follow_redirects=False) as client:
        browser = Browser(client)
        browser.enter("token")
        yield browser


def test_a_run_on_a_server_is_followed_and_verified_and_may_be_rolled_back(
    visitor: Browser, country: Path
) -> None:
    desk = Desk(Settings(country))
    plan = desk.identifier(country / "plan.json")
    assert "chưa chạy" in visitor.get("/runs").text
    _held_rows_are_read(visitor, country, plan)
    rows = _pages_while_it_runs(visitor, country, plan)
    assert 0 < rows < sum(one.to_move for one in api.load_plan(country / "plan.json").datasets)
    assert run_view(desk, plan).stands == "done"
    api.verify(str(country / "plan.json"), True, False, quiet)
    assert "Nguồn và đích bằng nhau." in visitor.get(f"/runs/{plan}/verification").text
    assert run_view(desk, plan).info.verified == "equal"  # type: ignore[union-attr]
    visitor.post(f"/runs/{plan}/rollback/make")
    assert "Còn 2 người phải ký" in visitor.get(f"/runs/{plan}/rollback").text
    sign_by_all(country / "plan.rollback.json")
    assert f'action="/runs/{plan}/rollback/run"' in visitor.get(f"/runs/{plan}/rollback").text


def _held_rows_are_read(visitor: Browser, country: Path, plan: str) -> None:
    group = next(one for one in groups_of(api.load_plan(country / "plan.json")) if one.decidable)
    page = visitor.post(f"/plans/{plan}/holds/{group.id}/rows")
    assert page.status_code == 200
    assert page.text.count("<tr>") > group.rows


def _pages_while_it_runs(visitor: Browser, country: Path, plan: str) -> int:
    """Runs the plan as the command line does, and looks at the pages when the second dataset is begun.
    Answers how many rows they told."""
    told: list[int] = []
    begun: set[str] = set()

    def meanwhile(stage: str, _done: int, _all: int) -> None:
        before = len(begun)
        begun.add(stage if stage.startswith("apply ") else "")
        if (before, len(begun)) == (2, 3):
            page = visitor.get(f"/runs/{plan}").text
            assert "không do các trang này bắt đầu" in page
            told.append(int(re.findall(r'<progress value="(\d+)"', page)[0]))
            assert "đang chạy" in visitor.get("/runs").text

    assert api.apply(country / "plan.json", 1, meanwhile).state == "done"
    (rows,) = told
    return rows
