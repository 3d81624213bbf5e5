"""One flipped bit in each object of a vault, in turn, as the operator's commands tell of it."""

import asyncio
import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from benchmarks.vault_kinds import Fate, kind_of
from tests import kept

from liferaft.data.wholeness import QUICK
from liferaft.moves import preflight
from liferaft.moves.session import prepare
from liferaft.vault import CheckedVault, EpochChain, EpochRecord
from liferaft_cli import opening

Liferaft = Callable[..., Any]
STATE = "state/.pulumi/stacks/chirp/north.json"
QUIET = {"epoch-00000001/points/" + kept.OLDER + ".json"}
"""No failover needs it."""
WAYS = ("Put back", "--take-over", "--point", "app.images", "liferaft deploy", "`version: 1`")
NOT_IN_STATUS = (
    "state/",
    "pins/",
    "bucket-names/",
    f"{kept.REPOSITORY}/backup",
    f"{kept.ARCHIVE}/archive.info",
)
"""Of one site, or sealed: `liferaft state` and the plan of a failover tell of them."""


@pytest.fixture
def whole(vault: CheckedVault, folder: Path) -> CheckedVault:
    recipient, identity = os.environ["LIFERAFT_RECIPIENT"], folder / "identity"
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z"))
    asyncio.run(kept.kept(vault, folder, recipient, identity))
    return vault


def flipped(body: bytes, key: str) -> bytes:
    """Another bit for each object, always the same one."""
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
    changed = bytearray(body)
    changed[drawn % len(body)] ^= 1 << (drawn >> 32) % 8
    return bytes(changed)


@pytest.mark.usefixtures("whole")
def test_a_whole_vault_has_nothing_to_tell(liferaft: Liferaft) -> None:
    assert "DAMAGED" not in liferaft("status").out
    planned = liferaft("plan", "failover", "north")
    assert planned.code == 0, planned.err
    assert "damaged" not in planned.err
    assert liferaft("failover", "north", typed="n").code == 8


@pytest.mark.proof
def test_one_flipped_bit_in_any_object_is_named_by_every_command(
    whole: CheckedVault, liferaft: Liferaft
) -> None:
    for key in whole.list():
        body, fate = whole.raw.get(key), kind_of(key).fate
        whole.raw.put(key, flipped(body, key))
        status = liferaft("status")
        plan = liferaft("plan", "failover", "north")
        failover = liferaft("failover", "north", typed="n")
        whole.raw.put(key, body)
        said = f"{key}\n{status}\n{plan}\n{failover}"
        for ran in (status, plan, failover):
            assert ran.code != 70, said
            assert "Traceback" not in ran.err + ran.out, said
        stops = fate is Fate.STOPS and key not in QUIET
        assert (plan.code in {1, 4}) == (failover.code in {1, 4}) == stops, said
        named = key.removeprefix("state/")
        if stops or fate is Fate.ANEW:
            assert named in plan.err, said
            assert named in failover.err, said
        if stops:
            assert any(way in plan.err for way in WAYS), said
            assert "run the same command again" not in plan.err.lower(), said
        if (stops or fate is Fate.ANEW) and not key.startswith(NOT_IN_STATUS):
            assert key in status.out + status.err, said


def damage(vault: CheckedVault, *keys: str) -> None:
    for key in keys:
        vault.raw.put(key, flipped(vault.raw.get(key), key))


MANIFEST = f"epoch-00000001/points/{kept.POINT}.json"
SECRETS = "epoch-00000001/secrets.age"
IMAGE = "epoch-00000001/images/abc"
RELEASE = "epoch-00000001/release.json"


def test_all_damage_is_told_at_once_each_with_a_way_out(
    whole: CheckedVault, liferaft: Liferaft
) -> None:
    damage(whole, MANIFEST, SECRETS, IMAGE, STATE, "lease/00000001")
    for command in ("plan",), ():
        ran = liferaft(*command, "failover", "north")
        assert ran.code == 4
        for key in (MANIFEST, SECRETS, IMAGE, STATE.removeprefix("state/"), "lease/00000001"):
            assert f"{key} of vault main" in ran.err or f"{key} at file" in ran.err
            assert sum(key in line for line in ran.err.splitlines()) > 1, "and with its way out"
        assert f"--point {kept.OLDER}" in ran.err
        assert "identity has nothing to do with it" in ran.err
    taking = liferaft("failover", "north", "--take-over")
    assert "lease/00000001" not in taking.err


def test_whatever_a_failover_lacks_is_told_though_its_release_and_timeline_are_damaged(
    whole: CheckedVault, liferaft: Liferaft
) -> None:
    damage(whole, RELEASE, SECRETS)
    ran = liferaft("plan", "failover", "north")
    assert RELEASE in ran.err
    assert SECRETS in ran.err


def test_a_buckets_damaged_name_is_told_with_its_way_out_where_the_state_has_none(
    whole: CheckedVault, liferaft: Liferaft
) -> None:
    name = "bucket-names/north/media.json"
    damage(whole, name)
    told = liferaft("plan", "failover", "north")
    assert told.code == 0
    assert f"{name} of vault main is damaged" in told.err
    assert "The site's state says it too" in told.err
    state = whole.raw.get(STATE)
    whole.raw.put(STATE, state.replace(b"chirp-north-media", b"chirp-north-other"))
    ran = liferaft("plan", "failover", "north")
    assert ran.code == 4
    assert "Delete this object: then another name is taken." in ran.err


