"""Objects of one vault go: those that a plan names."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from liferaft.failures import VendorFailure
from liferaft.plan.step import Step
from liferaft.vault import Vault, VaultRefused, vault_named

if TYPE_CHECKING:
    from liferaft.data.surplus import Surplus
    from liferaft.site.world import World

_LANES: Final = 16
_BATCH: Final = 128
"""Objects after which a run that lost its lease stops."""
DELETE_SECONDS: Final = 6 * 3600.0
"""They go one by one: stores differ in how they take a list."""


class NotDeleted(VendorFailure):
    """A vault keeps what was to go."""


@dataclass(frozen=True)
class DeleteObjects:
    """A vault holds none of these objects."""

    vault: str
    keys: tuple[str, ...]

    async def holds(self, world: "World") -> bool:
        return not await asyncio.to_thread(still_there, self._vault(world), self.keys)

    async def apply(self, world: "World") -> Mapping[str, Any]:
        await delete_each(self._vault(world), self.keys)
        return {"vault": self.vault, "objects": len(self.keys)}

    async def prove(self, world: "World") -> None:
        await require_gone(self._vault(world), self.keys)

    def _vault(self, world: "World") -> Vault:
        return vault_named(world.site.vault, self.vault)


def spare_objects(surplus: "Surplus", what: str, needs: tuple[str, ...]) -> Step:
    """The step by which objects go that nothing needs. what: many of the kind, in words."""
    return Step(
        f"{surplus.kind}-{surplus.vault}-{surplus.epoch}",
        f"Delete what nothing names of the {what}: {len(surplus.names)} objects (vault "
        f"{surplus.vault}, epoch {surplus.epoch})",
        DeleteObjects(surplus.vault, surplus.names),
        needs=needs,
        deadline=DELETE_SECONDS,
    )


async def delete_each(vault: Vault, keys: Sequence[str]) -> None:
    """None of these is there on return. Raises NotDeleted where the vault refuses it."""
    for start in range(0, len(keys), _BATCH):
        await asyncio.to_thread(_delete, vault, keys[start : start + _BATCH])


def _delete(vault: Vault, keys: Sequence[str]) -> None:
    with ThreadPoolExecutor(min(_LANES, len(keys))) as pool:
        for key, refusal in pool.map(lambda key: (key, _refusal(vault, key)), keys):
            if refusal is not None:
                raise kept_by(vault, [key], refusal.facts.happened) from refusal


def _refusal(vault: Vault, key: str) -> VaultRefused | None:
    try:
        vault.delete(key)
    except VaultRefused as refusal:
        return refusal
    return None


def still_there(vault: Vault, keys: Sequence[str]) -> tuple[str, ...]:
    """Those that the vault lists. A listing for each folder. Blocks."""
    wanted = set(keys)
    folders = dict.fromkeys(key.rpartition("/")[0] for key in keys)
    listed = (key for folder in folders for key in vault.list(folder))
    return tuple(sorted({key for key in listed if key in wanted}))


async def require_gone(vault: Vault, keys: Sequence[str]) -> None:
    """Raise NotDeleted for what the vault lists all the same, as with an object lock."""
    left = await asyncio.to_thread(still_there, vault, keys)
    if left:
        raise kept_by(vault, left, "it answered that it did, and lists them")


def kept_by(vault: Vault, keys: Sequence[str], said: str) -> NotDeleted:
    """What is told of a vault that refuses."""
    shown = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")  # noqa: PLR2004
    return NotDeleted(
        f"Vault {vault.name} does not delete {shown}: {said}",
        safe="Recovery points that are listed there are whole: their manifests go before their "
        "data.",
        do="Let this vault's key delete, or wait until the store's lock ends; then run the same "
        "command again.",
        details={"vault": vault.name},
    )
