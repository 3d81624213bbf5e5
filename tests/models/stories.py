"""An application's life in the modelled world, step by step: every action has its turn in it.

The plans are the product's own. A step is looked at in the world that all before it have made.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.models.line import Line
from tests.models.points import earlier_point, point_of_the_next_epoch
from tests.models.scene import Process, Scene, Written

from liferaft.clouds.contract import Cloud
from liferaft.clouds.registry import CLOUDS
from liferaft.config import Config
from liferaft.config.drill_check import CheckCommand
from liferaft.config.drills import DrillConfig
from liferaft.data import registry
from liferaft.data.volume.config import VolumeConfig
from liferaft.data.volume.spare import ForgetSnapshots
from liferaft.dns import authoritative, departures
from liferaft.dns.authoritative import ServerAnswer
from liferaft.moves import (
    clear,
    deploy,
    destroy,
    drill,
    facts,
    failover,
    machine_image,
    prune,
    snapshot,
)
from liferaft.moves.actions import machine_image as building
from liferaft.moves.actions import prove
from liferaft.moves.pruning import for_prune
from liferaft.moves.trial_site import trial_config, trial_site
from liferaft.plan import telling
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.remote import Host
from liferaft.site import servers
from liferaft.vault import Vault


@dataclass(frozen=True)
class Story:
    """One move. `plan`: from what the vault says by then. `then`: what users do after it. `apart`:
    told in a copy of the world, from which no other goes on. `config`: what
    liferaft.toml would say."""

    name: str
    plan: Callable[[Config, Vault], Plan]
    then: Callable[[Scene], None] = lambda _: None
    apart: bool = False
    config: Callable[[Config], Config] = lambda usual: usual


def _uploads(scene: Scene) -> None:
    (bucket,) = (name for name in scene.outside if name.startswith("chirp-east-media-"))
    scene.outside[bucket]["pictures/1.png"] = b"a picture"


def _as_of_a_moment(config: Config, vault: Vault) -> Plan:
    """What is read for it stands in tests/moves/test_moment.py."""
    inputs, moment = facts.for_failover(config, vault, "north"), "2026-11-29 09:14:00+00"
    read = {name: registry.kind(name).as_of(one, moment) for name, one in inputs.facts.items()}
    known = {name: one for name, one in read.items() if one is not None}
    return failover.plan(config, replace(inputs, at=moment, facts=known))


def _on_trial(config: Config, vault: Vault) -> Plan:
    """Its site stands in liferaft.toml only while it lasts."""
    inputs = facts.for_failover(config, vault, trial_site("north"))
    told = DrillConfig(check=config.app.health)
    asking = config.model_copy(update={"drill": told})
    plan = drill.plan(asking, drill.inputs_for(inputs, "north"))
    command = CheckCommand(service="web", command=("true",))
    told = DrillConfig(check=command)
    other = drill.plan(config.model_copy(update={"drill": told}), drill.inputs_for(inputs, "north"))
    (by_command,) = (step for step in other.steps if step.name == "check")
    return replace(plan, steps=(*plan.steps, replace(by_command, name="check-by-command")))


def _with_volume(config: Config) -> Config:
    """Of the first app server's service."""
    files = VolumeConfig(kind="volume", volume="files", service="web")
    return config.model_copy(update={"data": {**config.data, "files": files}})


def _many_snapshots(config: Config, vault: Vault) -> Plan:
    """What is spare of them stands in tests/data/volume/test_spare.py."""
    spare = ForgetSnapshots("files", "main", 1, ("a" * 64,))
    vault.put(f"epoch-00000001/volume/files/repository/snapshots/{'a' * 64}", b"a snapshot")
    vault.put(f"epoch-00000001/volume/files/kept/20261130T120000.000Z-{'a' * 64}", b"its note")
    planned = prune.plan(config, for_prune(config, vault, "east"))
    return replace(planned, steps=(Step("forget", "Forget a snapshot", spare),))


MOST_WAITS = 300
"""How often one step may look again: nothing takes long in the model."""
STORIES = (
    Story("deploy", lambda c, v: deploy.plan(c, facts.for_deploy(c, v, "east")), _uploads),
    Story("again", lambda c, v: deploy.plan(c, facts.for_deploy(c, v, "east"))),
    Story(
        "volume",
        lambda c, v: deploy.plan(c, facts.for_deploy(c, v, "east")),
        apart=True,
        config=_with_volume,
    ),
    Story("volume pruned", _many_snapshots, apart=True, config=_with_volume),
    Story("ready", lambda c, v: deploy.plan(c, facts.for_deploy(c, v, "north"))),
    Story(
        "snapshot",
        lambda c, v: snapshot.plan(c, facts.for_snapshot(c, v, "east")),
        earlier_point,
    ),
    Story("prune", lambda c, v: prune.plan(c, for_prune(c, v, "east"))),
    Story("image", lambda c, v: machine_image.plan(c, facts.for_machine_image(c, v, "north"))),
    Story("drill", _on_trial, apart=True, config=partial(trial_config, standby="north")),
    Story("as of a moment", _as_of_a_moment, apart=True),
    Story(
        "failover",
        lambda c, v: failover.plan(c, facts.for_failover(c, v, "north")),
        point_of_the_next_epoch,
    ),
    Story("pruned", lambda c, v: prune.plan(c, for_prune(c, v, "north"))),
    Story("clear", lambda c, v: clear.plan(c, facts.for_clear(c, v, "east"))),
    Story("former", lambda c, v: destroy.plan(c, facts.for_destroy(c, v, "east"))),
    Story("destroy", lambda c, v: destroy.plan(c, facts.for_destroy(c, v, "north"))),
    Story("anew", lambda c, v: deploy.plan(c, facts.for_deploy(c, v, "north"))),
)


