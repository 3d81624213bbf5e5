"""A bucket's keepers on a modelled server: one for each vault, whatever becomes of the others."""

from dataclasses import replace

import pytest
from tests.models.host import HostModel
from tests.models.machine import Machine, Unit
from tests.models.programs import services

from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.keeper import KEPT
from liferaft.data.bucket.keepers import are_keeping, first_copies, start_keepers
from liferaft.data.bucket.program import TASKS, SiteBucket
from liferaft.data.failures import SnapshotFailed
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.plan.telling import TOLD
from liferaft.site.reach import VaultAccess

SEAL = CryptSecrets("the-password", "the-salt")
SITE = SiteBucket("chirp-media", "https://objects.test", "east", "key", "secret")
ACCESS = VaultAccess(
    "first", "first-vault", "vault.test", 443, "east", "key", "secret", prefix="chirp/"
)
FIRST = BucketData("media", SITE, Sealed(ACCESS, SEAL))
SECOND = replace(FIRST, sealed=Sealed(replace(ACCESS, name="second", bucket="second-vault"), SEAL))
BOTH = (FIRST, SECOND)
PATIENCE = 5.0


@pytest.fixture
def host() -> HostModel:
    stores: dict[str, dict[str, bytes]] = {
        "chirp-media": {"cat.jpg": b"meow"},
        "first-vault": {},
        "second-vault": {},
    }
    packages = {"python3-cryptography"}
    return HostModel(Machine("198.51.100.7", outside=stores, packages=packages))


def active(host: HostModel) -> set[str]:
    return {unit for unit, state in host.machine.units.items() if state.active}


def unit(instance: str) -> str:
    return f"liferaft-bucket-keeper@{instance}.service"


async def test_each_vault_has_a_keeper_of_its_own_that_notes_its_own_copies(
    host: HostModel,
) -> None:
    assert not await are_keeping(host, BOTH, 1)
    await start_keepers(host, BOTH, 1)
    assert await first_copies(host, BOTH, patience=PATIENCE) == {"whole": True}
    assert await are_keeping(host, BOTH, 1)
    assert active(host) == {unit("first:media"), unit("second:media")}
    for vault in ("first", "second"):
        assert host.machine.files.is_file(f"{KEPT}/{vault}/media")
        assert host.machine.outside[f"{vault}-vault"]


async def test_a_vault_that_takes_nothing_is_told_and_the_other_one_keeps(
    host: HostModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dies(monkeypatch, "second")
    await start_keepers(host, BOTH, 1)
    came = await first_copies(host, BOTH, patience=PATIENCE)
    assert came["whole"] is False
    (told,) = came[TOLD]
    assert "bucket media cannot copy into vault second" in told
    assert host.machine.files.is_file(f"{KEPT}/first/media")


async def test_a_deploy_with_a_dead_vault_leaves_the_healthy_keeper_running(
    host: HostModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start_keepers(host, (FIRST,), 1)
    noted = host.machine.files.read(f"{KEPT}/first/media")
    host.machine.clock += 60
    _dies(monkeypatch, "second")
    await start_keepers(host, BOTH, 1)
    assert host.machine.files.read(f"{KEPT}/first/media") == noted


async def test_where_no_vault_takes_anything_it_has_failed(
    host: HostModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dies(monkeypatch, "first")
    await start_keepers(host, (FIRST,), 1)
    with pytest.raises(SnapshotFailed, match="vault first"):
        await first_copies(host, (FIRST,), patience=PATIENCE)


async def test_what_a_version_before_had_is_removed_at_the_next_deploy(host: HostModel) -> None:
    await start_keepers(host, (FIRST,), 1)
    files = host.machine.files
    files.write(f"{TASKS}/keeper-media.json", b"{}", 0.0)
    files.write(f"{KEPT}/media", b"1795960800.000000\n", 0.0)
    host.machine.units[unit("media")] = Unit(enabled=True, active=True)
    assert not await are_keeping(host, (FIRST,), 1), "else nobody removed it"
    await start_keepers(host, (FIRST,), 1)
    assert await are_keeping(host, (FIRST,), 1)
    old = host.machine.units[unit("media")]
    assert (old.active, old.enabled) == (False, False)
    assert not files.is_file(f"{TASKS}/keeper-media.json")
    assert not files.is_file(f"{KEPT}/media")


async def test_the_keeper_of_a_vault_that_is_configured_no_more_is_removed(
    host: HostModel,
) -> None:
    await start_keepers(host, BOTH, 1)
    await start_keepers(host, (FIRST,), 1)
    assert active(host) == {unit("first:media")}
    assert not host.machine.files.is_file(f"{KEPT}/second/media"), "the archive would wait for it"


async def test_a_vault_that_is_called_as_the_bucket_is_no_older_version(host: HostModel) -> None:
    called = replace(FIRST, sealed=Sealed(replace(ACCESS, name="media"), SEAL))
    await start_keepers(host, (called,), 1)
    host.machine.files.write(f"{TASKS}/keeper-media.json", b"{}", 0.0)
    await start_keepers(host, (called,), 1)
    assert await are_keeping(host, (called,), 1)
    assert host.machine.files.is_file(f"{KEPT}/media/media")


def _dies(monkeypatch: pytest.MonkeyPatch, vault: str) -> None:
    """Its keeper is started again and again from now on."""
    keeps = services._starting[r"liferaft-bucket-keeper@(.*)\.service"]

    def fails(machine: Machine, instance: str) -> bool:
        if not instance.startswith(f"{vault}:"):
            return keeps(machine, instance)
        machine.units[unit(instance)].restarts = 1
        return True

    monkeypatch.setitem(services._starting, r"liferaft-bucket-keeper@(.*)\.service", fails)
