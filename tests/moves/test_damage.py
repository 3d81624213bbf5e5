"""A damaged object of a reign: made anew where that can be, named with its way out where not."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from liferaft.config import Config
from liferaft.data.postgres.facts import Timeline
from liferaft.data.postgres.timeline import keep_timeline, timeline_of
from liferaft.evidence.standing import standing
from liferaft.failures import BadInput, Failure, Refused
from liferaft.hosts.trust import Pin
from liferaft.journal import Event, Journal, RunName
from liferaft.moves import facts
from liferaft.moves.actions.point import PublishPoint
from liferaft.moves.actions.secrets import KeepSecrets
from liferaft.moves.session import prepare
from liferaft.recovery.part import Part
from liferaft.recovery.parts import has_part, note_part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.secrets import AppSecrets, ensure_secrets, read_secrets
from liferaft.site.machine_images import (
    MachineImageRecord,
    bootable,
    keep_machine_image,
    machine_image_of,
)
from liferaft.site.promotion import is_promoted
from liferaft.site.world import World
from liferaft.vault import CheckedVault, Damaged

Reigns = Callable[[int, str], None]
HasPoint = Callable[[int, str], None]
POINT = "20261122T140000Z"


def flipped(vault: CheckedVault, key: str) -> None:
    whole = bytearray(vault.raw.get(key))
    whole[-3] ^= 1
    vault.raw.put(key, bytes(whole))


def raw(world: World) -> CheckedVault:
    assert isinstance(world.site.vault, CheckedVault)
    return world.site.vault


async def ran(vault: CheckedVault, folder: Path, name: RunName, *events: Mapping[str, Any]) -> None:
    inputs = {"site": "north", "epoch": name.epoch, "reigns": True}
    journal = await Journal.begin(
        name,
        move="failover",
        site="north",
        inputs=inputs,
        digest="",
        vaults=[vault],
        folder=folder,
    )
    for facts_ in events:
        await journal.event(**facts_)


def test_status_goes_on_and_names_what_is_damaged(
    config: Config, vault: CheckedVault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, POINT)
    has_point(1, "20261122T150000Z")
    old, new = f"epoch-00000001/points/{POINT}.json", "epoch-00000001/points/20261122T150000Z.json"
    event = Event(1, "run-started", "2026-11-22T14:00:00Z", "s", 0.0, {})
    vault.put("runs/00000001-t1/000001.json", event.to_json())
    for key in (new, "runs/00000001-t1/000001.json"):
        flipped(vault, key)
    told = standing(config, vault)
    assert (told.site, told.newest_point) == ("east", POINT)
    assert [key for key in (new, "runs/00000001-t1/000001.json") if key in str(told.damaged)]
    flipped(vault, old)
    assert standing(config, vault).newest_point is None


def test_a_damaged_journal_of_an_old_run_does_not_stop_a_failover(
    config: Config, vault: CheckedVault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, POINT)
    vault.raw.put("runs/00000001-t1/000001.json", b"hello")
    assert prepare("failover", "north", config, vault).plan.inputs.to_json()["point"] == POINT


async def test_the_timeline_of_a_damaged_note_is_read_from_the_promotions_journal(
    config: Config,
    vault: CheckedVault,
    reigns: Reigns,
    has_point: HasPoint,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    has_point(1, POINT)
    reigns(1, "east")
    reigns(2, "north")
    vault.put("epoch-00000002/timeline.json", b'{"timeline": 5}')
    flipped(vault, "epoch-00000002/timeline.json")
    with pytest.raises(Damaged, match=r"epoch-00000002/timeline\.json") as caught:
        facts.for_failover(config, vault, "east")
    assert "liferaft deploy" in caught.value.facts.do
    promoted = (
        {"kind": "step-started", "step": "promote"},
        {"kind": "step-done", "step": "promote", "timeline": 5},
    )
    await ran(vault, tmp_path, RunName(2, "t1"), *promoted)
    with caplog.at_level(logging.WARNING):
        assert facts.for_failover(config, vault, "east").facts["postgres"] == Timeline(5)
    assert "epoch-00000002/timeline.json" in caplog.text


def test_the_timeline_of_a_damaged_note_is_read_from_a_backup_of_that_reign(
    vault: CheckedVault,
) -> None:
    vault.raw.put("epoch-00000001/timeline.json", b"{}")
    part = Part("postgres", "db", 1, "2026-11-22T14:00:00Z", 1, {"timeline": 3})
    publish(vault, RecoveryPoint(POINT, "chirp", 1, "east", part.taken_at, (part,)))
    assert timeline_of(vault, 1) == 3


async def test_a_deploy_writes_a_damaged_note_of_the_timeline_anew(world: World) -> None:
    await keep_timeline(world.site.vault, 1, 1)
    assert is_promoted(world.site.vault, 1)
    flipped(raw(world), "epoch-00000001/timeline.json")
    assert not is_promoted(world.site.vault, 1)


@pytest.mark.parametrize(
    ("compose", "failure", "said"),
    [
        ("services:\n  web:\n    image: chirp:9\n", Refused, "lacks the image chirp:9"),
        ("services: [", BadInput, "compose.yaml"),
    ],
)
def test_what_lacks_in_a_point_or_a_file_hides_no_damage_that_another_kind_of_data_meets(
    config: Config,
    vault: CheckedVault,
    reigns: Reigns,
    has_point: HasPoint,
    compose: str,
    failure: type[Failure],
    said: str,
) -> None:
    config.app.compose.write_text(compose)
    reigns(1, "east")
    has_point(1, POINT)
    with pytest.raises(failure, match=said):
        facts.for_failover(config, vault, "north")
    vault.raw.put("epoch-00000001/timeline.json", b"{}")
    with pytest.raises(Damaged, match=r"timeline\.json"):
        facts.for_failover(config, vault, "north")


def test_a_damaged_note_of_a_destruction_stops_with_its_key(
    config: Config, vault: CheckedVault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, POINT)
    vault.raw.put("epoch-00000001/destroyed.json", b"hello")
    with pytest.raises(Damaged, match=r"epoch-00000001/destroyed\.json"):
        facts.for_snapshot(config, vault, "east")
    assert "epoch-00000001/destroyed.json" in str(standing(config, vault).damaged)


async def test_a_damaged_host_key_is_named_with_the_server_that_it_is_of(world: World) -> None:
    await world.servers.keep_pin("db-1", Pin("ssh-ed25519 AAAA", settled=True))
    flipped(raw(world), "pins/north/db-1.json")
    with pytest.raises(Damaged, match=r"pins/north/db-1\.json") as caught:
        await world.servers.pin("db-1")
    assert "delete server db-1 of north" in caught.value.facts.do


async def test_a_damaged_record_of_a_machine_image_costs_only_its_speed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    keep_machine_image(
        world.site.vault, "north", MachineImageRecord("i", "n", "hetzner", "fsn1", ())
    )
    flipped(raw(world), "machine-images/north.json")
    with caplog.at_level(logging.WARNING):
        assert await bootable(world.site) is None
    assert "machine-images/north.json" in caplog.text
    with pytest.raises(Damaged) as caught:
        machine_image_of(world.site.vault, "north")
    assert "liferaft image build north" in caught.value.facts.do


async def test_a_part_whose_note_is_damaged_is_taken_again(world: World) -> None:
    note_part(world.site.vault, POINT, Part("bucket", "media", 1, "", 0))
    assert has_part(world.site.vault, 1, POINT, kind="bucket", name="media")
    flipped(raw(world), f"epoch-00000001/parts/{POINT}/bucket-media.json")
    assert not has_part(world.site.vault, 1, POINT, kind="bucket", name="media")


async def test_a_manifest_that_is_damaged_is_published_again(world: World) -> None:
    publishing = PublishPoint("east", 1, POINT)
    note_part(world.site.vault, POINT, Part("bucket", "media", 1, "", 0))
    assert not await publishing.holds(world)
    await publishing.apply(world)
    assert await publishing.holds(world)
    flipped(raw(world), f"epoch-00000001/points/{POINT}.json")
    assert not await publishing.holds(world)
    await publishing.apply(world)
    await publishing.prove(world)


def kept(world: World) -> AppSecrets:
    edge = world.site.credentials
    return ensure_secrets(
        world.site.vault, 1, recipients=edge.recipients, identity_file=edge.identity_file
    )


async def test_damaged_secrets_are_not_blamed_on_the_identity(operated: World) -> None:
    kept(operated)
    flipped(raw(operated), "epoch-00000001/secrets.age")
    with pytest.raises(Damaged, match=r"epoch-00000001/secrets\.age") as caught:
        read_secrets(operated.site.vault, 1, operated.site.credentials.identity_file)
    assert "identity has nothing to do with it" in caught.value.facts.do
    assert not await KeepSecrets(1, 1).holds(operated)


async def test_damaged_secrets_are_made_whole_from_those_of_the_reign_before(
    operated: World, caplog: pytest.LogCaptureFixture
) -> None:
    first = kept(operated)
    operated.site.use_secrets(first)
    await KeepSecrets(2, 1).apply(operated)
    flipped(raw(operated), "epoch-00000002/secrets.age")
    identity = operated.site.credentials.identity_file
    with caplog.at_level(logging.WARNING):
        assert read_secrets(operated.site.vault, 2, identity) == first
    assert "epoch-00000002/secrets.age" in caplog.text
    keep = KeepSecrets(2, 2)
    assert not await keep.holds(operated)
    await keep.apply(operated)
    assert await keep.holds(operated)
    await keep.prove(operated)


def test_the_vaults_objects_are_plain_below_their_first_line(
    vault: CheckedVault, reigns: Reigns
) -> None:
    reigns(1, "east")
    assert json.loads(vault.raw.get("epoch/00000001").partition(b"\n")[2])["site"] == "east"
