"""The lab's network: a router (the supervisor's own namespace) and one namespace per place."""

from pathlib import Path

from liferaft_sandbox.addresses import CLOUDS, PLACES, Place
from liferaft_sandbox.lab.asleep import gate_rules
from liferaft_sandbox.lab.programs import run, within
from liferaft_sandbox.lab.traffic import router_rules


def build_places() -> None:
    """Every place, linked to the router. No route leads out of the lab."""
    run("ip", "link", "set", "lo", "up")
    run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
    run("nft", "-f", "-", given=router_rules())
    for place in PLACES.values():
        _link(place)
    for cloud in CLOUDS:
        run(*within(cloud, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"))
    run(*within("colo", "nft", "-f", "-"), given=gate_rules(PLACES["colo"]))


def wire_to(place: Place) -> str:
    """The router's end of the link to a place."""
    return f"to-{place.name}"


def _link(place: Place) -> None:
    name, wire = place.name, wire_to(place)
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


def resolver_file() -> Path:
    """The file behind /etc/resolv.conf; made when it is a link into the emptied /run."""
    target = Path("/etc/resolv.conf").resolve()
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    return target
