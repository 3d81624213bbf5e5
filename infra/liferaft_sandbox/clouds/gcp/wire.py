"""Reading requests: their path as it was sent, their JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import ApiError

if TYPE_CHECKING:
    from werkzeug import Request

_CONTENT = (
    ("/resumable/upload/", "upload"),
    ("/upload/", "upload"),
    ("/download/", "download"),
)
_APIS = ("/compute/", "/dns/", "/storage/", "/v2/projects/")


def raw_path(request: Request) -> str:
    """Still percent-encoded: names in it may hold slashes."""
    said = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    return said.partition("?")[0] if said.startswith("/") else request.path


def plain(path: str) -> tuple[str, str]:
    """The path of the API's method, and what is asked of it: upload, download, xml or nothing.

    https://cloud.google.com/storage/docs/request-endpoints . /BUCKET/OBJECT is how the XML API
    reads an object, which Go's client prefers; nothing else of that API is here.
    """
    for prefix, content in _CONTENT:
        if path.startswith(prefix):
            return "/" + path.removeprefix(prefix), content
    bucket, slash, name = path.removeprefix("/").partition("/")
    if slash and bucket and name and not path.startswith((*_APIS, "/discovery/")):
        return f"/storage/v1/b/{bucket}/o/{name.replace('/', '%2F')}", "xml"
    return path, ""


def json_of(request: Request) -> Any:
    """The body; None where there is none. Raises ApiError for what is not JSON."""
    raw = request.get_data()
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:  # no JSON, or deeper than can be read
        raise ApiError(400, "parseError", "Parse Error") from error
