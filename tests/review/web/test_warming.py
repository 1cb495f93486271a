"""What is made ready beside the serving: afterwards the first visit to a page makes nothing anew."""

import gc
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event

import pytest
from jinja2 import Environment
from pydantic import BaseModel
from starlette.testclient import TestClient

from merger import messages
from merger.review import Settings, create_app
from merger.review.mapping.book import Book
from merger.review.mapping.sources import packaged
from merger.review.web import assets, warming
from tests.review.web.browsing import Browser

OF_A_MAPPING = ("", "/search", "/search?q=phong+phu", "/province?of={province}", "/unit?code={commune}",
                "/findings", "/files", "/changes")  # fmt: skip


def _models(of: type[BaseModel] = BaseModel) -> Iterator[str]:
    for one in of.__subclasses__():
        if one.__pydantic_complete__:
            yield f"model {one.__qualname__}"
        yield from _models(one)


def made_by_first_visits(folder: Path) -> dict[str, list[str]]:
    """What each page makes that was not there, in a process that has seen none before: modules, models,
    templates, texts, contents of mappings and what is computed of them."""
    made: list[str] = []

    def watched(what: str, own: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            made.append(what)
            return own(*arguments, **more)

        return call

    def there() -> set[str]:
        known = {f"computed {name}" for one in packaged() for name in vars(one.book())}
        return {*sys.modules, *_models(), *known, f"texts {messages.catalogue.cache_info().misses}"}

    app = create_app(Settings(folder, token="token", hosts=("testserver",)))
    with TestClient(app, follow_redirects=False) as client:
        assets.read()
        warming.warm(Event())
        Environment.compile = watched("template", Environment.compile)  # type: ignore[method-assign]
        Book.__init__ = watched("content", Book.__init__)  # type: ignore[method-assign]
        browser, found = Browser(client), {}
        assert browser.enter("token").status_code == 303
        before = there()
        (national, *_) = packaged()
        of = f"/mapping/{national.identifier}"
        names = national.book().names.units
        codes = {one.kind.value: one.code for one in names if one.in_force}
        for page in ["/", "/mapping", *(of + one.format_map(codes) for one in OF_A_MAPPING)]:
            assert browser.get(page).status_code == 200, page
            now = there()
            found[page] = [*made, *sorted(now - before)]
            before = now
            made.clear()
    return found


def test_a_first_visit_makes_nothing_that_could_have_been_ready(tmp_path):
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        found = fresh.submit(made_by_first_visits, tmp_path).result(120)
    assert len(found) == 10
    assert [(page, made) for page, made in found.items() if made] == []


@pytest.fixture
def steps_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Iterator[None]]], None]:
    """Has `warm` take these steps, in a process whose garbage other tests still make."""

    def taken(steps: Callable[[], Iterator[None]]) -> None:
        monkeypatch.setattr(warming, "_steps", steps)
        monkeypatch.setattr(gc, "freeze", lambda: None)

    return taken


def test_making_ready_ends_with_the_server(steps_of):
    ended, done = Event(), []

    def steps() -> Iterator[None]:
        for number in range(3):
            done.append(number)
            if number == 1:
                ended.set()
            yield

    steps_of(steps)
    warming.warm(ended)
    assert done == [0, 1]


def test_what_cannot_be_made_ready_is_logged_without_its_text(steps_of, caplog):
    def steps() -> Iterator[None]:
        yield
        raise ValueError("Nguyễn Thị Bưởi")

    steps_of(steps)
    warming.warm(Event())
    assert "warming failed: ValueError at" in caplog.text
    assert "Bưởi" not in caplog.text
