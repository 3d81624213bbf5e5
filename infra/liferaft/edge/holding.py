"""The page that users see while the app is moving: one self-contained file, made for a phone."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

RETRY_SECONDS: Final = 15
"""What Retry-After says, and when the page looks again by itself."""
MARKER_HEADER: Final = "Liferaft-Holding"
"""Only the holding page carries this header: provers tell it from the app's own 503."""
MARKER: Final = 'data-liferaft="holding"'
"""The same for whoever sees only the body."""


def holding_page(domain: str) -> str:
    """The page as HTML.

    It becomes a value in a Caddyfile between backticks, where braces would be placeholders, so
    neither occurs in it: styles are attributes.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True
    )
    template = environment.get_template("holding.html.j2")
    return template.render(domain=domain, retry_seconds=RETRY_SECONDS)
