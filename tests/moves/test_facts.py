"""What a plan is built from is read from the vault; what may not be done is refused there."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from tests.application import IMAGE

from liferaft.config import Config
from liferaft.data.container_images.kind import Images
from liferaft.data.postgres.facts import Timeline
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.failures import BadInput, Refused
from liferaft.moves import deploy, facts
from liferaft.moves.inputs import DeployInputs, FailoverInputs, SnapshotInputs
from liferaft.recovery.part import Part
from liferaft.recovery.point import NoRecoveryPoint, RecoveryPoint, publish
from liferaft.site.world import World
from liferaft.vault import Vault

Reigns = Callable[[int, str], None]
HasPoint = Callable[[int, str], None]


def test_the_first_deploy_begins_the_first_reign(config: Config, vault: Vault) -> None:
    assert facts.for_deploy(config, vault, "east") == DeployInputs(
        site="east", epoch=1, reigns=True
    )


def test_the_first_deploy_must_be_the_primarys(config: Config, vault: Vault) -> None:
    with pytest.raises(Refused, match="Nothing reigns yet") as caught:
        facts.for_deploy(config, vault, "north")
    assert "liferaft deploy east" in caught.value.facts.do


def test_a_site_beside_the_one_that_reigns_is_only_made_ready(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    assert facts.for_deploy(config, vault, "north").reigns is False
    assert facts.for_deploy(config, vault, "east").reigns is True


def test_the_declared_primary_is_only_made_ready_once_another_site_reigns(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    reigns(2, "north")
    assert facts.for_deploy(config, vault, "east") == DeployInputs(
        site="east", epoch=2, reigns=False
    )


@pytest.mark.parametrize("asked", [facts.for_deploy, facts.for_failover, facts.for_destroy])
def test_an_unknown_site_is_told_the_sites_that_there_are(
    config: Config, vault: Vault, asked: Callable[..., object]
) -> None:
    with pytest.raises(BadInput, match="mars") as caught:
        asked(config, vault, "mars")
    said = str(caught.value) + caught.value.facts.do
    assert "east" in said
    assert "north" in said


@pytest.mark.parametrize("asked", [facts.for_failover, facts.for_destroy, facts.for_snapshot])
def test_before_the_first_deploy_there_is_nothing_to_move_keep_or_destroy(
    config: Config, vault: Vault, asked: Callable[..., object]
) -> None:
    with pytest.raises(Refused, match="never deployed"):
        asked(config, vault, "north")


def test_a_failover_takes_the_next_epoch_and_the_newest_recovery_point(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    has_point(1, "20261122T150000Z")
    assert facts.for_failover(config, vault, "north") == FailoverInputs(
        site="north",
        epoch=2,
        reigns=True,
        from_epoch=1,
        from_site="east",
        point="20261122T150000Z",
        point_epoch=1,
        facts={"postgres": Timeline(1), "image": Images((IMAGE,))},
    )


@pytest.mark.parametrize(
    ("names", "lacks"),
    [(["localhost/chirp:1"], True), (["localhost/chirp:2"], False), (None, False)],
)
def test_an_image_that_the_recovery_point_lacks_is_told_before_a_failover(
    config: Config,
    vault: Vault,
    reigns: Reigns,
    names: list[str] | None,
    lacks: bool,
) -> None:
    config.app.compose.write_text("services:\n  web:\n    image: chirp:2\n")
    reigns(1, "east")
    told = {} if names is None else {"names": names}
    part = Part("image", "chirp-1", 1, "2026-11-22T14:00:00Z", 1, {"digest": "d", **told})
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", part.taken_at, (part,)))
    with pytest.raises(Refused, match="lacks the image chirp:2") if lacks else nullcontext():
        facts.for_failover(config, vault, "north")


def test_a_recovery_point_without_any_image_is_told_before_a_failover(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    part = Part("postgres", "db", 1, "2026-11-22T14:00:00Z", 1)
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", part.taken_at, (part,)))
    with pytest.raises(Refused, match=r"lacks the image chirp:1, .*; it has none"):
        facts.for_failover(config, vault, "north")


async def test_a_failover_pins_the_timeline_of_the_reign_that_it_ends(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint, world: World
) -> None:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    reigns(2, "north")
    await keep_timeline(world.site.vault, 2, 5)
    found = facts.for_failover(config, vault, "east")
    assert (found.facts["postgres"], found.point_epoch, found.from_epoch) == (Timeline(5), 1, 2)


def test_a_failover_from_a_reign_whose_promotion_was_not_finished_is_refused(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    reigns(2, "north")
    with pytest.raises(Refused, match="began epoch 2 did not come to its end") as caught:
        facts.for_failover(config, vault, "east")
    assert "again" in caught.value.facts.do


def test_a_failover_to_the_site_that_reigns_is_refused(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    with pytest.raises(Refused, match="east reigns already, since 2026-11-22"):
        facts.for_failover(config, vault, "east")


def test_a_failover_without_a_recovery_point_says_how_to_take_one(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    with pytest.raises(NoRecoveryPoint) as caught:
        facts.for_failover(config, vault, "north")
    assert "liferaft snapshot" in caught.value.facts.do


def test_a_snapshot_is_named_by_its_moment(config: Config, vault: Vault, reigns: Reigns) -> None:
    reigns(1, "east")
    found = facts.for_snapshot(config, vault, "east", datetime(2026, 11, 22, 14, 5, 7, tzinfo=UTC))
    assert found == SnapshotInputs(site="east", epoch=1, reigns=True, point="20261122T140507Z")


def test_a_site_that_does_not_reign_has_nothing_to_keep(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    with pytest.raises(Refused, match="north does not reign, east does"):
        facts.for_snapshot(config, vault, "north")


def test_a_destroy_knows_whether_the_application_runs_there(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    assert facts.for_destroy(config, vault, "east").reigns is True
    assert facts.for_destroy(config, vault, "north").reigns is False


def test_nobody_is_asked_for_the_name_of_a_site_that_is_destroyed_already(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    vault.put("epoch-00000001/destroyed.json", b'{"site": "east", "at": "2026-11-22T15:00:00Z"}')
    assert facts.for_destroy(config, vault, "east").reigns is False


def test_of_a_destroyed_site_there_is_nothing_to_keep(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    vault.put("epoch-00000001/destroyed.json", b'{"site": "east", "at": "2026-11-22T15:00:00Z"}')
    with pytest.raises(Refused, match="east was destroyed at 2026-11-22T15:00:00Z"):
        facts.for_snapshot(config, vault, "east")


def test_a_site_that_was_destroyed_while_it_reigned_is_deployed_under_the_next_epoch(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    vault.put("epoch-00000001/destroyed.json", b'{"site": "east", "at": "2026-11-22T15:00:00Z"}')
    inputs = facts.for_deploy(config, vault, "east")
    assert inputs == DeployInputs(site="east", epoch=2, from_epoch=1, reigns=True)
    sentences = [step.sentence for step in deploy.plan(config, inputs).steps]
    assert any("EMPTY database" in sentence for sentence in sentences)
    reigns(2, "east")
    assert facts.for_deploy(config, vault, "east") == DeployInputs(
        site="east", epoch=2, reigns=True
    )


def test_a_failover_does_not_bring_back_what_was_destroyed_before_the_last_deploy(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    vault.put("epoch-00000001/destroyed.json", b'{"site": "east", "at": "2026-11-22T15:00:00Z"}')
    assert facts.for_failover(config, vault, "north").point_epoch == 1
    reigns(2, "east")
    with pytest.raises(Refused, match="destroyed since"):
        facts.for_failover(config, vault, "north")
