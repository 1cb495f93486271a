"""Every page: usable by everybody (axe-core), and looking as it did."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.review.browser.conftest import PATIENCE
from tests.review.browser.looking import FEW, LONGEST, MASK, Shot, shot
from tests.review.browser.office import PASSWORD, copy_of, served
from tests.review.browser.places import PLACES, Places, make_worked
from tests.review.browser.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = (Path(__file__).parent / "axe" / "axe-4.14.1.min.js").read_text("utf-8")
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
SERIOUS = ("serious", "critical")


@dataclass
class Seen:
    """What was seen of a page: findings of axe and pictures."""

    findings: list[str] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)


@pytest.fixture(scope="session")
def seen(
    browser: "Browser", office: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Seen]]:
    """Looks at a page once, in light and dark, on a desktop and a phone."""
    folder = make_worked(copy_of(office, tmp_path_factory.mktemp("worked") / "office"))
    with served(folder) as address:
        places, windows, watches = Places(folder), {}, []
        for who in dict.fromkeys(who for who, _ in PLACES.values()):
            context = browser.new_context(base_url=address, reduced_motion="reduce", viewport=DESKTOP)
            context.set_default_timeout(PATIENCE)
            watches.append(Watch(context, address, missing=True))
            windows[who] = context.new_page()
            if who:
                _sign_in(windows[who], who)

        @functools.cache
        def look(name: str) -> Seen:
            page = windows[PLACES[name][0]]
            page.goto(places.address(name))
            return _look(page, name)

        yield look
        for page in windows.values():
            page.context.close()
        for watch in watches:
            watch.nothing_went_wrong()


@pytest.mark.parametrize("name", PLACES)
def test_a_page_looks_as_it_did(
    seen: Callable[[str], Seen], name: str, request: pytest.FixtureRequest
) -> None:
    shots = seen(name).shots
    for one in shots if request.config.getoption("--screenshots") else ():
        (Path(request.config.getoption("--screenshots")) / f"{one.name}.png").write_bytes(one.whole)
    if request.config.getoption("--renew-screenshots"):
        for one in shots:
            one.renew()
    assert [one.difference() for one in shots if one.difference()] == []


@pytest.mark.parametrize("name", PLACES)
def test_a_page_has_no_serious_finding_of_axe(seen: Callable[[str], Seen], name: str) -> None:
    assert seen(name).findings == []


def _sign_in(page: "Page", who: str) -> None:
    page.goto("/sign-in")
    page.fill("input[name=name]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("nav a[aria-current], .parts")


def _look(page: "Page", name: str) -> Seen:
    seen = Seen()
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    page.wait_for_load_state("networkidle")
    page.evaluate(FEW)
    page.evaluate(AXE)
    _check(page, seen, "light, desktop")
    page.evaluate(MASK)
    for size, which in ((DESKTOP, "desktop"), (PHONE, "phone")):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 250))")
            height = min(LONGEST, page.evaluate("document.documentElement.scrollHeight"))
            clip = {"x": 0, "y": 0, "width": size["width"], "height": height}
            seen.shots.append(shot(f"{name}-{which}-{scheme}", page.screenshot(full_page=True, clip=clip)))
    _check(page, seen, "dark, phone", "color-contrast", "scrollable-region-focusable", "target-size")
    return seen


def _check(page: "Page", seen: Seen, how: str, *rules: str) -> None:
    """Runs axe on the page with everything unfolded."""
    found: list[dict[str, Any]] = page.evaluate(
        """async (rules) => {
          const shut = [...document.querySelectorAll("details:not([open])")];
          for (const fold of shut) fold.open = true;
          const only = rules.length ? { runOnly: { type: "rule", values: rules } } : {};
          const { violations } = await axe.run(document, { resultTypes: ["violations"], ...only });
          for (const fold of shut) fold.open = false;
          const told = (node) => `${node.html.slice(0, 200)} ${node.failureSummary}`;
          const first = (nodes) => nodes.slice(0, 3).map(told);
          return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: first(nodes) }));
        }""",
        list(rules),
    )
    seen.findings += [
        f"{how}: {one['id']} ({one['impact']}): {one['nodes']}" for one in found if one["impact"] in SERIOUS
    ]
