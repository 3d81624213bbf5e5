"""A server that answers as Cloudflare's API does for the records of one zone, and refuses what it
refuses. https://developers.cloudflare.com/api/resources/dns/subresources/records/
"""

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serving import serving

ZONE_ID = "0123456789abcdef0123456789abcdef"
TOKEN = "a token of the test"
AUTOMATIC, LEAST, MOST = 1, 60, 86400
PER_PAGE = {"zones": (5, 50), "dns_records": (1, 5_000_000)}
PROXIABLE = {"A", "AAAA", "CNAME"}
WRITABLE = {"name", "type", "content", "ttl", "proxied", "comment", "tags", "settings", "priority"}
Row = dict[str, Any]


class Refused(Exception):
    """What the API answers in place of a result."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Cloudflare:
    """One zone, its records by their id. may_write: whether the token has the permission."""

    zone: str
    tags_allowed: bool = True
    may_write: bool = True
    rows: dict[str, Row] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    """Method, path and body of each request."""
    port: int = 0
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/client/v4"

    @property
    def writes(self) -> list[tuple[str, Any]]:
        return [(method, body) for method, _, body in self.asked if method != "GET"]

    def add(self, kind: str, name: str, content: str, **others: Any) -> Row:
        """What somebody entered in the vendor's own console."""
        return self._kept({"type": kind, "name": name, "content": content, "ttl": 300, **others})

    def answer(self, method: str, target: str, headers: Any, body: Any) -> Row:
        """The answer to a request. Raises Refused."""
        split = urlsplit(target)
        path = split.path.removeprefix("/client/v4/").split("/")
        self.asked.append((method, split.path, body))
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(403, 9109, "Invalid access token")
        if method != "GET" and not self.may_write:
            raise Refused(403, 10000, "Authentication error")
        match method, *path:
            case "GET", "zones":
                row = {"id": ZONE_ID, "name": self.zone, "plan": {"legacy_id": "free"}}
                return _page([{**row, "name_servers": []}], "zones", parse_qs(split.query))
            case "GET", "zones", zone, "pagerules" if zone == ZONE_ID:
                return {"result": []}
            case "GET", "zones", zone, "dns_records" if zone == ZONE_ID:
                return _page(list(self.rows.values()), "dns_records", parse_qs(split.query))
            case "POST", "zones", zone, "dns_records" if zone == ZONE_ID:
                return {"result": self._kept(body)}
            case (("PUT" | "PATCH"), "zones", zone, "dns_records", record) if zone == ZONE_ID:
                before = self._row(record)
                return {
                    "result": self._kept({**before, **body} if method == "PATCH" else body, before)
                }
            case "DELETE", "zones", zone, "dns_records", record if zone == ZONE_ID:
                return {"result": {"id": self.rows.pop(self._row(record)["id"])["id"]}}
        raise Refused(
            404,
            7003,
            f"Could not route to {split.path}, perhaps your object identifier is invalid?",
        )

    def _row(self, record: str) -> Row:
        if record not in self.rows:
            raise Refused(404, 81044, "Record does not exist.")
        return self.rows[record]

    def _kept(self, asked: Row, before: Row | None = None) -> Row:
        """Check and keep a record whole, as PUT and POST do: what is left out gets its default."""
        row = {
            "ttl": AUTOMATIC,
            "proxied": False,
            "comment": None,
            "tags": [],
            "settings": {},
            **{key: value for key, value in asked.items() if key in WRITABLE},
        }
        self._check(row, before)
        if row["proxied"]:
            row["ttl"] = AUTOMATIC
        row |= {"id": before["id"] if before else f"{next(self._numbers):032x}"}
        row |= {"proxiable": row["type"] in PROXIABLE, "zone_name": self.zone}
        self.rows[row["id"]] = row
        return row

    def _check(self, row: Row, before: Row | None) -> None:
        name, kind = row["name"], row["type"]
        if not re.search(rf"(^|\.){re.escape(self.zone)}$", name):
            raise Refused(400, 9000, "DNS name is invalid.")
        if row["ttl"] != AUTOMATIC and not LEAST <= row["ttl"] <= MOST:
            raise Refused(
                400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic."
            )
        if row["proxied"] and kind not in PROXIABLE:
            raise Refused(400, 9004, "This record type cannot be proxied.")
        if kind == "A":
            _address(row["content"])
        if row["tags"] and not self.tags_allowed:
            raise Refused(
                400, 9300, f"DNS record has {len(row['tags'])} tags, exceeding the quota of 0."
            )
        others = [one for one in self.rows.values() if one["name"] == name and one is not before]
        if any("CNAME" in {kind, one["type"]} for one in others):
            raise Refused(400, 81053, "An A, AAAA, or CNAME record with that host already exists.")
        if any((one["type"], one["content"]) == (kind, row["content"]) for one in others):
            raise Refused(400, 81058, "An identical record already exists.")


def _address(content: str) -> None:
    try:
        IPv4Address(content)
    except ValueError:
        raise Refused(400, 9005, "Content for A record must be a valid IPv4 address.") from None


def _page(rows: list[Row], of: str, query: dict[str, list[str]]) -> Row:
    page, per_page = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["20"])[0])
    least, most = PER_PAGE[of]
    if not least <= per_page <= most:
        raise Refused(400, 1004, f"per_page must be between {least} and {most}")
    shown = rows[(page - 1) * per_page : page * per_page]
    info = {"page": page, "per_page": per_page, "count": len(shown), "total_count": len(rows)}
    return {"result": shown, "result_info": info}


@contextmanager
def served(cloudflare: Cloudflare) -> Iterator[Cloudflare]:
    """Answer on a port of its own while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, said = 200, dict[str, Any](success=True, errors=[], messages=[])
            try:
                said |= cloudflare.answer(self.command, self.path, self.headers, body)
            except Refused as refused:
                status, said["success"] = refused.status, False
                said |= {
                    "errors": [{"code": refused.code, "message": str(refused)}],
                    "result": None,
                }
            answer = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        cloudflare.port = server.server_port
        yield cloudflare
