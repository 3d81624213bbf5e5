"""The project's network: its packets fit through the devices of the server."""

import json
from contextlib import suppress
from pathlib import Path

from .containers import run

ETHERNET = 1500
"""Bytes of a packet in a network that nobody gave an MTU. More would not pass the internet."""
CONTAINERS = "podman"
"""What the names of podman's own bridges begin with."""
ROUTES, DEVICES = Path("/proc/net/route"), Path("/sys/class/net")


def fit(project: str) -> None:
    """Make the network anew if its packets are larger than a device of the server takes.

    To be done while no container of the project is there; podman-compose takes the network that it
    finds. It has no label: podman-compose 1.3.0 removes at each stop those that have the project's.
    One with smaller packets stays: a device that is there late must not undo it. So does one that
    something else uses, since podman does not remove it.
    """
    name, fitting = f"{project}_default", smallest(ROUTES, DEVICES)
    if _mtu(name) > fitting:
        run("podman", "network", "rm", name)
        run("podman", "network", "create", "--opt", f"mtu={fitting}", name)


def smallest(routes: Path, devices: Path) -> int:
    """Bytes of the largest packet that every device takes to which a route leads."""
    names = {line.split()[0] for line in routes.read_text().splitlines()[1:]}
    found = [ETHERNET]
    for name in names:
        if not name.startswith(CONTAINERS):
            with suppress(FileNotFoundError):  # a device that went at this moment
                found.append(int((devices / name / "mtu").read_text()))
    return min(found)


def _mtu(network: str) -> int:
    """What podman gives its containers; for a network that is not there, what it would give."""
    seen = run("podman", "network", "inspect", network)
    if seen.returncode:
        return ETHERNET
    options = json.loads(seen.stdout)[0].get("options") or {}
    return int(options.get("mtu", ETHERNET))
