"""An office with an account of every role, over an empty folder; and a real server of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.testclient import TestClient

from merger.review import Settings, create_app
from merger.review.web import accounts as passwords
from merger.review.web.accounts import Accounts
from merger.review.web.bounds import Limits
from merger.review.web.rights import ROLES
from merger.review.web.serving import listening, server_of
from tests.review.web.browsing import Browser

PASSWORD = "một câu dài dễ nhớ"


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed with next to no work, for tests of other things."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    passwords._nobodys.cache_clear()


@pytest.fixture
def office(tmp_path: Path, quick_hashes: None) -> Settings:  # noqa: ARG001  # makes accounts quick to make
    """A folder with an account named after each role."""
    made = tmp_path / "office"
    made.mkdir()
    settings = Settings(made, accounts=True, hosts=("testserver",))
    people = Accounts(settings.accounts_file)
    for role in sorted(ROLES, key=lambda role: role != "administrator"):
        people.add(role, [role], PASSWORD)
    return settings


@pytest.fixture
def app(office: Settings) -> Starlette:
    return create_app(office)


@pytest.fixture
def browser(app: Starlette) -> Callable[..., Browser]:
    """Makes browsers: of somebody signed in, or of a stranger."""

    def open_browser(account: str = "", password: str = PASSWORD) -> Browser:
        made = Browser(TestClient(app, follow_redirects=False))
        if account:
            answer = made.post("/sign-in", {"name": account, "password": password})
            assert answer.status_code == 303, answer.status_code
        return made

    return open_browser


@contextmanager
def served(settings: Settings, **limits: float) -> Iterator[int]:
    """A real server on a free port of this machine, with these limits. Yields the port."""
    settings = replace(settings, port=0, limits=Limits(**limits))
    with listening(settings) as listener:
        server = server_of(settings)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()
