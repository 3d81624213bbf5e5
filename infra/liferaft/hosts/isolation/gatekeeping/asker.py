"""Who asks: the process behind a socket of this host, its unit, and containers by address."""

import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .kernel import CGROUPS

AARDVARK: Final = "aardvark-dns"
"""It asks for containers; which one, only the bridges tell."""
_AGAIN_SECONDS: Final = 5.0
_SOON_SECONDS: Final = 1.0
"""How old the list of containers may be when what is sought is in it, and when it is not: one that
asks as it starts has no address yet by podman's account."""
_PODMAN_SECONDS: Final = 30
_SCOPE: Final = re.compile(r"libpod-(?:conmon-)?([0-9a-f]{64})")
_INODE: Final = 9
_INSPECTED: Final = (
    "{{.Id}} {{.Name}}"
    "{{range .NetworkSettings.Networks}} {{.IPAddress}} {{.GlobalIPv6Address}}{{end}}"
)


@dataclass(frozen=True)
class Program:
    """One that runs, or ran."""

    name: str
    unit: str


def program_at(protocol: str, port: int) -> Program | None:
    """Whose socket has this port here. None: it is gone, or nobody can tell."""
    inodes = {
        row[_INODE]
        for table in (f"/proc/net/{protocol}", f"/proc/net/{protocol}6")
        for row in _rows(Path(table))
        if int(row[1].rpartition(":")[2], 16) == port
    } - {"0"}
    sought = {f"socket:[{inode}]" for inode in inodes}
    for folder in Path("/proc").iterdir() if sought else ():
        if folder.name.isdigit() and _has_one_of(folder / "fd", sought):
            return Program(_read(folder / "comm").strip(), unit_of(_read(folder / "cgroup")))
    return None


def unit_of(cgroups: str) -> str:
    """The unit's name in what /proc says of a process's cgroups; empty for none."""
    for line in cgroups.splitlines():
        if line.startswith("0::"):
            return short(line[3:])
    return ""


def short(path: str) -> str:
    """The last part of a cgroup's path that is a service, a scope or a slice; empty for none."""
    parts = [part for part in path.split("/") if part.endswith((".service", ".scope", ".slice"))]
    return parts[-1] if parts else ""


def cgroup_paths() -> Mapping[str, str]:
    """All that are there, by the number that the kernel has for them."""
    found = {}
    for folder, _, _ in os.walk(CGROUPS):
        try:
            found[str(Path(folder).stat().st_ino)] = str(Path(folder).relative_to(CGROUPS))
        except OSError:
            continue  # it ended while it was looked at
    return found


@dataclass
class Containers:
    """Containers of this server, by address and by number; those that are gone stay known."""

    by_address: dict[str, str] = field(default_factory=dict)
    by_number: dict[str, str] = field(default_factory=dict)
    _looked: float = field(default=-_AGAIN_SECONDS)

    def at(self, address: str) -> str:
        """The name of that which has this address; the address itself where none has."""
        self._look(_AGAIN_SECONDS if address in self.by_address else _SOON_SECONDS)
        return self.by_address.get(address, address)

    def of_unit(self, unit: str) -> str:
        """The name of that which runs in this unit; empty for none."""
        found = _SCOPE.search(unit)
        if found is None:
            return ""
        self._look(_AGAIN_SECONDS if found[1] in self.by_number else _SOON_SECONDS)
        return self.by_number.get(found[1], found[1][:12])

    def _look(self, age: float) -> None:
        now = time.monotonic()
        if now - self._looked < age:
            return
        self._looked = now
        numbers = _podman("ps", "--quiet", "--no-trunc").split()
        told = _podman("inspect", "--format", _INSPECTED, *numbers) if numbers else ""
        for number, name, *found in map(str.split, told.splitlines()):
            self.by_number[number] = name
            self.by_address |= dict.fromkeys(found, name)


def _podman(*words: str) -> str:
    try:
        done = subprocess.run(
            ["podman", *words], check=False, capture_output=True, timeout=_PODMAN_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def _rows(table: Path) -> list[list[str]]:
    return [line.split() for line in _read(table).splitlines()[1:]]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _has_one_of(folder: Path, sought: set[str]) -> bool:
    try:
        return any(str(one.readlink()) in sought for one in folder.iterdir())
    except OSError:
        return False
