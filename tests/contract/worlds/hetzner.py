"""The simulated Hetzner, and what the real one would say to trouble.

Codes: https://docs.hetzner.cloud/reference/cloud#errors
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract.worlds import s3
from tests.contract.worlds.aws import KEY, new_account, simulated_aws
from tests.contract.worlds.http import HttpWorld
from tests.contract.worlds.lag import Lag
from tests.contract.worlds.line import Asked, Line, Real, served
from tests.contract.worlds.machines import Machines
from tests.contract.worlds.world import Said
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from liferaft.clouds.classification import Verdict

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TOKEN = "sandbox-token"
LOCATION = "fsn1"

DOCS = "https://docs.hetzner.cloud/reference/cloud#errors"
# Hetzner documents no answer for a suspended account: assumed.
LOCKED_OUT = Said("forbidden", Verdict.AMBIGUOUS, "assumed", 403)
ANSWERS = (
    LOCKED_OUT,
    Said("unauthorized", Verdict.AMBIGUOUS, DOCS, 401),
    Said("resource_locked", Verdict.AMBIGUOUS, DOCS, 423),
    Said("server_error", Verdict.OUTAGE, DOCS, 500),
    Said("bad_gateway", Verdict.OUTAGE, DOCS, 502),
    Said("timeout", Verdict.OUTAGE, DOCS, 504),
    Said("maintenance", Verdict.OUTAGE, DOCS, 503),
    Said("rate_limit_exceeded", Verdict.THROTTLE, DOCS, 429),
    *s3.ANSWERS,
)

_KINDS = {
    "networks": "network",
    "firewalls": "firewall",
    "ssh_keys": "ssh_key",
    "primary_ips": "address",
    "servers": "server",
    "volumes": "volume",
}


@contextmanager
def hetzner_world(folder: Path) -> Iterator["HetznerWorld"]:
    machines = Machines()
    line = Line(_with_objects(_simulated_hetzner(machines, folder), folder))
    with served(line) as url:
        credentials = {
            "HCLOUD_TOKEN": TOKEN,
            "HCLOUD_ENDPOINT": f"{url}/v1",
            "HETZNER_S3_ENDPOINT": url,
            "HETZNER_S3_ACCESS_KEY_ID": KEY,
            "HETZNER_S3_SECRET_ACCESS_KEY": "kept-to-ourselves",
        }
        yield HetznerWorld(
            *("hetzner", LOCATION, line, machines, url, credentials, LOCKED_OUT),
            answers=ANSWERS,
            other_architectures=("cax11",),
        )


def _simulated_hetzner(machines: Machines, folder: Path) -> "WSGIApplication":
    from liferaft_sandbox.clouds.control_plane import AccessLog
    from liferaft_sandbox.clouds.hetzner.front import create_app

    log = AccessLog(folder / "access.log")
    a_second_for_each_request = itertools.count().__next__  # so that the hour's limit never ends it
    return create_app(
        machines,
        tokens=frozenset({TOKEN}),
        access_log=log,
        clock=a_second_for_each_request,
    )


def _with_objects(api: "WSGIApplication", folder: Path) -> "WSGIApplication":
    """Hetzner's API, and S3 as moto speaks it (what the simulated AWS falls back to)."""
    objects = simulated_aws(Machines(), folder, new_account())

    def either(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(("/v1/", "/_sandbox/")):
            return api(environ, start_response)
        lacking = s3.no_tags_for_buckets(Asked(Request(environ), b""))
        return (lacking or objects)(environ, start_response)

    return either


class HetznerWorld(HttpWorld):
    def wrong(self) -> Mapping[str, str]:
        return {"HCLOUD_TOKEN": "nobodys-token"}

    def throttled(self, headers: Mapping[str, str]) -> Response:
        return _error("rate_limit_exceeded", "limit of requests per hour reached", 429, headers)

    def spoken(self, said: Said) -> Response:
        if said.kind == "bucket":
            return s3.spoken(said)
        return _error(said.code, "as documented", said.status)

    def room_asked_for(self, asked: Asked) -> tuple[str, str] | None:
        if (asked.method, asked.path) != ("POST", "/v1/servers"):
            return None
        return str(asked.json["server_type"]), str(asked.json.get("location", ""))

    def no_room(self, machine_type: str, zone: str) -> Response:
        """The code is documented; its status is assumed."""
        return _error("resource_unavailable", f"no {machine_type} is available in {zone}", 412)

    def kind_created_by(self, asked: Asked) -> str | None:
        if not asked.path.startswith("/v1/"):
            return "bucket" if s3.makes_bucket(asked) else None
        if asked.method == "POST" and asked.path.endswith("/actions/create_image"):
            return "machine_image"
        parts = asked.path.strip("/").split("/")
        return _KINDS.get(parts[1]) if asked.method == "POST" and len(parts) == 2 else None

    def no_quota(self, kind: str) -> Response:
        if kind == "bucket":
            return s3.no_quota()
        return _error("resource_limit_exceeded", f"{kind} limit exceeded", 403)

    def lag(self, kind: str, reads: int) -> None:
        """Assumed: Hetzner does not say that what it lists is up to date."""
        self.line.faults += [Lag(HetznerWire(), reads), Lag(HetznerS3Wire(), reads)]

    def kill_the_next_server(self) -> None:
        def fault(asked: Asked, real: Real) -> Response | None:
            if self.kind_created_by(asked) != "server":
                return None
            self.line.faults.remove(fault)
            answer = real()
            (ident,) = HetznerWire().created(asked, answer)
            ours = {"Authorization": asked.request.headers["Authorization"]}
            Client(self.line.app).delete(f"/v1/servers/{ident}", headers=ours)
            return answer

        self.line.faults.append(fault)


class HetznerWire:
    def created(self, asked: Asked, answer: Response) -> Iterable[str]:
        if asked.method != "POST" or not asked.path.startswith("/v1/"):
            return []
        made = answer.get_json()
        if asked.path.endswith("/actions/create_image"):
            return [str(made["image"]["id"])]
        parts = asked.path.strip("/").split("/")
        plural = parts[1]
        return [str(made[plural.removesuffix("s")]["id"])] if len(parts) == 2 else []

    def names(self, asked: Asked, ident: str) -> bool:
        parts = asked.path.strip("/").split("/")
        return parts[0] == "v1" and parts[2:] == [ident]

    def unknown(self, asked: Asked, ident: str) -> Response:
        return _error("not_found", f"there is nothing with ID '{ident}'", 404)

    def without(self, answer: Response, hidden: Iterable[str]) -> tuple[Response, set[str]]:
        wanted, missed = set(hidden), set[str]()
        if answer.status_code != 200 or answer.mimetype != "application/json":
            return answer, missed
        body = answer.get_json()
        for plural, rows in body.items():
            if isinstance(rows, list):
                missed |= {str(row["id"]) for row in rows} & wanted
                body[plural] = [row for row in rows if str(row["id"]) not in wanted]
        return Response(json.dumps(body), 200, mimetype="application/json"), missed


class HetznerS3Wire(s3.S3Wire):
    """Only what does not go to the API."""

    def created(self, asked: Asked, answer: Response) -> Iterable[str]:
        return [] if asked.path.startswith("/v1/") else super().created(asked, answer)


def _error(
    code: str, message: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    error = {"code": code, "message": message, "details": None}
    return Response(json.dumps({"error": error}), status, headers, mimetype="application/json")
