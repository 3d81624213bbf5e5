"""Bodies of several parts, whose contents may be any bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.http import parse_options_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug import Request


_SINGLY_QUOTED = re.compile(r"boundary='([^']*)'")
"""So gcloud writes it, against RFC 2046, and Google takes it."""


@dataclass(frozen=True)
class Part:
    """Header names are in lower case."""

    headers: Mapping[str, str]
    content: bytes


def parts(request: Request) -> list[Part]:
    """The parts of the request's body; none where it has no boundary."""
    said = request.headers.get("Content-Type", "")
    _, options = parse_options_header(_SINGLY_QUOTED.sub(r'boundary="\1"', said))
    boundary = options.get("boundary", "").encode()
    if not boundary:
        return []
    return [_part(raw) for raw in request.get_data().split(b"--" + boundary)[1:-1]]


def _part(raw: bytes) -> Part:
    """Line ends as SMTP has them, or bare as some clients write them."""
    end = b"\r\n" if raw.startswith(b"\r\n") else b"\n"
    head, _, content = raw.removeprefix(end).partition(end + end)
    lines = [line.decode("latin-1").partition(":") for line in head.split(end)]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    return Part(headers, content.removesuffix(end))
