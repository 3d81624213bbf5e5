"""Keepers of a volume on a real host: what changes is in the vault soon, after a reboot too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.data.conftest import PATIENCE
from tests.data.volume.on_hosts import FILES, volume, write

from liferaft.data.failures import SnapshotFailed
from liferaft.data.volume import keepers
from liferaft.data.volume.lag import VolumeLag, lags
from liferaft.remote.waiting import wait_until
from liferaft.site.reach import VaultAccess

VAULT = VaultAccess("main", "b", "s3.test", 443, "r", "id", "secret", prefix="chirp/")

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost


def test_each_timer_has_the_interval_of_its_volume() -> None:
    (often,) = volume(VAULT, interval="10s").sets
    (usual,) = volume(VAULT).sets
    assert "OnUnitInactiveSec=10s" in keepers.timer_text(often)
    assert "OnUnitInactiveSec=60s" in keepers.timer_text(usual)


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("two_stores", [("one",)], indirect=True)
async def test_what_changes_is_kept_by_itself_in_each_vault_and_what_lags_is_told(
    two_stores: Lab,
) -> None:
    host = two_stores.hosts["one"]
    await host.text(FILES)
    sets = volume(two_stores.vault, two_stores.second, interval="10s").sets
    assert not await keepers.are_keeping(host, sets, 1)
    await keepers.start_keepers(host, sets, 1)
    assert await keepers.are_keeping(host, sets, 1)
    assert not await keepers.are_keeping(host, sets, 2), "another reign's is another place"
    assert await keepers.first_copies(host, sets, patience=PATIENCE) == {"whole": True}

    await write(host, "new", "since")
    await is_kept_since(host, await clock(host), "main", "second")
    await host.reboot()
    await write(host, "newer", "since the reboot")
    await is_kept_since(host, await clock(host), "main", "second")

    await host.text(
        "echo '10.99.0.77 objects.second.test' >>/etc/hosts && sed -i '/^10.99.0.2 /d' /etc/hosts"
    )
    await write(host, "newest", "while one is away")
    await is_kept_since(host, await clock(host), "main")
    away = await of_a_keeper_that_fails(host, "second")
    assert "does not answer" in away.failing
    assert away.backlog.seconds is not None
    assert away.backlog.seconds > 1

    # A vault that is not configured any more has no keeper.
    await keepers.start_keepers(host, sets[:1], 1)
    assert await keepers.are_keeping(host, sets[:1], 1)
    assert [one.vault for one in await lags(host, "files")] == ["main"]


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_a_volume_that_is_not_there_yet_is_told_and_not_kept(lab: Lab) -> None:
    host = lab.hosts["one"]
    sets = volume(lab.vault, interval="10s").sets
    await keepers.start_keepers(host, sets, 1)
    with pytest.raises(SnapshotFailed, match="no volume app_files yet"):
        await keepers.first_copies(host, sets, patience=PATIENCE)


async def of_a_keeper_that_fails(host: LocalHost, vault: str) -> VolumeLag:
    """It finds out at its next look, which may come after that of a keeper that is well."""
    found: list[VolumeLag] = []

    async def fails() -> bool:
        found[:] = [one for one in await lags(host, "files") if one.vault == vault and one.failing]
        return bool(found)

    assert await wait_until(fails, seconds=PATIENCE, every=1.0), f"{vault} never failed"
    return found[0]


async def clock(host: LocalHost) -> float:
    return float(await host.text("date +%s.%N"))


async def is_kept_since(host: LocalHost, moment: float, *vaults: str) -> None:
    """Within the interval, and what a copy takes on a busy machine."""

    async def is_kept() -> bool:
        now = await clock(host)
        behind = {one.vault: one.behind for one in await lags(host, "files")}
        return all((age := behind.get(name)) is not None and now - age >= moment for name in vaults)

    begun = time.monotonic()
    assert await wait_until(is_kept, seconds=PATIENCE, every=1.0), time.monotonic() - begun
