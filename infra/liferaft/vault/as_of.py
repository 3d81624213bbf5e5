"""A vault as it was just before a moment, to be read: its store keeps what was there then."""

import hashlib
import time
from collections.abc import Mapping
from typing import Final, NoReturn

from liferaft.vault.contract import KeyMissing, Level, Newest, Seen, VaultRefused
from liferaft.vault.past import Past, StoredVersion
from liferaft.vault.versions import Versions

PIECE_BYTES: Final = 2 * 1024 * 1024


class PastVault:
    """The contract, but for what changes anything: that is refused."""

    def __init__(self, versions: Versions, pasts: Mapping[str, Past]) -> None:
        """`pasts`: of every key."""
        self._versions = versions
        self._there: dict[str, StoredVersion] = {
            key: past.then
            for key, past in sorted(pasts.items())
            if past.then is not None and past.was_there
        }

    @property
    def name(self) -> str:
        return self._versions.name

    def __repr__(self) -> str:
        return f"PastVault({self.name!r})"

    def put(self, key: str, body: bytes) -> None:
        self._refuse(f"writing {key}")

    def create(self, key: str, body: bytes) -> bool:
        self._refuse(f"creating {key}")

    def delete(self, key: str) -> None:
        self._refuse(f"deleting {key}")

    def get(self, key: str) -> bytes:
        return self._versions.read(key, self._version(key))

    def stored(self, key: str) -> bytes:
        return self.get(key)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(one.key for one in self.look(prefix))

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        folder = f"{prefix.rstrip('/')}/" if prefix else ""
        return tuple(
            self._seen(key) for key in self._there if key.startswith(folder) and key > after
        )

    def level(self, folder: str = "") -> Level:
        below = f"{folder.rstrip('/')}/" if folder else ""
        names = [key.removeprefix(below) for key in self._there if key.startswith(below)]
        folders = sorted({below + name.partition("/")[0] for name in names if "/" in name})
        objects = tuple(self._seen(below + name) for name in names if "/" not in name)
        return Level(tuple(folders), objects)

    def newest(self, prefix: str) -> Newest | None:
        found = self.level(prefix)
        if found.folders:
            return self.newest(found.folders[-1])
        moments = [one.at for one in found.objects if one.at is not None]
        return Newest(max(moments), found.objects[-1].key) if moments else None

    def digest(self, key: str, *, seconds: float) -> str | None:
        version, until, found = self._version(key), time.monotonic() + seconds, hashlib.sha256()
        for start in range(0, version.size, PIECE_BYTES):
            if time.monotonic() > until:
                return None
            end = start + PIECE_BYTES
            found.update(self._versions.read(key, version, start=start, end=end))
        return found.hexdigest()

    def _version(self, key: str) -> StoredVersion:
        try:
            return self._there[key]
        except KeyError:
            raise KeyMissing(self.name, key) from None

    def _seen(self, key: str) -> Seen:
        version = self._there[key]
        return Seen(key, version.size, version.at)

    def _refuse(self, doing: str) -> NoReturn:
        raise VaultRefused(self.name, doing, "it is only looked at as it was")
