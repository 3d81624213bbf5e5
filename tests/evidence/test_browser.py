"""Reports in a real browser, as a phone and a desk show them, by day and by night, and on paper."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from tests.evidence.runs import ABOUT, BEGAN, FAILOVER, Row, Written, done, failed, started

from liferaft.evidence.document import Earlier
from liferaft.evidence.page import page
from liferaft.evidence.report import projected
from liferaft.journal import read_run
from liferaft.vault import Vault

pytestmark = pytest.mark.sandbox
CHROMIUM = "/usr/bin/chromium"
PHONE, DESK = 360, 1280
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LONG = "photos/" + 60 * "unbroken" + ".jpg"
GRAVE = {"serious", "critical"}
MANY: list[Row] = [
    started(1, LONG),
    done(
        30,
        LONG,
        missing=[LONG, *(f"{number}.jpg" for number in range(40))],
        missing_count=41,
        told=[f"See `{LONG}` there.", 40 * "Words that have blanks between them. "],
        denied=[{"name": LONG, "by": LONG}, "203.0.113.9"],
        costs=f"About 0.12 EUR for {LONG}.",
        recovered_until=BEGAN - 4000,
    ),
    started(30, "prove"),
    done(3000, "prove"),
    (3000.5, "run-finished", {}),
]
RUNS: dict[str, list[Row]] = {
    "finished": FAILOVER,
    "failed": [*FAILOVER[:4], started(4, "edge"), failed(9, "edge", LONG, safe=LONG, do=LONG)],
    "crowded": MANY,
}


@dataclass(frozen=True)
class Shown:
    """A page, and whatever it asked for or complained of."""

    page: Page
    heard: list[str]


Show = Callable[..., Shown]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playing:
        launched = playing.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=30_000
        )
        yield launched
        launched.close()


@pytest.fixture
def show(browser: Browser, vault: Vault, journal: Written, tmp_path: Path) -> Iterator[Show]:
    """Open the report of a run, with `more` at its end."""
    opened: list[Page] = []

    def show(kind: str, more: str = "") -> Shown:
        about = {**ABOUT, "targets": {"rto": 900, "rpo": 5}}
        run = read_run(vault, journal(RUNS[kind], about=about, from_site="east", point="P"))
        before = Earlier(run="r", began=run.events[0].at, site="north", seconds=9, rto=8, rpo=None)
        path = tmp_path / "report.html"
        path.write_bytes(page(projected(run, [before])).replace(b"</body>", more.encode()))
        shown = browser.new_page(viewport={"width": DESK, "height": 800})
        opened.append(shown)
        heard: list[str] = []
        shown.on("console", lambda said: heard.append(said.text))
        shown.on("pageerror", lambda error: heard.append(str(error)))
        shown.on("request", lambda asked: heard.append(asked.url))
        shown.goto(path.as_uri())
        return Shown(shown, heard)

    yield show
    for one in opened:
        one.close()


def grave_faults(shown: Page) -> list[str]:
    """What axe-core finds that keeps somebody from reading it."""
    found: list[dict[str, Any]] = Axe().run(shown).response["violations"]
    return [
        f"{one['id']}: {node['html']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def overflow(shown: Page) -> int:
    """Pixels that are beyond the right edge."""
    return int(shown.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("kind", RUNS)
def test_everybody_can_read_it_on_a_phone_and_at_a_desk_by_day_and_by_night(
    show: Show, kind: str
) -> None:
    shown = show(kind)
    for width in (DESK, PHONE):
        shown.page.set_viewport_size({"width": width, "height": 800})
        assert overflow(shown.page) <= 0, width
        for scheme in SCHEMES:
            shown.page.emulate_media(color_scheme=scheme)
            assert grave_faults(shown.page) == [], (width, scheme)
    assert shown.heard == [shown.page.url], "it asks for itself alone, and complains of nothing"


def test_what_nobody_could_read_would_be_found(show: Show) -> None:
    """Else the test above would be worth nothing."""
    faint = '<main><p style="color:#ddd;background:#fff">A faint sentence.</p></main>'
    wide = '<div style="width:2000px">x</div><script src="https://elsewhere.example/x.js"></script>'
    shown = show("finished", more=f"{faint}{wide}</body>")
    assert any(fault.startswith("color-contrast") for fault in grave_faults(shown.page))
    assert overflow(shown.page) > 0
    assert any("elsewhere.example" in one for one in shown.heard)


def test_night_looks_like_night_and_paper_stays_white(show: Show) -> None:
    shown = show("finished").page
    background = "getComputedStyle(document.body).backgroundColor"
    shown.emulate_media(color_scheme="dark")
    assert shown.evaluate(background) != "rgb(255, 255, 255)"
    shown.emulate_media(color_scheme="dark", media="print")
    assert shown.evaluate(background) == "rgb(255, 255, 255)"
    assert shown.pdf(format="A4").startswith(b"%PDF")


def test_bars_of_the_critical_path_follow_each_other_on_one_scale(show: Show) -> None:
    boxes = [bar.bounding_box() for bar in show("finished").page.locator(".bar b.path").all()]
    edges = [(round(box["x"]), round(box["x"] + box["width"])) for box in boxes if box]
    assert len(edges) == 4
    assert all(end <= start + 3 for (_, end), (start, _) in pairwise(edges))
