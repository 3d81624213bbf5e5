"""The simulated Google Cloud, and what the real one would say to trouble.

Reasons: https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto, and
the older ones: https://cloud.google.com/storage/docs/json_api/v1/status-codes
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract.worlds.http import HttpWorld
from tests.contract.worlds.lag import Lag
from tests.contract.worlds.line import Asked, Line, Real, served
from tests.contract.worlds.machines import Machines
from tests.contract.worlds.world import Absent, Said
from werkzeug.test import Client
from werkzeug.wrappers import Response

from liferaft.clouds.classification import Verdict

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from liferaft_sandbox.clouds.gcp.seed import Seed

REGION = "europe-west3"
KEY_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
COMPUTE, STORAGE = "/compute/v1/", "/storage/v1/"

INFO = "https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto"
LEGACY = "https://cloud.google.com/storage/docs/json_api/v1/status-codes"
SUSPENDED = Said("CONSUMER_SUSPENDED", Verdict.TERMINAL, INFO, 403)
ANSWERS = (
    SUSPENDED,
    Said("BILLING_DISABLED", Verdict.TERMINAL, INFO, 403),
    Said("accountDisabled", Verdict.TERMINAL, LEGACY, 403),
    Said("SERVICE_DISABLED", Verdict.AMBIGUOUS, INFO, 403),
    Said("CONSUMER_INVALID", Verdict.AMBIGUOUS, INFO, 403),
    Said("UREQ_PROJECT_BILLING_NOT_FOUND", Verdict.AMBIGUOUS, "assumed", 403),
    Said("ACCESS_TOKEN_EXPIRED", Verdict.AMBIGUOUS, INFO, 401),
    Said("forbidden", Verdict.AMBIGUOUS, LEGACY, 403),
    Said("authError", Verdict.AMBIGUOUS, LEGACY, 401),
    Said("RATE_LIMIT_EXCEEDED", Verdict.THROTTLE, INFO, 429),
    Said("rateLimitExceeded", Verdict.THROTTLE, LEGACY, 403),
    Said("internalError", Verdict.OUTAGE, LEGACY, 500),
    Said("backendError", Verdict.OUTAGE, LEGACY, 503),
    Said("accountDisabled", Verdict.TERMINAL, LEGACY, 403, kind="bucket"),
    Said("forbidden", Verdict.AMBIGUOUS, LEGACY, 403, kind="bucket"),
    Said("backendError", Verdict.OUTAGE, LEGACY, 503, kind="bucket"),
)

_KINDS = {
    "addresses": "address",
    "disks": "volume",
    "firewalls": "firewall",
    "images": "machine_image",
    "instances": "server",
    "networks": "network",
}


@contextmanager
def gcp_world(folder: Path) -> Iterator["GcpWorld"]:
    from liferaft_sandbox.clouds.gcp.seed import Seed

    machines, seed = Machines(), Seed.make()
    line = Line(_simulated_gcp(machines, folder, seed))
    with served(line) as url:
        key = folder / "key.json"
        key.write_text(seed.service_account_json(f"{url}/token"))
        credentials = {
            KEY_FILE: str(key),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE": f"{url}{COMPUTE}",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_ORGPOLICY": f"{url}/",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{url}{STORAGE}",
        }
        yield GcpWorld(
            *("gcp", REGION, line, machines, url, credentials, SUSPENDED),
            answers=ANSWERS,
            burstable=("e2-medium",),
            folder=folder,
            seed=seed,
        )


def _simulated_gcp(machines: Machines, folder: Path, seed: "Seed") -> "WSGIApplication":
    from liferaft_sandbox.clouds.control_plane import AccessLog
    from liferaft_sandbox.clouds.gcp.front import create_app

    return create_app(machines, seed=seed, access_log=AccessLog(folder / "access.log"))


@dataclass
class GcpWorld(HttpWorld):
    folder: Path = field(kw_only=True)
    seed: "Seed" = field(kw_only=True)

    def clear(self) -> None:
        """A new project each time: 15 networks are all that one may hold."""
        self.machines.machines = ()
        self.line.app = _simulated_gcp(self.machines, self.folder, self.seed)

    def constrain(self, constraint: str, **rule: Any) -> None:
        """As strictly as it goes, or by that rule. Until the end of the test: `clear` makes a new
        project."""
        said = f"{constraint} {json.dumps(rule)}" if rule else constraint
        Client(self.line.app).post("/_sandbox/constrain", data=said)

    @property
    def secrets(self) -> Sequence[str]:
        """The lines of the private key."""
        key = json.loads(Path(self.credentials[KEY_FILE]).read_text())["private_key"]
        return [line for line in key.splitlines() if not line.startswith("-")]

    def wrong(self) -> Mapping[str, str]:
        from liferaft_sandbox.clouds.gcp.seed import Seed

        nobodys = self.folder / "nobodys.json"
        nobodys.write_text(Seed.make().service_account_json(f"{self.url}/token"))
        return {KEY_FILE: str(nobodys)}

    def throttled(self, headers: Mapping[str, str]) -> Response:
        return _error("rateLimitExceeded", "Rate Limit Exceeded", 429, headers)

    def spoken(self, said: Said) -> Response:
        return _error(said.code, "as documented", said.status)

    def room_asked_for(self, asked: Asked) -> tuple[str, str] | None:
        if self.kind_created_by(asked) != "server":
            return None
        return _last(asked.json["machineType"]), asked.path.split("/")[-2]

    def no_room(self, machine_type: str, zone: str) -> Response:
        """https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-resource-availability"""
        message = (
            f"The zone '{zone}' does not have enough resources available to fulfill the request "
            f"for a {machine_type}."
        )
        return _ended_in_error("ZONE_RESOURCE_POOL_EXHAUSTED", message, 503, zone)

    def kind_created_by(self, asked: Asked) -> str | None:
        if asked.method != "POST":
            return None
        if asked.path.startswith(STORAGE):
            return "bucket" if asked.path == f"{STORAGE}b" else None
        return _KINDS.get(_last(asked.path))

    def exhaust(self, kind: str) -> None:
        if kind == "bucket":
            raise Absent("Google limits how fast buckets are created, not how many there are")
        super().exhaust(kind)

    def no_quota(self, kind: str) -> Response:
        metric = f"{kind.upper()}S"
        return _error("quotaExceeded", f"Quota '{metric}' exceeded.  Limit: 1.0 globally.", 403)

    def lag(self, kind: str, reads: int) -> None:
        """Assumed: Google says of Cloud Storage only that it is consistent."""
        if kind == "bucket":
            raise Absent("buckets are consistent: cloud.google.com/storage/docs/consistency")
        self.line.faults.append(Lag(GcpWire(), reads))

    def kill_the_next_server(self) -> None:
        def fault(asked: Asked, real: Real) -> Response | None:
            if self.kind_created_by(asked) != "server":
                return None
            self.line.faults.remove(fault)
            answer = real()
            ours = {"Authorization": asked.request.headers["Authorization"]}
            Client(self.line.app).delete(f"{asked.path}/{asked.json['name']}", headers=ours)
            return answer

        self.line.faults.append(fault)


class GcpWire:
    """A thing is known by its path, `projects/…`."""

    def created(self, asked: Asked, answer: Response) -> Iterable[str]:
        body = answer.get_json()
        made = asked.method == "POST" and body.get("operationType") == "insert"
        return [_path(body["targetLink"])] if made else []

    def names(self, asked: Asked, ident: str) -> bool:
        return asked.path == f"{COMPUTE}{ident}"

    def unknown(self, asked: Asked, ident: str) -> Response:
        return _error("notFound", f"The resource '{ident}' was not found", 404)

    def without(self, answer: Response, hidden: Iterable[str]) -> tuple[Response, set[str]]:
        """A list has rows; an aggregated one has rows by collection by zone."""
        wanted, missed = set(hidden), set[str]()
        body = answer.get_json() if answer.mimetype == "application/json" else {}
        items = body.get("items")
        scopes = [body] if isinstance(items, list) else list((items or {}).values())
        for scope in scopes:
            for name, rows in scope.items():
                if isinstance(rows, list):
                    missed |= {_path(row["selfLink"]) for row in rows} & wanted
                    scope[name] = [row for row in rows if _path(row["selfLink"]) not in wanted]
        if not missed:
            return answer, missed
        return _json(body, 200), missed


def _path(link: str) -> str:
    return f"projects/{link.partition('/projects/')[2]}"


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _ended_in_error(code: str, message: str, status: int, zone: str) -> Response:
    """An operation that was done at once, in vain."""
    return _json(
        {
            "kind": "compute#operation",
            "name": "operation-1",
            "operationType": "insert",
            "status": "DONE",
            "zone": f"https://www.googleapis.com{COMPUTE}projects/chirp-lab/zones/{zone}",
            "httpErrorStatusCode": status,
            "error": {"errors": [{"code": code, "message": message}]},
        },
        200,
    )


def _error(
    reason: str, message: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Reasons in capitals come as ErrorInfo, beside a legacy reason that says less."""
    error: dict[str, Any] = {"code": status, "message": message}
    if reason.isupper():
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}]
        reason = "forbidden"
    error["errors"] = [{"message": message, "domain": "global", "reason": reason}]
    return _json({"error": error}, status, headers)


def _json(body: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, mimetype="application/json")
