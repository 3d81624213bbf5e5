"""What a service answers before it becomes HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGE = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That's an error.</ins>
  <p>The requested URL <code>{path}</code> was not found on this server.
     <ins>That's all we know.</ins>
"""
_ESCAPES = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"})


@dataclass(frozen=True)
class Reply:
    """JSON, bytes of some content type, or nothing at all."""

    status: int = 200
    body: dict[str, Any] | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        content, kind = b"", "application/json; charset=UTF-8"
        if isinstance(self.body, bytes):
            content, kind = self.body, self.headers.get("Content-Type", "application/octet-stream")
        elif self.body is not None:
            content = json.dumps(self.body, indent=1, ensure_ascii=False).encode()
        if self.status == HTTPStatus.NOT_MODIFIED:
            content = b""
        response = Response(content, self.status, content_type=kind)
        response.headers.update(self.headers)
        if self.body is None and self.status == HTTPStatus.NO_CONTENT:
            del response.headers["Content-Type"]
        return response


def no_such_page(path: str) -> Reply:
    """Google's page for a path that no API has."""
    page = _PAGE.format(path=path.translate(_ESCAPES)).encode()
    return Reply(404, page, {"Content-Type": "text/html; charset=UTF-8"})
