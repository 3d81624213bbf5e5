"""Points are forgotten manifest first, and not at all where a run has begun that needs one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from obstore.store import MemoryStore
from tests.moves.marks import begun
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.deleting import NotDeleted
from liferaft.failures import Held
from liferaft.moves.actions.prune import DeleteEpoch, ForgetPoints
from liferaft.moves.inputs import SnapshotInputs
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.release import Release
from liferaft.site.world import World
from liferaft.vault import CheckedVault, EveryVault, StoredVault, Vault, VaultRefused
from liferaft.vault.layout import EpochKeys

OLD, NEW = "20251122T140000Z", "20261122T140000Z"
TAKEN = RecoveryPoint(OLD, "chirp", 1, "north", "2025", ()).to_json()
STATE = EpochKeys(1).state(OLD, "east")
Reigns = Callable[[int, str], None]
HasPoint = Callable[[int, str], None]


class Watched(StoredVault):
    """Says in which order it was asked to delete, and refuses what it is told to."""

    def __init__(self, name: str) -> None:
        super().__init__(name, MemoryStore())
        self.deleted: list[str] = []
        self.refuses = ""

    def delete(self, key: str) -> None:
        if self.refuses and self.refuses in key:
            raise VaultRefused(self.name, f"deleting {key}", "AccessDenied")
        self.deleted.append(key)
        super().delete(key)


@pytest.fixture
def second() -> Watched:
    """Another vault of the application, with a point that goes."""
    watched = Watched("second")
    vault = CheckedVault(watched)
    vault.put(EpochKeys(1).point(OLD), TAKEN)
    vault.put(STATE, b"{}")
    return watched


@pytest.fixture
def both(world: World, vault: CheckedVault, second: Watched, reigns: Reigns) -> World:
    reigns(1, "north")
    world.site.vault = EveryVault([vault, CheckedVault(second)])
    return world


FORGET = ForgetPoints("second", ((1, OLD),), (STATE,), 1)


async def test_the_manifest_goes_before_what_it_names(both: World, second: Watched) -> None:
    assert not await FORGET.holds(both)
    await FORGET.apply(both)
    assert second.deleted == [EpochKeys(1).point(OLD), STATE]
    assert await FORGET.holds(both)
    await FORGET.prove(both)


async def test_the_other_vault_keeps_its_own(both: World, vault: Vault) -> None:
    vault.put(EpochKeys(1).point(OLD), b"{}")
    await FORGET.apply(both)
    assert vault.get(EpochKeys(1).point(OLD)) == b"{}"


async def test_where_the_manifest_may_not_go_nothing_it_names_goes(
    both: World, second: Watched
) -> None:
    second.refuses = "/points/"
    with pytest.raises(NotDeleted, match="Vault second does not delete"):
        await FORGET.apply(both)
    assert STATE in second.list()


@pytest.mark.parametrize(
    ("point", "oldest"),
    [(OLD, 1), (NEW, 2)],
    ids=["a point that goes", "an epoch that goes"],
)
async def test_what_a_failover_needs_that_was_begun_since_is_not_deleted(
    both: World, second: Watched, config: Config, tmp_path: Path, point: str, oldest: int
) -> None:
    failover = replace(FAILOVER, site="east", from_site="north", point=point)
    await begun(both.site.vault, tmp_path / "runs", config, "failover", failover)
    with pytest.raises(Held, match=point):
        await replace(FORGET, oldest=oldest).holds(both)
    assert second.deleted == []


IMAGE = "epoch-00000001/images/old.oci.tar"
WITH_IMAGE = replace(FORGET, objects=(IMAGE,))


async def test_an_image_that_a_deploy_has_named_since_stays(both: World, second: Watched) -> None:
    """A deploy of an older version finds its image in the vault, and brings nothing."""
    assert not await WITH_IMAGE.holds(both), "as long as nothing names it, it may go"
    image = Part("image", "chirp", 1, "2026", 1, {"stored": {IMAGE: "digest"}})
    release.note(both.site.vault, 1, "run", Release("2026", (image,)))
    with pytest.raises(Held, match="may need what was to go"):
        await WITH_IMAGE.holds(both)
    assert second.deleted == []


async def test_what_a_point_has_named_since_stays(both: World, second: Watched) -> None:
    image = Part("image", "chirp", 1, "2026", 1, {"stored": {IMAGE: "digest"}})
    publish(CheckedVault(second), RecoveryPoint(NEW, "chirp", 1, "north", "2026", (image,)))
    with pytest.raises(Held, match="may need what was to go"):
        await WITH_IMAGE.holds(both)
    assert second.deleted == []


async def test_what_an_unfinished_snapshot_may_have_brought_stays(
    both: World, second: Watched, config: Config, tmp_path: Path
) -> None:
    asked = SnapshotInputs(site="north", epoch=1, reigns=True, point=NEW)
    await begun(both.site.vault, tmp_path / "runs", config, "snapshot", asked)
    with pytest.raises(Held, match="may need what was to go"):
        await WITH_IMAGE.holds(both)
    assert second.deleted == []


async def test_a_site_that_reigns_no_more_prunes_nothing(both: World, reigns: Reigns) -> None:
    reigns(2, "east")
    with pytest.raises(Held):
        await FORGET.holds(both)


async def test_of_a_whole_reign_all_goes_but_what_is_spared(both: World, second: Watched) -> None:
    secrets = EpochKeys(1).secrets
    CheckedVault(second).put(secrets, b"sealed")
    action = DeleteEpoch("second", 1, (secrets,))
    assert not await action.holds(both)
    await action.apply(both)
    await action.prove(both)
    assert second.deleted[0] == EpochKeys(1).point(OLD)
    assert second.list() == (secrets,)
    assert await action.holds(both)


async def test_an_old_primary_that_archives_on_is_no_failure_of_the_pruning(
    both: World, second: Watched
) -> None:
    action = DeleteEpoch("second", 1, ())
    await action.apply(both)
    second.put("epoch-00000001/pgbackrest/archive/main/15-1/0000000100000000/late", b"wal")
    await action.prove(both)
    second.put("epoch-00000001/images/kept", b"an image")
    with pytest.raises(NotDeleted, match="images/kept"):
        await action.prove(both)
