"""One suite for what moves ask of an engine, on a stack that is one site: the embedded engine at a
simulated cloud, and the model at the modelled one."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.home import HURRY
from tests.contract.worlds.hetzner import hetzner_world
from tests.models.cloud import CloudModel
from tests.models.engine import EngineModel

from liferaft.clouds.contract import Cloud
from liferaft.clouds.registry import entry
from liferaft.provision.description import ServerGroup, SiteDescription
from liferaft.provision.engine.contract import (
    Engine,
    OperationEvent,
    Outcome,
    Request,
    StateLocation,
)
from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft.provision.engine.faults import WrongPassphrase

pytestmark = pytest.mark.timeout(600)
PROGRAM = "from liferaft.provision.site import Site\n\nSite.from_config().export()\n"
TEXTS = {"db-1": "#!/bin/sh\n: db\n", "app-1": "#!/bin/sh\n: app\n"}
GROUPS = (
    ServerGroup("db", cpus=2, memory=4096),
    ServerGroup("app", cpus=2, memory=4096, ports=(80, 443)),
)
SERVER = "liferaft:index:Server"
THINGS = {"Network": 1, "SshKey": 1, "Address": 1, "Firewall": 2, "Server": 2, "Bucket": 1}


@dataclass(frozen=True)
class Stack:
    """A stack of one site that does not exist yet, and the cloud that it would be made at."""

    engine: Engine
    cloud: Cloud
    environment: Mapping[str, str]
    folder: Path
    public_key: str

    def request(self, groups: tuple[ServerGroup, ...] = GROUPS, **changes: Any) -> Request:
        description = SiteDescription(
            groups=groups,
            ssh_public_key=self.public_key,
            kinds=entry(self.cloud.name).kinds - {"volume"},
            bucket=f"microblog-{self.folder.name.replace('_', '-')[-40:]}",
            **changes,
        )
        return Request(
            program=self.folder / "program",
            project="microblog",
            stack="here",
            state=StateLocation(f"file://{self.folder}"),
            passphrase="correct horse",
            config={
                "liferaft:cloud": self.cloud.name,
                "liferaft:region": self.cloud.region,
                "liferaft:app": "microblog",
                "liferaft:site": "here",
                "liferaft:epoch": "1",
                "microblog:spec": description.to_json(),
            },
            secret_config={"microblog:user_data": json.dumps(TEXTS)},
            environment=self.environment,
            providers={"liferaft": "liferaft.provision.plugin:provider"},
        )

    def there(self) -> Counter[str]:
        """How many things of each kind the cloud lists as the site's."""
        kinds = self.cloud.kinds.items()
        listed = {
            k: len(list(things.owned_by(app="microblog", site="here"))) for k, things in kinds
        }
        return +Counter(listed)

    async def rows(self) -> list[dict[str, Any]]:
        deployment = (await self.engine.export(self.request())).get("deployment", {})
        return list(deployment.get("resources") or ())

    async def servers(self) -> dict[str, str]:
        """URN and id of those that the state knows."""
        return {row["urn"]: row["id"] for row in await self.rows() if row["type"] == SERVER}


@pytest.fixture(params=["model", pytest.param("embedded", marks=pytest.mark.golden)])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: microblog\nruntime: python\n")
    (program / "__main__.py").write_text(PROGRAM)
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6GwxMewM5D9Zq6iiWeM4YU3qc0ZpQR4QY6pIZrbIJg"
    with ExitStack() as opened:
        if request.param == "model":
            cloud = CloudModel()
            yield Stack(EngineModel(cloud), cloud, {}, tmp_path, key)
            return
        room = tmp_path / "hetzner"
        room.mkdir()
        world = opened.enter_context(hetzner_world(room))
        yield Stack(EmbeddedEngine(), world.open(HURRY), world.credentials, tmp_path, key)


def _unseen(_: OperationEvent) -> None:
    """Progress is not what is tested."""


def ops(outcome: Outcome) -> Counter[str]:
    """By their sort, of what the cloud has to do with."""
    assert outcome.ok, outcome.errors
    kinds = [(op, urn.split("::")[2].rpartition(":")[2]) for op, urn in outcome.steps]
    return Counter(op for op, kind in kinds if kind in THINGS)


