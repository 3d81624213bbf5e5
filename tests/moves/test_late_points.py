"""Pruning where an old primary went on taking points after its reign was over."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.moves.shelved import HOUR, NEW, OLD, name, parts_of, taken

from liferaft.config import Config
from liferaft.moves.pruned import VaultPruning
from liferaft.moves.pruning import LATE, for_prune
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.retention import NEWEST
from liferaft.vault import Vault

Reigns = Callable[[int, str], None]


@pytest.fixture
def config(configured: Callable[..., Config]) -> Config:
    """Two points stay: the newest of each of two hours."""
    keep = "[snapshots]\nkeep = {hourly = 2, daily = 0, weekly = 0}\n[operators]"
    return configured(("[operators]", keep))


def pruning(config: Config, vault: Vault) -> VaultPruning:
    (one,) = for_prune(config, vault, "east").vaults
    return one


def late(vault: Vault, epoch: int, point: str) -> None:
    """As an old primary takes it whose reign is over."""
    taken(vault, epoch, point)
    there = RecoveryPoint(point, "chirp", epoch, "east", "2099-01-01T00:00+00:00", ())
    publish(vault, replace(there, parts=parts_of(epoch, point)))


def test_what_an_old_primary_took_after_its_reign_takes_no_points_place(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    """A failover passes over it, and would have nothing to begin from."""
    reigns(1, "west")
    for point in (OLD, HOUR):
        taken(vault, 1, point)
    reigns(2, "east")
    stray = [name(), name(hours=-1), name(hours=-2)]
    for point in stray:
        late(vault, 1, point)
    found = pruning(config, vault)
    assert [point.name for point in found.goes] == []
    stays = {point.name: point.why for point in found.stays}
    assert stays[HOUR] == (NEWEST, "hourly")
    assert stays[stray[0]] == (LATE,)


def test_what_an_old_primary_took_goes_once_the_new_reign_has_a_point(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "west")
    taken(vault, 1, HOUR)
    reigns(2, "east")
    late(vault, 1, NEW)
    taken(vault, 2, NEW)
    found = pruning(config, vault)
    assert [(point.epoch, point.name) for point in found.goes] == [(1, NEW)]
    assert {(point.epoch, point.name) for point in found.stays} == {(1, HOUR), (2, NEW)}
