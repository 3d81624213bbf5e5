"""What was asked for in vain, counted, in a file that outlives a boot."""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from .kernel import Turned

MOST: Final = 20_000
"""That many are kept: what comes on top is counted as one."""
NAME: Final = "name"
CALL: Final = "call"


@dataclass(frozen=True)
class Want:
    """One thing that was asked for or called, by one. Names and addresses, never what was said.

    Attributes:
        what: NAME or CALL.
        asked: the name, or the address.
        how: the type of record, or the protocol.
        port: 0 where there is none.
        by_what: "container", "unit", "process", "user"; empty where nobody can tell.
    """

    what: str
    asked: str
    how: str
    port: int
    by_what: str
    by: str


def is_address(by: str) -> bool:
    """Whether it is one, and no name."""
    try:
        ip_address(by)
    except ValueError:
        return False
    return True


MORE: Final = Want(NAME, "(more)", "", 0, "", "")


@dataclass
class Count:
    """How often, and from when to when."""

    count: int
    first: float
    last: float


@dataclass
class Wants:
    """All of it. Safe for threads."""

    boot: str
    counts: dict[Want, Count] = field(default_factory=dict)
    given: dict[str, list[str]] = field(default_factory=dict)
    """Names by the address that was given for them."""
    seen: dict[Turned, int] = field(default_factory=dict)
    """What the kernel had counted when it was last looked at, in this boot."""
    is_changed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, want: Want, at: float, count: int = 1) -> None:
        with self._lock:
            if want not in self.counts and len(self.counts) >= MOST:
                want = MORE
            found = self.counts.setdefault(want, Count(0, at, at))
            found.count += count
            found.last = at
            self.is_changed = True

    def by_address(self, *, since: float) -> tuple[str, ...]:
        """Addresses of containers whose names were not known when they asked last, since then."""
        with self._lock:
            found = {
                want.by: None
                for want, count in self.counts.items()
                if want.by_what == "container" and count.last >= since and is_address(want.by)
            }
        return tuple(found)

    def rename(self, by: str, name: str) -> None:
        """What a container asked for by its address it has asked for by its name."""
        if name == by:
            return
        with self._lock:
            for want in [
                want for want in self.counts if (want.by_what, want.by) == ("container", by)
            ]:
                before = self.counts.pop(want)
                found = self.counts.setdefault(replace(want, by=name), before)
                if found is not before:
                    found.count += before.count
                    found.first = min(found.first, before.first)
                    found.last = max(found.last, before.last)
                self.is_changed = True

    def give(self, name: str, addresses: list[str]) -> None:
        with self._lock:
            for address in addresses:
                names = self.given.setdefault(address, [])
                if name not in names:
                    names.append(name)
                    self.is_changed = True

    def news(self, counted: Mapping[Turned, int]) -> dict[Turned, int]:
        """What the kernel has counted since the last look; it begins anew with its table."""
        fresh = {}
        for turned, count in counted.items():
            before = self.seen.get(turned, 0)
            if count != before:
                fresh[turned] = count - before if count > before else count
        self.seen = dict(counted)
        return fresh

    def save(self, path: Path) -> None:
        """Durable on return. Where nothing changed, the file is touched alone: who waits for what
        was just asked sees so (`wait_until_noted`)."""
        with self._lock:
            if not self.is_changed and path.exists():
                os.utime(path)
                return
            text = json.dumps(self._told())
            self.is_changed = False
        new = path.with_name(f"{path.name}.new")
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    def _told(self) -> Mapping[str, Any]:
        return {
            "boot": self.boot,
            "denied": [asdict(want) | asdict(count) for want, count in self.counts.items()],
            "given": self.given,
            "seen": [asdict(turned) | {"count": count} for turned, count in self.seen.items()],
        }

    def text(self) -> str:
        """As it is now, for who asks."""
        with self._lock:
            return json.dumps(self._told())


def load(path: Path, boot: str) -> Wants:
    """What is there; counts of the kernel only if they are of this boot."""
    wants = Wants(boot)
    try:
        told = json.loads(path.read_bytes())
        for one in told["denied"]:
            counted = Count(one.pop("count"), one.pop("first"), one.pop("last"))
            wants.counts[Want(**one)] = counted
        wants.given = told["given"]
        if told["boot"] == boot:
            for one in told["seen"]:
                count = one.pop("count")
                wants.seen[Turned(**one)] = count
    except FileNotFoundError:
        return wants
    return wants


def wait_until_noted(path: Path, seconds: float) -> None:
    """Return when everything is in the file that was asked for until now; at once where nobody
    writes it, and after `seconds` whatever happens."""
    end = time.monotonic() + seconds
    # A save that comes next may be of a look that began before.
    for _ in range(2):
        before = _saved(path)
        while _saved(path) == before and is_kept(path):
            if time.monotonic() > end:
                return
            time.sleep(0.05)


def _saved(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """While it lasts, `is_kept` says so."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(path).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_kept(path: Path) -> bool:
    """Whether a program runs that writes it."""
    if not path.parent.exists():
        return False
    with _lock(path).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lock(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
