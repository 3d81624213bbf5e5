"""A site that is destroyed and deployed again orders no certificate anew."""

from collections.abc import Callable

import pytest
from tests.models.programs.edge import kept_at
from tests.models.scene import Process, Scene, Written
from tests.models.stories import as_process, reach

from liferaft.config import Config
from liferaft.moves import deploy, destroy, facts, snapshot
from liferaft.plan.plan import Plan
from liferaft.vault import Vault

pytestmark = pytest.mark.usefixtures("modelled")

Deciding = Callable[[Config, Vault], Plan]


def deploying(config: Config, vault: Vault) -> Plan:
    return deploy.plan(config, facts.for_deploy(config, vault, "east"))


def snapshotting(config: Config, vault: Vault) -> Plan:
    return snapshot.plan(config, facts.for_snapshot(config, vault, "east"))


def destroying(config: Config, vault: Vault) -> Plan:
    return destroy.plan(config, facts.for_destroy(config, vault, "east"))


async def play(scene: Scene, given: Written, deciding: Deciding) -> Plan:
    plan = deciding(given.config, Process(scene, given, "east", 1).vault)
    for step in plan.order():
        secrets = plan.inputs.secrets_epoch
        with as_process(Process(scene, given, plan.site, secrets)) as process:
            await reach(process, step)
    return plan


def certificate_at(scene: Scene, given: Written) -> bytes:
    (kept,) = [
        machine.files.read(kept_at(machine, given.config.app.domain))
        for machine in scene.machines.values()
        if machine.files.is_file("/etc/caddy/Caddyfile")
    ]
    return kept


def change_certificate(scene: Scene, given: Written, content: bytes) -> None:
    """As if Caddy had renewed it."""
    for machine in scene.machines.values():
        if machine.files.is_file("/etc/caddy/Caddyfile"):
            path = kept_at(machine, given.config.app.domain)
            machine.files.write(path, content, machine.clock, 0o600)


async def test_a_site_that_is_deployed_again_has_the_certificate_of_its_newest_point(
    given: Written,
) -> None:
    scene = Scene()
    await play(scene, given, deploying)
    change_certificate(scene, given, b"the one that was issued")
    await play(scene, given, snapshotting)
    await play(scene, given, destroying)
    plan = await play(scene, given, deploying)
    assert plan.epoch == 2
    assert certificate_at(scene, given) == b"the one that was issued"


async def test_a_certificate_that_caddy_runs_with_is_not_overwritten_by_an_older_one(
    given: Written,
) -> None:
    scene = Scene()
    await play(scene, given, deploying)
    await play(scene, given, snapshotting)
    change_certificate(scene, given, b"renewed since")
    await play(scene, given, deploying)
    assert certificate_at(scene, given) == b"renewed since"


async def test_a_first_deploy_has_nothing_to_bring(given: Written) -> None:
    scene = Scene()
    plan = await play(scene, given, deploying)
    assert "certificates" not in {step.name for step in plan.steps}
