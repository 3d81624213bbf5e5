"""Several calls in one request, as gcloud makes them.

https://cloud.google.com/compute/docs/api/how-tos/batch
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from liferaft_sandbox.clouds.gcp.errors import ApiError
from liferaft_sandbox.clouds.gcp.multipart import Part, parts

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1000


def answer(request: Request, one: Callable[[Request], Response]) -> Response:
    """The answers of all calls, in their order, each from `one`. Raises ApiError."""
    asked = parts(request)
    if not 0 < len(asked) <= MOST:
        raise ApiError(400, "badRequest", f"A batch has 1 to {MOST} calls, not {len(asked)}.")
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    said = [_shown(part, one(_inner(part, request)), boundary) for part in asked]
    content = b"".join([*said, f"--{boundary}--\r\n".encode()])
    return Response(content, content_type=f"multipart/mixed; boundary={boundary}")


def _inner(part: Part, outer: Request) -> Request:
    """What the part calls for, with the batch's own credentials where it brings none."""
    head, _, body = part.content.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("utf-8").split("\n")
    verb, _, target = first.partition(" ")
    url = urlsplit(target.partition(" ")[0])
    headers = {"Authorization": outer.headers.get("Authorization", "")}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().title()] = value.strip()
    headers.pop("Content-Length", None)
    if not verb or not url.path.startswith("/"):
        raise ApiError(400, "badRequest", "Failed to parse batch request.")
    environ = EnvironBuilder(
        path=url.path,
        query_string=url.query,
        base_url=outer.host_url,
        method=verb,
        headers=list(headers.items()),
        input_stream=BytesIO(body),
        content_length=len(body),
    ).get_environ()
    environ["RAW_URI"] = target.partition(" ")[0] if url.scheme == "" else url.path
    environ["HTTP_USER_AGENT"] = outer.headers.get("User-Agent", "")
    return Request(environ)


def _shown(part: Part, response: Response, boundary: str) -> bytes:
    status = HTTPStatus(response.status_code)
    number = part.headers.get("content-id", "").strip("<>")
    head = [
        f"--{boundary}",
        "Content-Type: application/http",
        *([f"Content-ID: <response-{number}>"] if number else []),
        "",
        f"HTTP/1.1 {status.value} {status.phrase}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
        "",
        "",
    ]
    return "\r\n".join(head).encode() + response.get_data() + b"\r\n"
