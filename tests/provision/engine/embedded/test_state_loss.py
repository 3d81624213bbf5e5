"""Losing the state loses no object: our provider's create finds what it had made, by its token."""

from pathlib import Path
from typing import Any

import pytest
from tests.provision.engine.world import World, program, toy

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]

PROGRAM = """
import os
import pulumi
from liferaft.provision.resources import Address, Firewall, Network, Server, SshKey

net = Network("net")
open = [{"protocol": "tcp", "sources": ["0.0.0.0/0"], "ports": "443"}]
wall = Firewall("wall", network_id=net.id, rules=open)
key = SshKey("key", public_key="ssh-ed25519 AAAA")
address = Address("front")
if os.environ["PHASE"] != "1":
    Address("second")
web = Server(
    "web",
    cpus=2,
    memory=4096,
    user_data="#!/bin/sh\\n",
    network_id=net.id,
    firewall_id=wall.id,
    ssh_key_id=key.id,
    address_id=address.id,
)
pulumi.export("web", web.id)
"""
CONFIG = {
    "liferaft:cloud": "memory",
    "liferaft:region": "here",
    "liferaft:app": "chirp",
    "liferaft:site": "here",
    "liferaft:epoch": "1",
}


def site(tmp_path: Path) -> World:
    return World(tmp_path, program(tmp_path, PROGRAM), config=CONFIG)


def asked(world: World, phase: int) -> dict[str, Any]:
    providers = {"liferaft": "tests.provision.engine.embedded.memory_cloud:provider"}
    return {**toy(world, phase), "providers": providers}


def ids(world: World) -> set[str]:
    rows = world.latest["resources"]
    return {row["id"] for row in rows if row["type"].startswith("liferaft:")}


async def test_after_the_state_is_lost_an_up_finds_everything_again(tmp_path: Path) -> None:
    world = site(tmp_path)
    made = await world.run("up", **asked(world, 1))
    assert made.changes == {"create": 6}
    objects, rows = world.objects, ids(world)
    assert len(objects) == 5

    world.checkpoint_file.unlink()
    found = await world.run("up", **asked(world, 1))
    assert found.ok
    assert world.objects == objects, "no object was made, none is gone"
    assert ids(world) == rows
    assert found.outputs == made.outputs

    looked = await world.run("refresh", **asked(world, 1))
    assert looked.ok
    assert looked.changes == {"same": 6}
    assert (await world.run("up", **asked(world, 1))).changes == {"same": 6}
    assert (await world.run("destroy", **asked(world, 1))).ok
    assert world.objects == {}


async def test_an_older_state_loses_at_most_what_was_done_since(tmp_path: Path) -> None:
    world = site(tmp_path)
    await world.run("up", **asked(world, 1))
    older = world.checkpoint_file.read_bytes()
    await world.run("up", **asked(world, 2))
    objects, rows = world.objects, ids(world)

    world.checkpoint_file.write_bytes(older)
    again = await world.run("up", **asked(world, 2))
    assert again.changes == {"same": 6, "create": 1}
    assert world.objects == objects
    assert ids(world) == rows


async def test_what_is_gone_from_the_cloud_is_gone_after_a_refresh_and_made_by_an_up(
    tmp_path: Path,
) -> None:
    world = site(tmp_path)
    await world.run("up", **asked(world, 1))
    things = {token: row for token, row in world.objects.items() if row["id"][:6] != "server"}
    assert len(things) == 4
    world.drift(lambda objects: [objects.pop(token) for token in objects.keys() - things.keys()])

    assert (await world.run("preview", **asked(world, 1), refresh=True)).changes == {
        "same": 5,
        "create": 1,
    }
    looked = await world.run("refresh", **asked(world, 1))
    assert looked.changes == {"same": 5, "delete": 1}
    assert (await world.run("up", **asked(world, 1))).changes == {"same": 5, "create": 1}
