"""What may reach a machine: the ruleset that it keeps itself, as text for nft. Pure.

It hangs in prerouting, after connection tracking (-200) and before destination NAT (-100), so that
ports which containers publish are held to the same rules as the machine's own.
https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, collapse_addresses
from typing import Final

from liferaft.clouds.inventory import Inventory, InventoryMachine
from liferaft.clouds.kinds import Rule

TABLE: Final = "liferaft_machine"
_EVERYWHERE: Final = ("0.0.0.0/0",)
_SSH: Final = 22
# What IPv6 cannot do without: neighbours, routers, groups, and errors of what was sent.
# https://www.rfc-editor.org/rfc/rfc4890#section-4.4
_ICMPV6: Final = (
    "nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, mld-listener-query, "
    "packet-too-big, time-exceeded, parameter-problem, destination-unreachable"
)


def ruleset(rules: Sequence[Rule], machine: InventoryMachine, inventory: Inventory) -> str:
    """Everything inbound is dropped, IPv4 and IPv6, but replies, loopback, containers, the other
    machines of the inventory, and `rules`. Loading it replaces an earlier one at once.

    In `rules`, port 22 stands for SSH and also means the port on which the machine's SSH server
    listens. Rules that open it to nobody outside would lock us out for good: then all may ask.
    """
    network = IPv4Network(inventory.private_network)
    opened = [line for rule in rules for line in _lines(rule, machine)]
    if not any(_lets_in(rule, network) for rule in rules):
        opened += _lines(Rule("tcp", _EVERYWHERE, str(_SSH)), machine)
    neighbours = ", ".join(sorted({one.private_address for one in inventory.machines}))
    lines = [
        "ct state established,related accept",
        "ct state invalid drop",
        'iifname { "lo", "podman*" } accept',
        f"ip saddr {{ {neighbours} }} accept",
        "udp sport 67 udp dport 68 accept",
        "ip6 saddr fe80::/10 udp dport 546 accept",
        f"icmpv6 type {{ {_ICMPV6} }} accept",
        *opened,
    ]
    inner = "\n".join(f"        {line}" for line in lines)
    return f"""\
table inet {TABLE}
delete table inet {TABLE}
table inet {TABLE} {{
    chain inbound {{
        type filter hook prerouting priority -150; policy drop;
{inner}
    }}
}}
"""


def _lines(rule: Rule, machine: InventoryMachine) -> list[str]:
    # nft refuses a set whose networks overlap.
    networks = collapse_addresses(IPv4Network(source) for source in rule.sources)
    sources = f"ip saddr {{ {', '.join(str(network) for network in networks)} }}"
    if rule.protocol == "icmp":
        return [f"{sources} ip protocol icmp accept"]
    ports = [rule.ports]
    if rule.protocol == "tcp" and _SSH in _ports(rule) and machine.port not in _ports(rule):
        ports.append(str(machine.port))
    return [f"{sources} {rule.protocol} dport {port} accept" for port in ports]


def _ports(rule: Rule) -> range:
    first, _, last = rule.ports.partition("-")
    return range(int(first), int(last or first) + 1)


def _lets_in(rule: Rule, private: IPv4Network) -> bool:
    """It opens SSH to somebody who is not just another machine."""
    if rule.protocol != "tcp" or _SSH not in _ports(rule):
        return False
    return any(not IPv4Network(source).subnet_of(private) for source in rule.sources)
