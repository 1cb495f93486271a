"""A small made-up folder, the application over it, and browsers of people in every role."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merger import messages
from merger.approval import Role, add_person, load_key, new_key
from merger.demo import write_demo
from merger.migrate import api
from merger.review import Settings, create_app
from tests.conftest import Once
from tests.review.web.browsing import Browser

ROWS = 20
PASSPHRASE = "cụm mật khẩu dùng thử"
PEOPLE = (("first", "administrator"), ("second", "approver"))


def _quiet(_what: str, _done: int, _all: int) -> None:
    return


@pytest.fixture(scope="session")
def made_folder(once: Once) -> Path:
    """The demo with few rows, a plan of it (`plan.json`), two approvers' keys and their trust file. Tests
    take copies of it (`folder`)."""
    return once("review", _make)


def _make(made: Path) -> None:
    messages.use("en")
    job = write_demo(made, ROWS, 2025)
    now = datetime.now(UTC)
    for name, role in PEOPLE:
        public = new_key(f"Demo {name}", made / f"{name}.key", PASSPHRASE)
        add_person(made / "trust.json", public, Role(role), load_key(made / "first.key", PASSPHRASE), now)
    api.make_plan(job, made / "plan.json", (), False, _quiet)


@pytest.fixture
def folder(made_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the made-up folder that the test may change."""
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    copy = tmp_path / "folder"
    shutil.copytree(made_folder, copy)
    return copy


@pytest.fixture
def settings(folder: Path) -> Settings:
    """The local mode over `folder`; its one-time token is `token`."""
    return Settings(folder, token="token", hosts=("testserver",))


@pytest.fixture
def stranger(settings: Settings) -> Iterator[Browser]:
    """A browser of somebody who has not signed in."""
    with TestClient(create_app(settings), follow_redirects=False) as client:
        yield Browser(client)


@pytest.fixture
def client(stranger: Browser) -> Browser:
    """A browser of the local user, who has all rights."""
    stranger.enter("token")
    return stranger
