"""What a store keeps of an object that is overwritten and deleted: tried, with one of its own.

A bucket's settings say what it means to do. What it does decides whether a thief can destroy.
"""

import contextlib
import secrets
from dataclasses import dataclass
from typing import Final

from liferaft.clouds.classification import CloudFailure
from liferaft.vault.contract import Vault, VaultRefused
from liferaft.vault.past import StoredVersion
from liferaft.vault.versions import Versions

_DENIED: Final = frozenset({"AccessDenied", "403"})


@dataclass(frozen=True)
class Keeping:
    """What was seen.

    Attributes:
        says: whether the bucket says that it keeps versions.
        keeps: whether the first of two bodies was there after the object was deleted.
        lock: its retention for what is written there, in words; None where it has none.
        holds: whether that body could not be destroyed; None without a lock, and without versions.
    """

    says: bool
    keeps: bool
    lock: str | None = None
    holds: bool | None = None


def try_keeping(vault: Vault, versions: Versions, folder: str) -> Keeping:
    """By the operator's key: nothing lies at the key on return, but for what the store keeps behind
    it. Raises VaultFailure; VaultRefused where the key may not look at versions."""
    says = versions.are_kept()
    key, body = f"{folder}/kept", secrets.token_hex(16).encode()
    vault.put(key, body)
    vault.put(key, b"in its place")
    with contextlib.suppress(VaultRefused):
        vault.delete(key)
    was = next((one for one in versions.of_key(key) if body in versions.read(key, one)), None)
    lock = _lock(versions)
    if was is None or lock is None:
        return Keeping(says, was is not None, lock)
    return Keeping(says, keeps=True, lock=lock, holds=_is_held(versions, key, was))


def _lock(versions: Versions) -> str | None:
    """None as well where that may not be asked: then nobody can rely on it."""
    try:
        return versions.lock()
    except VaultRefused:
        return None


def _is_held(versions: Versions, key: str, version: StoredVersion) -> bool:
    """By its deed: only this object's own version is at stake."""
    try:
        versions.destroy(key, version)
    except VaultRefused as refusal:
        cause = refusal.__cause__
        if not isinstance(cause, CloudFailure) or cause.classification.code not in _DENIED:
            raise
    return any(one.ident == version.ident for one in versions.of_key(key))
