"""A launch that is accepted and then finds no room: its remains are no obstacle to the next."""

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from tests.contract.home import Home
from tests.contract.worlds.model import ModelWorld
from tests.contract.worlds.world import Absent

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.sizes import WantedSize

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


def fails_later(world: Any) -> bool:
    return world.name in {"aws", "hetzner"} and not isinstance(world, ModelWorld)


def stockout(world: Any, *, zones: tuple[str, ...], types: list[str]) -> None:
    if not fails_later(world):
        raise Absent("it refuses such a launch at once, or has none")
    for zone in zones:
        for name in types:
            room = json.dumps({"zone": zone, "machine_type": name, "later": True})
            order = Request(f"{world.url}/_sandbox/stockout", room.encode(), method="POST")  # noqa: S310  # our own loopback
            with urlopen(order, timeout=60):  # noqa: S310  # as above
                pass


@pytest.fixture
def restocked(world: Any) -> Any:
    yield
    if fails_later(world):
        with urlopen(Request(f"{world.url}/_sandbox/restock", method="POST"), timeout=60):  # noqa: S310  # our own loopback
            pass


@pytest.mark.usefixtures("restocked")
def test_the_next_size_is_taken_and_nothing_is_left_of_the_first(world: Any, home: Home) -> None:
    spec = home.spec("server")
    sizes = [size.name for size in home.cloud.sizes(WantedSize.of(spec))]
    zone = {"aws": "us-east-1a", "hetzner": "fsn1"}.get(world.name, "")
    stockout(world, zones=(zone,), types=sizes[:1])
    server = home.cloud.kinds["server"].create(spec, home.owner("server"))
    assert (server.chosen_type, server.zone) == (sizes[1], zone)
    assert len(home.cloud.kinds["server"].owned_by(app=home.app)) == 1


@pytest.mark.usefixtures("restocked")
def test_when_there_is_room_nowhere_all_that_was_tried_is_told(world: Any, home: Home) -> None:
    spec = home.spec("server")
    sizes = [size.name for size in home.cloud.sizes(WantedSize.of(spec))]
    zones = {
        "aws": tuple(f"us-east-1{letter}" for letter in "abcdef"),
        "hetzner": ("fsn1", "nbg1", "hel1"),
    }
    stockout(world, zones=zones.get(world.name, ()), types=sizes)
    with pytest.raises(CloudFailure) as failed:
        home.cloud.kinds["server"].create(spec, home.owner("server"))
    assert failed.value.classification.verdict is Verdict.CAPACITY
    assert sizes[0] in failed.value.facts.details["tried"]
    assert home.cloud.kinds["server"].owned_by(app=home.app) == []
