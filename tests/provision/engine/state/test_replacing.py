"""A state as a whole: exported, imported, freed of its lock."""

import json
from pathlib import Path

import pytest
from tests.provision.engine.world import World

from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft.provision.engine.faults import Locked, StateUnreadable, WrongPassphrase
from liferaft.provision.engine.state.lock import Lock
from liferaft.provision.engine.state.storage import Storage

# Sealed by Pulumi CLI 3.260 with the passphrase `golden`.
SALT = "v1:BloEAGNVVn8=:v1:/ahyZ5NtHaPZuwuo:ARax3D+hGkQBD18WMYqjYSmApAttUw=="
DEPLOYMENT = {
    "version": 3,
    "deployment": {
        "manifest": {"time": "2026-11-22T12:00:00Z", "magic": "", "version": ""},
        "secrets_providers": {"type": "passphrase", "state": {"salt": SALT}},
        "resources": [{"urn": "urn:pulumi:dev::golden::a:b:C::x", "custom": True, "type": "a:b:C"}],
        "metadata": {},
    },
}


async def test_what_was_exported_can_be_imported_and_is_the_state_then(tmp_path: Path) -> None:
    world = World(tmp_path, tmp_path)
    await EmbeddedEngine().import_(world.request(), DEPLOYMENT)
    assert world.checkpoint["checkpoint"]["stack"] == "organization/golden/dev"
    assert not world.locks
    assert await EmbeddedEngine().export(world.request()) == DEPLOYMENT


async def test_what_cannot_be_opened_or_is_no_deployment_is_not_imported(tmp_path: Path) -> None:
    world = World(tmp_path, tmp_path, passphrase="other")
    with pytest.raises(WrongPassphrase):
        await EmbeddedEngine().import_(world.request(), DEPLOYMENT)
    for wrong in ({}, {"version": 2, "deployment": {}}, {"version": 3, "deployment": []}):
        with pytest.raises(StateUnreadable):
            await EmbeddedEngine().import_(world.request(), wrong)
    assert not world.checkpoint_file.exists()


async def test_a_locked_state_is_left_as_it_is_until_its_lock_is_taken_away(tmp_path: Path) -> None:
    world = World(tmp_path, tmp_path)
    storage = Storage(world.request().state)
    theirs = Lock(storage, "golden", "dev")
    record = {"pid": 1, "username": "ann", "hostname": "far-away", "timestamp": "2026-11-22T12:00Z"}
    await storage.write(theirs.path, json.dumps(record).encode())
    with pytest.raises(Locked, match="ann@far-away"):
        await EmbeddedEngine().import_(world.request(), DEPLOYMENT)
    assert not world.checkpoint_file.exists()

    (holder,) = await EmbeddedEngine().cancel(world.request())
    assert (holder.who, holder.since) == ("ann@far-away (pid 1)", "2026-11-22T12:00Z")
    assert holder.alive is None
    await EmbeddedEngine().import_(world.request(), DEPLOYMENT)
    assert world.checkpoint_file.exists()
