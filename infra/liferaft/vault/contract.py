"""What a vault can do, and how it fails."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, Self

from liferaft.failures import Failure, VendorFailure


@dataclass(frozen=True)
class Seen:
    """What a listing says of an object: its bytes as they lie there, a digest's line included."""

    key: str
    size: int
    at: datetime | None = field(default=None, compare=False)
    """When it was written, by the store's clock; None where the listing does not say."""


@dataclass(frozen=True)
class Newest:
    """What a listing says of the end of an archive."""

    at: datetime
    """When the newest object was written, by the store's clock."""
    key: str
    """The one that sorts last."""


@dataclass(frozen=True)
class Level:
    """What lies in one folder, not below it: keys of both, sorted."""

    folders: tuple[str, ...]
    objects: tuple[Seen, ...]


class Vault(Protocol):
    """Objects by key at one vendor. Calls block: wrap them in a thread under asyncio.

    Keys are relative to the app's own prefix. Every call ends within about a minute, or raises
    VaultUnavailable.
    """

    @property
    def name(self) -> str:
        """The vault's name in the configuration."""
        ...

    def put(self, key: str, body: bytes) -> None:
        """Write the object, whatever was there. Durable and readable on return."""
        ...

    def create(self, key: str, body: bytes) -> bool:
        """Write the object only if there is none.

        True if this very body is there now, False if another is. An answer that was lost is
        settled by reading back, so every body must be one of a kind: put a nonce in it.
        """
        ...

    def get(self, key: str) -> bytes:
        """The object's body. Raises KeyMissing; Damaged for another content than was written."""
        ...

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """All keys under a folder-like prefix (whole path segments), sorted."""
        ...

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        """As `list`, with sizes; only keys that sort after `after`."""
        ...

    def level(self, folder: str = "") -> Level:
        """What lies in a folder itself: however much lies further below, it is not listed."""
        ...

    def stored(self, key: str) -> bytes:
        """The object as it lies there, whoever wrote it. Raises KeyMissing."""
        ...

    def digest(self, key: str, *, seconds: float) -> str | None:
        """SHA-256, in hexadecimal, of the object as it lies there, whoever wrote it.

        None where it could not be read to its end within `seconds`. Raises KeyMissing.
        """
        ...

    def newest(self, prefix: str) -> Newest | None:
        """Of the folder below `prefix` that sorts last, and there of the last one again; None where
        there is none. A few requests, however long the archive is."""
        ...

    def delete(self, key: str) -> None:
        """No object is there on return, whether or not there was one."""
        ...


class KeyMissing(Failure):
    """There is no object at this key."""

    def __init__(self, vault: str, key: str) -> None:
        super().__init__(f"Vault {vault} has no object {key}", details={"vault": vault, "key": key})
        self.key = key


PUT_BACK = (
    "Put back an earlier version of this object, from the store's own versions or from a copy of "
    "the vault. Running the command again does not help before."
)


class Damaged(Failure):
    """An object is there and is not what was written. Asking again is no use.

    Whoever reads it knows what it is for, and so what helps: see `mended_by`.
    """

    def __init__(self, vault: str, key: str, reason: str, *, safe: str = "", do: str = "") -> None:
        super().__init__(
            f"Object {key} of vault {vault} is damaged: {reason}",
            safe=safe or "Nothing was done with what it says.",
            do=do or PUT_BACK,
            details={"vault": vault, "key": key},
        )
        self.vault, self.key, self.reason = vault, key, reason

    def mended_by(self, do: str, *, safe: str = "") -> Self:
        """The same damage with the way out of it."""
        return type(self)(self.vault, self.key, self.reason, safe=safe or self.facts.safe, do=do)


class VaultFailure(VendorFailure):
    """A vault did not do what it was asked."""

    def __init__(
        self, vault: str, doing: str, reason: str, *, safe: str = "", do: str = "", code: str = ""
    ) -> None:
        """code: the store's own, where it has said one."""
        details = {"vault": vault, "code": code} if code else {"vault": vault}
        super().__init__(f"Vault {vault}: {doing}: {reason}", safe=safe, do=do, details=details)


class VaultUnavailable(VaultFailure):
    """It did not answer, or could not: worth asking again."""


class CreateRefused(VaultUnavailable):
    """It says that something is at a key where nothing is, whenever it is asked: some stores do
    where a delete marker hides what was there."""


class VaultRefused(VaultFailure):
    """It knows who asks, or does not, and said no: asking again is no use."""
