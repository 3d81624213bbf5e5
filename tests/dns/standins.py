"""Servers that answer as the APIs of deSEC, Gandi and Hetzner do for one zone, and refuse what
those refuse.

They speak for the vendors' own hosts: requests of their classes are sent here instead.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.serving import serving

Key = tuple[str, str]
"""A record set by its name within the zone (empty for the zone itself) and type."""


class Refused(Exception):
    """What the API answers in place of a result."""

    def __init__(self, status: int, said: Any) -> None:
        super().__init__(str(said))
        self.status, self.said = status, said


@dataclass
class OneZone:
    """A zone, its record sets with TTL and values, and what was asked."""

    zone: str
    least_ttl: int
    rows: dict[Key, tuple[int, list[str]]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def answer(self, method: str, path: str, headers: Any, body: Any) -> tuple[int, Any]:
        """Status and result. Raises Refused."""
        raise NotImplementedError

    def keep(self, key: Key, ttl: int, values: list[str]) -> None:
        self.rows[key] = ttl, values


class Desec(OneZone):
    """https://desec.readthedocs.io/en/latest/dns/rrsets.html"""

    def answer(self, method: str, path: str, headers: Any, body: Any) -> tuple[int, Any]:
        if headers.get("Authorization") != "Token a-secret":
            raise Refused(401, {"detail": "Invalid token."})
        if not path.startswith(f"/api/v1/domains/{self.zone}/rrsets/"):
            raise Refused(404, {"detail": "Not found."})
        if method == "PATCH":
            # Sets are changed all or none; an empty one is deleted.
            for row in body:
                if row["records"] and int(row["ttl"]) < self.least_ttl:
                    said = f"Ensure this value is greater than or equal to {self.least_ttl}."
                    raise Refused(400, [{"ttl": [said]}])
            for row in body:
                self.rows.pop((row["subname"], row["type"]), None)
                if row["records"]:
                    self.keep((row["subname"], row["type"]), int(row["ttl"]), row["records"])
        return 200, [
            {"subname": name, "type": kind, "ttl": ttl, "records": values}
            for (name, kind), (ttl, values) in self.rows.items()
        ]


class Gandi(OneZone):
    """https://api.gandi.net/docs/livedns/"""

    def answer(self, method: str, path: str, headers: Any, body: Any) -> tuple[int, Any]:
        if headers.get("Authorization") != "Bearer a-secret":
            raise Refused(401, {"message": "The server could not verify that you authorized"})
        _, _, _, zone, *rest = path.partition("?")[0].split("/")
        if zone != self.zone:
            raise Refused(404, {"message": "Unknown domain"})
        match method, rest:
            case "GET", []:
                return 200, {"fqdn": self.zone}
            case "GET", ["records"]:
                return 200, [
                    {
                        "rrset_name": name or "@",
                        "rrset_type": kind,
                        "rrset_ttl": ttl,
                        "rrset_values": values,
                    }
                    for (name, kind), (ttl, values) in self.rows.items()
                ]
            case "POST", ["records"]:
                return self._created(body)
            case "DELETE", ["records", name, kind]:
                self.rows.pop(("" if name == "@" else name, kind), None)
                return 204, None
        raise Refused(404, {"message": "Not Found"})

    def _created(self, body: Any) -> tuple[int, Any]:
        if body["rrset_ttl"] < self.least_ttl:
            said = f"{body['rrset_ttl']} is less than minimum value {self.least_ttl}"
            raise Refused(400, {"errors": [{"name": "rrset_ttl", "description": said}]})
        name = "" if body["rrset_name"] == "@" else body["rrset_name"]
        if (name, body["rrset_type"]) in self.rows:
            raise Refused(409, {"message": "A record with that name / type pair already exists"})
        self.keep((name, body["rrset_type"]), body["rrset_ttl"], body["rrset_values"])
        return 201, {"message": "DNS Record Created"}


class Hetzner(OneZone):
    """https://docs.hetzner.cloud/reference/cloud#tag/zone-rrsets"""

    def answer(self, method: str, path: str, headers: Any, body: Any) -> tuple[int, Any]:
        if headers.get("Authorization") != "Bearer a-secret":
            raise Refused(401, _error("unauthorized", "unable to authenticate"))
        _, _, _, *rest = path.partition("?")[0].split("/")
        zone = {"id": 7, "name": self.zone, "ttl": 3600, "mode": "primary"}
        match method, rest:
            case "GET", []:
                return 200, {"zones": [zone], "meta": _one_page(1)}
            case "GET", [("7" | self.zone)]:
                return 200, {"zone": zone}
            case "GET", [_, "rrsets"]:
                sets = [self._set(key) for key in self.rows]
                return 200, {"rrsets": sets, "meta": _one_page(len(sets))}
            case "POST", [_, "rrsets"]:
                return self._created(body)
            case method, [_, "rrsets", name, kind, *action]:
                return self._changed(method, ("" if name == "@" else name, kind), action, body)
        raise Refused(404, _error("not_found", "zone not found"))

    def _created(self, body: Any) -> tuple[int, Any]:
        key = "" if body["name"] == "@" else body["name"], body["type"]
        if key in self.rows:
            raise Refused(409, _error("uniqueness_error", "RRSet already exists"))
        self.keep(key, body["ttl"], [one["value"] for one in body["records"]])
        return 201, {"rrset": self._set(key), "action": _ACTION}

    def _changed(self, method: str, key: Key, action: list[str], body: Any) -> tuple[int, Any]:
        if key not in self.rows:
            raise Refused(404, _error("not_found", "RRSet not found"))
        ttl, values = self.rows[key]
        match method, action:
            case "DELETE", []:
                del self.rows[key]
            case "POST", ["actions", "set_records"]:
                self.keep(key, ttl, [one["value"] for one in body["records"]])
            case "POST", ["actions", "change_ttl"]:
                self.keep(key, body["ttl"], values)
            case _:
                raise Refused(404, _error("not_found", "no such action"))
        return 201, {"action": _ACTION}

    def _set(self, key: Key) -> Any:
        (name, kind), (ttl, values) = key, self.rows[key]
        return {
            "id": f"{name or '@'}/{kind}",
            "name": name or "@",
            "type": kind,
            "ttl": ttl,
            "labels": {},
            "protection": {"change": False},
            "records": [{"value": value, "comment": ""} for value in values],
            "zone": 7,
        }


_ACTION = {
    "id": 1,
    "command": "update_rrset",
    "status": "success",
    "progress": 100,
    "started": "2026-11-29T12:00:00+00:00",
    "finished": "2026-11-29T12:00:00+00:00",
    "resources": [],
    "error": None,
}


def _error(code: str, message: str) -> Any:
    return {"error": {"code": code, "message": message, "details": None}}


def _one_page(count: int) -> Any:
    page = {"page": 1, "per_page": 50, "previous_page": None, "next_page": None, "last_page": 1}
    return {"pagination": page | {"total_entries": count}}


@contextmanager
def served(one: OneZone) -> Iterator[str]:
    """Answer while the block runs. The server's URL, without a path."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            one.asked.append((self.command, self.path))
            try:
                status, said = one.answer(self.command, self.path, self.headers, body)
            except Refused as refused:
                status, said = refused.status, refused.said
            answer = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            if isinstance(said, list):
                self.send_header("total-count", str(len(said)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}"
