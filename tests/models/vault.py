"""The Vault contract in memory."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from tests.models.line import Line

from liferaft.vault import KeyMissing, Newest, Seen, VaultUnavailable

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Shelf:
    """One vendor's bucket: what servers put there lies beside what liferaft writes."""

    objects: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)


@dataclass
class VaultModel:
    """Objects below a prefix of a shelf, over a line that may fail."""

    shelf: Shelf = field(default_factory=Shelf)
    prefix: str = "chirp/"
    name: str = "main"
    line: Line = field(default_factory=Line)
    _lock: Lock = field(default_factory=Lock)

    def _lost(self, what: str) -> VaultUnavailable:
        return VaultUnavailable(self.name, what, "the answer was lost")

    def put(self, key: str, body: bytes) -> None:
        with self.line.request(f"vault: put {key}", self._lost), self._lock:
            self._write(key, body)

    def create(self, key: str, body: bytes) -> bool:
        with self.line.request(f"vault: create {key}", self._lost), self._lock:
            if self.prefix + key not in self.shelf.objects:
                self._write(key, body)
            return self.shelf.objects[self.prefix + key] == body

    def _write(self, key: str, body: bytes) -> None:
        self.shelf.objects[self.prefix + key] = body
        self.shelf.written[self.prefix + key] = datetime.now(UTC)

    def get(self, key: str) -> bytes:
        with self.line.request(f"vault: get {key}", self._lost):
            return self.stored_here(key)

    def stored(self, key: str) -> bytes:
        return self.get(key)

    def stored_here(self, key: str) -> bytes:
        """Without asking. Raises KeyMissing."""
        found = self.shelf.objects.get(self.prefix + key)
        if found is None:
            raise KeyMissing(self.name, key)
        return found

    def list(self, prefix: str = "") -> tuple[str, ...]:
        with self.line.request(f"vault: list {prefix}", self._lost):
            return self._below(prefix)

    def _below(self, prefix: str) -> tuple[str, ...]:
        start = f"{self.prefix}{prefix}/" if prefix else self.prefix
        with self._lock:
            found = sorted(key for key in self.shelf.objects if key.startswith(start))
        return tuple(key.removeprefix(self.prefix) for key in found)

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        with self.line.request(f"vault: look at {prefix}", self._lost):
            keys = [key for key in self._below(prefix) if key > after]
            return tuple(Seen(key, len(self.stored_here(key))) for key in keys)

    def digest(self, key: str, *, seconds: float) -> str | None:
        with self.line.request(f"vault: digest of {key}", self._lost):
            body = self.stored_here(key)
            return hashlib.sha256(body).hexdigest() if seconds > 0 or not body else None

    def newest(self, prefix: str) -> Newest | None:
        with self.line.request(f"vault: newest of {prefix}", self._lost):
            keys = self._below(prefix)
            folders = sorted(
                {k.rpartition("/")[0] for k in keys if k.count("/") > prefix.count("/") + 1}
            )
            last = [key for key in keys if not folders or key.startswith(f"{folders[-1]}/")]
            if not last:
                return None
            # What programs of hosts put there has no time of its own here.
            times = (self.shelf.written.get(self.prefix + key, LONG_AGO) for key in last)
            return Newest(max(times), max(last))

    def delete(self, key: str) -> None:
        with self.line.request(f"vault: delete {key}", self._lost), self._lock:
            self.shelf.objects.pop(self.prefix + key, None)
