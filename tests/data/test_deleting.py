"""Objects of one vault go, or the vault that keeps them is named."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from tests.models.vault import VaultModel

from liferaft.data.deleting import DeleteObjects, NotDeleted, delete_each
from liferaft.vault import CheckedVault, VaultRefused, VaultUnavailable

KEYS = tuple(f"epoch-00000001/images/{number:03}" for number in range(300))


@dataclass
class Locked(VaultModel):
    """A store that refuses to delete some objects, as an object lock or a key does; or that says
    it did, and keeps them."""

    refuses: set[str] = field(default_factory=set)
    forgets: set[str] = field(default_factory=set)

    def delete(self, key: str) -> None:
        if key in self.refuses:
            raise VaultRefused(self.name, f"deleting {key}", "AccessDenied")
        if key not in self.forgets:
            super().delete(key)


@pytest.fixture
def locked() -> Locked:
    vault = Locked()
    for key in KEYS:
        vault.put(key, b"an image")
    return vault


def world_of(vault: VaultModel) -> Any:
    return SimpleNamespace(site=SimpleNamespace(vault=CheckedVault(vault)))


async def test_all_that_is_named_goes_and_nothing_else(locked: Locked) -> None:
    locked.put("epoch-00000001/images/other", b"stays")
    world, action = world_of(locked), DeleteObjects("main", KEYS)
    assert not await action.holds(world)
    await action.apply(world)
    await action.prove(world)
    assert await action.holds(world)
    assert locked.list() == ("epoch-00000001/images/other",)


async def test_a_store_that_refuses_is_told_by_name_with_the_object(locked: Locked) -> None:
    locked.refuses.add(KEYS[7])
    with pytest.raises(NotDeleted, match="Vault main does not delete epoch-00000001/images/007"):
        await delete_each(CheckedVault(locked), KEYS)
    assert KEYS[7] in locked.list()


async def test_a_store_that_says_yes_and_keeps_it_is_told_too(locked: Locked) -> None:
    locked.forgets.add(KEYS[7])
    world, action = world_of(locked), DeleteObjects("main", KEYS)
    await action.apply(world)
    with pytest.raises(NotDeleted, match="lists them"):
        await action.prove(world)


async def test_a_store_that_is_silent_is_no_refusal(locked: Locked) -> None:
    class Silent(Locked):
        def delete(self, key: str) -> None:
            raise VaultUnavailable(self.name, f"deleting {key}", "no answer")

    with pytest.raises(VaultUnavailable):
        await delete_each(CheckedVault(Silent(locked.shelf)), KEYS[:1])


async def test_no_object_is_no_request() -> None:
    await delete_each(CheckedVault(Locked()), ())
