"""The application's images in two vaults, one of them dead, damaged or behind."""

import logging

import pytest
from tests.models.scene import SHELF
from tests.models.stories import Scenario, as_process, reach
from tests.models.two_vaults import (
    EITHER,
    NAMES,
    applied,
    damage,
    die,
    lies,
    same,
    the,
    world_after,
)

from liferaft.data.container_images.deliver import DeliverContainerImages
from liferaft.data.container_images.keep import KeepContainerImages
from liferaft.data.container_images.load import LoadContainerImages
from liferaft.data.container_images.note import NoteRelease
from liferaft.plan.telling import TOLD
from liferaft.recovery import release


@EITHER
async def test_images_are_loaded_from_the_vault_that_answers(
    of_two_vaults: list[Scenario], dead: str
) -> None:
    one = the(of_two_vaults, "failover", LoadContainerImages)
    undisturbed, scene = world_after(one), world_after(one)
    await applied(one, undisturbed)
    die(scene, dead)
    await applied(one, scene)
    assert same(undisturbed, scene)


async def test_an_image_that_is_damaged_in_one_vault_is_loaded_from_the_other(
    of_two_vaults: list[Scenario], caplog: pytest.LogCaptureFixture
) -> None:
    one = the(of_two_vaults, "failover", LoadContainerImages)
    undisturbed, scene = world_after(one), world_after(one)
    await applied(one, undisturbed)
    damage(scene, SHELF, "images")
    with caplog.at_level(logging.WARNING):
        await applied(one, scene)
    assert "is damaged in vault main" in caplog.text
    assert "brought from vault other instead" in caplog.text
    assert same(undisturbed, scene, but=SHELF)


@EITHER
async def test_a_deploy_with_a_dead_vault_delivers_images_to_the_other_and_notes_that(
    of_two_vaults: list[Scenario], dead: str
) -> None:
    deliver, note = (
        the(of_two_vaults, "deploy", DeliverContainerImages),
        the(of_two_vaults, "deploy", NoteRelease),
    )
    scene = world_after(deliver)
    die(scene, dead)
    said = await applied(deliver, scene)
    assert f"is NOT in vault {NAMES[dead]}" in said[TOLD][0]
    assert not lies(scene, dead, "images")
    scene = world_after(note)
    scene.outside[dead] = {k: v for k, v in scene.outside[dead].items() if "/images/" not in k}
    die(scene, dead)
    await applied(note, scene)
    with as_process(note.process(scene)) as process:
        noted = release.of_epoch(process.vault, 1)
        assert await note.step.action.holds(process.world())
    assert noted is not None
    (alive,) = {"main", "other"} - {NAMES[dead]}
    assert {part.vaults for part in noted.images} == {(alive,)}
    die(scene)
    with as_process(note.process(scene)) as process:
        assert not await reach(process, deliver.step), "brought to the one that was away"
    with as_process(note.process(scene)) as process:
        assert not await reach(process, note.step), "and noted"
    assert lies(scene, dead, "images")


@EITHER
async def test_a_snapshot_brings_an_image_to_the_vault_that_lacks_it_from_the_other(
    of_two_vaults: list[Scenario], dead: str
) -> None:
    """No server has its archive any more."""
    one = the(of_two_vaults, "snapshot", KeepContainerImages)
    scene = world_after(one)
    there = lies(scene, dead, "images")
    for key in there:
        del scene.outside[dead][key]
    for machine in scene.machines.values():
        for path in [path for path in machine.files.there if path.endswith(".oci.tar")]:
            del machine.files.there[path]
    said = await applied(one, scene)
    assert said == {}
    assert lies(scene, dead, "images") == there
