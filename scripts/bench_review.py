<<<<<<< HEAD
"""How long the pages of the mapping of the whole country take to answer, in milliseconds of the processor."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import process_time

from starlette.testclient import TestClient

from merger.mapping import shipped
from merger.mapping.models import UnitKind
from merger.review import Settings, create_app
from merger.review.mapping.book import SHELF, Book
from merger.review.mapping.overview import overview
from tests.review.web.browsing import Browser

QUESTIONS = ("h", "hòa", "hoa thang", "Tân Lập, Tân Biên", "248", "không có ở đâu cả")
SEARCH, PAGE = 30, 200
"""Milliseconds that an answer may take."""


@dataclass(frozen=True)
class Answered:
    """Milliseconds of one answer: the best and the median of the repeats, and the most that they may be."""

    what: str
    best: float
    median: float
    most: int


def reviewing(repeats: int) -> list[Answered]:
    """Searches while typing and pages, asked of an application in this process that has read the mapping."""
    folder = next(one for one in sorted(shipped().iterdir()) if one.is_dir())
    book = SHELF.book([folder])
    book.linted()
    with tempfile.TemporaryDirectory(prefix="merger-bench-") as empty:
        settings = Settings(Path(empty), token="token", hosts=("testserver",))
        with TestClient(create_app(settings), follow_redirects=False) as client:
            browser = Browser(client)
            browser.enter("token")
            of = f"/mapping/shipped-{folder.name}"
            searches = [
                answered(f"search for `{asked}`", partial(search, browser, of, asked), repeats, SEARCH)
                for asked in QUESTIONS
            ]
            pages = [
                answered(what, partial(page, browser, of + place), repeats, PAGE)
                for what, place in places(book)
            ]
    return searches + pages


def places(book: Book) -> list[tuple[str, str]]:
    """The pages that are asked for, by what they are."""
    largest = max(overview(book, "vi").provinces, key=lambda line: line.communes.after)
    divided = next(one for one in book.lineage.divided() if one.kind is UnitKind.COMMUNE)
    province = largest.into.code if largest.into else ""
    return [
        ("overview", ""),
        ("the province with most communes", f"/province?of={province}"),
        ("a divided commune", f"/unit?code={divided.code}"),
        ("findings", "/findings"),
        ("files", "/files"),
    ]


def search(browser: Browser, of: str, asked: str) -> int:
    return browser.get(f"{of}/search", params={"q": asked}, headers={"hx-request": "true"}).status_code


def page(browser: Browser, address: str) -> int:
    return browser.get(address).status_code


def answered(what: str, ask: Callable[[], int], repeats: int, most: int) -> Answered:
    taken = []
    for _ in range(repeats):
        started = process_time()
        status = ask()
        taken.append((process_time() - started) * 1000)
        if status != 200:
            raise SystemExit(f"{what}: {status}")
    return Answered(what, min(taken), sorted(taken)[len(taken) // 2], most)


def table(rows: list[Answered]) -> str:
    lines = ["| milliseconds of the processor | best | median | at most |", "|---|---|---|---|"]
    lines += [f"| {one.what} | {one.best:.1f} | {one.median:.1f} | {one.most} |" for one in rows]
    return "\n".join(lines)
=======
"""How quick the pages of review are in a real browser, over the shipped mapping of the whole country."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from merger.mapping import shipped
from merger.review import Settings
from merger.review.web.serving import listening, server_of

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
DEBOUNCE_MS = 20
"""What the field waits after a key before it asks (see the field's `hx-trigger`)."""
WORDS = ("phong phu", "hòa thắng", "24649", "tan lap")

FRAMES = """() => {
  window.longest = 0;
  let last = performance.now();
  const look = (now) => { window.longest = Math.max(window.longest, now - last); last = now;
    if (window.watching) requestAnimationFrame(look); };
  window.watching = true;
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(look); });
}"""
KEYS = """() => {
  window.waits = [];
  let pressed = 0;
  document.querySelector("#q").addEventListener("input", () => { pressed = performance.now(); });
  new MutationObserver(() => { if (pressed) window.waits.push(performance.now() - pressed); pressed = 0; })
    .observe(document.querySelector("#results"), { childList: true, subtree: true });
}"""


@dataclass(frozen=True)
class Quickness:
    """Milliseconds of one thing: median and longest; `limit`: what it must stay under."""

    what: str
    median: float
    longest: float
    limit: str


def quickness(repeats: int) -> list[Quickness]:
    """Measures the national overview, search as one types, and frames while scrolling and typing."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise SystemExit("no Chromium here")
    with (
        tempfile.TemporaryDirectory(prefix="merger-bench-") as folder,
        _served(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        page = playwright.chromium.launch(executable_path=program).new_page(base_url=address)
        page.goto("/enter?token=token")
        page.wait_for_url(f"{address}/")
        name = sorted(one.name for one in shipped().iterdir() if one.is_dir())[0]
        national = f"/mapping/shipped-{name}"
        page.goto(f"{national}/findings", timeout=300_000)
        answers = []
        for _ in range(max(10, repeats)):
            page.goto(national)
            answers.append(page.evaluate(
                "() => { const at = performance.getEntriesByType('navigation')[0];"
                " return at.responseEnd - at.requestStart; }"
            ))  # fmt: skip
        waits, typing = [], 0.0
        for word in WORDS:
            page.goto(f"{national}/search")
            page.evaluate(KEYS)
            page.evaluate(FRAMES)
            page.locator("#q").focus()
            for count, letter in enumerate(word, 1):
                page.keyboard.insert_text(letter)
                page.wait_for_function("(count) => window.waits.length >= count", arg=count)
            waits += [one - DEBOUNCE_MS for one in page.evaluate("window.waits")]
            typing = max(typing, page.evaluate("window.longest"))
        page.goto(f"{national}/search?q=a")
        page.evaluate(FRAMES)
        for _ in range(60):
            page.mouse.wheel(0, 400)
            time.sleep(1 / 30)
        scrolling = page.evaluate("() => { window.watching = false; return window.longest; }")
    return [
        Quickness("the national overview, to the last byte", statistics.median(answers), max(answers), "200"),
        Quickness("a key to its results in the page", statistics.median(waits), max(waits), "100"),
        Quickness("frames while typing", typing, typing, ""),
        Quickness("frames while scrolling results", scrolling, scrolling, ""),
    ]  # fmt: skip


def table(found: list[Quickness]) -> str:
    lines = ["| milliseconds | median | longest | at most |", "|---|---|---|---|"]
    lines += [
        f"| {one.what} | {'' if one.median == one.longest else f'{one.median:.0f}'} | {one.longest:.0f}"
        f" | {one.limit} |"
        for one in found
    ]
    lines += ["", f"The field's own wait of {DEBOUNCE_MS} ms after a key is not in the figures."]
    return "\n".join(lines)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    settings = Settings(folder, port=0, token="token")
    with listening(settings) as listener:
        server = server_of(settings)
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
>>>>>>> review-browser
