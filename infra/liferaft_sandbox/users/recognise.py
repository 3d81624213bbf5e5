"""What an answer of the application is. Works on headers and text, so that tests need no network.

The promises relied on are in the application's own docstring (`liferaft_stacks.microblog.app`).
"""

import hashlib
import re
from collections.abc import Mapping
from html.parser import HTMLParser

HOLDING_STATUS = 503
HOLDING_MARKER = 'data-liferaft="holding"'
POST_PATH = re.compile(r"/posts/\d+")
PERSON_PATH = re.compile(r"/@[a-z0-9_]+")


def is_holding_page(status: int, headers: Mapping[str, str], text: str) -> bool:
    """Whether liferaft answers in the application's place.

    The status alone does not tell: the application answers 503 as well while its database is away,
    but without Retry-After and without the page's marker.
    """
    return status == HOLDING_STATUS and "Retry-After" in headers and HOLDING_MARKER in text


def form_token(html: str) -> str | None:
    """The `csrf` field of the page's first form, if it has one."""
    return _read(html).token


def content_in(html: str) -> str | None:
    """The text of the page's element with `data-content`, if it has one."""
    return _read(html).content


def digest(content: str | bytes) -> str:
    """What contents are compared by."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


class _Page(HTMLParser):
    """Collects the first form token and the text of the first `data-content` (without children)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.token: str | None = None
        self.content: str | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "input" and known.get("name") == "csrf" and self.token is None:
            self.token = known.get("value")
        if "data-content" in known and self.content is None:
            self.content, self._inside = "", True

    def handle_endtag(self, tag: str) -> None:  # content has no child elements
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.content = (self.content or "") + data


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page
