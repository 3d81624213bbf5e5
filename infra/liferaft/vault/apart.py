"""A vault as one process sees it that may change nothing there: what it writes stays with it.

A drill is given one for each vault. It reads what is there, and takes epochs, keeps notes and
forgets them as a move does; none of that reaches a vault, and all of it is gone with the process.
"""

import hashlib
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from liferaft.vault.contract import KeyMissing, Level, Newest, Seen, Vault


class ApartVault:
    """The contract over another vault, which is only read. Threads may share it."""

    def __init__(self, beneath: Vault) -> None:
        self._beneath = beneath
        self._own: dict[str, tuple[bytes, datetime] | None] = {}
        """By key, what was written here and when; None for what was deleted."""
        self._turn = threading.RLock()

    @property
    def name(self) -> str:
        return self._beneath.name

    def __repr__(self) -> str:
        return f"ApartVault({self._beneath!r})"

    def put(self, key: str, body: bytes) -> None:
        with self._turn:
            self._own[key] = (body, datetime.now(UTC))

    def create(self, key: str, body: bytes) -> bool:
        with self._turn:
            try:
                return self.get(key) == body
            except KeyMissing:
                self.put(key, body)
                return True

    def get(self, key: str) -> bytes:
        own = self._written(key)
        return self._beneath.get(key) if own is None else own

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(one.key for one in self.look(prefix))

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        there = self._beneath.look(prefix, after=after)
        return self._merged(there, (key for key in self._below(prefix) if key > after))

    def level(self, folder: str = "") -> Level:
        there = self._beneath.level(folder)
        start = f"{folder}/" if folder else ""
        own = tuple(self._below(folder))
        nested = {
            key.removeprefix(start).partition("/")[0] for key in own if _is_nested(key, start)
        }
        folders = {*there.folders, *(f"{start}{name}" for name in nested)}
        level = [key for key in own if not _is_nested(key, start)]
        return Level(tuple(sorted(folders)), self._merged(there.objects, level))

    def stored(self, key: str) -> bytes:
        own = self._written(key)
        return self._beneath.stored(key) if own is None else own

    def digest(self, key: str, *, seconds: float) -> str | None:
        own = self._written(key)
        if own is None:
            return self._beneath.digest(key, seconds=seconds)
        return hashlib.sha256(own).hexdigest()

    def newest(self, prefix: str) -> Newest | None:
        with self._turn:
            is_own = any(key.startswith(f"{prefix}/") for key in self._own)
        if not is_own:
            return self._beneath.newest(prefix)
        level = self.level(prefix)
        if level.folders:
            return self.newest(level.folders[-1])
        moments = [one.at for one in level.objects if one.at is not None]
        return Newest(max(moments), level.objects[-1].key) if moments else None

    def delete(self, key: str) -> None:
        with self._turn:
            self._own[key] = None

    def _written(self, key: str) -> bytes | None:
        """What was written here; None for what was not touched. Raises KeyMissing for what was
        deleted."""
        with self._turn:
            if key not in self._own:
                return None
            own = self._own[key]
        if own is None:
            raise KeyMissing(self.name, key)
        return own[0]

    def _below(self, prefix: str) -> Iterator[str]:
        """Keys in a folder that were written here."""
        with self._turn:
            own = [key for key, there in self._own.items() if there is not None]
        return (key for key in own if not prefix or key.startswith(f"{prefix}/"))

    def _merged(self, there: Iterable[Seen], own: Iterable[str]) -> tuple[Seen, ...]:
        with self._turn:
            found = {one.key: one for one in there if one.key not in self._own}
            for key in own:
                if (written := self._own[key]) is not None:
                    found[key] = Seen(key, len(written[0]), written[1])
        return tuple(found[key] for key in sorted(found))


def _is_nested(key: str, start: str) -> bool:
    return "/" in key.removeprefix(start)
