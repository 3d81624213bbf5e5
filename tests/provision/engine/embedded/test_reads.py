"""Resources that the program only looks at (`get`), and those that it hands over."""

from pathlib import Path
from typing import Any

import pytest
from tests.provision.engine.world import PRELUDE, World, program

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]

LOOKS = """
ident = "server-legacy-7" if PHASE < 3 else "server-none-1"
web = Server("legacy", opts=pulumi.ResourceOptions(id=ident))
pulumi.export("addr", web.addr)
Volume("data", gb=PHASE, server=web.id)
"""
HANDS_OVER = """
if PHASE == 1:
    Server("web", image="debian-12")
elif PHASE == 2:
    Server("web", opts=pulumi.ResourceOptions(id="server-web-1"))
else:
    Server("web", image="debian-12")
"""


def world(tmp_path: Path, text: str) -> World:
    return World(tmp_path, program(tmp_path, PRELUDE + text))


def row(world: World, name: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = world.latest["resources"]
    (found,) = (row for row in rows if row["urn"].endswith(f"::{name}"))
    return found


def foreign(objects: dict[str, Any]) -> None:
    objects["server-legacy-7"] = {"image": "debian-12", "addr": "10.7.7.7"}


async def test_what_is_only_read_is_known_to_the_program_and_left_alone(tmp_path: Path) -> None:
    looking = world(tmp_path, LOOKS)
    looking.drift(foreign)
    assert (await looking.run("preview")).changes == {"create": 2}
    made = await looking.run("up")
    assert made.changes == {"create": 2}
    assert ("read", row(looking, "legacy")["urn"]) in made.steps
    assert made.outputs == {"addr": "10.7.7.7"}
    assert row(looking, "legacy")["external"]
    assert row(looking, "data")["inputs"]["server"] == "server-legacy-7"
    assert (await looking.run("up")).changes == {"same": 2}
    assert (await looking.run("refresh")).changes == {"same": 3}

    missing = await looking.run("up", phase=3)
    assert missing.errors == ("resource 'server-none-1' does not exist",)
    gone = await looking.run("destroy")
    assert gone.ok
    assert gone.changes == {"delete": 2}
    assert looking.objects.keys() == {"server-legacy-7"}


async def test_a_resource_can_be_handed_over_and_is_then_no_longer_ours(tmp_path: Path) -> None:
    handing = world(tmp_path, HANDS_OVER)
    await handing.run("up", phase=1)
    assert (await handing.run("up", phase=2)).ok
    assert row(handing, "web")["external"]
    assert handing.objects.keys() == {"server-web-1"}
    taken_back = await handing.run("up", phase=3)
    assert taken_back.ok
    assert row(handing, "web")["id"] == "server-web-2", "what is not ours is not taken"
    assert handing.objects.keys() == {"server-web-1", "server-web-2"}
    assert (await handing.run("destroy", phase=3)).ok
    assert handing.objects.keys() == {"server-web-1"}
