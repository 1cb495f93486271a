"""The header of all pages, where administrators with long names see every part."""

from pathlib import Path

from merger.review import Settings
from merger.review.web.accounts import Accounts
from tests.review.browser.conftest import SignIn
from tests.review.browser.office import PASSWORD
from tests.review.browser.places import EVERY_ROLE

NAME = "nguyen.thi.bich-ngoc"
OFFICE = {"width": 1280, "height": 720}
LINES = """() => {
  const above = [...document.querySelectorAll(".top .brand, .top nav a, .top .who button, .top .person")];
  const middles = above.map((one) => one.getBoundingClientRect()).map((box) => (box.top + box.bottom) / 2);
  return [above.length, Math.max(...middles) - Math.min(...middles)];
}"""


def test_the_header_takes_one_line_on_an_office_screen(sign_in: SignIn, own_office: Path) -> None:
    Accounts(Settings(own_office).accounts_file).add(NAME, EVERY_ROLE, PASSWORD)
    page = sign_in(NAME, viewport=OFFICE)
    for language in ("vi", "en"):
        page.click(f"button[value={language}]")
        page.wait_for_function("(lang) => document.documentElement.lang === lang", arg=language)
        pieces, apart = page.evaluate(LINES)
        assert (language, pieces, apart < 5) == (language, 12, True)
