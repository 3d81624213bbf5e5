"""What was asked for in vain, counted, in a file that outlives a boot."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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
        """Durable on return. Nothing is written where nothing changed."""
        with self._lock:
            if not self.is_changed and path.exists():
                return
            text = json.dumps(self._told())
            self.is_changed = False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
