"""A server at Hetzner between its creation and its start, at the simulated cloud."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.hetzner import HetznerWorld, hetzner_world
from tests.contract.worlds.line import Asked, Real
from tests.hosts.keys import new_key_pair
from werkzeug.wrappers import Response

from liferaft.clouds.classification import CloudFailure


@pytest.fixture
def world(tmp_path: Path) -> Iterator[HetznerWorld]:
    with hetzner_world(tmp_path) as world:
        yield world


@pytest.fixture
def home(world: HetznerWorld) -> Home:
    return Home(world.open(HURRY), new_key_pair().public, "chirp")


def rewritten(answer: Response, content: Any) -> Response:
    return Response(json.dumps(content), answer.status_code, mimetype="application/json")


def test_a_server_is_not_started_before_its_firewall_is_applied(
    world: HetznerWorld, home: Home
) -> None:
    seen: list[str] = []

    def slow(asked: Asked, real: Real) -> Response | None:
        """The firewall is still to be applied, at the first three questions after the creation."""
        if asked.path.endswith("/actions/poweron"):
            seen.append("started")
        if asked.method != "GET" or not asked.path.startswith("/v1/servers/"):
            return None
        answer = real()
        content = json.loads(answer.get_data())
        if answer.status_code != 200 or "server" not in content or seen.count("pending") == 3:
            return answer
        seen.append("pending")
        for firewall in content["server"]["public_net"]["firewalls"]:
            firewall["status"] = "pending"
        return rewritten(answer, content)

    world.line.faults.append(slow)
    home.make("server")
    assert seen == ["pending", "pending", "pending", "started"]


def test_a_firewall_that_cannot_be_applied_is_told_and_the_server_stays_off(
    world: HetznerWorld, home: Home
) -> None:
    started: list[str] = []

    def failing(asked: Asked, real: Real) -> Response | None:
        if asked.path.endswith("/actions/poweron"):
            started.append(asked.path)
        if asked.method != "GET" or not asked.path.startswith("/v1/actions/"):
            return None
        answer = real()
        content = json.loads(answer.get_data())
        if content["action"]["command"] == "apply_firewall":
            error = {"code": "action_failed", "message": "the firewall was not applied"}
            content["action"] |= {"status": "error", "error": error}
        return rewritten(answer, content)

    world.line.faults.append(failing)
    with pytest.raises(CloudFailure, match="the firewall was not applied"):
        home.make("server")
    assert not started
