"""Which recovery points came back whole when they were tried, by the records of such trials."""

import contextlib
import json

from liferaft.vault import Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

_NO_RECORD = (KeyMissing, Damaged, ValueError, TypeError, KeyError, AttributeError)


def proved_points(vault: Vault, epoch: int) -> tuple[str, ...]:
    """Names, the oldest first, of an epoch's points that came back whole from some vault. A record
    that cannot be read proves nothing. Blocks."""
    folder = EpochKeys(epoch)
    return tuple(
        name for name in tried_points(vault, epoch) if _is_proof(vault, folder.verified(name))
    )


def tried_points(vault: Vault, epoch: int) -> tuple[str, ...]:
    """Names, the oldest first, of points that were tried, whatever came of it. Blocks."""
    keys = vault.list(EpochKeys(epoch).verifications)
    return tuple(key.rpartition("/")[2].removesuffix(".json") for key in keys)


def _is_proof(vault: Vault, key: str) -> bool:
    with contextlib.suppress(*_NO_RECORD):
        trials = json.loads(vault.get(key))["vaults"].values()
        return any(not one["faults"] for one in trials)
    return False
