"""The gate itself, in the kernel: what it lets through, and what it turned away."""

import ipaddress
import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SECONDS: Final = 20
CGROUPS: Final = Path("/sys/fs/cgroup")


class NoGate(Exception):
    """The kernel has no such table: nothing is denied."""


@dataclass(frozen=True)
class Turned:
    """Packets of one kind that were turned away.

    Attributes:
        by: the address of a container; the number of a cgroup or of a user of the host.
        by_what: "address", "cgroup" or "user".
        port: 0 where the protocol has none.
    """

    by_what: str
    by: str
    protocol: str
    address: str
    port: int


def let_through(table: str, found: Iterable[str], ports: Iterable[int] | None) -> None:
    """From now on these addresses may be called. What is let through already stays so."""
    elements: dict[str, list[str]] = {}
    for address in found:
        version = ipaddress.ip_address(address).version
        if ports is None:
            elements.setdefault(f"open{version}", []).append(address)
        for port in ports or ():
            elements.setdefault(f"ports{version}", []).append(f"{address} . {port}")
    lines = [
        f"add element inet {table} {name} {{ {', '.join(values)} }}\n"
        for name, values in elements.items()
    ]
    if lines:
        subprocess.run(
            ["nft", "-f", "-"],
            input="".join(lines).encode(),
            check=True,
            capture_output=True,
            timeout=SECONDS,
        )


def turned_away(table: str) -> Mapping[Turned, int]:
    """Packets by kind, since the table was loaded. Raises NoGate."""
    asked = ["nft", "-j", "list", "table", "inet", table]
    listed = subprocess.run(asked, check=False, capture_output=True, timeout=SECONDS)
    if listed.returncode != 0:
        raise NoGate(listed.stderr.decode(errors="replace").strip())
    found: dict[Turned, int] = {}
    for one in json.loads(listed.stdout)["nftables"]:
        said = one.get("set", {})
        by_what, _, _ = said.get("name", "").partition("_")
        if by_what in ("address", "cgroup", "user"):
            for element in said.get("elem", ()):
                found |= _counted(by_what, element["elem"])
    return found


def _counted(by_what: str, element: Mapping[str, Any]) -> dict[Turned, int]:
    by, protocol, address, *port = element["val"]["concat"]
    if by_what == "cgroup" and not str(by).isdigit():
        # nft tells the path while there is one: of a unit that ends, the name would change.
        try:
            by = (CGROUPS / str(by)).stat().st_ino
        except OSError:
            return {}  # it ended just now, and is told by its number at the next look
    turned = Turned(by_what, str(by), str(protocol), str(address), int(port[0]) if port else 0)
    return {turned: int(element["counter"]["packets"])}