async def test_a_site_is_previewed_made_left_alone_exported_and_taken_down(stack: Stack) -> None:
    engine, request, whole = stack.engine, stack.request(), sum(THINGS.values())
    assert await engine.export(request) == {}
    assert ops(await engine.preview(request, _unseen)) == {"create": whole}
    assert not stack.there()

    made = await engine.up(request, _unseen)
    assert ops(made) == {"create": whole}
    assert made.changes == {"create": whole + 2}, "the stack and the site are resources as well"
    assert sum(stack.there().values()) == whole
    assert made.outputs.keys() == {"address", "servers", "bucket"}
    assert made.outputs["bucket"].keys() == {"name", "endpoint", "region"}
    servers = {row["name"]: row for row in made.outputs["servers"]}
    assert servers["app-1"]["public_address"] == made.outputs["address"]
    assert servers["db-1"].keys() == {*("id", "name", "group"), "public_address", "private_address"}

    rows = await stack.rows()
    assert rows[0]["type"] == "pulumi:pulumi:Stack"
    assert rows[0]["outputs"] == made.outputs
    found = await stack.servers()
    assert [urn.rpartition("$")[2] for urn in sorted(found)] == [f"{SERVER}::{n}" for n in servers][
        ::-1
    ]
    assert set(found.values()) == {row["id"] for row in servers.values()}
    provider = next(row for row in rows if row["type"] == "pulumi:providers:liferaft")
    assert provider["inputs"]["cloud"] == stack.cloud.name
    assert provider["inputs"]["region"] == stack.cloud.region
    assert all(
        row["provider"] == f"{provider['urn']}::{provider['id']}"
        for row in rows
        if row["type"] == SERVER
    )
    assert "#!/bin/sh" not in json.dumps(rows), "what is secret is sealed"

    again = await engine.up(request, _unseen)
    assert again.changes == {"same": whole + 2}
    assert again.outputs == made.outputs

    assert ops(await engine.destroy(request, _unseen)) == {"delete": whole}
    assert not stack.there()
    assert await stack.rows() == []


async def test_a_site_changes_in_place_by_replacing_and_back_to_a_pilot_light(stack: Stack) -> None:
    engine, (db, app) = stack.engine, GROUPS
    pilot = await engine.up(stack.request(pilot_light=True), _unseen)
    assert pilot.ok, pilot.errors
    assert "Server" not in {urn.split("::")[2].rpartition(":")[2] for _, urn in pilot.steps}
    assert pilot.outputs["servers"] == []
    assert pilot.outputs["address"]
    assert ops(await engine.up(stack.request(), _unseen))["create"] == THINGS["Server"]
    before = await stack.servers()

    wider = stack.request((db, replace(app, ports=(80, 443, 8080))))
    assert ops(await engine.up(wider, _unseen))["update"] == 1
    assert await stack.servers() == before

    larger = stack.request((replace(db, disk=30), app))
    previewed = await engine.preview(larger, _unseen)
    lost = {urn for op, urn in previewed.steps if op in ("replace", "delete-replaced")}
    assert {urn.rpartition("$")[2] for urn in lost} == {f"{SERVER}::db-1"}
    assert await stack.servers() == before
    assert ops(await engine.up(larger, _unseen))["replace"] == 1
    after = await stack.servers()
    assert {urn for urn in after if after[urn] != before[urn]} == lost

    cleared = await engine.up(stack.request(pilot_light=True), _unseen)
    assert ops(cleared)["delete"] == THINGS["Server"]
    assert cleared.outputs == pilot.outputs
    assert stack.there()["server"] == 0


async def test_what_is_gone_from_the_cloud_goes_from_the_state_and_comes_back_with_an_import(
    stack: Stack,
) -> None:
    engine, request = stack.engine, stack.request()
    await engine.up(request, _unseen)
    exported, servers = await engine.export(request), await stack.servers()
    for ident in servers.values():
        stack.cloud.kinds["server"].delete(ident)
    await engine.refresh(request, _unseen, preview=True)
    assert await stack.servers() == servers
    await engine.refresh(request, _unseen)
    assert await stack.servers() == {}
    await engine.import_(request, exported)
    assert await stack.servers() == servers
    await engine.refresh(request, _unseen)
    assert ops(await engine.up(request, _unseen))["create"] == THINGS["Server"]
    with pytest.raises(WrongPassphrase):
        await engine.up(replace(request, passphrase="another"), _unseen)
    assert await engine.cancel(request) == ()
