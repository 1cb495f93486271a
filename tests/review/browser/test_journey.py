"""From finding a commune to the exported trail, as people of an office go through the pages."""

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2

import merger
from tests.review.browser.conftest import SignIn
from tests.review.browser.office import COMMUNE, HELD, INTO, OLD_NAME, PASSPHRASE
from tests.review.browser.steps import follow, gone, part, press, shown, word
from tests.review.runs.conftest import slow

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["slow"]


def find_a_commune(page: "Page") -> None:
    part(page, "mapping")
    page.get_by_role("link", name="Hợp nhất dữ liệu minh họa").first.click()
    follow(page, "review_mapping.tab.search")
    page.get_by_label(word("review_mapping.search.label")).press_sequentially("phong phu")
    page.locator("#results").get_by_role("link", name=f"{COMMUNE} Xã {OLD_NAME}").first.click()
    shown(page, "1671/NQ-UBTVQH15")
    for clause in ("43", "44"):
        shown(page, word("review_mapping.clause", clause=clause))
    page.locator("figure.picture canvas").wait_for()


def settle(page: "Page") -> None:
    """One form for all rows of the largest group."""
    part(page, "plans")
    page.get_by_role("link", name="plan.json").first.click()
    follow(page, "review_plans.holds.link")
    row = page.locator("main tbody tr").first
    assert COMMUNE in row.inner_text()
    row.get_by_role("link").first.click()
    shown(page, word("review_plans.decide.title"))
    rows = int(re.sub(r"\D", "", page.locator(".figure dd").first.inner_text()))
    assert rows >= HELD
    page.locator(f"input[type=radio][name=code-place][value='{INTO}']").check()
    page.get_by_label(word("review_plans.decide.reason")).fill("Biên bản họp số 12 ngày 10/7/2025")
    press(page, "review_plans.decide.do")
    shown(page, "Biên bản họp số 12 ngày 10/7/2025")


def plan_anew(page: "Page") -> None:
    page.get_by_role("button", name=re.compile("job")).click()
    press(page, "review_plans.make-anew")
    follow(page, "review_plans.making.compare")
    change = page.get_by_role("row", name="onestop-60/dossiers").inner_text()
    before, after = map(int, re.findall(r"(\d+) → (\d+)", change)[1])
    assert before - after >= HELD
    shown(page, f"{INTO} ")
    page.locator("main a[href^='/plans/']", has_text="demo-2025-").first.click()
    shown(page, word("review_plans.needs.title"))


def sign(page: "Page", address: str) -> None:
    page.goto(address)
    page.locator("#sign-secret").fill(PASSPHRASE)
    press(page, "review_keys.sign.do")
    shown(page, word("review_keys.sign.done.signed"))


def apply(page: "Page", address: str, slow: Path) -> None:
    page.goto(address)
    press(page, "review_runs.do.start")
    page.locator("#live progress").wait_for()
    shown(page, word("review_runs.figure.rows"))
    (slow.parent / "fast").touch()
    gone(page, "#live")
    shown(page, word("review_runs.stands.done"))


def read_the_verification(page: "Page") -> None:
    press(page, "review_runs.do.verify")
    gone(page, "#live")
    follow(page, "review_runs.verification.title")
    shown(page, word("review_runs.verification.equal"))


def print_a_record(page: "Page") -> None:
    part(page, "handover")
    page.locator("main tbody a").first.click()
    page.get_by_label(word("review_handover.search")).press_sequentially("phong phu")
    page.locator("#agencies").get_by_role("link", name=OLD_NAME).first.click()
    follow(page, "review_handover.print-record")
    page.wait_for_url("**/record?**")
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    said = "".join(one.get_textpage().get_text_range() for one in document)
    assert "BIÊN BẢN" in said
    assert OLD_NAME in said
    document.close()
    page.go_back()


def export_the_trail(page: "Page", into: Path) -> Path:
    part(page, "trail")
    with page.expect_download() as taken:
        page.locator("main .toolbar a[href*='/trail/export/']").first.click()
    taken.value.save_as(into / "trail.jsonl")
    return into / "trail.jsonl"


def test_from_finding_a_commune_to_the_exported_trail(sign_in: SignIn, slow: Path, tmp_path: Path) -> None:
    lan = sign_in("lan")
    find_a_commune(lan)
    settle(lan)
    plan_anew(lan)
    plan = re.search(r"/plans/([0-9a-f]{16})", lan.url)
    assert plan is not None
    for name in ("an", "binh"):
        sign(sign_in(name), f"/keys/sign/{plan[1]}")
    apply(lan, f"/runs/{plan[1]}", slow)
    read_the_verification(lan)
    print_a_record(lan)
    trail = export_the_trail(lan, tmp_path)
    said = subprocess.run(
        [sys.executable, "-m", "merger", "audit", str(trail), "verify"],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(merger.__file__).parents[1],
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    records = trail.read_text("utf-8")
    for action in ("holds-decided", "signed", "apply-done", "verify-done", "record-printed"):
        assert f'"{action}"' in records
