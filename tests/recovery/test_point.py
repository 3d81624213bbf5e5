"""Recovery points: one manifest, written last, found again by the next reign."""

import dataclasses
import json
from pathlib import Path

import pytest

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.failures import BadInput, Refused
from liferaft.journal import Event, RunName
from liferaft.recovery.part import Part
from liferaft.recovery.point import (
    NoRecoveryPoint,
    RecoveryPoint,
    history,
    named,
    newest,
    newest_whole,
    publish,
)
from liferaft.vault import CheckedVault, Damaged, EpochChain, EpochRecord, Vault, open_vault

DATABASE = Part("postgres", "db", 1, "2026-11-22T14:00:00Z", 4096, {"label": "F1", "timeline": 1})
BUCKET = Part("bucket", "media", 1, "2026-11-22T14:00:01Z", 12, {"count": 3})


@pytest.fixture
def vault(tmp_path: Path) -> CheckedVault:
    url = VaultConfig(url=f"file://{tmp_path}/vault")
    return open_vault("main", url, VaultCredentials(), prefix="chirp")


def point(name: str, epoch: int = 1) -> RecoveryPoint:
    return RecoveryPoint(
        name=name,
        app="chirp",
        epoch=epoch,
        site="east",
        taken_at="2026-11-22T14:00:02Z",
        parts=(DATABASE, BUCKET),
    )


def test_what_is_published_is_read_back_whole(vault: Vault) -> None:
    publish(vault, point("20261122T140000Z"))
    assert newest(vault, 1) == point("20261122T140000Z")


def test_the_newest_point_of_a_reign_counts(vault: Vault) -> None:
    for name in ("20261122T150000Z", "20261122T140000Z"):
        publish(vault, point(name))
    assert newest(vault, 1).name == "20261122T150000Z"
    assert [found.name for found in history(vault, 1).whole] == [
        "20261122T140000Z",
        "20261122T150000Z",
    ]


def test_a_reign_without_a_point_of_its_own_comes_back_from_an_earlier_one(vault: Vault) -> None:
    publish(vault, point("20261122T140000Z", epoch=1))
    assert newest(vault, 3).epoch == 1
    publish(vault, point("20261121T000000Z", epoch=2))
    assert newest(vault, 3).epoch == 2


def test_points_of_later_reigns_are_not_for_earlier_ones(vault: Vault) -> None:
    publish(vault, point("20261122T140000Z", epoch=2))
    with pytest.raises(NoRecoveryPoint):
        newest(vault, 1)


def began(vault: Vault, *times: str) -> None:
    for number, at in enumerate(times, 1):
        EpochChain(vault).claim(EpochRecord(number, "east", f"run-{number}", at))


def test_what_an_old_primary_took_after_its_reign_is_not_the_newest(vault: Vault) -> None:
    """It is of a history that was left: no standby could replay from it to what came since."""
    began(vault, "2026-11-22T10:00:00+00:00", "2026-11-22T14:30:00+00:00")
    publish(vault, point("20261122T140000Z"))
    late = dataclasses.replace(point("20261122T142900Z"), taken_at="2026-11-22T14:31:00+00:00")
    publish(vault, late)
    for found in (newest(vault, 2), newest_whole(vault, 2)):
        assert found is not None
        assert found.name == "20261122T140000Z"
    assert newest(vault, 1) == late, "while it reigns nothing is late"


def test_after_a_failover_as_of_a_moment_no_later_point_is_the_newest(vault: Vault) -> None:
    """The reign since then is the continuation of what was before that moment, and of no more."""
    run = RunName.new(2)
    inputs = {"at": "2026-11-22 14:10:00+00"}
    first = Event(1, "run-started", "2026-11-22T15:00:00+00:00", "s", 0.0, {"inputs": inputs})
    vault.put(run.key(1), first.to_json())
    began(vault, "2026-11-22T10:00:00+00:00")
    EpochChain(vault).claim(EpochRecord(2, "north", str(run), "2026-11-22T15:00:00+00:00"))
    publish(vault, point("20261122T140000Z"))
    later = dataclasses.replace(point("20261122T143000Z"), taken_at="2026-11-22T14:30:02Z")
    publish(vault, later)
    for found in (newest(vault, 2), newest_whole(vault, 2)):
        assert found is not None
        assert found.name == "20261122T140000Z"


def test_a_point_that_seems_late_is_better_than_none(vault: Vault) -> None:
    began(vault, "2026-11-22T10:00:00+00:00", "2026-11-22T13:00:00+00:00")
    for name in ("20261122T140000Z", "20261122T150000Z"):
        publish(vault, point(name))
    for found in (newest(vault, 2), newest_whole(vault, 2)):
        assert found is not None
        assert found.name == "20261122T150000Z"


