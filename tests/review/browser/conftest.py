"""One headless Chromium, and the made-up office that it looks at."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import merger
from merger import messages
from tests.conftest import Once
from tests.review.browser.office import PASSWORD, copy_of, make_office, served
from tests.review.browser.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine."""

SignIn = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The browser; the tests that need it are not run where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    api.expect.set_options(timeout=PATIENCE)
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--font-render-hinting=none"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def office(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The office's folder; tests that change something take a copy."""
    with pytest.MonkeyPatch.context() as patch:
        made = tmp_path_factory.mktemp("browser")
        patch.setenv("MERGER_STATE", str(made / "state"))
        patch.setenv("MERGER_CACHE", str(made / "cache"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(merger.__file__).parents[1])]))
        messages.use("vi")
        yield once("office", make_office)


@pytest.fixture
def own_office(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the office's folder for one test."""
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    return copy_of(office, tmp_path / "office")


@pytest.fixture
def sign_in(browser: "Browser", own_office: Path) -> Iterator[SignIn]:
    """Opens a browser window of somebody with an account. When the test ends, nothing may have gone wrong in
    any window: no error of a script, nothing that the policy forbids, no request that leaves the server."""
    with served(own_office) as address:
        windows: list[tuple[BrowserContext, Watch]] = []

        def window(name: str, **how: object) -> "Page":
            context = browser.new_context(base_url=address, reduced_motion="reduce", **how)  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE)
            windows.append((context, Watch(context, address)))
            page = context.new_page()
            page.goto("/sign-in")
            page.fill("input[name=name]", name)
            page.fill("input[name=password]", PASSWORD)
            page.click("main button")
            page.wait_for_url(f"{address}/")
            return page

        yield window
        for context, watch in windows:
            context.close()
            watch.nothing_went_wrong()
