"""The network that every new project has: https://cloud.google.com/vpc/docs/vpc#default-network"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp.catalogue import ESTABLISHED, REGIONS
from liferaft_sandbox.clouds.gcp.links import link
from liferaft_sandbox.clouds.gcp.state import fingerprint, new_id

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.gcp.state import Resource, State

_RULES: tuple[tuple[str, str, list[Resource]], ...] = (
    ("default-allow-icmp", "0.0.0.0/0", [{"IPProtocol": "icmp"}]),
    (
        "default-allow-internal",
        "10.128.0.0/9",
        [
            {"IPProtocol": "tcp", "ports": ["0-65535"]},
            {"IPProtocol": "udp", "ports": ["0-65535"]},
            {"IPProtocol": "icmp"},
        ],
    ),
    ("default-allow-rdp", "0.0.0.0/0", [{"IPProtocol": "tcp", "ports": ["3389"]}]),
    ("default-allow-ssh", "0.0.0.0/0", [{"IPProtocol": "tcp", "ports": ["22"]}]),
)


def establish(state: State) -> None:
    """Put the default network, its subnetworks and its firewall rules into an empty project."""
    network = f"{state.base}/global/networks/default"
    subnetworks = {
        region.name: f"{state.base}/regions/{region.name}/subnetworks/default"
        for region in REGIONS.values()
    }
    _add(
        state,
        network,
        "compute#network",
        autoCreateSubnetworks=True,
        description="Default network for the project",
        routingConfig={"routingMode": "REGIONAL"},
        subnetworks=[link(path) for path in subnetworks.values()],
    )
    for name, path in subnetworks.items():
        cidr = REGIONS[name].auto_range
        _add(
            state,
            path,
            "compute#subnetwork",
            network=link(network),
            ipCidrRange=cidr,
            gatewayAddress=f"{cidr.rpartition('.')[0]}.1",
            region=link(f"{state.base}/regions/{name}"),
            fingerprint=fingerprint(path),
            purpose="PRIVATE",
            stackType="IPV4_ONLY",
        )
    for name, source, allowed in _RULES:
        _add(
            state,
            f"{state.base}/global/firewalls/{name}",
            "compute#firewall",
            network=link(network),
            direction="INGRESS",
            priority=65534,
            disabled=False,
            sourceRanges=[source],
            allowed=allowed,
        )


def _add(state: State, path: str, kind: str, **fields: object) -> None:
    state.resources[path] = {
        "kind": kind,
        "id": new_id(),
        "creationTimestamp": ESTABLISHED,
        "name": path.rpartition("/")[2],
        "selfLink": link(path),
        **fields,
    }
