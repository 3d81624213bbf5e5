"""Three ways to bring an object: https://cloud.google.com/storage/docs/uploads-downloads"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp.errors import ApiError
from liferaft_sandbox.clouds.gcp.multipart import parts
from liferaft_sandbox.clouds.gcp.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug import Request

    from liferaft_sandbox.clouds.gcp.state import Resource

_RANGE = re.compile(r"bytes (?:(\d+)-(\d+|\*)|\*)/(\d+|\*)")


@dataclass
class Session:
    """A resumable upload under way. `query` is that of the request that began it."""

    bucket: str
    said: Resource
    query: Mapping[str, object]
    content: bytearray = field(default_factory=bytearray)


def two_parts(request: Request) -> tuple[object, bytes, str]:
    """A multipart/related body: metadata, content and its type."""
    found = parts(request)
    if len(found) != 2:  # noqa: PLR2004 - that is what the protocol wants
        raise ApiError(400, "badContent", "Expected two parts in a multipart/related body.")
    metadata, content = found
    try:
        said = json.loads(metadata.content)
    except ValueError as error:
        raise ApiError(400, "parseError", "Parse Error") from error
    return said, content.content, content.headers.get("content-type", "")


class Sessions:
    """https://cloud.google.com/storage/docs/performing-resumable-uploads"""

    def __init__(self) -> None:
        self._all: dict[str, Session] = {}

    def begin(self, session: Session, base: str) -> Reply:
        key = secrets.token_urlsafe(40)
        self._all[key] = session
        path = f"/upload/storage/v1/b/{session.bucket}/o"
        location = f"{base}{path}?uploadType=resumable&upload_id={key}"
        return Reply(200, b"", {"Location": location, "X-GUploader-UploadID": key})

    def add(self, key: str, request: Request) -> Session | Reply:
        """The session when this was its last chunk, else the answer that asks for more."""
        session = self._all.get(key)
        if session is None:
            raise ApiError(404, "notFound", "Upload session not found.")
        first, total = self._first_and_total(request)
        data = request.get_data()
        held = len(session.content)
        if first is not None and data:
            if first > held:
                raise ApiError(503, "backendError", "A chunk of the upload is missing.")
            session.content += data[held - first :]
        if total is None or len(session.content) < total:
            return self._more(session, request)
        del self._all[key]
        return session

    def _first_and_total(self, request: Request) -> tuple[int | None, int | None]:
        """Where the chunk begins, and how long the whole is, where it says so."""
        said = request.headers.get("Content-Range")
        if said is None:  # the whole in one
            return 0, len(request.get_data())
        match = _RANGE.fullmatch(said)
        if match is None:
            raise ApiError(400, "invalid", f"Failed to parse Content-Range header: {said}")
        first = int(match[1]) if match[1] else None
        if match[3] != "*":
            return first, int(match[3])
        if match[2] == "*":  # everything from here to the end of the request
            return first, (first or 0) + len(request.get_data())
        return first, None

    def _more(self, session: Session, request: Request) -> Reply:
        """308, unless the client says that its HTTP library would take that for a redirect."""
        held = len(session.content)
        headers = {"Range": f"bytes=0-{held - 1}"} if held else {}
        if request.headers.get("X-GUploader-No-308") == "yes":  # Go's client does
            return Reply(200, b"", {**headers, "X-Http-Status-Code-Override": "308"})
        return Reply(308, b"", headers)
