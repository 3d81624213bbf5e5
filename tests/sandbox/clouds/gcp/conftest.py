"""A simulated Google Cloud on a loopback socket, with machines that exist only in memory."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import requests
from google.auth import crypt, jwt
from google.oauth2 import service_account

from liferaft_sandbox.clouds.control_plane import AccessLog
from liferaft_sandbox.clouds.gcp import operations
from liferaft_sandbox.clouds.gcp.front import create_app
from liferaft_sandbox.clouds.gcp.seed import Seed
from liferaft_sandbox.clouds.gcp.tokens import GRANT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.sandbox.door import Door

    from liferaft_sandbox.lab.machines import Desired, Machine

PROJECT, REGION, ZONE = "chirp-lab", "europe-west3", "europe-west3-a"


@dataclass
class Machines:
    """A supervisor without a lab: machines boot at once, unless the test holds them back."""

    desired: Desired | None = None
    reconciled: int = 0
    held_back: bool = False
    known: dict[str, str] = field(default_factory=dict)

    def reconcile(self, cloud: str, desired: Desired, /) -> None:
        assert cloud == "gcp"
        self.desired = desired
        self.reconciled += 1
        up = "pending" if self.held_back else "running"
        self.known = {
            machine.id: (self.known.get(machine.id) if self.held_back else up) or up
            if machine.running
            else "stopped"
            for machine in desired.machines
        }

    def states(self, cloud: str, /) -> Mapping[str, str]:
        assert cloud == "gcp"
        return dict(self.known)

    def told(self) -> Desired:
        """What should exist, as the control plane said last."""
        assert self.desired is not None
        return self.desired

    def all(self) -> tuple[Machine, ...]:
        return tuple(self.desired.machines) if self.desired else ()

    def only(self) -> Machine:
        (machine,) = self.all()
        return machine

    def boot(self) -> None:
        self.held_back = False
        if self.desired:
            self.reconcile("gcp", self.desired)


@cache
def seed() -> Seed:
    """One key for all tests: making it takes longer than a test."""
    return Seed.make(PROJECT)


@cache
def signer(of: Seed) -> Any:
    """Reading a private key takes longer than a test, too."""
    account = of.service_accounts[0]
    read: Any = crypt.RSASigner.from_string
    return read(account.private_key, account.key_id)


SESSION = requests.Session()


@dataclass
class Cloud:
    """Where the simulated cloud listens, and the machines behind it."""

    url: str
    log: Path
    machines: Machines
    now: list[float]
    tokens: list[str] = field(default_factory=list)

    def info(self) -> dict[str, Any]:
        """What GOOGLE_APPLICATION_CREDENTIALS would name."""
        said: dict[str, Any] = json.loads(seed().service_account_json(f"{self.url}/token"))
        return said

    def credentials(self, *scopes: str) -> Any:
        wanted = scopes or ("https://www.googleapis.com/auth/cloud-platform",)
        make: Any = service_account.Credentials
        return make(signer(seed()), self.info()["client_email"], f"{self.url}/token", scopes=wanted)

    def token(self) -> str:
        """An access token, asked for as the SDKs do."""
        if not self.tokens:
            answer = self.grant()
            assert answer.status_code == 200, answer.text
            self.tokens.append(answer.json()["access_token"])
        return self.tokens[0]

    def grant(self, signed_by: Seed | None = None, **changes: Any) -> requests.Response:
        """POST /token with an assertion; `signed_by` brings another key."""
        began = changes.pop("iat", None) or int(time.time())
        claims = {
            "iss": self.info()["client_email"],
            "aud": f"{self.url}/token",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "iat": began,
            "exp": began + 3600,
            **changes,
        }
        encode: Any = jwt.encode
        assertion = encode(signer(signed_by or seed()), claims).decode()
        form = {"grant_type": GRANT, "assertion": assertion}
        return SESSION.post(f"{self.url}/token", data=form, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """A request of our own making; `path` as compute/v1/projects/…"""
        return SESSION.request(
            method,
            f"{self.url}/{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=60,
        )

    def compute(self, method: str, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """The good answer of a method of the project, its operation waited for."""
        base = f"compute/v1/projects/{PROJECT}"
        answer = self.ask(method, f"{base}/{path}", body, **query)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        if said.get("kind") == "compute#operation" and method != "GET":
            scope = said["selfLink"].partition(f"projects/{PROJECT}/")[2]
            said = self.ask("POST", f"{base}/{scope}/wait").json()
        return said

    def refused(
        self, method: str, path: str, body: Any = None, **query: Any
    ) -> tuple[int, str, str]:
        """Status, reason and message of a refusal."""
        answer = self.ask(method, f"compute/v1/projects/{PROJECT}/{path}", body, **query)
        error = answer.json()["error"]
        assert error["code"] == answer.status_code
        return answer.status_code, error["errors"][0]["reason"], error["message"]

    def control(self, command: str, **said: str) -> None:
        requests.post(f"{self.url}/_sandbox/{command}", json=said, timeout=60).raise_for_status()


@pytest.fixture
def cloud(door: tuple[Door, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(operations, "SHORTEST", 0.0)
    machines, now = Machines(), [1_000_000.0]
    log = tmp_path / "access.log"
    door[0].app = create_app(machines, seed=seed(), access_log=AccessLog(log), clock=lambda: now[0])
    return Cloud(door[1], log, machines, now)


@dataclass(frozen=True)
class Site:
    """A network with a firewall and an address: what a server needs."""

    cloud: Cloud
    address: str

    def instance(self, name: str = "app-1", **changes: Any) -> dict[str, Any]:
        """The body of instances.insert for one small server."""
        image = "projects/debian-cloud/global/images/family/debian-12"
        return {
            "name": name,
            "machineType": f"zones/{ZONE}/machineTypes/e2-standard-2",
            "disks": [
                {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": image}}
            ],
            "networkInterfaces": [
                {
                    "subnetwork": f"regions/{REGION}/subnetworks/private",
                    "accessConfigs": [{"natIP": self.address}],
                }
            ],
            "tags": {"items": ["web"]},
            **changes,
        }

    def create(self, name: str = "app-1", **changes: Any) -> dict[str, Any]:
        """An instance that runs."""
        done = self.cloud.compute("POST", f"zones/{ZONE}/instances", self.instance(name, **changes))
        assert "error" not in done, done["error"]
        return self.cloud.compute("GET", f"zones/{ZONE}/instances/{name}")


@pytest.fixture
def site(cloud: Cloud) -> Site:
    network = {"name": "private", "autoCreateSubnetworks": False}
    cloud.compute("POST", "global/networks", network)
    subnetwork = {
        "name": "private",
        "network": "global/networks/private",
        "ipCidrRange": "10.30.0.0/24",
    }
    cloud.compute("POST", f"regions/{REGION}/subnetworks", subnetwork)
    rule = {
        "name": "web",
        "network": "global/networks/private",
        "targetTags": ["web"],
        "allowed": [{"IPProtocol": "tcp", "ports": ["22", "80-81"]}],
    }
    cloud.compute("POST", "global/firewalls", rule)
    cloud.compute("POST", f"regions/{REGION}/addresses", {"name": "front"})
    address = cloud.compute("GET", f"regions/{REGION}/addresses/front")["address"]
    return Site(cloud, address)
