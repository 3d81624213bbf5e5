"""The rules of one private network's gateway: public addresses, and what may come in.

Like a VPC's internet gateway: each public address stands for one private address, both ways. From
outside only what a machine's rules name comes in; inside the network everything is allowed; out
goes what has a public address.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, collapse_addresses, ip_network

from liferaft_sandbox.lab.machines import Machine, Rule

EVERYWHERE = IPv4Network("0.0.0.0/0")
LAST_PORT = 65535
INSIDE = "inside"
"""The bridge that the machines are on."""
OUTSIDE = "outside"
"""The link to the cloud."""


def gateway_rules(machines: Iterable[Machine]) -> str:
    """The nft input that replaces all rules at once; connections in progress stay."""
    present = sorted(machines, key=lambda machine: machine.id)
    public = [(m.public_address, m.private_address) for m in present if m.public_address]
    return "\n".join(
        [
            "table ip gateway { }",
            "delete table ip gateway",
            "table ip gateway {",
            *_mapping("inward", [f"{outer} : {inner}" for outer, inner in public]),
            *_mapping("outward", [f"{inner} : {outer}" for outer, inner in public]),
            "  chain prerouting {",
            "    type nat hook prerouting priority dstnat;",
            "    dnat to ip daddr map @inward",
            "  }",
            "  chain postrouting {",
            "    type nat hook postrouting priority srcnat;",
            f'    oifname "{OUTSIDE}" snat to ip saddr map @outward',
            # A machine that asks for a public address of its own network goes through here too.
            f'    oifname "{INSIDE}" ct status dnat snat to ip saddr map @outward',
            "  }",
            "  chain forward {",
            "    type filter hook forward priority filter; policy drop;",
            "    ct state established,related accept",
            *(
                f'    iifname "{INSIDE}" oifname "{OUTSIDE}" ip saddr {inner} accept'
                for _, inner in public
            ),
            *(
                f"    ct status dnat ip daddr {machine.private_address} {match}accept"
                for machine in present
                for rule in machine.rules
                for match in _match(rule)
            ),
            "  }",
            "  chain input {",
            "    type filter hook input priority filter; policy drop;",
            "    ct state established,related accept",
            "    ip protocol icmp accept",
            "  }",
            "}",
            "",
        ]
    )


def _mapping(name: str, elements: list[str]) -> Iterator[str]:
    yield f"  map {name} {{"
    yield "    type ipv4_addr : ipv4_addr;"
    if elements:
        yield f"    elements = {{ {', '.join(elements)} }}"
    yield "  }"


def _match(rule: Rule) -> Iterator[str]:
    """One match for the rule, with a space behind it; none when nobody is allowed."""
    networks = (ip_network(source, strict=False) for source in rule.sources)
    sources = list(collapse_addresses(n for n in networks if isinstance(n, IPv4Network)))
    if not sources:
        return
    source = "" if EVERYWHERE in sources else f"ip saddr {{ {', '.join(map(str, sources))} }} "
    yield source + _protocol(rule)


def _protocol(rule: Rule) -> str:
    if rule.protocol == "all":
        return ""
    if rule.protocol not in {"tcp", "udp"} or (
        rule.first_port <= 0 and rule.last_port == LAST_PORT
    ):
        return f"ip protocol {rule.protocol} "
    if rule.first_port == rule.last_port:
        return f"{rule.protocol} dport {rule.first_port} "
    return f"{rule.protocol} dport {rule.first_port}-{rule.last_port} "
