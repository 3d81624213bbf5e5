"""Resources by their URLs. Inside, a resource is its path: projects/P/zones/Z/instances/NAME."""

from __future__ import annotations

import re

from liferaft_sandbox.clouds.gcp.errors import invalid

BASE = "https://www.googleapis.com/compute/v1/"
"""In front of every selfLink, whatever the endpoint was: so do the real ones."""

_PREFIX = re.compile(r"^(?:https?://[^/]+/(?:compute/(?:v1|beta|alpha)/)?|/)")
_PROJECT = r"projects/[^/]+/"
_SCOPE = r"(?:global|zones/[^/]+|regions/[^/]+)"
_PATH = re.compile(rf"{_PROJECT}{_SCOPE}/(?P<kind>\w+)(?:/family)?/[^/]+")
_PLACE = re.compile(rf"{_PROJECT}(?P<kind>zones|regions)/[^/]+")


def link(path: str) -> str:
    """The URL that the API shows for a path."""
    return BASE + path


def path_of(url: str) -> str:
    """The path behind a URL of ours."""
    return url.removeprefix(BASE)


def name_of(reference: str) -> str:
    return reference.rstrip("/").rpartition("/")[2]


def referred(reference: str, project: str, kind: str, field: str) -> str:
    """The path that a full or partial URL means, of a resource of that kind (like networks).

    Raises ApiError for what is no such URL; whether the resource exists is another question.
    """
    path = _PREFIX.sub("", reference, count=1) if reference else ""
    if not path.startswith("projects/"):
        path = f"projects/{project}/{path}"
    match = _PLACE.fullmatch(path) or _PATH.fullmatch(path)
    if match is None:
        raise invalid(field, reference, "The URL is malformed.")
    if match["kind"] != kind:
        raise invalid(field, reference, f"The referenced resource is not one of {kind}.")
    return path
