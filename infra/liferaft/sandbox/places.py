"""The lab's network: a router (the supervisor's own namespace) and one namespace per place."""

import subprocess
from pathlib import Path

from liferaft.sandbox.addresses import CLOUDS, PLACES, Place
from liferaft.sandbox.failures import SandboxFailed
from liferaft.sandbox.programs import run, within
from liferaft.sandbox.traffic import router_rules

MOUNTS = Path("/run/places")
"""Mount namespaces of places that commands can be run in, one file each."""


def build_places(resolv_folder: Path) -> None:
    """Every place, linked to the router. No route leads out of the lab."""
    run("ip", "link", "set", "lo", "up")
    run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
    run("nft", "-f", "-", given=router_rules())
    MOUNTS.mkdir()
    for place in PLACES.values():
        _link(place)
        _mount_view(place, resolv_folder)
    for cloud in CLOUDS:
        run(*within(cloud, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"))


def _link(place: Place) -> None:
    name, wire = place.name, f"to-{place.name}"
    width = place.link.prefixlen
    run("ip", "netns", "add", name)
    run("ip", "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "address", "add", f"{place.router_side}/{width}", "dev", wire)
    run("ip", "link", "set", wire, "up")
    inside = ("ip", "-n", name)
    run(*inside, "link", "set", "lo", "up")
    for address in place.addresses:
        run(*inside, "address", "add", f"{address}/32", "dev", "lo")
    run(*inside, "address", "add", f"{place.place_side}/{width}", "dev", "eth0")
    run(*inside, "link", "set", "eth0", "up")
    source = ("src", place.addresses[0])
    run(*inside, "route", "add", "default", "via", str(place.router_side), *source)
    # Without it an address nobody has would travel between router and place until its hops end.
    run(*inside, "route", "add", "unreachable", str(place.range))
    run("ip", "route", "add", str(place.range), "via", str(place.place_side), "dev", wire)


def _mount_view(place: Place, resolv_folder: Path) -> None:
    """A mount namespace that sees the machine's files, and the place's resolver."""
    resolv = resolv_folder / f"{place.name}.resolv.conf"
    resolv.write_text(f"nameserver {place.resolver}\noptions timeout:2 attempts:3\n")
    view = MOUNTS / place.name
    view.touch()
    bind = 'mount --bind "$1" "$2" && echo bound && read -r kept'
    with subprocess.Popen(
        [
            *("unshare", "--mount", "--propagation", "private"),
            *("sh", "-c", bind, "sh", str(resolv), str(resolver_file())),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as maker:
        if maker.stdout is None or maker.stdout.readline() != b"bound\n":
            raise SandboxFailed(f"The files of place {place.name} could not be set up.")
        run("mount", "--bind", f"/proc/{maker.pid}/ns/mnt", str(view))


def resolver_file() -> Path:
    """The file behind /etc/resolv.conf; made when it is a link into the emptied /run."""
    target = Path("/etc/resolv.conf").resolve()
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    return target