def test_half_a_point_is_never_found(vault: Vault) -> None:
    body = json.dumps(DATABASE.to_json()).encode()
    vault.put("epoch-00000001/parts/20261122T160000Z/postgres-db.json", body)
    vault.put("epoch-00000001/pgbackrest/backup/F1", b"sealed")
    with pytest.raises(NoRecoveryPoint, match="Vault main holds no recovery point") as caught:
        newest(vault, 1)
    assert "liferaft snapshot" in caught.value.facts.do
    assert isinstance(caught.value, Refused), "nothing was touched, so it is a refusal"
    assert history(vault, 1).whole == ()


def test_a_part_says_which_vaults_have_it_whole() -> None:
    part = dataclasses.replace(BUCKET, vaults=("main", "other"))
    assert Part.from_json(json.loads(json.dumps(part.to_json()))) == part


def test_a_part_of_an_earlier_version_names_no_vault() -> None:
    written = {name: value for name, value in BUCKET.to_json().items() if name != "vaults"}
    assert Part.from_json(written).vaults == ()


def test_a_part_is_found_by_kind_and_name() -> None:
    assert point("p").part("bucket", "media") == BUCKET


def test_a_part_that_the_point_lacks_is_named_with_the_way_out() -> None:
    with pytest.raises(Refused, match="Recovery point p holds no bucket named avatars") as caught:
        point("p").part("bucket", "avatars")
    assert "another recovery point" in caught.value.facts.do


def test_a_manifest_of_another_version_is_refused(vault: Vault) -> None:
    document = {**json.loads(point("p").to_json()), "version": 9}
    vault.put("epoch-00000001/points/20261122T140000Z.json", json.dumps(document).encode())
    with pytest.raises(Refused, match=r"another version of liferaft \(form 9\)"):
        newest(vault, 1)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff"])
def test_what_is_no_manifest_is_refused(vault: Vault, body: bytes) -> None:
    vault.put("epoch-00000001/points/20261122T140000Z.json", body)
    with pytest.raises(Refused, match="damaged"):
        newest(vault, 1)


def flipped(vault: CheckedVault, key: str) -> None:
    whole = bytearray(vault.raw.get(key))
    whole[-3] ^= 1
    vault.raw.put(key, bytes(whole))


def test_a_damaged_newest_manifest_is_named_and_the_next_older_point_offered(
    vault: CheckedVault,
) -> None:
    for name in ("20261122T140000Z", "20261122T150000Z"):
        publish(vault, point(name))
    flipped(vault, "epoch-00000001/points/20261122T150000Z.json")
    with pytest.raises(Damaged, match=r"points/20261122T150000Z\.json of vault main") as caught:
        newest(vault, 1)
    assert "--point 20261122T140000Z" in caught.value.facts.do
    assert "loses nothing that the archive holds" in caught.value.facts.do
    older = newest_whole(vault, 1)
    assert older == named(vault, 1, "20261122T140000Z")
    assert older == point("20261122T140000Z")
    found = history(vault, 1)
    assert [one.name for one in found.whole] == ["20261122T140000Z"]
    assert [one.key for one in found.damaged] == ["epoch-00000001/points/20261122T150000Z.json"]


def test_the_next_older_point_may_be_of_an_earlier_reign(vault: CheckedVault) -> None:
    publish(vault, point("20261122T140000Z", epoch=1))
    publish(vault, point("20261122T150000Z", epoch=2))
    flipped(vault, "epoch-00000002/points/20261122T150000Z.json")
    with pytest.raises(Damaged) as caught:
        newest(vault, 3)
    assert "recovery point 20261122T140000Z of epoch 1" in caught.value.facts.do


def test_the_only_manifest_damaged_is_said_to_be_put_back(vault: CheckedVault) -> None:
    publish(vault, point("20261122T140000Z"))
    flipped(vault, "epoch-00000001/points/20261122T140000Z.json")
    with pytest.raises(Damaged) as caught:
        newest(vault, 1)
    assert "Put back an earlier version" in caught.value.facts.do
    assert "--point" not in caught.value.facts.do


@pytest.mark.parametrize("name", ["README", "zz.json", "zz/20261122T990000Z.json.tmp"])
def test_what_others_lay_beside_the_manifests_is_left_alone(vault: CheckedVault, name: str) -> None:
    publish(vault, point("20261122T140000Z"))
    vault.raw.put(f"epoch-00000001/points/{name}", b"hello")
    assert newest(vault, 1).name == "20261122T140000Z"
    assert not history(vault, 1).damaged


def test_a_point_that_nobody_took_is_not_named(vault: CheckedVault) -> None:
    publish(vault, point("20261122T140000Z"))
    with pytest.raises(BadInput, match="no recovery point 20261122T150000Z"):
        named(vault, 1, "20261122T150000Z")
