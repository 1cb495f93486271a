"""Every page: usable by everybody (axe-core, no scrolling sideways), and looking as it did."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.review.browser.conftest import PATIENCE
from tests.review.browser.looking import EXPECTED, FEW, LONGEST, MASK, Shot, shot
from tests.review.browser.office import PASSWORD, copy_of, served
from tests.review.browser.places import PLACES, Places, make_worked
from tests.review.browser.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = (Path(__file__).parent / "axe" / "axe-4.14.1.min.js").read_text("utf-8")
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
LONG = "handover-report"
LOOKS = tuple(
    (size, which, scheme)
    for size, which in ((DESKTOP, "desktop"), (PHONE, "phone"))
    for scheme in ("light", "dark")
)
SAMPLE = """<p style="font: 16px system-ui, sans-serif">Quyết định hợp nhất, đường Nguyễn Huệ, 0123456789</p>
<p style="font: bold 20px system-ui, sans-serif">Bảng chuyển đổi</p>
<p style="font: 14px monospace">a1b2 → c3</p>"""
FONTS = EXPECTED / "fonts.txt"
"""The digest of how the machine draws `SAMPLE` on which the references were made."""
SERIOUS = ("serious", "critical")
DARK = {"desktop": (), "phone": ("color-contrast", "scrollable-region-focusable", "target-size")}
"""The rules of axe that a page in dark is held to: all on a desktop, on a phone what its size can break."""


@dataclass
class Seen:
    """What was seen of a page: findings of axe and of its width, and pictures."""

    findings: list[str] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)


@pytest.fixture(scope="session")
def drawn_here(browser: "Browser") -> str:
    """The digest of how this machine draws text."""
    page = browser.new_page(viewport={"width": 500, "height": 200})
    page.set_content(SAMPLE)
    picture = page.screenshot()
    page.close()
    return sha256(picture).hexdigest()


@pytest.fixture(scope="session")
def seen(
    browser: "Browser", office: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Seen]]:
    """Looks at a page once: in light on a desktop and in dark on a phone, with `--all-looks` in both on
    both."""
    wanted = LOOKS if request.config.getoption("--all-looks") else LOOKS[::3]
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

        windows["mai"].goto(places.address("mapping-findings"))  # other pages say so until lint has ended

        @functools.cache
        def look(name: str) -> Seen:
            page = windows[PLACES[name][0]]
            page.goto(places.address(name))
            return _look(page, name, wanted)

        yield look
        for page in windows.values():
            page.context.close()
        for watch in watches:
            watch.nothing_went_wrong()


@pytest.fixture(autouse=True)
def _long_pages_only_if_asked(request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["name"] == LONG and not request.config.getoption("--all-looks"):
        pytest.skip(f"{LONG} takes half a minute to look at: --all-looks")


@pytest.mark.parametrize("name", PLACES)
def test_a_page_looks_as_it_did(
    seen: Callable[[str], Seen], name: str, drawn_here: str, request: pytest.FixtureRequest
) -> None:
    renewed = request.config.getoption("--renew-screenshots")
    if not renewed and drawn_here != FONTS.read_text("ascii").strip():
        pytest.skip("fonts or browser of this machine draw otherwise than those of the references")
    shots = seen(name).shots
    for one in shots if request.config.getoption("--screenshots") else ():
        (Path(request.config.getoption("--screenshots")) / f"{one.name}.png").write_bytes(one.whole)
    if renewed:
        FONTS.write_text(f"{drawn_here}\n", "ascii")
        for one in shots:
            one.renew()
    assert [one.difference() for one in shots if one.difference()] == []


@pytest.mark.parametrize("name", PLACES)
def test_a_page_can_be_used_by_everybody(seen: Callable[[str], Seen], name: str) -> None:
    assert seen(name).findings == []


def _sign_in(page: "Page", who: str) -> None:
    page.goto("/sign-in")
    page.fill("input[name=name]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("nav a[aria-current], .parts")


def _look(page: "Page", name: str, wanted: Sequence[tuple[dict[str, int], str, str]]) -> Seen:
    seen = Seen()
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    page.wait_for_load_state("networkidle")
    page.evaluate(FEW)
    page.evaluate(AXE)
    _check(page, seen, "light, desktop")
    page.evaluate(MASK)
    for size, which, scheme in wanted:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        _settle(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            seen.findings.append(f"{scheme}, {which}: {width} pixels wide, must be scrolled sideways")
        height = min(LONGEST, page.evaluate("document.documentElement.scrollHeight"))
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height}
        seen.shots.append(shot(f"{name}-{which}-{scheme}", page.screenshot(full_page=True, clip=clip)))
        if wanted == LOOKS and scheme == "dark":
            _check(page, seen, f"dark, {which}", *DARK[which])
    return seen


def _settle(page: "Page") -> None:
    """Waits until pictures are drawn anew in other colours and sizes, and nothing moves any more."""
    before = b""
    for _ in range(20):
        page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 250))")
        if not page.locator("figure canvas").count():
            return
        now = page.screenshot()
        if now == before:
            return
        before = now


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
