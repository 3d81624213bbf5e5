"""A simulated Hetzner Cloud on a loopback socket, with machines that exist only in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hcloud import Client

from liferaft_sandbox.clouds.control_plane import AccessLog
from liferaft_sandbox.clouds.hetzner import actions
from liferaft_sandbox.clouds.hetzner.front import create_app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.sandbox.door import Door

    from liferaft_sandbox.lab.machines import Desired, Machine

TOKEN = "a-token-of-the-project"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8V0nTqSkUkgsPcBsDAUz1AkfUP1Ip1hVLo6oRh2gMp op"


@dataclass
class Machines:
    """A supervisor without a lab: machines boot at once, unless the test holds them back."""

    desired: Desired | None = None
    reconciled: int = 0
    held_back: bool = False
    known: dict[str, str] = field(default_factory=dict)

    def reconcile(self, cloud: str, desired: Desired, /) -> None:
        assert cloud == "hetzner"
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
        assert cloud == "hetzner"
        return dict(self.known)

    def all(self) -> tuple[Machine, ...]:
        return tuple(self.desired.machines) if self.desired else ()

    def only(self) -> Machine:
        (machine,) = self.all()
        return machine

    def boot(self) -> None:
        self.held_back = False
        if self.desired:
            self.reconcile("hetzner", self.desired)


@dataclass
class Cloud:
    """Where the simulated cloud listens, and the machines behind it."""

    url: str
    log: Path
    machines: Machines
    now: list[float]

    def client(self, token: str = TOKEN) -> Client:
        return Client(
            token, api_endpoint=f"{self.url}/v1", poll_interval=0.005, poll_max_retries=100
        )

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        """A request that no SDK would make."""
        return requests.request(
            method,
            f"{self.url}/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=60,
        )

    def problems(self, answer: requests.Response) -> dict[str, list[str]]:
        """What a refusal says of each field."""
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, "invalid_input")
        return {field["name"]: field["messages"] for field in error["details"]["fields"]}

    def control(self, command: str) -> None:
        requests.post(f"{self.url}/_sandbox/{command}", timeout=60).raise_for_status()


@pytest.fixture
def cloud(door: tuple[Door, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(actions, "SHORTEST", 0.0)
    machines, now = Machines(), [1_000_000.0]
    log = tmp_path / "access.log"
    door[0].app = create_app(
        machines,
        tokens=frozenset({TOKEN}),
        access_log=AccessLog(log),
        clock=lambda: now[0],
    )
    return Cloud(door[1], log, machines, now)


@pytest.fixture
def hcloud(cloud: Cloud) -> Client:
    return cloud.client()
