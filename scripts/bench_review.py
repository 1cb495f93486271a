"""How quick the pages of review are in a real browser, over the shipped mapping of the whole country."""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from merger.mapping import shipped

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
DEBOUNCE_MS = 20
"""What the field waits after a key before it asks (see the field's `hx-trigger`)."""
WORDS = ("phong phu", "hòa thắng", "24649", "tan lap")

FIRSTS = ("/search?q=phong+phu", "/province?of=68", "/unit?code=24649", "/files", "/changes")
"""Pages of the mapping that nobody has opened yet."""

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
        _served(Path(folder)) as entrance,
        sync_playwright() as playwright,
    ):
        page = playwright.chromium.launch(executable_path=program).new_page(base_url=entrance)
        page.goto(entrance)
        page.wait_for_url(lambda url: urlsplit(url).path == "/")
        name = sorted(one.name for one in shipped().iterdir() if one.is_dir())[0]
        national = f"/mapping/shipped-{name}"
        page.goto(f"{national}/findings", timeout=300_000)
        answers = [_answer(page, national) for _ in range(max(10, repeats))]
        firsts = [_answer(page, national + one) for one in FIRSTS]
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
        Quickness("other pages of it, at their first visit", statistics.median(firsts), max(firsts), "200"),
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


def _answer(page: "Page", address: str) -> float:
    """Milliseconds from the request for a page to the last byte of its answer."""
    page.goto(address)
    return float(page.evaluate(
        "() => { const at = performance.getEntriesByType('navigation')[0];"
        " return at.responseEnd - at.requestStart; }"
    ))  # fmt: skip


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """`merger review` over an empty folder. Yields the address that it says to open."""
    command = [sys.executable, "-m", "merger", "review", str(folder), "--port", "0"]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, **quiet) as server:
        try:
            yield next(word for word in server.stdout.readline().split() if word.startswith("http://"))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
