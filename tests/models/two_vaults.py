"""An application with two vaults in the modelled world, and what may befall one of them."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.models.scene import SHELF, TOML, Scene, written
from tests.models.seen import differences, seen
from tests.models.stories import Scenario, as_process, scenarios

from liferaft.data.container_images.deliver import DeliverContainerImages
from liferaft.data.container_images.keep import KeepContainerImages
from liferaft.data.container_images.load import LoadContainerImages
from liferaft.data.container_images.note import NoteRelease
from liferaft.data.parts import KeepPart, RestorePart
from liferaft.data.postgres import binding
from liferaft.data.records.schedule import ScheduleRecords
from liferaft.moves.actions.servers import EquipServer
from liferaft.recovery.parts import part_noted
from liferaft.site.reach import vault_accesses

SECOND = "second"
"""The bucket of the other vault."""
DEAD = {SHELF: "objects.vault.test", SECOND: "objects.other.test"}
NAMES = {SHELF: "main", SECOND: "other"}
EITHER = pytest.mark.parametrize("dead", [SHELF, SECOND])
NAMED = {"certificates": "certificates", "bucket": "media"}
"""By kind."""
OURS = (
    *(DeliverContainerImages, KeepContainerImages, KeepPart, LoadContainerImages, NoteRelease),
    RestorePart,
)
BESIDE = (EquipServer,)
"""Others that ask for a vault."""
OTHERS = '[vaults.other]\nurl = "s3://second"\nendpoint = "https://objects.other.test"\n\n'
_told: list[Scenario] = []


def is_ours(action: object) -> bool:
    """Not the database's: that knows its vaults by itself."""
    return (
        isinstance(action, (*OURS, *BESIDE, ScheduleRecords))
        and getattr(action, "kind", "") != "postgres"
    )


async def steps_of_two_vaults(
    paths: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> list[Scenario]:
    """All steps that are ours, of an application with two vaults, told once."""
    monkeypatch.setattr(Scene, "__post_init__", with_second(Scene.__post_init__))
    # The model of pgBackRest knows one vault.
    monkeypatch.setattr(binding, "vault_accesses", lambda world: vault_accesses(world)[:1])
    if not _told:
        toml = TOML.replace("[sites.east]", f"{OTHERS}[sites.east]")
        given = written(paths.mktemp("app"), toml)
        _told.extend([one async for one in scenarios(given) if is_ours(one.step.action)])
    return _told


def with_second(before: Callable[[Scene], None]) -> Callable[[Scene], None]:
    def begun(scene: Scene) -> None:
        before(scene)
        scene.outside.setdefault(SECOND, {})

    return begun


def the(told: list[Scenario], story: str, action: type, kind: str = "") -> Scenario:
    return next(
        one
        for one in told
        if one.story == story
        and isinstance(one.step.action, action)
        and getattr(one.step.action, "kind", kind) == kind
    )


def world_after(one: Scenario) -> Scene:
    return one.before.copy()


def die(scene: Scene, *vaults: str) -> None:
    for machine in scene.machines.values():
        machine.kept["dead stores"] = [DEAD[vault] for vault in vaults]


def damage(scene: Scene, vault: str, area: str) -> None:
    """All that lies in an area there."""
    found = [key for key in scene.outside[vault] if f"/{area}/" in key]
    assert found
    for key in found:
        scene.outside[vault][key] = b"!" + scene.outside[vault][key]


def lies(scene: Scene, vault: str, area: str) -> set[str]:
    return {key for key in scene.outside[vault] if f"/{area}/" in key}


async def applied(one: Scenario, scene: Scene) -> Any:
    with as_process(one.process(scene)) as process:
        world = process.world()
        said = await one.step.action.apply(world)
        await one.step.action.prove(world)
        return said


def part_of(one: Scenario, scene: Scene, kind: str) -> Any:
    action: Any = one.step.action
    with as_process(one.process(scene)) as process:
        vault = process.vault
        return part_noted(vault, action.epoch, action.point, kind=kind, name=NAMED[kind])


def same(one: Scene, other: Scene, *, but: str = "") -> bool:
    """Whether two worlds are, but for what is written down of a copy."""
    left = [
        row
        for row in differences(seen(one), seen(other))
        if ".progress" not in row
        and ".vault: " not in row
        and not (but and row.startswith("vault: " if but == SHELF else f"bucket {but}"))
        and "/etc/liferaft/rclone" not in row
    ]
    assert not left, "\n".join(left)
    return True