def test_what_is_not_there_is_told_as_well(whole: CheckedVault, liferaft: Liferaft) -> None:
    secrets = whole.raw.get(SECRETS)
    bundle, wal = f"{kept.BACKUP}/{kept.LABEL}/bundle/1", kept.segment(2)
    for key in (SECRETS, IMAGE, bundle, wal):
        whole.delete(key)
    ran = liferaft("plan", "failover", "north")
    assert ran.code == 4
    gone = "{} of vault main is damaged: {} is not there"
    assert gone.format(SECRETS, "it") in ran.err
    assert gone.format(IMAGE, "it") in ran.err
    assert kept.SEGMENTS[2] in ran.err
    whole.raw.put(SECRETS, secrets)  # with them the notes of the backup can be opened
    assert gone.format(bundle, "it") in liferaft("plan", "failover", "north").err


def test_an_image_that_the_operator_has_as_well_is_used_from_there(
    whole: CheckedVault, liferaft: Liferaft, folder: Path
) -> None:
    archive = folder / "chirp.oci.tar"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    noted = whole.get(RELEASE).replace(b"5" * 64, digest.encode())
    whole.put(RELEASE, noted)
    damage(whole, IMAGE)
    ran = liferaft("plan", "failover", "north")
    assert ran.code == 0
    assert f"{IMAGE} of vault main is damaged" in ran.err
    assert f"The same image is in {archive}" in ran.err


def test_a_large_image_is_read_by_the_plan_alone_and_the_failover_says_who_reads_it(
    whole: CheckedVault, liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = dataclasses.replace(QUICK, largest=kept.IMAGE_BYTES)
    monkeypatch.setattr("liferaft.moves.preflight.QUICK", quick)
    damage(whole, IMAGE)
    assert IMAGE in liferaft("plan", "failover", "north").err
    ran = liferaft("failover", "north", typed="n")
    assert ran.code == 8
    assert "was not read: each server checks its digest before it is used" in ran.err
    whole.raw.put(IMAGE, whole.raw.get(IMAGE)[:-1])
    assert liferaft("failover", "north", typed="n").code in {1, 4}


@pytest.mark.usefixtures("whole")
def test_a_plan_without_keys_says_what_it_could_not_look_at(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFERAFT_IDENTITY_FILE", "/nowhere")
    ran = liferaft("plan", "failover", "north", "--json")
    assert ran.code == 0
    assert "was not looked at" in str(json.loads(ran.out)["notes"])


def test_a_snapshots_plan_and_a_deploys_go_on_where_what_they_write_anew_is_damaged(
    whole: CheckedVault, liferaft: Liferaft
) -> None:
    damage(whole, RELEASE)
    ran = liferaft("plan", "deploy", "east")
    assert ran.code == 0
    assert RELEASE in ran.err
    assert "written anew" in ran.err


def test_past_the_point_of_no_return_damage_is_told_and_stops_nothing(
    whole: CheckedVault, folder: Path
) -> None:
    opened = opening.open_configuration(folder / "liferaft.toml")
    plan = prepare("failover", "north", opened.config, whole).plan
    damage(whole, IMAGE, MANIFEST)
    EpochChain(whole).claim(EpochRecord(2, "north", "run-2", "2026-11-22T15:00:00Z"))
    north = opening.site_at(opened, "north")
    told = asyncio.run(preflight.require_whole(north, plan, running=True))
    assert any(IMAGE in note for note in told)
    assert any(MANIFEST in note for note in told)


def test_an_identity_that_does_not_fit_is_told_before_anything_moves(
    whole: CheckedVault, liferaft: Liferaft, folder: Path
) -> None:
    (folder / "identity").write_text(str(pyrage.x25519.Identity.generate()))
    ran = liferaft("failover", "north")
    assert ran.code == 3
    assert "does not open the app's secrets" in ran.err
    damage(whole, IMAGE)
    ran = liferaft("failover", "north")
    assert "does not open the app's secrets" in ran.err
    assert IMAGE in ran.err


def test_a_drill_of_what_is_damaged_says_that_a_failover_would_not_have_worked(
    whole: CheckedVault, liferaft: Liferaft
) -> None:
    damage(whole, MANIFEST, RELEASE)
    before = whole.list()
    ran = liferaft("drill", "north", "--yes")
    assert ran.code == 9, ran
    assert "A failover to north would not have worked" in ran.err
    assert f"{MANIFEST} of vault main" in ran.err
    assert f"{RELEASE} of vault main" in ran.err
    assert "Nothing was made" in ran.err
    assert whole.list() == before


@pytest.mark.usefixtures("whole")
def test_a_drill_that_is_asked_for_wrongly_says_nothing_of_the_failover(
    liferaft: Liferaft,
) -> None:
    ran = liferaft("drill", "north", "--point", "20200101T000000Z", "--yes")
    assert ran.code == 3, ran
    assert "would not have worked" not in ran.err
