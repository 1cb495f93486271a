"""A small country with 500 held dossiers of one cause, its plan, and the pages over it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merger.migrate import api
from merger.review import Settings, create_app
from merger.review.web.accounts import Accounts
from tests.conftest import Once
from tests.migrate.world import dossier, fill, make_world, quiet, standard_rows
from tests.review.web.browsing import Browser
from tests.review.web.conftest import PASSWORD

NASTY = "<script>alert('x')</script>"
HELD = 500
SERVICES = ("1.000001.Z02", "1.000002.000.00.00.Z02")


@pytest.fixture(scope="session")
def world_made(once: Once) -> Path:
    """The country with rows of every kind, 500 dossiers of a divided commune whose addresses say nothing,
    each with a file, and its plan `plan.json`."""
    return once("plans", _make)


def _make(folder: Path) -> None:
    make_world(folder)
    standard_rows(folder)
    agencies = folder / "mapping" / "agencies.yaml"
    agencies.write_text(
        agencies.read_text("utf-8").replace("Committee East", f"Committee East {NASTY}"), "utf-8"
    )
    rows = [
        dossier(f"held-{n:03d}", commune="10004", agency="Z02.30.20", address=f"ngõ {n}", owner="Lý Thị Kín",
                service=SERVICES[n % 2])
        for n in range(HELD)
    ]  # fmt: skip
    fill(folder / "two.db", "dossier", rows)
    files = [{"number": f"held-{n:03d}", "path": f"held/{n}.pdf", "content": b""} for n in range(HELD)]
    fill(folder / "two.db", "file", files)
    api.make_plan(folder / "job.yaml", folder / "plan.json", (), False, quiet)


@pytest.fixture
def folder(world_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that the test may change."""
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    copy = tmp_path / "folder"
    shutil.copytree(world_made, copy)
    return copy


@pytest.fixture
def people(folder: Path) -> Callable[..., Browser]:
    """Signs a person with an account in: a browser of somebody of this name and these roles."""
    settings = Settings(folder, accounts=True, hosts=("testserver",))
    accounts = Accounts(settings.accounts_file)
    accounts.add("head", ["administrator"], PASSWORD)
    app = create_app(settings)

    def sign_in(name: str, *roles: str) -> Browser:
        accounts.add(name, roles, PASSWORD)
        browser = Browser(TestClient(app, follow_redirects=False))
        session = app.state.frame.sessions.begin(name, accounts.of(name).stamp)
        browser.client.cookies.set("merger-session", session, domain="testserver.local")
        return browser

    return sign_in
