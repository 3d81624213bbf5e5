"""Which site reigns: claimed once, and checked by whoever would serve."""

from collections.abc import Callable

import pytest

from liferaft.failures import Held, Refused
from liferaft.moves.actions.epoch import ClaimEpoch
from liferaft.site.epochs import require_epoch
from liferaft.site.world import World
from liferaft.vault import CheckedVault, EpochTaken, StoredVault

Reigns = Callable[[int, str], None]


async def test_a_claim_holds_once_it_was_made(world: World) -> None:
    claim, world.run.name = ClaimEpoch(1, "east", "debian-13"), "run-1"
    assert not await claim.holds(world)
    assert (await claim.apply(world))["epoch"] == 1
    assert await claim.holds(world)
    await claim.prove(world)


class Overwrites(StoredVault):
    """As some stores do: a second create is told that it won."""

    def create(self, key: str, body: bytes) -> bool:
        self.put(key, body)
        return True


async def test_nobody_reigns_by_a_vault_that_lets_two_sites_win(world: World) -> None:
    assert isinstance(world.site.vault, CheckedVault)
    assert isinstance(world.site.vault.raw, StoredVault)
    world.site.vault = CheckedVault(Overwrites("main", world.site.vault.raw._store))
    with pytest.raises(Refused, match="Vault main cannot be trusted with epochs") as caught:
        await ClaimEpoch(1, "east", "debian-13").apply(world)
    assert "another vault first" in caught.value.facts.do
    assert world.site.epochs.current() is None


async def test_a_run_that_was_killed_after_its_claim_may_claim_again(world: World) -> None:
    claim, world.run.name = ClaimEpoch(1, "east", "debian-13"), "run-1"
    first = await claim.apply(world)
    assert await claim.apply(world) == first


async def test_an_epoch_that_another_site_holds_is_not_claimed(
    world: World, reigns: Reigns
) -> None:
    reigns(1, "east")
    reigns(2, "north")
    world.run.name = "another"
    claim = ClaimEpoch(2, "east", "debian-13")
    assert not await claim.holds(world)
    with pytest.raises(EpochTaken, match="site north"):
        await claim.apply(world)


async def test_a_site_whose_reign_is_over_is_told_who_reigns(world: World, reigns: Reigns) -> None:
    reigns(1, "east")
    await require_epoch(world, 1, "east")
    reigns(2, "north")
    with pytest.raises(Held, match="the vault shows epoch 2 at north") as caught:
        await require_epoch(world, 1, "east")
    assert "liferaft status" in caught.value.facts.do


async def test_before_the_first_claim_nobody_reigns(world: World) -> None:
    with pytest.raises(Held, match="no epoch at all"):
        await require_epoch(world, 1, "east")
