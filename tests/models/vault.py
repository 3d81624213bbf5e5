"""The Vault contract in memory."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from threading import Event, Lock

from tests.models.line import Line

from liferaft.vault import KeyMissing, Level, Newest, Seen, VaultRefused, VaultUnavailable

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Absence(Enum):
    """How a vault is not there."""

    UNREACHABLE = "nobody listens"
    SILENT = "what is sent there is dropped, and no answer comes"
    CLOSED = "the account is closed: everything is refused"
    READS_ONLY = "it answers, and takes no writes"
    KEEPS_ALL = "it lets nothing be deleted"


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
    absence: Absence | None = None
    ignores_conditions: bool = False
    """A create writes whatever was there, and says that it won."""
    let_go: Event = field(default_factory=Event)
    """Set at the end of a test: ends what was sent to a silent one."""
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        with self.line.request(f"vault: {what}", self._lost):
            match self.absence:
                case Absence.UNREACHABLE:
                    raise VaultUnavailable(self.name, what, "nobody listens")
                case Absence.SILENT:
                    self.let_go.wait(60.0)
                    raise VaultUnavailable(self.name, what, "no answer")
                case Absence.CLOSED:
                    raise VaultRefused(self.name, what, "HTTP 403 Forbidden: AccountProblem")
                case Absence.READS_ONLY if what.split(maxsplit=1)[0] in ("put", "create", "delete"):
                    raise VaultRefused(self.name, what, "HTTP 403 Forbidden: AccessDenied")
                case Absence.KEEPS_ALL if what.startswith("delete"):
                    raise VaultRefused(self.name, what, "HTTP 403 Forbidden: AccessDenied")
            yield

    def _lost(self, what: str) -> VaultUnavailable:
        return VaultUnavailable(self.name, what, "the answer was lost")

    def put(self, key: str, body: bytes) -> None:
        with self._asked(f"put {key}"), self._lock:
            self._write(key, body)

    def create(self, key: str, body: bytes) -> bool:
        with self._asked(f"create {key}"), self._lock:
            if self.ignores_conditions or self.prefix + key not in self.shelf.objects:
                self._write(key, body)
            return self.shelf.objects[self.prefix + key] == body

    def _write(self, key: str, body: bytes) -> None:
        self.shelf.objects[self.prefix + key] = body
        self.shelf.written[self.prefix + key] = datetime.now(UTC)

    def get(self, key: str) -> bytes:
        with self._asked(f"get {key}"):
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
        with self._asked(f"list {prefix}"):
            return self._below(prefix)

    def _below(self, prefix: str) -> tuple[str, ...]:
        start = f"{self.prefix}{prefix}/" if prefix else self.prefix
        with self._lock:
            found = sorted(key for key in self.shelf.objects if key.startswith(start))
        return tuple(key.removeprefix(self.prefix) for key in found)

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        with self._asked(f"look at {prefix}"):
            keys = [key for key in self._below(prefix) if key > after]
            return tuple(map(self._seen, keys))

    def _seen(self, key: str) -> Seen:
        written = self.shelf.written.get(self.prefix + key, LONG_AGO)
        return Seen(key, len(self.stored_here(key)), written)

    def level(self, folder: str = "") -> Level:
        with self._asked(f"level {folder}"):
            below = {
                key: key.removeprefix(f"{folder}/" if folder else "") for key in self._below(folder)
            }
            start = f"{folder}/" if folder else ""
            folders = {start + name.partition("/")[0] for name in below.values() if "/" in name}
            objects = [key for key, name in below.items() if "/" not in name]
            return Level(
                tuple(sorted(folders)),
                tuple(map(self._seen, objects)),
            )

    def digest(self, key: str, *, seconds: float) -> str | None:
        with self._asked(f"digest of {key}"):
            body = self.stored_here(key)
            return hashlib.sha256(body).hexdigest() if seconds > 0 or not body else None

    def newest(self, prefix: str) -> Newest | None:
        with self._asked(f"newest of {prefix}"):
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
        with self._asked(f"delete {key}"), self._lock:
            self.shelf.objects.pop(self.prefix + key, None)
