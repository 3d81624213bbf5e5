"""What a vault can do, and how it fails."""

from pathlib import Path
from typing import Protocol

from liferaft.failures import Failure, VendorFailure


class Vault(Protocol):
    """Objects by key at one vendor. Calls block: wrap them in a thread under asyncio.

    Keys are relative to the app's own prefix. Every call ends within about a minute, or raises
    VaultUnavailable; a big `put` within that time for each of its parts.
    """

    @property
    def name(self) -> str:
        """The vault's name in the configuration."""
        ...

    def put(self, key: str, body: bytes | Path) -> None:
        """Write the object, whatever was there. Durable and readable on return."""
        ...

    def create(self, key: str, body: bytes) -> bool:
        """Write the object only if there is none.

        True if this very body is there now, False if another is. An answer that was lost is
        settled by reading back, so every body must be one of a kind: put a nonce in it.
        """
        ...

    def get(self, key: str) -> bytes:
        """The object's body. Raises KeyMissing."""
        ...

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """All keys under a folder-like prefix (whole path segments), sorted."""
        ...

    def delete(self, key: str) -> None:
        """No object is there on return, whether or not there was one."""
        ...


class KeyMissing(Failure):
    """There is no object at this key."""

    def __init__(self, vault: str, key: str) -> None:
        super().__init__(f"Vault {vault} has no object {key}", details={"vault": vault, "key": key})
        self.key = key


class VaultFailure(VendorFailure):
    """A vault did not do what it was asked."""

    def __init__(
        self, vault: str, doing: str, reason: str, *, safe: str = "", do: str = ""
    ) -> None:
        super().__init__(
            f"Vault {vault}: {doing}: {reason}", safe=safe, do=do, details={"vault": vault}
        )


class VaultUnavailable(VaultFailure):
    """It did not answer, or could not: worth asking again."""


class VaultRefused(VaultFailure):
    """It knows who asks, or does not, and said no: asking again is no use."""
