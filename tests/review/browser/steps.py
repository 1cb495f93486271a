"""What people do on pages, by the words that they read there."""

from typing import TYPE_CHECKING

from merger.messages import text_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


def word(key: str, **fields: object) -> str:
    """What the Vietnamese pages say."""
    return text_in("vi", key, **fields)


def part(page: "Page", name: str) -> None:
    """Opens a part by the navigation."""
    page.get_by_role("navigation").get_by_role("link", name=word(f"review_web.part.{name}.name")).click()


def shown(page: "Page", text: str) -> None:
    """Waits until the page says something."""
    from playwright.sync_api import expect

    expect(page.locator("main")).to_contain_text(text)


def gone(page: "Page", what: str) -> None:
    """Waits until something is no longer there."""
    from playwright.sync_api import expect

    expect(page.locator(what)).to_have_count(0)


def press(page: "Page", key: str, **fields: object) -> None:
    """Presses the button that says so."""
    page.get_by_role("button", name=word(key, **fields), exact=True).click()


def follow(page: "Page", key: str, **fields: object) -> None:
    """Follows the first link that says so."""
    page.get_by_role("link", name=word(key, **fields)).first.click()