@dataclass(frozen=True)
class Scenario:
    """One step, and the world just before it."""

    story: str
    step: Step
    site: str
    secrets_epoch: int
    before: Scene = field(repr=False)
    given: Written = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.story}-{self.step.name}"

    def process(self, scene: Scene, line: Line | None = None) -> Process:
        """A command that is at this step, in a world of its own."""
        return Process(scene, self.given, self.site, self.secrets_epoch, line or Line())


async def reach(process: Process, step: Step) -> bool:
    """As the runner does it; whether the goal held already."""
    world = process.world()
    if await step.action.holds(world):
        return True
    await step.action.apply(world)
    await step.action.prove(world)
    return False


async def scenarios(given: Written) -> AsyncIterator[Scenario]:
    """Every step of all stories, in an order in which they may be done."""
    going_on = Scene()
    for story in STORIES:
        scene = going_on.copy() if story.apart else going_on
        told = replace(given, config=story.config(given.config))
        plan = story.plan(told.config, Process(scene, told, "east", 1).vault)
        for step in plan.order():
            secrets = plan.inputs.secrets_epoch
            one = Scenario(story.name, step, plan.site, secrets, scene.copy(), told)
            yield one
            with as_process(one.process(scene)) as process:
                await reach(process, step)
        story.then(scene)


@contextmanager
def as_process(process: Process) -> Iterator[Process]:
    """Whatever asks the outside world meanwhile is this process."""
    _running.append(process)
    try:
        yield process
    finally:
        _running.remove(process)


_running: list[Process] = []


@contextmanager
def modelled_world() -> Iterator[None]:
    """Clouds, servers and users are asked in the model, and nobody waits for a moment to pass."""
    with pytest.MonkeyPatch.context() as patch:
        clouds: Any = CLOUDS
        for name in CLOUDS:
            patch.setitem(clouds, name, replace(CLOUDS[name], open=partial(_opened, name)))
        patch.setattr(servers, "connect", _connected)
        patch.setattr(building, "connect", _connected)
        patch.setattr(prove, "ailment_of", _seen_by_users)
        patch.setattr(authoritative, "ask_all", _answered_by_name_servers)
        patch.setattr(departures, "now", _by_the_clock)
        patch.setattr(asyncio, "sleep", partial(_soon, asyncio.sleep))
        patch.setattr(asyncio, "to_thread", _here)
        yield


def _opened(name: str, region: str, *_: object) -> Cloud:
    return _running[-1].cloud(name, region)


async def _connected(address: str, **how: Any) -> Host:
    return await _running[-1].connect(address, **how)


def _seen_by_users(url: str, address: str, ca_file: Path | None) -> str | None:
    return _running[-1].users_see(url, address, ca_file)


async def _answered_by_name_servers(zone: str, domain: str) -> tuple[ServerAnswer, ...]:
    """What the vendor shows is published at once."""
    row = _running[-1].scene.zone.get((domain.removesuffix(zone).rstrip("."), "A"), {})
    values = frozenset(map(str, row.get("values", [row["value"]] if "value" in row else [])))
    return (ServerAnswer("ns1.vendor.test (192.0.2.53)", values, row.get("ttl", 0)),)


def _by_the_clock() -> datetime:
    """Now, and whatever was waited for."""
    return datetime.now(UTC) + timedelta(seconds=_running[-1].scene.slept)


async def _here(call: Callable[..., Any], /, *words: Any, **named: Any) -> Any:
    """Nothing in the model blocks: a thread of its own would only cost time."""
    return call(*words, **named)


async def _soon(sleep: Callable[[float], Awaitable[None]], seconds: float) -> None:
    """What is asked again and again is asked at once; what is told meanwhile is not told."""
    if seconds and _running:
        _running[-1].waits += 1
        _running[-1].scene.slept += seconds
        assert _running[-1].waits < MOST_WAITS, "it waits in vain"
    await sleep(0 if seconds < telling.EVERY_SECONDS else seconds)
