"""Certificates, a bucket and images in two vaults: one of them dead, one damaged, a run that was
killed between the two."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.models.line import Killed, Line, Trouble
from tests.models.scene import SHELF
from tests.models.seen import differences, seen
from tests.models.stories import Scenario, as_process, reach
from tests.models.two_vaults import (
    BESIDE,
    EITHER,
    NAMED,
    NAMES,
    SECOND,
    applied,
    damage,
    die,
    lies,
    part_of,
    same,
    the,
    world_after,
)

from liferaft.data.failures import RestoreFailed, SnapshotFailed
from liferaft.data.parts import KeepPart, RestorePart
from liferaft.failures import DeadlinePassed, Failure
from liferaft.moves.actions.servers import EquipServer
from liferaft.plan.telling import TOLD
from liferaft.vault.layout import EpochKeys

AREAS = {"certificates": "certificates", "bucket": "bucket/media"}
KEPT = pytest.mark.parametrize("kind", NAMED)


@KEPT
async def test_a_snapshot_is_in_both_vaults(of_two_vaults: list[Scenario], kind: str) -> None:
    one = the(of_two_vaults, "snapshot", KeepPart, kind)
    scene = world_after(one)
    said = await applied(one, scene)
    assert TOLD not in said
    assert lies(scene, SHELF, AREAS[kind]) == lies(scene, SECOND, AREAS[kind]) != set()
    assert part_of(one, scene, kind).vaults == ("main", "other")


@EITHER
@KEPT
async def test_a_snapshot_with_a_dead_vault_is_taken_and_says_so(
    of_two_vaults: list[Scenario],
    caplog: pytest.LogCaptureFixture,
    kind: str,
    dead: str,
) -> None:
    one = the(of_two_vaults, "snapshot", KeepPart, kind)
    scene = world_after(one)
    die(scene, dead)
    with caplog.at_level(logging.WARNING):
        said = await applied(one, scene)
    (sentence,) = said[TOLD]
    assert f"is NOT in vault {NAMES[dead]}" in sentence
    assert sentence in caplog.text
    (alive,) = {"main", "other"} - {NAMES[dead]}
    assert part_of(one, scene, kind).vaults == (alive,)


@KEPT
async def test_a_snapshot_that_no_vault_takes_fails_and_names_both(
    of_two_vaults: list[Scenario], kind: str
) -> None:
    one = the(of_two_vaults, "snapshot", KeepPart, kind)
    scene = world_after(one)
    die(scene, SHELF, SECOND)
    with pytest.raises(SnapshotFailed) as caught:
        await applied(one, scene)
    assert "Vault main does not answer" in caught.value.facts.happened
    assert "Vault other does not answer" in caught.value.facts.happened
    assert part_of(one, scene, kind) is None


@EITHER
@KEPT
async def test_a_part_that_one_vault_lacks_is_taken_again_for_it_once_it_answers(
    of_two_vaults: list[Scenario], kind: str, dead: str
) -> None:
    one = the(of_two_vaults, "snapshot", KeepPart, kind)
    scene = world_after(one)
    die(scene, dead)
    await applied(one, scene)
    die(scene)
    with as_process(one.process(scene)) as process:
        assert not await reach(process, one.step)
        assert await one.step.action.holds(process.world())
    assert set(part_of(one, scene, kind).vaults) == {"main", "other"}
    assert lies(scene, dead, AREAS[kind])


async def test_a_vault_that_takes_certificates_and_forgets_them_is_not_said_to_have_them(
    of_two_vaults: list[Scenario],
) -> None:
    one = the(of_two_vaults, "snapshot", KeepPart, "certificates")
    scene = world_after(one)
    for machine in scene.machines.values():
        machine.kept["forgetful"] = [SECOND]
    said = await applied(one, scene)
    assert "though it took them" in said[TOLD][0]
    assert part_of(one, scene, "certificates").vaults == ("main",)


RESTORED = pytest.mark.parametrize("kind", ["certificates", "bucket"])


@EITHER
@RESTORED
async def test_a_restore_comes_to_the_same_end_with_a_dead_vault(
    of_two_vaults: list[Scenario], kind: str, dead: str
) -> None:
    one = the(of_two_vaults, "failover", RestorePart, kind)
    undisturbed, scene = world_after(one), world_after(one)
    await applied(one, undisturbed)
    die(scene, dead)
    said = await applied(one, scene)
    assert same(undisturbed, scene)
    if kind == "bucket":
        assert f"restored without {NAMES[dead]}" in said[TOLD][0]


async def test_certificates_that_are_damaged_in_one_vault_come_from_the_other(
    of_two_vaults: list[Scenario], caplog: pytest.LogCaptureFixture
) -> None:
    one = the(of_two_vaults, "failover", RestorePart, "certificates")
    undisturbed, scene = world_after(one), world_after(one)
    await applied(one, undisturbed)
    damage(scene, SHELF, "certificates")
    with caplog.at_level(logging.WARNING):
        await applied(one, scene)
    assert "Certificates in vault main are damaged" in caplog.text
    assert "brought from vault other instead" in caplog.text
    assert "issued anew" not in caplog.text
    assert same(undisturbed, scene, but=SHELF)


async def test_certificates_that_no_vault_has_whole_stop_no_failover(
    of_two_vaults: list[Scenario], caplog: pytest.LogCaptureFixture
) -> None:
    one = the(of_two_vaults, "failover", RestorePart, "certificates")
    scene = world_after(one)
    damage(scene, SHELF, "certificates")
    damage(scene, SECOND, "certificates")
    with caplog.at_level(logging.WARNING):
        await applied(one, scene)
    assert "issued anew" in caplog.text


@RESTORED
async def test_a_restore_that_no_vault_answers_fails_and_says_why_of_each(
    of_two_vaults: list[Scenario], kind: str
) -> None:
    one = the(of_two_vaults, "failover", RestorePart, kind)
    scene = world_after(one)
    die(scene, SHELF, SECOND)
    with pytest.raises(Failure) as caught:
        await applied(one, scene)
    assert isinstance(caught.value, RestoreFailed)


async def test_a_part_of_an_earlier_version_comes_from_the_first_vault_alone(
    of_two_vaults: list[Scenario],
) -> None:
    one = the(of_two_vaults, "failover", RestorePart, "certificates")
    scene = world_after(one)
    action: Any = one.step.action
    with as_process(one.process(scene)) as process:
        key = EpochKeys(action.point_epoch).point(action.point)
        body = process.vault.get(key).replace(b'"main",\n    "other"', b"")
        process.vault.put(key, body)
    die(scene, SHELF)
    with pytest.raises(RestoreFailed, match="rclone ended with 1"):
        await applied(one, scene)
    die(scene, SECOND)
    await applied(one, scene)


@EITHER
async def test_a_server_needs_one_vault_that_it_reaches(
    of_two_vaults: list[Scenario], dead: str
) -> None:
    one = the(of_two_vaults, "failover", EquipServer)
    scene = world_after(one)
    die(scene, dead)
    await applied(one, scene)
    die(scene, SHELF, SECOND)
    with pytest.raises(DeadlinePassed, match="to reach vault main or other"):
        await applied(one, scene)


@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_a_step_comes_to_the_same_end_whichever_of_its_requests_meets_trouble(
    of_two_vaults: list[Scenario], trouble: Trouble
) -> None:
    """Killed between the two vaults, among all others."""
    wrong: list[str] = []
    for one in distinct(of_two_vaults):
        goal, line = world_after(one), Line()
        with as_process(one.process(goal, line)) as process:
            await reach(process, one.step)
        for number, request in enumerate(line.asked, start=1):
            scene = world_after(one)
            with (
                as_process(one.process(scene, Line(trouble, number))) as process,
                suppress(Failure, Killed),
            ):
                await reach(process, one.step)
            with as_process(one.process(scene)) as process:
                await reach(process, one.step)
            found = [*differences(seen(goal), seen(scene)), *scene.refused]
            wrong += [f"{one.name}, {number}: {request}: {row}" for row in found]
    assert not wrong, "\n".join(wrong)


def distinct(told: list[Scenario]) -> Iterator[Scenario]:
    """One of each action and kind in each story."""
    found = {
        (one.story, type(one.step.action), getattr(one.step.action, "kind", "")): one
        for one in reversed(told)
        if not isinstance(one.step.action, BESIDE)
    }
    yield from found.values()
