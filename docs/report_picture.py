"""Take the picture of a report: `docs/report_picture.py RUN.html PICTURE.png`.

The browser is the system's own Chromium, by day; the picture shows the page as far as its timeline.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTH = 900


def take(page: Path, picture: Path) -> None:
    """Write `picture`; `page` is what `liferaft report export` wrote."""
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme="light")
        shown.goto(page.absolute().as_uri())
        end = shown.evaluate("document.querySelector('.ends').getBoundingClientRect().bottom")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": int(end) + 16}
        shown.screenshot(path=picture, full_page=True, clip=clip)  # type: ignore[arg-type]  # a FloatRect
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
