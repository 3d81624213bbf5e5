"""What exists already comes into the state by `import_`, through our own provider."""

from pathlib import Path
from typing import Any

import pytest
from tests.provision.engine.embedded.test_state_loss import CONFIG, asked
from tests.provision.engine.world import World, program

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]

PROGRAM = """
import os
import pulumi
from liferaft.provision.resources import Bucket, Firewall, Network, Server

phase = os.environ["PHASE"]

def adopted(ident):
    return pulumi.ResourceOptions(import_=ident if phase != "2" else None)

net = Network("net", ip_range="10.30.0.0/16", subnet_range="10.30.1.0/24", opts=adopted("net-7"))
open = [{"protocol": "tcp", "sources": ["0.0.0.0/0"], "ports": "443"}]
wall = Firewall("wall", network_id=net.id, rules=open, opts=adopted("wall-7"))
web = Server(
    "web",
    cpus=2 if phase != "3" else 4,
    memory=4096,
    user_data="#!/bin/sh\\n",
    network_id=net.id,
    firewall_id=wall.id,
    private_address="10.30.1.9" if phase == "4" else None,
    opts=adopted("server-7"),
)
Bucket("media", name="chirp-media", opts=adopted("chirp-media"))
pulumi.export("web", {"cpus": web.cpus, "address": web.public_address, "net": net.subnet_range})
"""
NET = {"id": "net-7", "ip_range": "10.30.0.0/16", "subnet_range": "10.30.1.0/24"}
SERVER = {
    "id": "server-7",
    "private_address": "10.30.1.5",
    "public_address": "192.0.2.7",
    "chosen_type": "big",
}
BUCKET = {"id": "chirp-media", "name": "chirp-media", "endpoint": "https://s3", "region": "here"}


def site(tmp_path: Path) -> World:
    """A site whose things somebody had made by hand."""
    world = World(tmp_path, program(tmp_path, PROGRAM), config=CONFIG)
    things = (NET, {"id": "wall-7"}, SERVER, BUCKET)
    world.drift(
        lambda objects: objects.update(
            {f"by hand {facts['id']}": {"id": facts["id"], "facts": facts} for facts in things}
        )
    )
    return world


def rows(world: World) -> dict[str, dict[str, Any]]:
    return {row["urn"].split("::")[-1]: row for row in world.latest["resources"]}


async def test_what_exists_is_taken_into_the_state_as_it_is_and_is_ours_from_then_on(
    tmp_path: Path,
) -> None:
    world = site(tmp_path)
    objects = world.objects
    shown = await world.run("preview", **asked(world, 1))
    assert shown.ok, shown.errors
    assert shown.changes == {"create": 1, "import": 4}
    made = await world.run("up", **asked(world, 1))
    assert made.ok, made.errors
    assert made.changes == {"create": 1, "import": 4}
    assert made.outputs["web"] == {"cpus": 2, "address": "192.0.2.7", "net": "10.30.1.0/24"}
    assert rows(world)["web"]["id"] == rows(world)["web"]["importID"] == "server-7"
    assert (await world.run("up", **asked(world, 1))).changes == {"same": 5}

    without = await world.run("up", **asked(world, 2))
    assert without.changes == {"same": 5}, "the option may go once it has done its work"
    assert "importID" not in rows(world)["web"]
    assert (await world.run("refresh", **asked(world, 2))).changes == {"same": 5}
    changed = await world.run("preview", **asked(world, 3))
    assert changed.changes == {"same": 4, "update": 1}, "from now on inputs are compared"
    assert world.objects == objects, "nothing at the cloud was touched"

    assert (await world.run("destroy", **asked(world, 2))).ok
    assert world.objects == {}


async def test_what_is_not_there_or_is_otherwise_is_not_imported(tmp_path: Path) -> None:
    world = site(tmp_path)
    objects = world.objects
    otherwise = await world.run("up", **asked(world, 4))
    assert not otherwise.ok, "the server has another private address, which cannot change"
    assert "ask for a replacement" in otherwise.errors[0]
    assert world.objects == objects
    world.drift(lambda objects: objects.pop("by hand net-7"))
    world.checkpoint_file.unlink()
    missing = await world.run("up", **asked(world, 1))
    assert missing.errors[0] == "resource 'net-7' does not exist"
