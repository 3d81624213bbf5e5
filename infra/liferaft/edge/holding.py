"""The page that users see while the app is away: one self-contained file, made for a phone."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

RETRY_SECONDS: Final = 15
"""What Retry-After says, and when the page looks again by itself."""
MARKER_HEADER: Final = "Liferaft-Holding"
"""Only the holding page carries this header: provers tell it from the app's own 503."""


class Notice(StrEnum):
    """Why the app is away. AWAY is what nobody announced: it crashed, or its server has to start
    it again. Of several that are announced the first one is shown.
    """

    MOVING = "moving"
    STARTING = "starting"
    AWAY = "away"


_TEXTS: Final = {
    Notice.MOVING: (
        "is moving",
        "We are moving to a new home",
        "The service is being brought up at another provider. Please come back in a few minutes.",
    ),
    Notice.STARTING: (
        "is starting",
        "We will be back in a moment",
        "The service is being started.",
    ),
    Notice.AWAY: (
        "is not available",
        "We are not available right now",
        "The service does not answer. Please try again later.",
    ),
}
"""What follows the domain in the title, the heading, and what it means."""


def holding_page(domain: str, notice: Notice) -> str:
    """The page as HTML."""
    state, heading, meaning = _TEXTS[notice]
    return _template().render(
        domain=domain,
        state=state,
        heading=heading,
        meaning=meaning,
        retry_seconds=RETRY_SECONDS,
    )


@cache
def _template() -> Template:
    """Read once: every question about an edge renders it."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True
    )
    return environment.get_template("holding.html.j2")
