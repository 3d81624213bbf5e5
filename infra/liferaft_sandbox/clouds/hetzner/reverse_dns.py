"""Reverse DNS entries of addresses: kept and shown, for nobody in the sandbox serves them.

https://docs.hetzner.cloud/reference/cloud#primary-ip-actions, change_dns_ptr
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.hetzner.errors import invalid_field
from liferaft_sandbox.clouds.hetzner.schema import checked, hostname, ip_address, optional, required

if TYPE_CHECKING:
    from collections.abc import Iterable

    from liferaft_sandbox.clouds.hetzner.state import PrimaryIp

_ENTRY = {"ip": required(ip_address), "dns_ptr": optional(hostname)}


def reverse_entries(ip: PrimaryIp) -> list[dict[str, str]]:
    """As the API shows them."""
    return [{"ip": address, "dns_ptr": name} for address, name in ip.reverse.items()]


def change_reverse_entry(among: Iterable[PrimaryIp], body: object) -> None:
    """Set the entry that the body names, or what there was at first where it names none."""
    wanted = checked(body, _ENTRY)
    address = ipaddress.ip_address(wanted["ip"])
    ip = next((one for one in among if address in ipaddress.ip_network(one.ip)), None)
    if ip is None:
        raise invalid_field("ip", "does not belong to the resource")
    ip.names.pop(str(address), None)
    if "dns_ptr" in wanted:
        ip.names[str(address)] = wanted["dns_ptr"]
