"""A server as the API shows it: what was asked for, and how far its machine is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.catalogue import datacenter_at
from liferaft_sandbox.clouds.hetzner.reverse_dns import reverse_entries

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.hetzner.state import Firewall, Server, State

_TRAFFIC = 20 * 1024**4  # bytes a month


def status(state: State, server: Server) -> str:
    """https://docs.hetzner.cloud/reference/cloud#servers, `status`."""
    machine = state.machine(server)
    if server.rebuilding:
        return "rebuilding"
    if server.wanted_on:
        return {None: "initializing", "running": "running"}.get(machine, "starting")
    return "off" if machine in {None, "stopped"} else "stopping"


def show_server(state: State, server: Server) -> dict[str, Any]:
    """The server as JSON, in the shape that hcloud.servers.domain.Server is built from."""
    addresses = state.addresses_of(server)
    v4, v6 = addresses.get("ipv4"), addresses.get("ipv6")
    return {
        "id": server.id,
        "name": server.name,
        "labels": server.labels,
        "created": server.created,
        "status": status(state, server),
        "public_net": {
            "ipv4": v4
            and {"id": v4.id, "ip": v4.ip, "blocked": False, "dns_ptr": v4.reverse[v4.ip]},
            "ipv6": v6
            and {"id": v6.id, "ip": v6.ip, "blocked": False, "dns_ptr": reverse_entries(v6)},
            "floating_ips": [],
            "firewalls": [
                {"id": firewall.id, "status": _applied(state, server, firewall)}
                for firewall in state.firewalls_of(server)
            ],
        },
        "private_net": [_private_net(server)] if server.attachment else [],
        "server_type": server.server_type,
        "location": server.location,
        "datacenter": datacenter_at(server.location),
        "image": server.image,
        "iso": None,
        "rescue_enabled": False,
        "locked": state.actions.is_busy("server", server.id),
        "backup_window": None,
        "outgoing_traffic": 0,
        "ingoing_traffic": 0,
        "included_traffic": _TRAFFIC,
        "protection": {"delete": server.delete_protected, "rebuild": server.delete_protected},
        "primary_disk_size": server.disk,
        "volumes": [volume.id for volume in state.volumes_of(server)],
        "load_balancers": [],
        "placement_group": None,
    }


def _applied(state: State, server: Server, firewall: Firewall) -> str:
    about = {("server", server.id), ("firewall", firewall.id)}
    under_way = any(
        action.is_running and action.command == "apply_firewall" and about <= {*action.resources}
        for action in state.actions.all()
    )
    return "pending" if under_way else "applied"


def _private_net(server: Server) -> dict[str, Any]:
    assert server.attachment
    return {
        "network": server.attachment.network,
        "ip": server.attachment.ip,
        "alias_ips": [],
        "mac_address": f"86:00:00:{server.id >> 16 & 255:02x}:{server.id >> 8 & 255:02x}"
        f":{server.id & 255:02x}",
    }
