"""What was deployed last is what a failover starts, whatever the newest recovery point holds."""

from collections.abc import Callable

import pytest

from liferaft.config import Config
from liferaft.data.container_images.load import LoadContainerImages
from liferaft.failures import Refused
from liferaft.moves import deploy, facts, failover
from liferaft.moves.inputs import DeployInputs
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.release import Release
from liferaft.vault import Vault

Reigns = Callable[[int, str], None]
AT = "2026-11-22T14:00:00+00:00"


def image(version: int, epoch: int = 1) -> Part:
    named = {"digest": f"digest-of-{version}", "names": [f"localhost/chirp:{version}"]}
    return Part("image", "chirp", epoch, AT, 7, named)


@pytest.fixture
def snapshot_of_version_1(config: Config, vault: Vault, reigns: Reigns) -> Config:
    """A recovery point with version 1 of the image, of a reign at `east`."""
    reigns(1, "east")
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", AT, (image(1),)))
    return config


def asks_for(config: Config, version: int) -> None:
    config.app.compose.write_text(f"services:\n  web:\n    image: chirp:{version}\n")


def loaded(config: Config, vault: Vault) -> list[str]:
    """Digests of the images that a failover to `north` would load."""
    plan = failover.plan(config, facts.for_failover(config, vault, "north"))
    (action,) = [step.action for step in plan.steps if isinstance(step.action, LoadContainerImages)]
    assert action.images is not None
    return [part["facts"]["digest"] for part in action.images]


def test_an_image_that_was_deployed_without_a_snapshot_since_is_what_a_failover_starts(
    snapshot_of_version_1: Config, vault: Vault
) -> None:
    asks_for(snapshot_of_version_1, 2)
    release.note(vault, 1, "run", Release(AT, (image(2),)))
    assert loaded(snapshot_of_version_1, vault) == ["digest-of-2"]


def test_without_a_note_of_a_deploy_it_is_what_the_recovery_point_holds(
    snapshot_of_version_1: Config, vault: Vault
) -> None:
    asks_for(snapshot_of_version_1, 1)
    assert loaded(snapshot_of_version_1, vault) == ["digest-of-1"]


def test_what_an_earlier_reign_deployed_is_started_until_another_is_deployed(
    snapshot_of_version_1: Config, vault: Vault, reigns: Reigns
) -> None:
    asks_for(snapshot_of_version_1, 2)
    release.note(vault, 1, "run", Release(AT, (image(2),)))
    reigns(2, "south")
    vault.put("epoch-00000002/timeline.json", b'{"timeline": 2}')
    assert loaded(snapshot_of_version_1, vault) == ["digest-of-2"]
    release.note(vault, 2, "run", Release(AT, (image(3, epoch=2),)))
    asks_for(snapshot_of_version_1, 3)
    assert loaded(snapshot_of_version_1, vault) == ["digest-of-3"]


def test_a_compose_file_that_asks_for_what_was_never_deployed_is_told_before_a_failover(
    snapshot_of_version_1: Config, vault: Vault
) -> None:
    asks_for(snapshot_of_version_1, 3)
    release.note(vault, 1, "run", Release(AT, (image(2),)))
    with pytest.raises(Refused, match=r"What was started at 2026-11-22.* lacks the image chirp:3"):
        facts.for_failover(snapshot_of_version_1, vault, "north")


def test_a_release_is_noted_only_after_every_server_has_started_it(wide: Config) -> None:
    plan = deploy.plan(wide, DeployInputs(site="east", epoch=1, reigns=True))
    needs = {step.name: set(step.needs) for step in plan.steps}
    started = {name for name in needs if name.startswith("workload-")}
    assert len(started) > 1
    assert needs["release"] == started
