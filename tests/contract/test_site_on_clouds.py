"""A site with a disk of its own, on the embedded engine, at every cloud: the whole vocabulary."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.contract.worlds.model import ModelWorld
from tests.contract.worlds.world import Absent, World

from liferaft.clouds.control_plane import Patience
from liferaft.clouds.registry import entry
from liferaft.provision.description import ServerGroup, SiteDescription
from liferaft.provision.engine.contract import OperationEvent, Outcome, Request, StateLocation
from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft_sandbox.lab.systems import chosen_system

# A process of its own for every operation, each of which loads the cloud's SDK.
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]

PAGE = Path(__file__).parents[2] / "docs" / "programs.md"
TEXTS = {"db-1": "#!/bin/sh\n: throwaway-db\n", "app-1": "#!/bin/sh\n: throwaway-app\n"}
RESOURCES = {"network": 1, "firewall": 2, "ssh_key": 1, "address": 1, "server": 2, "bucket": 1}
RESOURCES |= {"volume": 1}


def _program(folder: Path) -> Path:
    """The page's program with a disk, as somebody would copy it."""
    *_, example = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: microblog\nruntime: python\n")
    (folder / "__main__.py").write_text(example)
    return folder


def _request(world: World, state: Path, public_key: str) -> Request:
    description = SiteDescription(
        groups=(
            ServerGroup("db", cpus=2, memory=4096),
            ServerGroup("app", cpus=2, memory=4096, ports=(80, 443)),
        ),
        ssh_public_key=public_key,
        kinds=entry(world.name).kinds,
        bucket=f"{state.name.replace('_', '-')}-media",
    )
    inventory = (
        {"liferaft:inventory": world.inventory.to_json()} if world.inventory.machines else {}
    )
    return Request(
        program=_program(state / "program"),
        project="microblog",
        stack="here",
        state=StateLocation(f"file://{state}"),
        passphrase="correct horse",
        config={
            "liferaft:cloud": world.name,
            "liferaft:region": world.region,
            "liferaft:app": "microblog",
            "liferaft:site": "here",
            "liferaft:epoch": "1",
            "liferaft:system": chosen_system().name,
            **inventory,
            "microblog:spec": description.to_json(),
        },
        secret_config={"microblog:user_data": json.dumps(TEXTS)},
        environment=world.credentials,
        providers={"liferaft": "liferaft.provision.plugin:provider"},
    )


def _ignore(_: OperationEvent) -> None:
    """Progress is not what is tested."""


def _custom(outcome: Outcome) -> Counter[str]:
    """Those that a cloud makes, each by its kind."""
    kinds = {kind.replace("_", "").lower() for kind in RESOURCES}
    types = ((op, urn.split("::")[2].rpartition(":")[2].lower()) for op, urn in outcome.steps)
    return Counter(op for op, kind in types if kind in kinds)


def _plain_text_in(state: Path) -> list[Path]:
    return [path for path in state.rglob("*.json") if "throwaway" in path.read_text()]


async def test_a_site_is_previewed_made_left_alone_and_taken_down(
    world: World, public_key: str, tmp_path: Path
) -> None:
    if isinstance(world, ModelWorld):
        raise Absent("the engine's process would open the real one of its name")
    engine, request = EmbeddedEngine(), _request(world, tmp_path, public_key)
    resources = sum(RESOURCES.get(kind, 0) for kind in entry(world.name).kinds)
    before = world.changes

    preview = await engine.preview(request, _ignore)
    assert preview.ok, preview.errors
    assert _custom(preview) == {"create": resources}
    assert world.changes == before

    made = await engine.up(request, _ignore)
    assert made.ok, made.errors
    servers = {row["name"]: row for row in made.outputs["servers"]}
    declared = world.inventory.machines
    private = [machine.private_address for machine in declared] or ["10.20.1.11"]
    assert servers["db-1"]["private_address"] in private
    assert servers["app-1"]["public_address"] == made.outputs["address"]
    objects = world.inventory.objects
    assert made.outputs["bucket"]["region"] == (objects.region if objects else world.region)
    booted = [data.decode() for data in world.user_data]
    assert set(TEXTS.values()) <= set(booted)

    after = world.changes
    again = await engine.up(request, _ignore)
    assert again.ok, again.errors
    assert _custom(again) == {"same": resources}
    assert world.changes == after

    assert not _plain_text_in(tmp_path)

    gone = await engine.destroy(request, _ignore)
    assert gone.ok, gone.errors
    cloud = world.open(Patience())
    for things in cloud.kinds.values():
        assert list(things.owned_by(app="microblog", site="here")) == []
