"""What a pruning is planned from: each vault by itself; nothing unread is taken for unneeded."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from obstore.store import MemoryStore
from tests.moves.marks import begun
from tests.moves.planned import FAILOVER
from tests.moves.shelved import HOUR, NEW, OLD, label, name, parts_of, raw_of, taken

from liferaft.config import Config
from liferaft.failures import Refused
from liferaft.moves import prune
from liferaft.moves.inputs import SnapshotInputs
from liferaft.moves.pruned import VaultPruning
from liferaft.moves.pruning import DAMAGED, for_prune
from liferaft.recovery import release
from liferaft.recovery.destroyed import note_destroyed
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.release import Release
from liferaft.recovery.retention import NAMED, NEWEST, VERIFIED
from liferaft.vault import CheckedVault, Damaged, EveryVault, StoredVault, Vault, VaultUnavailable
from liferaft.vault.layout import EpochKeys

Reigns = Callable[[int, str], None]


@pytest.fixture
def config(configured: Callable[..., Config]) -> Config:
    """Two points stay: the newest of each of two hours."""
    keep = "[snapshots]\nkeep = {hourly = 2, daily = 0, weekly = 0}\n[operators]"
    return configured(("[operators]", keep))


def pruning(config: Config, vault: Vault, site: str = "east") -> VaultPruning:
    (one,) = for_prune(config, vault, site).vaults
    return one


def going(one: VaultPruning) -> list[str]:
    return [point.name for point in one.goes]


def spare(one: VaultPruning, kind: str) -> Sequence[str]:
    return [name for found in one.surplus if found.kind == kind for name in found.names]


@pytest.fixture
def three(vault: Vault, reigns: Reigns) -> Vault:
    reigns(1, "east")
    for point in (OLD, HOUR, NEW):
        taken(vault, 1, point)
    return vault


def test_of_a_point_that_goes_all_goes_that_no_other_needs(config: Config, three: Vault) -> None:
    found = pruning(config, three)
    assert going(found) == [OLD]
    assert spare(found, "postgres") == [label(OLD)]
    assert spare(found, "image") == [f"epoch-00000001/images/{OLD}"]
    assert EpochKeys(1).state(OLD, "east") in found.notes
    assert EpochKeys(1).part(OLD, "postgres", "db") in found.notes
    assert not [key for key in found.notes if HOUR in key or NEW in key]
    assert found.size == 5 + 3 + 7


def test_a_plan_says_why_a_point_stays_and_what_goes_with_another(
    config: Config, three: Vault
) -> None:
    told = prune.sentences(prune.plan(config, for_prune(config, three, "east")))
    assert f"main: {NEW} of epoch 1 stays: {NEWEST}, hourly" in told
    assert f"main: {HOUR} of epoch 1 stays: hourly" in told
    assert any(OLD in line and "GOES" in line for line in told)
    assert any(label(OLD) in line for line in told)


def test_what_a_later_point_names_on_of_one_that_goes_stays(config: Config, three: Vault) -> None:
    """As the points do that servers take by themselves."""
    state = EpochKeys(1).state(OLD, "east")
    kept = Part("state", "east", 1, "2026", 2, {"key": state})
    publish(three, RecoveryPoint(NEW, "chirp", 1, "east", "2026", (*parts_of(1, NEW), kept)))
    found = pruning(config, three)
    assert going(found) == [OLD]
    assert state not in found.notes


def test_where_nothing_goes_there_is_nothing_to_do(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    for point in (HOUR, NEW):
        taken(vault, 1, point)
    assert prune.plan(config, for_prune(config, vault, "east")).steps == ()


def test_before_the_first_point_nothing_is_touched(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    """What lies there belongs to the snapshot that is being taken."""
    reigns(1, "east")
    taken(vault, 1, NEW, whole=False)
    assert not pruning(config, vault).has_work


async def test_what_an_unfinished_snapshot_has_kept_stays(
    config: Config, three: Vault, tmp_path: Path
) -> None:
    unfinished = name(days=300)
    taken(three, 1, unfinished, whole=False)
    asked = SnapshotInputs(site="east", epoch=1, reigns=True, point=unfinished)
    await begun(three, tmp_path, config, "snapshot", asked)
    found = pruning(config, three)
    assert spare(found, "postgres") == [label(OLD)]
    assert not [key for key in found.notes if unfinished in key]
    assert spare(found, "image") == [], "it may have brought what nothing names yet"


def test_what_a_killed_snapshot_left_that_nobody_goes_on_with_goes(
    config: Config, three: Vault
) -> None:
    left = name(days=300)
    taken(three, 1, left, whole=False)
    found = pruning(config, three)
    assert label(left) in spare(found, "postgres")
    assert EpochKeys(1).part(left, "postgres", "db") in found.notes


async def test_a_point_that_an_unfinished_failover_restores_stays(
    config: Config, three: Vault, tmp_path: Path
) -> None:
    await begun(three, tmp_path, config, "failover", replace(FAILOVER, point=OLD))
    found = pruning(config, three)
    assert going(found) == []
    assert {point.name: point.why for point in found.stays}[OLD] == (NAMED,)


async def test_a_run_of_which_nobody_knows_what_it_was_for_stops_the_command(
    config: Config, three: Vault, tmp_path: Path
) -> None:
    asked = SnapshotInputs(site="east", epoch=1, reigns=True, point=NEW)
    journal = await begun(three, tmp_path, config, "snapshot", asked)
    raw_of(three).put(f"runs/{journal.name}/000001.json", b"not what was written")
    with pytest.raises(Damaged):
        for_prune(config, three, "east")


def test_the_last_verified_point_stays(config: Config, three: Vault) -> None:
    three.put(EpochKeys(1).verified(OLD), b'{"vaults": {"main": {"faults": []}}}')
    found = pruning(config, three)
    assert {point.name: point.why for point in found.stays}[OLD] == (VERIFIED,)


def test_what_proofs_said_of_a_point_goes_with_it(config: Config, three: Vault) -> None:
    for point in (OLD, HOUR):
        three.put(EpochKeys(1).verified(point), b"{}")
    found = pruning(config, three)
    assert EpochKeys(1).verified(OLD) in found.notes
    assert EpochKeys(1).verified(HOUR) not in found.notes


def test_where_a_manifest_is_damaged_its_whole_epoch_stays(config: Config, three: Vault) -> None:
    """It may name any of the backups and images that lie there."""
    raw_of(three).put(EpochKeys(1).point(HOUR), b"flipped")
    found = pruning(config, three)
    assert not found.has_work
    assert {point.name: point.why for point in found.stays}[OLD] == (DAMAGED,)


def test_what_a_release_names_stays_whatever_its_reign(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    """A failover starts it, also where the newest deploy was reigns ago."""
    reigns(1, "east")
    taken(vault, 1, OLD)
    release.note(vault, 1, "run", Release("2026", parts_of(1, OLD)[1:]))
    reigns(2, "east")
    for point in (HOUR, NEW):
        taken(vault, 2, point)
    found = pruning(config, vault)
    assert [one.epoch for one in found.epochs] == [1]
    assert f"epoch-00000001/images/{OLD}" in found.epochs[0].spared


def test_a_whole_reign_goes_once_none_of_its_points_stays(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    taken(vault, 1, OLD)
    vault.put(EpochKeys(1).secrets, b"sealed")
    raw_of(vault).put("epoch-00000001/bucket/media/picture", b"123")
    reigns(2, "east")
    for point in (HOUR, NEW):
        taken(vault, 2, point)
    found = pruning(config, vault)
    (epoch,) = found.epochs
    assert epoch.epoch == 1
    assert EpochKeys(1).secrets in epoch.spared, "those of all reigns are the same"
    everything = vault.list(EpochKeys(1).folder)
    assert epoch.objects == len(everything) - 1


def test_a_reign_between_stays_with_all_its_wal_while_a_restore_reads_through_it(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    """From a backup of the first reign a restore replays all that was archived since."""
    reigns(1, "east")
    taken(vault, 1, HOUR)
    reigns(2, "east")
    taken(vault, 2, name(minutes=10))
    reigns(3, "east")
    taken(vault, 3, NEW)
    found = pruning(config, vault)
    assert going(found) == [name(minutes=10)]
    assert found.epochs == ()
    assert all(one.archive == 0 for one in found.surplus if one.epoch > 1)


def test_each_vault_is_judged_by_what_it_has_itself(config: Config, three: CheckedVault) -> None:
    second = CheckedVault(StoredVault("second", MemoryStore()))
    taken(second, 1, OLD)
    for key in three.list("epoch"):
        second.put(key, three.get(key))
    first, other = for_prune(config, EveryVault([three, second]), "east").vaults
    assert going(first) == [OLD]
    assert (other.vault, going(other)) == ("second", []), "it is the newest there"


def test_a_dead_vault_is_told_and_left(config: Config, three: CheckedVault) -> None:
    class Dead(StoredVault):
        def list(self, prefix: str = "") -> tuple[str, ...]:
            raise VaultUnavailable(self.name, "listing", "no answer")

    dead = CheckedVault(Dead("second", MemoryStore()))
    found = for_prune(config, EveryVault([three, dead]), "east")
    assert [one.vault for one in found.vaults] == ["main"]
    (told,) = found.left
    assert "Vault second is left as it is" in told
    assert "no answer" in told


def test_a_vault_that_lacks_something_is_told_and_left(config: Config, three: CheckedVault) -> None:
    """Of a snapshot it has the backup, and its manifest comes once the vault is brought up."""
    second = CheckedVault(StoredVault("second", MemoryStore()))
    for point in (OLD, HOUR, NEW):
        taken(second, 1, point)
    for key in three.list("epoch"):
        second.put(key, three.get(key))
    both = EveryVault([three, second])
    both.note_away("second", "no answer")
    found = for_prune(config, both, "east")
    assert [one.vault for one in found.vaults] == ["main"]
    (told,) = found.left
    assert "Vault second is left as it is: it lacks" in told


def test_what_a_vault_can_bring_back_alone_is_judged_beside_what_it_lists(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    """Two newer points have their backups elsewhere: this vault may be the last one."""
    reigns(1, "east")
    whole, elsewhere = (name(days=2), name(days=3), name(days=4)), (HOUR, NEW)
    for point in (*whole, *elsewhere):
        taken(vault, 1, point)
    for point in elsewhere:
        parts = [replace(part, vaults=("second",)) for part in parts_of(1, point)]
        publish(vault, RecoveryPoint(point, "chirp", 1, "east", "2026", tuple(parts)))
    assert going(pruning(config, vault)) == [whole[2]]


def test_only_the_site_that_reigns_prunes(config: Config, three: Vault) -> None:
    with pytest.raises(Refused, match="north does not reign"):
        for_prune(config, three, "north")


async def test_a_site_that_was_destroyed_prunes_nothing(config: Config, three: Vault) -> None:
    await note_destroyed(three, 1, "east")
    with pytest.raises(Refused, match="does not reign"):
        for_prune(config, three, "east")


def test_what_is_planned_survives_the_journal(config: Config, three: Vault) -> None:
    inputs = for_prune(config, three, "east")
    assert type(inputs).from_json(json.loads(json.dumps(inputs.to_json()))) == inputs
