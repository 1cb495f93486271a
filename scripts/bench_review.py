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
